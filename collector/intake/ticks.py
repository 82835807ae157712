"""The centre's heartbeat: a record a second, so that time in the fold moves by what was written."""

import asyncio
import contextlib
from collections.abc import Callable

from collector.intake.commit import GroupCommit, JournalFailed
from collector.intake.framing import Kind
from collector.intake.wire import Tick, write

EVERY_S = 1.0


async def beat(
    commit: GroupCommit,
    clock: Callable[[], float],
    accepting: Callable[[], bool],
    uplink: Callable[[], bool | None],
    stop: asyncio.Event,
) -> None:
    """Append a tick each second until `stop`; a second the disk refuses is missing, rightly."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not stop.is_set():
        commit.measure()
        tick = Tick(accepting(), uplink())
        # a failure is told by healthz and by the 503 that reports are answered
        with contextlib.suppress(JournalFailed):
            await commit.append(Kind.TICK, clock(), 0, write(tick), vital=True)
        due = max(due + EVERY_S, loop.time())
        await wait(stop, due - loop.time())


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not beyond `stop`."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
