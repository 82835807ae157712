"""Schedules come due: APScheduler says when, our rows say what was begun.

Its jobs live in memory and are made from the rows anew, so that nothing is known in two places.
What came due while the engine was away is begun late, but not after half a night.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine

from agent.strict import Refused
from collector.db import reading, writing
from collector.trouble import told
from playbooks import asking, schedules
from playbooks.run_rows import Wish
from playbooks.schedules import Schedule

log = logging.getLogger(__name__)
LATE_S = 6 * 3600.0
_AHEAD_S = 86400.0
_LOOK_EVERY_S = 15.0


class Timetable:
    """`wish` makes a run of a schedule, or Refused says why there is none; `now` of `look` is the
    collector's clock."""

    def __init__(self, store: Engine, wish: Callable[[Schedule], Wish]) -> None:
        self._store, self._wish = store, wish
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._known: dict[int, Schedule] = {}
        self._looked_at = float("-inf")

    def look(self, now: float) -> None:
        """Bring the jobs in step with the rows, now and then."""
        if 0 <= now - self._looked_at < _LOOK_EVERY_S:
            return
        self._looked_at = now
        with reading(self._store) as connection:
            standing = {one.id: one for one in schedules.standing(connection)}
        if standing and not self._scheduler.running:
            self._scheduler.start()
        for number in self._known.keys() - standing.keys():
            self._drop(number)
        for number, one in standing.items():
            # a job is gone once it has begun, also one that broke off before it wrote anything
            if self._known.get(number) != one or self._scheduler.get_job(str(number)) is None:
                self._put(one, now)
        self._known = standing

    def close(self) -> None:
        """Begin nothing more; what is being written down is, before the database is let go of."""
        if self._scheduler.running:
            # a round under way dies when its jobs go; none begins now, and this waits for its end
            self._scheduler.pause()
            self._scheduler.get_jobs()
            self._scheduler.shutdown(wait=True)

    def _put(self, one: Schedule, now: float) -> None:
        at = due_at(one, now)
        self._scheduler.add_job(
            told(f"schedule {one.id}", lambda: self.due(one, at)),
            DateTrigger(datetime.fromtimestamp(max(at, now), UTC)),
            id=str(one.id),
            replace_existing=True,
            misfire_grace_time=None,
        )

    def _drop(self, number: int) -> None:
        if self._scheduler.get_job(str(number)) is not None:
            self._scheduler.remove_job(str(number))

    def due(self, one: Schedule, at: float) -> None:
        """Begin its run, once, and write down what came of it."""
        run, said, wanted = None, "", None
        try:
            wanted = self._wish(one)
        except Refused as refused:
            said = str(refused)
        with writing(self._store) as connection:
            if not schedules.claim(connection, one.id, at, one.last_at):
                return
            try:
                run = None if wanted is None else asking.ask(connection, wanted, at)
            except Refused as refused:
                said = str(refused)
            schedules.told(connection, one.id, run, said)
        if said:
            log.warning("schedule %d of %s: %s", one.id, one.playbook, said)
        self._looked_at = float("-inf")


def due_at(one: Schedule, now: float) -> float:
    """When it is due next: the oldest time after its last that is not half a night ago."""
    last = one.last_at or one.set_at
    # a clock that was a year ahead must not keep it from its nights until then
    after = max(last if last <= now + _AHEAD_S else now, now - LATE_S)
    found = one.trigger.get_next_fire_time(None, datetime.fromtimestamp(after, UTC))
    at = found.timestamp()
    if at <= after:
        later = datetime.fromtimestamp(after + 1, UTC)
        at = one.trigger.get_next_fire_time(None, later).timestamp()
    return float(at)
