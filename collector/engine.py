"""The engine process: the fold, the floors above it, their deliveries and the nightly jobs."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from collector import db
from collector.backup.keeper import Keeper
from collector.fold import Fold
from collector.fold.fold import Step
from collector.garbage import bringing_in
from collector.lease import Lease, own_name
from collector.settings import Settings
from collector.silence import SET_BACK_S
from collector.trouble import tell, told

log = logging.getLogger(__name__)

# a look costs half a millisecond, and what was found waits 50 ms at the mean
IDLE_S = 0.1
# so many objects more than are gone, and the newest are looked through for circles
NEW_OBJECTS = 20_000
DELIVER_EVERY_S = 0.2
TROUBLE_PAUSE_S = 2.0
# how often it is asked whether a backup, its copy or its trial is due
BACKUP_LOOK_S = 20
# how often it is asked whether days are to be sealed
SEAL_LOOK_S = 30


class Floor(Protocol):
    """What stands on the fold: told after each commit, and given a thread of its own to deliver."""

    def step(self, now: float, position: int) -> None:
        """Read what the fold committed up to `position`; `now` is the time of the last tick."""

    def deliver(self, now: float) -> None:
        """Send what is due; may wait for the outside world."""

    def forget(self, now: float) -> None:
        """Each night: let go of what is too old."""


def run(
    settings: Settings,
    stop: threading.Event,
    floors: Callable[[Engine], Sequence[Floor]],
) -> None:
    """Fold until `stop` is set. Trouble with the database is told, waited out and tried again."""
    if not _migrated(settings, stop):
        return
    store = db.open_store(settings)
    lease = Lease(store, own_name(settings))
    if not lease.wait(stop):
        return
    above = floors(store)
    deliveries = [
        threading.Thread(target=_deliver, args=(floor, stop), name="deliver") for floor in above
    ]
    for thread in deliveries:
        thread.start()
    keeper = Keeper(settings, store)
    scheduler = _begin_jobs(settings, store, above, keeper, stop)
    steps = [*map(_guarded, above), rewound(scheduler)]
    try:
        while not stop.is_set() and _is_ours(lease):
            _fold_until_trouble(settings, stop, steps)
            stop.wait(TROUBLE_PAUSE_S)
    finally:
        stop.set()
        lease.close()
        scheduler.shutdown(wait=False)
        keeper.close()
        for thread in deliveries:
            thread.join(timeout=5)


def _is_ours(lease: Lease) -> bool:
    """False: another engine has taken over, and this process must end, its deliveries with it."""
    try:
        ours = lease.held()
    except SQLAlchemyError:
        # nobody has it while the database is away; the fold says that it is
        return True
    if not ours:
        log.warning("another engine of this centre has taken over; this one ends and stands by")
    return ours


def _migrated(settings: Settings, stop: threading.Event) -> bool:
    """Once the databases are there and of this version; False: `stop` came first."""
    while not stop.is_set():
        try:
            db.migrate(settings)
        except db.Away as away:
            log.warning("%s", away)
            stop.wait(TROUBLE_PAUSE_S)
        else:
            return True
    return False


def _fold_until_trouble(settings: Settings, stop: threading.Event, steps: Sequence[Step]) -> None:
    # what the fold holds in memory may be ahead of the database after a failed commit, so a new
    # one reads its state afresh
    try:
        # of a country, looking through all that is read in takes seconds
        with bringing_in(alone=False):
            fold = Fold.open(settings, steps, ending=stop.is_set)
    except Exception as error:
        tell("the fold cannot begin yet", error)
        return
    try:
        keep_heap()
        while not stop.is_set():
            taken = fold.run_once()
            # what comes in meanwhile is folded together, which costs less than one by one
            if taken == 0 or fold.caught_up:
                stop.wait(IDLE_S)
        fold.commit()
    except Exception as error:
        tell("the fold stopped and begins again from its last position", error)
    finally:
        fold.close()
        # a fold that was given up is garbage
        gc.unfreeze()


def keep_heap() -> None:
    """Leave what the fold has just read in out of the search for garbage."""
    # what it learns of agents lives as long as it does, and looking through all of it again and
    # again takes a quarter of a country's first minute
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 100)


def _guarded(floor: Floor, clock: Callable[[], float] = time.monotonic) -> Step:
    """A floor's step that keeps its trouble to itself: reports are folded all the same."""
    again_at = float("-inf")

    def step(now: float, position: int) -> None:
        nonlocal again_at
        if clock() < again_at:
            return
        try:
            floor.step(now, position)
        except Exception as error:
            tell("a floor above the fold stumbled, and begins anew", error)
            again_at = clock() + TROUBLE_PAUSE_S

    return step


def rewound(scheduler: BackgroundScheduler) -> Step:
    """A step that brings jobs near again when the clock was set back: the scheduler goes by it."""
    newest = float("-inf")

    def step(now: float, position: int) -> None:
        nonlocal newest
        back, newest = now < newest - SET_BACK_S, now
        for job in scheduler.get_jobs() if back else ():
            at = datetime.now(UTC)
            often = isinstance(job.trigger, IntervalTrigger)
            next_at = at if often else job.trigger.get_next_fire_time(None, at)
            with suppress(JobLookupError):
                job.modify(next_run_time=next_at)
        if back:
            # the fold has begun anew from its rows, and what it knew before is garbage
            gc.unfreeze()
            keep_heap()

    return step


def _deliver(floor: Floor, stop: threading.Event) -> None:
    while not stop.wait(DELIVER_EVERY_S):
        try:
            floor.deliver(time.time())
        except Exception as error:
            tell("a delivery round failed", error)
            stop.wait(TROUBLE_PAUSE_S)


def _begin_jobs(
    settings: Settings,
    store: Engine,
    above: Sequence[Floor],
    keeper: Keeper,
    stop: threading.Event,
) -> BackgroundScheduler:
    """Jobs live in code and memory: this process is their only owner."""
    from collector.evidence.sealer import nightly

    scheduler = BackgroundScheduler(timezone="UTC")
    night = CronTrigger(hour=19, minute=10, timezone=UTC)
    _add(scheduler, "the night's work", lambda: _forget(settings, above, time.time()), night)
    if settings.backup_folder:
        often = IntervalTrigger(seconds=BACKUP_LOOK_S, timezone=UTC)
        _add(scheduler, "the look at backups", lambda: keeper.look(time.time()), often)
    often = IntervalTrigger(seconds=SEAL_LOOK_S, timezone=UTC)
    _add(scheduler, "sealing", nightly(settings, store, stop), often)
    _serve_engine(scheduler, settings, store, stop)
    scheduler.start()
    return scheduler


def _serve_engine(
    scheduler: BackgroundScheduler, settings: Settings, store: Engine, stop: threading.Event
) -> None:
    """Where numbers are kept in an external engine: probe it at once, and go on from there."""
    if not settings.metrics_url:
        return
    from collector.external.work import LOOK_S, looking

    look = looking(settings, store, stop)
    if look is not None:
        often = IntervalTrigger(seconds=LOOK_S, timezone=UTC)
        at_once = {"next_run_time": datetime.now(UTC)}
        _add(scheduler, "work for the external engine", look, often, **at_once)


def _add(
    scheduler: BackgroundScheduler,
    what: str,
    work: Callable[[], object],
    trigger: BaseTrigger,
    **more: object,
) -> None:
    """One job of the engine; one that is late is done once, and two never at a time."""
    scheduler.add_job(
        told(what, work),
        trigger,
        name=what,
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
        **more,
    )


def _forget(settings: Settings, above: Sequence[Floor], now: float) -> None:
    from collector.retention import believed, forget_old

    now = believed(settings, now)
    # where one of them stumbles the others have their night all the same
    told("forgetting what is old", partial(forget_old, settings, now))()
    for floor in above:
        told("forgetting what is old", partial(floor.forget, now))()
