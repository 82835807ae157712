"""The centre's heartbeat: a record a second, so that time in the fold moves by what was written."""

import asyncio
import contextlib
from collections.abc import Callable

from collector.intake.beacons import Beacons
from collector.intake.commit import GroupCommit, JournalFailed
from collector.intake.wire import Tick, write
from collector.journal.framing import Kind
from collector.silence import SET_BACK_S

EVERY_S = 1.0


async def beat(
    commit: GroupCommit,
    beacons: Beacons,
    clock: Callable[[], float],
    accepting: Callable[[], bool],
    uplink: Callable[[], bool | None],
    stop: asyncio.Event,
    set_back: Callable[[float, float], None],
    by: str = "",
) -> None:
    """Append a tick each second until `stop`, and before it what changed with beacons.

    A second the disk refuses is missing, rightly. `set_back` hears of a clock that was set back:
    what it shows now, and by how much that is less.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not stop.is_set():
        commit.measure()
        now, tick = clock(), Tick(accepting(), uplink(), by)
        if (by_s := commit.newest - now) > SET_BACK_S:
            commit.newest = now
            set_back(now, by_s)
        # in this order into one group: at the tick the fold knows who is late
        await asyncio.gather(_tell(commit, beacons, now, by), _tick(commit, now, tick))
        due = max(due + EVERY_S, loop.time())
        await wait(stop, due - loop.time())


async def _tick(commit: GroupCommit, now: float, tick: Tick) -> None:
    # a failure is told by healthz and by the 503 that reports are answered
    with contextlib.suppress(JournalFailed):
        await commit.append(Kind.TICK, now, 0, write(tick), vital=True)


async def _tell(commit: GroupCommit, beacons: Beacons, now: float, by: str) -> None:
    """Beacons of the last second, if there is news of them."""
    news = beacons.news(now)
    if news is None:
        return
    news.by = by
    try:
        await commit.append(Kind.BEACON, now, 0, write(news), vital=True)
    except JournalFailed:
        # what was to be told is lost: say later that we know nothing of before
        beacons.heard.begin()


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not beyond `stop`."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
