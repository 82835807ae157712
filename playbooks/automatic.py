"""Which green playbooks begin by themselves, how often, and which of them were stopped."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, func, select, update

from agent.strict import Refused
from collector import acts
from collector.db import upsert
from collector.schema import automatics, run_hosts, runs
from playbooks.model import Kind, Level, Playbook
from playbooks.states import OPEN_RUNS, HostState, RunState

# who asks for such a run, in its rows
BY = "otomatis"
MOST_A_DAY = 24
_DAY_S = 86400.0
_HARMLESS = (HostState.DONE, HostState.BLOCKED)


@dataclass(frozen=True, slots=True)
class Automatic:
    """`a_day` times at one site; `off_at`: it was stopped then, and why."""

    playbook: str
    a_day: int
    by: str
    since: float
    off_at: float | None = None
    off_why: str = ""

    @property
    def on(self) -> bool:
        return self.off_at is None


def choose(connection: Connection, playbook: Playbook, a_day: int, by: str, now: float) -> None:
    """Let a playbook begin by itself from now on; Refused says why it may not."""
    if playbook.level is not Level.GREEN:
        raise Refused(playbook.name, f"is {playbook.level}: only green ones begin by themselves")
    if any(parameter.kind is Kind.SECRET for parameter in playbook.params):
        raise Refused(playbook.name, "wants a secret, which only a person can give")
    if not 1 <= a_day <= MOST_A_DAY:
        raise Refused("a_day", f"expected 1 to {MOST_A_DAY}, got {a_day}")
    row = {"playbook": playbook.name, "a_day": a_day, "by": by, "since": now}
    upsert(automatics, [row | {"off_at": None, "off_why": ""}], connection)
    acts.record(connection, now, by, "automatic", playbook.name, {"a_day": a_day})


def stop(connection: Connection, playbook: str, by: str, why: str, now: float) -> bool:
    """It begins no more; False where it did not."""
    t = automatics.c
    here = (t.playbook == playbook, t.off_at.is_(None))
    off = {"off_at": now, "off_why": why}
    if not connection.execute(update(automatics).where(*here).values(off)).rowcount:
        return False
    acts.record(connection, now, by, "automatic_off", playbook, {"why": why})
    return True


def listing(connection: Connection) -> list[Automatic]:
    """All of them, by name."""
    query = select(automatics).order_by(automatics.c.playbook)
    return [Automatic(**row._mapping) for row in connection.execute(query)]


def failed(connection: Connection, one: Automatic) -> str:
    """The first run of it that did not end well, in words; "" where all did. One that was held
    back, by a power cut say, tells nothing of the playbook."""
    ended = runs.c.state.not_in((*OPEN_RUNS, RunState.DONE))
    there = (run_hosts.c.run == runs.c.id, run_hosts.c.state.not_in(_HARMLESS))
    bad = and_(ended, exists().where(*there))
    asked = (runs.c.by == BY, runs.c.playbook == one.playbook, runs.c.asked_at >= one.since)
    query = select(runs.c.id, runs.c.state).where(*asked, bad).order_by(runs.c.id).limit(1)
    row = connection.execute(query).first()
    return "" if row is None else f"run {row.id} ended as {row.state}"


def today(connection: Connection, playbook: str, site: str, now: float) -> int:
    """How often it began by itself at a site within a day."""
    joined = runs.join(run_hosts, runs.c.id == run_hosts.c.run)
    asked = (runs.c.by == BY, runs.c.playbook == playbook, runs.c.asked_at > now - _DAY_S)
    query = select(func.count()).select_from(joined).where(*asked, run_hosts.c.site == site)
    return int(connection.execute(query).scalar_one())


def asked_for(connection: Connection, incident: int) -> bool:
    """Whether anybody, or we, asked for a run for this incident."""
    query = select(runs.c.id).where(runs.c.incident == incident).limit(1)
    return connection.execute(query).first() is not None
