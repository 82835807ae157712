"""The demo: its process, and the incidents of a past that nobody lived through."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import chronicle, hands, incidents, members
from alerts.ailments import SITE
from alerts.faults import Parent
from alerts.incidents import New
from alerts.members import Member
from alerts.opening import key_of
from collector.cause import UNKNOWN, Cause
from collector.db import open_store, writing
from collector.demo import mark, regency, silences, story
from collector.demo.run import SEED, Demo
from collector.secret import load_secret
from collector.settings import Settings
from collector.simulate.geography import Village
from collector.simulate.scenario import Event, Kind

_PARENTS = {Kind.POP_DOWN: "upstream", Kind.POWER_CUT: "feeder"}
_LINES = (Kind.FIBER_CUT, Kind.POP_DOWN, Kind.POWER_CUT)
_CHECK = "opensid"
# of one line that was cut the frames of that time say no more
_FIBER = Cause("fiber", 0.6)
_NOTICED_S = 40.0


@dataclass(frozen=True, slots=True)
class Past:
    """One incident that is over; times are UTC epoch seconds."""

    new: New
    faults: Sequence[Member]
    acknowledged_at: float | None
    resolved_at: float


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Villages, their past and their faults, until asked to stop."""
    if not settings.demo:
        raise Refused(str(settings.folder), "holds no demo; ronda up --demo makes one")
    store = open_store(settings)
    demo = Demo(settings, store, load_secret(settings.folder), time.time, stop)
    book, new = demo.prepare()
    if new:
        events = story.past(regency.villages(), mark.DAYS, SEED)
        with writing(store) as connection:
            born = book.born - mark.DAYS * mark.DAY_S
            write(connection, before(events, regency.villages(), born))
    try:
        await demo.run(book)
    finally:
        store.dispose()


def before(events: Iterable[Event], fleet: Sequence[Village], start: float) -> Iterator[Past]:
    """The incidents that people of the demo would have had; what only was slow was none."""
    lots = Random(SEED)
    for number, event in enumerate(events):
        if event.kind not in _LINES and event.kind is not Kind.SERVICE_DOWN:
            continue
        hit = silences.hit_by(event, number, fleet)
        began, ended = start + event.at_s, start + (event.until_s or event.at_s)
        new = _new(event, hit, began)
        faults = [
            Member(0, _key(event, one), one.code, one.name, began, began + _NOTICED_S, ended)
            for one in hit
        ]
        taken = began + _NOTICED_S + lots.uniform(60.0, 1500.0)
        yield Past(new, faults, taken if taken < ended else None, ended)


def write(connection: Connection, told: Iterable[Past]) -> None:
    """Rows of incidents that are over, in the caller's transaction."""
    by = f"Operator ({regency.DRILL})"
    for past in told:
        opened = past.new.down_since + _NOTICED_S
        number = incidents.open_incident(connection, past.new, opened)
        rows = [Member(number, *_rest(fault)) for fault in past.faults]
        members.save(connection, rows)
        chronicle.note(connection, number, opened, "opened", regency.DRILL)
        over: dict[str, object] = {"state": incidents.RESOLVED, "resolved_at": past.resolved_at}
        if past.acknowledged_at is not None:
            over |= {"acknowledged_by": by, "acknowledged_at": past.acknowledged_at}
            chronicle.note(connection, number, past.acknowledged_at, hands.TAKEN, by=by)
        incidents.change(connection, number, incidents.UNRESOLVED, **over)
        chronicle.note(connection, number, past.resolved_at, "resolved", regency.DRILL)


def _new(event: Event, hit: Sequence[Village], began: float) -> New:
    cause = silences.thought(event, hit)
    if cause is UNKNOWN:
        cause = _FIBER
    if event.kind in _PARENTS:
        first = hit[0]
        name = first.upstream if event.kind is Kind.POP_DOWN else first.power_feeder
        parent = Parent(_PARENTS[event.kind], name)
        return New(
            key_of(parent), "uplink", "critical", parent.called, began,
            parent_kind=parent.kind, parent=parent.name, cause=cause.name,
            confidence=cause.confidence, evidence=cause.evidence, members=len(hit),
        )  # fmt: skip
    (one,) = hit
    if event.kind is Kind.SERVICE_DOWN:
        details = {"kind": "http", "reason": event.reason, "told": {}}
        return New(
            _key(event, one), "service", "critical", f"{_CHECK} {one.name}", began, one.code,
            _CHECK, "ServiceDown", details=details,
        )  # fmt: skip
    return New(
        _key(event, one), "uplink", "critical", one.name, began, one.code,
        cause=cause.name, confidence=cause.confidence, evidence=cause.evidence,
        details={"kind": "down", "reason": "", "told": {}},
    )  # fmt: skip


def _key(event: Event, one: Village) -> str:
    if event.kind is Kind.SERVICE_DOWN:
        return f"ServiceDown|{one.code}|{_CHECK}"
    return f"{SITE}{one.code}"


def _rest(fault: Member) -> tuple[str, str, str, float, float, float | None]:
    return (
        fault.key, fault.site, fault.title, fault.bad_at, fault.joined_at, fault.good_at,
    )  # fmt: skip
