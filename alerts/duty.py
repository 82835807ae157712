"""The rota: who of a scope's people is on duty now. Where nobody is, everybody is as before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select

from agent.strict import Refused
from alerts import spans
from collector import acts, inventory
from collector.inventory import Contact
from collector.schema import duty

MOST_SHIFTS = 10_000


@dataclass(frozen=True, slots=True)
class Shift:
    """One row: on these days a person of a scope is on duty from `begins` to `ends`, local time.

    Empty days are all days, empty times the whole day; a shift may end on the day after.
    """

    scope: str
    person: str
    days: str = ""
    begins: str = ""
    ends: str = ""
    first_day: str = ""
    last_day: str = ""
    id: int = 0

    def pattern(self, zone: ZoneInfo) -> spans.Pattern:
        """Refused names the field that cannot be."""
        weekdays = spans.weekdays("days", self.days)
        begins = spans.clock("begins", self.begins or "00:00")
        ends = spans.clock("ends", self.ends or self.begins or "00:00")
        first = spans.day("first_day", self.first_day) if self.first_day else date.min
        last = spans.day("last_day", self.last_day) if self.last_day else date.max
        if last < first:
            raise Refused("last_day", "is before first_day")
        return spans.Pattern(
            lambda day: day.isoweekday() in weekdays and first <= day <= last,
            begins,
            spans.minutes_between(begins, ends),
            zone,
        )


def resting(
    contacts: Sequence[Contact], rota: Iterable[Shift], now: float, home: str
) -> frozenset[Contact]:
    """Of these contacts, those who are off duty now because somebody else of their kind is on.

    People of one scope and role stand in for each other; `home` is the zone of scopes that lie in
    no province.
    """
    shifts: dict[tuple[str, str], list[Shift]] = {}
    for shift in rota:
        shifts.setdefault((shift.scope, shift.person), []).append(shift)
    on = [c for c in contacts if on_duty(shifts.get((c.scope, c.name), []), now, home)]
    covered = {(c.scope, c.role) for c in on}
    return frozenset(c for c in contacts if (c.scope, c.role) in covered and c not in on)


def rota(connection: Connection, scopes: Iterable[str] | None = None) -> list[Shift]:
    """All shifts, or those of some scopes."""
    query = select(duty).order_by(duty.c.scope, duty.c.id).limit(MOST_SHIFTS)
    if scopes is not None:
        query = query.where(duty.c.scope.in_(list(scopes)))
    return [Shift(**row._mapping) for row in connection.execute(query)]


def put(connection: Connection, shift: Shift, now: float, by: str) -> int:
    """Write a shift down; its number, also where it stands already. Refused: what cannot be."""
    shift.pattern(inventory.zone(shift.scope))
    known = [c for c in inventory.contacts_named(connection, shift.person)]
    if shift.scope not in {c.scope for c in known}:
        raise Refused("person", f"{shift.person!r} is no contact of {shift.scope}")
    row = _row(shift)
    there = select(duty.c.id).where(*(duty.c[name] == told for name, told in row.items()))
    if (number := connection.execute(there.limit(1)).scalar()) is not None:
        return int(number)
    made = connection.execute(insert(duty).values(row)).inserted_primary_key
    assert made is not None
    acts.record(connection, now, by, "duty", f"contact:{shift.scope}/{shift.person}", row)
    return int(made[0])


def drop(connection: Connection, number: int, now: float, by: str) -> bool:
    """Take a shift out of the rota; False when it is not there."""
    row = connection.execute(select(duty).where(duty.c.id == number)).first()
    if connection.execute(delete(duty).where(duty.c.id == number)).rowcount != 1 or row is None:
        return False
    told = {name: value for name, value in row._mapping.items() if name != "id"}
    acts.record(connection, now, by, "duty_end", f"duty:{number}", told)
    return True


def on_duty(shifts: Iterable[Shift], now: float, home: str) -> bool:
    """Whether one of these shifts holds now; `home` is the zone of scopes without a province."""
    return any(s.pattern(inventory.zone(s.scope, home)).at(now) is not None for s in shifts)


def _row(shift: Shift) -> dict[str, Any]:
    names = ("scope", "person", "days", "begins", "ends", "first_day", "last_day")
    return {name: getattr(shift, name) for name in names}
