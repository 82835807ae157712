"""Rows of receivers: how far each has been told, what it took, and what holds it up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from collector.db import reading, writing
from collector.schema import outlets

_TOLD = (
    *("position", "journal", "passed", "reached", "sent", "refused", "dropped"),
    *("dropped_at", "told_at", "trouble", "refusal"),
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One receiver. Nothing folded before the journal position `begun` goes there; everything
    folded between `begun` and `journal` was sent, refused or dropped."""

    name: str
    begun_at: float
    begun: int
    position: int
    journal: int
    passed: int
    reached: float
    sent: int
    refused: int
    dropped: int
    dropped_at: float | None
    told_at: float | None
    trouble: str
    refusal: str


def listed(connection: Connection) -> list[Outlet]:
    """All of them, by name."""
    rows = connection.execute(select(outlets).order_by(outlets.c.name))
    return [Outlet(**row._mapping) for row in rows]


def find(engine: Engine, name: str) -> Outlet | None:
    with reading(engine) as connection:
        return next((one for one in listed(connection) if one.name == name), None)


def furthest(engine: Engine) -> tuple[int, int]:
    """The highest position of the bag that anybody was told of, and the samples before it."""
    with reading(engine) as connection:
        t = outlets.c
        row = connection.execute(select(func.max(t.position), func.max(t.passed))).one()
    return int(row[0] or 0), int(row[1] or 0)


def least_position(engine: Engine) -> int:
    """What everybody has had of the bag."""
    with reading(engine) as connection:
        return int(connection.execute(select(func.min(outlets.c.position))).scalar() or 0)


def keep_only(engine: Engine, names: Sequence[str]) -> None:
    """Forget receivers that are not configured any more."""
    others = outlets.c.name.not_in(names)
    with reading(engine) as connection:
        if not connection.execute(select(outlets.c.name).where(others)).first():
            return
    with writing(engine) as connection:
        connection.execute(delete(outlets).where(others))


def begin(
    engine: Engine, names: Sequence[str], position: int, passed: int, journal: int, now: float
) -> None:
    """Receivers that are new begin here."""
    with reading(engine) as connection:
        known = {one.name for one in listed(connection)}
    new = [name for name in names if name not in known]
    if not new:
        return
    row = {"begun_at": now, "begun": journal, "position": position, "journal": journal}
    row |= {"passed": passed, "reached": now}
    with writing(engine) as connection:
        connection.execute(insert(outlets), [{"name": name, **row} for name in new])


def tell(engine: Engine, outlet: Outlet) -> None:
    """Write down how far a sender is; what belongs to the beginning stays."""
    told = {name: getattr(outlet, name) for name in _TOLD}
    with writing(engine) as connection:
        connection.execute(update(outlets).where(outlets.c.name == outlet.name).values(**told))
