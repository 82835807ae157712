"""Runs as people look for them, each reader those of their areas; and what has changed of them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from collector.inventory.scope import Scope
from collector.schema import run_hosts, run_steps, runs
from playbooks.run_rows import HostRow, Run, StepRow, as_host, as_run, steps_of
from playbooks.states import OPEN_RUNS, WORKING, HostState

# what a database takes in one question
_AT_ONCE = 500
# made once: putting a statement together costs more than asking it
_AT = exists().where(run_hosts.c.run == runs.c.id, run_hosts.c.site == bindparam("site"))
_NEWEST_AT = select(runs).where(_AT).order_by(runs.c.id.desc()).limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """An empty string asks for nothing; `before`: only runs of a smaller number, 0 for all."""

    state: str = ""
    playbook: str = ""
    site: str = ""
    before: int = 0


def found(
    connection: Connection, sees: Scope, wanted: Wanted, limit: int, skip: int = 0
) -> list[Run]:
    """The newest first; a run is seen by whoever sees one of its sites."""
    query = select(runs).where(*_asked(sees, wanted)).order_by(runs.c.id.desc())
    return [as_run(row) for row in connection.execute(query.limit(limit).offset(skip))]


def matching(connection: Connection, sees: Scope, wanted: Wanted) -> int:
    query = select(func.count()).select_from(runs).where(*_asked(sees, wanted))
    return int(connection.execute(query).scalar_one())


def of_site(connection: Connection, site: str, limit: int) -> list[Run]:
    """Those at a site that the reader sees, the newest first."""
    return [as_run(row) for row in connection.execute(_NEWEST_AT, {"site": site, "most": limit})]


def of_incident(connection: Connection, sees: Scope, incident: int, limit: int) -> list[Run]:
    """Those that were to mend it, the newest first."""
    here = (runs.c.incident == incident, *_asked(sees, Wanted()))
    query = select(runs).where(*here).order_by(runs.c.id.desc()).limit(limit)
    return [as_run(row) for row in connection.execute(query)]


def sees(connection: Connection, reader: Scope, number: int) -> bool:
    """Does one of its sites lie where the reader is?"""
    if reader.everything:
        return True
    mine = (run_hosts.c.run == number, reader.clause(run_hosts.c.site))
    return connection.execute(select(run_hosts.c.run).where(*mine).limit(1)).first() is not None


def whole(connection: Connection, reader: Scope, number: int) -> bool:
    """Do all of them?"""
    if reader.everything:
        return True
    elsewhere = (run_hosts.c.run == number, ~reader.clause(run_hosts.c.site))
    return connection.execute(select(run_hosts.c.run).where(*elsewhere).limit(1)).first() is None


def counts(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[HostState, int]]:
    """How many devices of each run stand how."""
    told: dict[int, dict[HostState, int]] = {number: {} for number in numbers}
    for begin in range(0, len(numbers), _AT_ONCE):
        some = run_hosts.c.run.in_(numbers[begin : begin + _AT_ONCE])
        query = select(run_hosts.c.run, run_hosts.c.state, func.count()).where(some)
        for run, state, n in connection.execute(query.group_by(run_hosts.c.run, run_hosts.c.state)):
            told[run][HostState(state)] = n
    return told


def hosts(
    connection: Connection, reader: Scope, number: int, limit: int, skip: int = 0
) -> tuple[list[HostRow], int]:
    """The reader's devices of a run in their order, and how many there are."""
    mine = [run_hosts.c.run == number]
    if not reader.everything:
        mine.append(reader.clause(run_hosts.c.site))
    query = select(run_hosts).where(*mine).order_by(run_hosts.c.place).limit(limit).offset(skip)
    many = connection.execute(select(func.count()).select_from(run_hosts).where(*mine))
    return [as_host(row) for row in connection.execute(query)], int(many.scalar_one())


def hosts_of(connection: Connection, numbers: Sequence[int]) -> dict[int, list[HostRow]]:
    """The devices of a page of runs, each run's in their order."""
    told: dict[int, list[HostRow]] = {number: [] for number in numbers}
    for begin in range(0, len(numbers), _AT_ONCE):
        some = run_hosts.c.run.in_(numbers[begin : begin + _AT_ONCE])
        query = select(run_hosts).where(some).order_by(run_hosts.c.run, run_hosts.c.place)
        for row in connection.execute(query):
            told[row.run].append(as_host(row))
    return told


def host(connection: Connection, number: int, site: str, device: str) -> HostRow | None:
    t = run_hosts.c
    here = (t.run == number, t.site == site, t.device == device)
    row = connection.execute(select(run_hosts).where(*here)).one_or_none()
    return None if row is None else as_host(row)


def step(connection: Connection, row: HostRow, number: int) -> StepRow | None:
    """One step on a device."""
    steps = steps_of(connection, row.run, row.site, row.device)
    return next((one for one in steps if one.number == number), None)


def first_sites(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """The site that each run began with."""
    first = (run_hosts.c.run.in_(numbers), run_hosts.c.place == 0)
    query = select(run_hosts.c.run, run_hosts.c.site).where(*first)
    return {run: site for run, site in connection.execute(query)}


def taken_by(connection: Connection, sites: Sequence[str]) -> dict[str, int]:
    """The run that changes something at each of these sites; those without one are left out."""
    taken: dict[str, int] = {}
    joined = run_hosts.join(runs, run_hosts.c.run == runs.c.id)
    for begin in range(0, len(sites), _AT_ONCE):
        there = run_hosts.c.site.in_(sites[begin : begin + _AT_ONCE])
        query = select(run_hosts.c.site, run_hosts.c.run).select_from(joined)
        working = query.where(there, run_hosts.c.state.in_(WORKING), runs.c.changes)
        taken |= {site: run for site, run in connection.execute(working)}
    return taken


def marks(connection: Connection) -> dict[int, str]:
    """Every run that goes on, with a word that changes whenever something of it does."""
    going = select(runs.c.id, runs.c.state, runs.c.approved_at).where(runs.c.state.in_(OPEN_RUNS))
    told: dict[int, list[Any]] = {row.id: [tuple(row)] for row in connection.execute(going)}
    # of a run that was stopped devices may still go to their end
    working = select(run_hosts.c.run).where(run_hosts.c.state.in_(WORKING)).distinct()
    told |= {row.run: [] for row in connection.execute(working) if row.run not in told}
    if told:
        for row in connection.execute(_of_hosts(told)):
            told[row.run].append(tuple(row))
        for row in connection.execute(_OF_STEPS):
            told[row.run].append(tuple(row))
    return {run: _word(parts) for run, parts in told.items()}


def mark(known: Mapping[int, str], number: int, newest: int) -> str:
    """The word of one run, `known` as `marks` tells; of 0, of all of them together."""
    if number:
        return known.get(number, "over")
    return _word([newest, sorted(known.items())])


def newest(connection: Connection) -> int:
    """The highest number; 0 where there is no run."""
    return int(connection.execute(select(func.coalesce(func.max(runs.c.id), 0))).scalar_one())


def sites_of(connection: Connection, numbers: Iterable[int]) -> dict[int, set[str]]:
    """Where each of these runs is."""
    told: dict[int, set[str]] = {number: set() for number in numbers}
    query = select(run_hosts.c.run, run_hosts.c.site).where(run_hosts.c.run.in_(list(told)))
    for run, site in connection.execute(query):
        told[run].add(site)
    return told


def _asked(reader: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.state:
        asked.append(runs.c.state == wanted.state)
    if wanted.playbook:
        asked.append(runs.c.playbook == wanted.playbook)
    if wanted.before:
        asked.append(runs.c.id < wanted.before)
    there = [run_hosts.c.site == wanted.site] if wanted.site else []
    if not reader.everything:
        there.append(reader.clause(run_hosts.c.site))
    if there:
        asked.append(exists().where(and_(run_hosts.c.run == runs.c.id, *there)))
    return asked


def _of_hosts(numbers: Iterable[int]) -> Any:
    t = run_hosts.c
    latest = (func.max(t.began_at), func.max(t.ended_at), func.max(t.guard_until))
    query = select(t.run, t.state, func.count(), *latest).where(t.run.in_(list(numbers)))
    return query.group_by(t.run, t.state).order_by(t.run, t.state)


def _word(parts: Sequence[Any]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


_SAME = and_(
    run_steps.c.run == run_hosts.c.run,
    run_steps.c.site == run_hosts.c.site,
    run_steps.c.device == run_hosts.c.device,
)
_OF_STEPS = (
    select(
        run_hosts.c.run,
        func.count(),
        func.max(run_steps.c.began_at),
        func.max(run_steps.c.ended_at),
    )
    .select_from(run_hosts.join(run_steps, _SAME))
    .where(or_(*(run_hosts.c.state == state for state in WORKING)))
    .group_by(run_hosts.c.run)
    .order_by(run_hosts.c.run)
)
