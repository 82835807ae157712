"""Rows of runs: asked for, approved, worked on, ended; each change is a compare-and-set."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, select, update

from collector import acts
from collector.schema import run_hosts, run_steps, runs
from playbooks import persons
from playbooks.diary import Ending
from playbooks.states import OPEN_HOSTS, OPEN_RUNS, WORKING, HostState, RunState, StepState

_SUBJECT = "run"
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Wish:
    """A run as somebody asks for it: `targets` are pairs of site and device, in their order;
    `marks` tell what was shown of each."""

    playbook: str
    digest: str
    level: str
    changes: bool
    params: Mapping[str, str]
    targets: Sequence[tuple[str, str]]
    by: str
    box: bytes | None = None
    dry: bool = False
    incident: int | None = None
    not_before: float = 0.0
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands."""

    id: int
    playbook: str
    digest: str
    level: str
    changes: bool
    params: Mapping[str, str]
    box: bytes | None
    dry: bool
    incident: int | None
    by: str
    asked_at: float
    not_before: float
    approved_by: str
    approved_at: float | None
    state: RunState
    reason: str
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class HostRow:
    """A run on one device as it stands."""

    run: int
    site: str
    device: str
    place: int
    state: HostState
    reason: str
    began_at: float | None
    ended_at: float | None
    guard_until: float | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as it was written down."""

    number: int
    part: str
    shown: str
    began_at: float
    ended_at: float | None
    state: StepState
    exit: int | None
    output: str
    reason: str


def ask(connection: Connection, wish: Wish, state: RunState, now: float) -> int:
    """Write a run down with its devices; its number."""
    row = {
        "playbook": wish.playbook,
        "digest": wish.digest,
        "level": wish.level,
        "changes": wish.changes,
        "params": json.dumps(dict(wish.params), sort_keys=True),
        "box": wish.box,
        "dry": wish.dry,
        "incident": wish.incident,
        "by": wish.by,
        "asked_at": now,
        "not_before": wish.not_before,
        "state": state.value,
    }
    made = connection.execute(insert(runs).values(row)).inserted_primary_key
    assert made is not None
    number = int(made[0])
    marks = wish.marks or [""] * len(wish.targets)
    rows = [
        {"run": number, "site": site, "device": device, "place": place, "mark": shown}
        | {"state": HostState.WAITING.value}
        for place, ((site, device), shown) in enumerate(zip(wish.targets, marks, strict=True))
    ]
    connection.execute(insert(run_hosts), rows)
    told = {"playbook": wish.playbook, "sites": [site for site, _ in wish.targets][:50]}
    acts.record(connection, now, wish.by, "run", _named(number), {**told, "dry": wish.dry})
    return number


def approve(connection: Connection, number: int, by: str, now: float) -> bool:
    """A second person lets it run; False where it is not proposed, or it is the same person."""
    run = get(connection, number)
    if run is None or not persons.two(run.by, by):
        return False
    proposed = (runs.c.id == number, runs.c.state == RunState.PROPOSED, runs.c.by == run.by)
    values = {"state": RunState.WAITING.value, "approved_by": by, "approved_at": now}
    if not connection.execute(update(runs).where(*proposed).values(values)).rowcount:
        return False
    acts.record(connection, now, by, "run_approved", _named(number))
    return True


def stop(connection: Connection, number: int, by: str, now: float, reason: str) -> bool:
    """Begin no more devices; those under way go to their end. False where it has ended."""
    if get(connection, number) is None:
        return False
    still = (runs.c.id == number, runs.c.state.in_(OPEN_RUNS))
    values = {"state": RunState.STOPPED.value, "reason": reason, "ended_at": now}
    if not connection.execute(update(runs).where(*still).values(values)).rowcount:
        return False
    waiting = and_(run_hosts.c.run == number, run_hosts.c.state == HostState.WAITING)
    skipped = {"state": HostState.SKIPPED.value, "reason": reason, "ended_at": now}
    connection.execute(update(run_hosts).where(waiting).values(skipped))
    _forget_secrets(connection, number)
    acts.record(connection, now, by, "run_stopped", _named(number), {"reason": reason})
    return True


def move(
    connection: Connection, number: int, before: RunState, after: RunState, now: float
) -> bool:
    """From one state to another; False where somebody else was first."""
    ended = after not in OPEN_RUNS
    values = {"state": after.value, **({"ended_at": now, "box": None} if ended else {})}
    here = (runs.c.id == number, runs.c.state == before)
    return connection.execute(update(runs).where(*here).values(values)).rowcount == 1


def take(connection: Connection, host: HostRow, now: float, alone: bool) -> bool:
    """Begin on a device; False where it has begun, or (`alone`) another run works at the site."""
    if alone and taken(connection, host.site, host.run):
        return False
    values = {"state": HostState.RUNNING.value, "began_at": now, "reason": ""}
    waiting = (*_at(host), run_hosts.c.state == HostState.WAITING)
    return connection.execute(update(run_hosts).where(*waiting).values(values)).rowcount == 1


def taken(connection: Connection, site: str, but: int = 0) -> int:
    """The run that works at a site; 0 for none. `but` and runs that only read do not count."""
    joined = run_hosts.join(runs, run_hosts.c.run == runs.c.id)
    query = select(run_hosts.c.run).select_from(joined)
    there = query.where(run_hosts.c.site == site, run_hosts.c.state.in_(WORKING))
    query = there.where(runs.c.changes, run_hosts.c.run != but)
    return int(connection.execute(query.limit(1)).scalar() or 0)


def under_way(connection: Connection, number: int) -> bool:
    """Is somebody at work on one of its devices?"""
    at_work = (run_hosts.c.run == number, run_hosts.c.state.in_(WORKING))
    return connection.execute(select(run_hosts.c.run).where(*at_work).limit(1)).first() is not None


def end(connection: Connection, host: HostRow, ending: Ending, now: float) -> bool:
    """How it ended on a device; False where it had ended before."""
    values = {"state": ending.state.value, "reason": ending.reason[:2000], "ended_at": now}
    still = (*_at(host), run_hosts.c.state.in_(OPEN_HOSTS))
    done = connection.execute(update(run_hosts).where(*still).values(values)).rowcount == 1
    _forget_secrets(connection, host.run)
    return done


def _forget_secrets(connection: Connection, number: int) -> None:
    """A run whose last device has ended needs its secret parameters no more; until then they are
    needed to hide them in what devices say."""
    open_ones = exists().where(run_hosts.c.run == number, run_hosts.c.state.in_(OPEN_HOSTS))
    here = (runs.c.id == number, runs.c.box.is_not(None), ~open_ones)
    connection.execute(update(runs).where(*here).values(box=None))


def leave(connection: Connection, host: HostRow, reason: str) -> bool:
    """Nobody leads it any more: how it stands has to be asked of the device."""
    running = (*_at(host), run_hosts.c.state == HostState.RUNNING)
    values = {"state": HostState.SETTLING.value, "reason": reason}
    cut(connection, host)
    return connection.execute(update(run_hosts).where(*running).values(values)).rowcount == 1


def cut(connection: Connection, host: HostRow) -> None:
    """What came of the step that was being done is not known."""
    steps = _steps_at(host.run, host.site, host.device)
    open_now = (*steps, run_steps.c.state == StepState.RUNNING)
    values = {"state": StepState.INTERRUPTED.value, "reason": "the centre stopped"}
    connection.execute(update(run_steps).where(*open_now).values(values))


def waits(connection: Connection, host: HostRow, reason: str) -> None:
    """Why it has not begun."""
    waiting = (*_at(host), run_hosts.c.state == HostState.WAITING)
    connection.execute(update(run_hosts).where(*waiting).values(reason=reason))


def guarded(connection: Connection, host: HostRow, until: float) -> None:
    """Until then the device may undo it by itself."""
    connection.execute(update(run_hosts).where(*_at(host)).values(guard_until=until))


def write(connection: Connection, host: HostRow, step: Mapping[str, Any]) -> None:
    """A step before it is done."""
    row = {"run": host.run, "site": host.site, "device": host.device, **step}
    connection.execute(insert(run_steps).values(row))


def rewrite(connection: Connection, host: HostRow, number: int, came: Mapping[str, Any]) -> None:
    """The same step after it."""
    place = _steps_at(host.run, host.site, host.device)
    here = (*place, run_steps.c.number == number)
    connection.execute(update(run_steps).where(*here).values(came))


def get(connection: Connection, number: int) -> Run | None:
    """The run of this number; None also for one that no database holds."""
    if not 0 < number <= _MOST:
        return None
    row = connection.execute(select(runs).where(runs.c.id == number)).one_or_none()
    return None if row is None else as_run(row)


def open_runs(connection: Connection, limit: int = 200) -> list[Run]:
    """Those that have not ended, the oldest first."""
    query = select(runs).where(runs.c.state.in_(OPEN_RUNS)).order_by(runs.c.id).limit(limit)
    return [as_run(row) for row in connection.execute(query)]


def listing(connection: Connection, limit: int = 100, before: int = 0) -> list[Run]:
    """The newest first; those before a number, to leaf through."""
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if before:
        query = query.where(runs.c.id < before)
    return [as_run(row) for row in connection.execute(query)]


def hosts_of(connection: Connection, number: int) -> list[HostRow]:
    """The devices of a run in their order."""
    query = select(run_hosts).where(run_hosts.c.run == number).order_by(run_hosts.c.place)
    return [as_host(row) for row in connection.execute(query)]


def in_state(connection: Connection, state: HostState, limit: int = 1000) -> list[HostRow]:
    """Devices of any run in this state."""
    query = select(run_hosts).where(run_hosts.c.state == state).limit(limit)
    return [as_host(row) for row in connection.execute(query.order_by(run_hosts.c.run))]


def steps_of(connection: Connection, number: int, site: str, device: str) -> list[StepRow]:
    """The steps on one device in their order."""
    place = _steps_at(number, site, device)
    names = [column for column in run_steps.c if column.name not in ("run", "site", "device")]
    query = select(*names).where(*place).order_by(run_steps.c.number)
    return [
        StepRow(**{**row._mapping, "state": StepState(row.state)})
        for row in connection.execute(query)
    ]


def forget(connection: Connection, before: float) -> int:
    """Runs that ended before then go, with all that was written about them; how many."""
    old = select(runs.c.id).where(runs.c.ended_at < before)
    for table in (run_steps, run_hosts):
        connection.execute(delete(table).where(table.c.run.in_(old)))
    return connection.execute(delete(runs).where(runs.c.ended_at < before)).rowcount


def count_open(connection: Connection, by: str = "") -> int:
    """Of everybody, or of those whom one person asked for."""
    query = select(func.count()).where(runs.c.state.in_(OPEN_RUNS))
    if by:
        query = query.where(runs.c.by == by)
    return int(connection.execute(query).scalar_one())


def _named(number: int) -> str:
    return f"{_SUBJECT}:{number}"


def _at(host: HostRow) -> tuple[Any, ...]:
    t = run_hosts.c
    return t.run == host.run, t.site == host.site, t.device == host.device


def _steps_at(run: int, site: str, device: str) -> tuple[Any, ...]:
    t = run_steps.c
    return t.run == run, t.site == site, t.device == device


def as_run(row: Row[Any]) -> Run:
    """A row of `runs` as it stands."""
    told = dict(row._mapping)
    return Run(**{**told, "params": json.loads(row.params), "state": RunState(row.state)})


def as_host(row: Row[Any]) -> HostRow:
    """A row of `run_hosts` as it stands."""
    return HostRow(**{**row._mapping, "state": HostState(row.state)})
