"""Notices leave here: which are due, by which channel, how many at once; none is lost."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from alerts import delivery, notices, queue
from alerts.channels import NotifyFailed
from alerts.channels.config import Line
from alerts.limits import Gauge, Trouble
from alerts.notices import Notice
from collector.db import meta_get, meta_set, reading, writing
from collector.trouble import tell

log = logging.getLogger(__name__)

# what an older restored outbox holds has long been told, or is no news any more
STALE_S = 900.0
# who has another way waits no longer than this for a gateway in trouble
PATIENCE_S = 15.0
_BATCH = 64
_EPOCH = "alerts_epoch"

Target = tuple[str, str]  # channel and address


def _turn(notice: Notice) -> tuple[bool, int]:
    """Anybody may leave a number: what citizens hear holds up nothing that the staff is told."""
    return notice.news == notices.CITIZEN, notice.id


class Outbox:
    """Sends what is due. One per centre: claims found at the start are of a process that died."""

    def __init__(
        self,
        store: Engine,
        lines: Iterable[Line],
        stopwatch: Callable[[], float] = time.monotonic,
        timezone: str = "Asia/Jakarta",
    ) -> None:
        self._store, self._stopwatch, self._zone = store, stopwatch, ZoneInfo(timezone)
        self._lines = {line.name: line for line in lines}
        self._gauges = {line.name: Gauge(line.limits) for line in self._lines.values()}
        self._troubles = {name: Trouble() for name in self._lines}
        self._begun = False
        threads = sum(line.limits.at_once for line in self._lines.values())
        self._senders = ThreadPoolExecutor(max(1, threads), "notice")
        self._under_way: dict[Target, Future[None]] = {}

    def send_due(self, now: float) -> int:
        """Begin to send what is due at `now`; how many notices that is.

        One slow address or gateway holds up nobody else; to one address things go in order.
        """
        self._begin(now)
        for target in [target for target, done in self._under_way.items() if done.done()]:
            del self._under_way[target]
        if not self._has_work(now):
            return 0
        self._turn_away(now)
        return sum(self._begin_some(line, now) for line in self._lines.values())

    def wait(self) -> None:
        """Return when all that was begun is through."""
        wait(list(self._under_way.values()))

    def close(self) -> None:
        self._senders.shutdown()

    def _begin(self, now: float) -> None:
        """What a crash or a restore left behind is put right before anything is sent."""
        with reading(self._store) as connection:
            epoch, known = meta_get(connection, "epoch"), meta_get(connection, _EPOCH)
        if self._begun and epoch == known:
            return
        with writing(self._store) as connection:
            if known and epoch != known:
                why = "not sent: older than the restore of the centre"
                skipped = notices.skip_older(connection, now - STALE_S, why)
                log.warning("restored from a backup: %d old notices are not sent", skipped)
            if not self._begun:
                notices.requeue_claimed(connection, now)
            meta_set(connection, _EPOCH, epoch)
        self._begun = True

    def _has_work(self, now: float) -> bool:
        """One cheap question, for there seldom is any; what waits for a gateway in trouble may
        have to go another way before its time."""
        with reading(self._store) as connection:
            first = queue.next_due(connection)
        if first is None:
            return False
        return first <= now or any(trouble.why for trouble in self._troubles.values())

    def _turn_away(self, now: float) -> None:
        """Notices that their channel will not take: it is gone, at its cap, or in trouble."""
        away: list[tuple[Notice, str]] = []
        with reading(self._store) as connection:
            for notice in notices.due_elsewhere(connection, self._lines, now, _BATCH):
                away.append((notice, f"no channel {notice.channel!r}"))
            for name, gauge in self._gauges.items():
                self._count_the_day(name, gauge, now)
                if gauge.full:
                    why = f"{notices.HELD_BACK}: {gauge.limits.daily_cap} a day are the cap"
                    some = notices.due(connection, name, now, _BATCH, self._busy(name))
                    away += [(notice, why) for notice in some]
                elif trouble := self._troubles[name].why:
                    before = now - PATIENCE_S
                    some = notices.with_a_way_left(connection, name, before, _BATCH)
                    why = f"not tried, {name} is in trouble: {trouble}"
                    away += [(notice, why) for notice in some if delivery.has_next(notice)]
        if away:
            with writing(self._store) as connection:
                for notice, why in away:
                    log.warning("notice %d to %s: %s", notice.id, notice.person, why)
                    delivery.give_up(connection, notice, why, now)

    def _count_the_day(self, name: str, gauge: Gauge, now: float) -> None:
        midnight = datetime.fromtimestamp(now, self._zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        day = midnight.date().isoformat()
        if gauge.limits.daily_cap and gauge.day != day:
            with reading(self._store) as connection:
                taken = notices.sent_since(connection, name, midnight.timestamp())
            gauge.new_day(day, taken)

    def _busy(self, name: str) -> list[str]:
        return [target for channel, target in self._under_way if channel == name]

    def _begin_some(self, line: Line, now: float) -> int:
        gauge, busy = self._gauges[line.name], self._busy(line.name)
        slots = line.limits.at_once - len(busy)
        room = [gauge.free(now), self._troubles[line.name].room(now)]
        most = min([_BATCH, *(some for some in room if some is not None)])
        if min(slots, most) <= 0 or gauge.full:
            return 0
        with reading(self._store) as connection:
            resting = gauge.resting(now)
            due = notices.due(connection, line.name, now, most, [*busy, *resting])
        begun = 0
        offset = now - self._stopwatch()
        # those that failed before stand behind those that were not tried
        by_target = sorted(due, key=lambda n: (n.target, n.attempts, n.id))
        grouped = [(target, list(same)) for target, same in groupby(by_target, lambda n: n.target)]
        for target, same in sorted(grouped, key=lambda pair: _turn(pair[1][0]))[:slots]:
            some = same[:1] if line.limits.rest_s(target) else same
            for notice in some:
                gauge.take(notice.target, now)
            begun += len(some)
            key = (line.name, target)
            self._under_way[key] = self._senders.submit(self._send_all, line, some, offset)
        return begun

    def _send_all(self, line: Line, same: Sequence[Notice], offset: float) -> None:
        for place, notice in enumerate(same):
            try:
                again_at = self._send(line, notice, offset)
                if again_at is not None:
                    # the address is in trouble: the others would only wait for it one by one
                    with writing(self._store) as connection:
                        notices.postpone(connection, same[place + 1 :], again_at)
                    return
            except Exception as error:
                # the row stays claimed or queued: a database that is gone comes back
                tell(f"notice {notice.id}", error)
                return

    def _send(self, line: Line, notice: Notice, offset: float) -> float | None:
        """Send one; the time to try again when the far end is in trouble."""
        with writing(self._store) as connection:
            if not delivery.take(connection, notice):
                return None
        trouble = self._troubles[line.name]
        try:
            answer = delivery.send(line, notice)
        except NotifyFailed as reason:
            now = self._stopwatch() + offset
            if line.limits.shared and not reason.permanent:
                trouble.failed(notice.target, reason.reason, now)
            return delivery.failed(self._store, notice, reason, now)
        trouble.went_well()
        delivery.sent(self._store, notice, answer, self._stopwatch() + offset)
        return None
