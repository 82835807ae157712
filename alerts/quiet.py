"""Quiet hours: when a person is not disturbed, except by what is grave enough.

Who sleeps hears when the quiet hours end. Where everybody who was to hear sleeps, the next ones in
order hear now instead; where nobody is awake at all, everybody waits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select

from agent.strict import Refused
from alerts import spans
from collector import acts, inventory
from collector.db import upsert
from collector.inventory import Contact
from collector.schema import quiet_hours

SEVERITIES = ("info", "warning", "critical")
MOST_ROWS = 10_000


class Why(StrEnum):
    """Why somebody hears now, or not."""

    AWAKE = "no quiet hours"
    GRAVE = "quiet hours, but grave enough"
    ASLEEP = "quiet hours"
    STANDS_IN = "those before are in their quiet hours"


@dataclass(frozen=True, slots=True)
class Quiet:
    """One row; `spares`: this severity and graver ones come through."""

    scope: str
    person: str
    begins: str
    ends: str
    spares: str = "critical"

    def pattern(self, zone: ZoneInfo) -> spans.Pattern:
        """Refused names the field that cannot be."""
        begins, ends = spans.clock("begins", self.begins), spans.clock("ends", self.ends)
        if begins == ends:
            raise Refused("ends", "is the same as begins: nobody sleeps all day")
        length = spans.minutes_between(begins, ends)
        return spans.Pattern(lambda day: True, begins, length, zone)

    def check(self) -> None:
        self.pattern(inventory.zone(self.scope))
        if self.spares not in SEVERITIES:
            raise Refused("spares", f"expected one of {', '.join(SEVERITIES)}")


@dataclass(frozen=True, slots=True)
class Heard:
    """One person: hears at `at`, and why then."""

    contact: Contact
    at: float
    why: Why


def sift(
    people: Sequence[Contact],
    further: Sequence[Contact],
    rows: Iterable[Quiet],
    severity: str,
    now: float,
    home: str,
    already: frozenset[Contact] = frozenset(),
) -> list[Heard]:
    """When each hears; those of `further` (in order) who stand in are in the list, too.

    `already`: who stood in before has heard, and does not hear again.
    """
    known = {(row.scope, row.person): row for row in rows}
    found = [heard(c, known, severity, now, home) for c in people if c not in already]
    if not found or any(one.at <= now for one in found):
        return found
    for contact in further:
        if contact not in already and heard(contact, known, severity, now, home).at <= now:
            return [*found, Heard(contact, now, Why.STANDS_IN)]
    return found


def heard(
    contact: Contact,
    known: Mapping[tuple[str, str], Quiet],
    severity: str,
    now: float,
    home: str,
) -> Heard:
    """When one person hears of something of this severity."""
    row = known.get((contact.scope, contact.name))
    span = row.pattern(inventory.zone(row.scope, home)).at(now) if row is not None else None
    if row is None or span is None:
        return Heard(contact, now, Why.AWAKE)
    if _rank(severity) >= _rank(row.spares):
        return Heard(contact, now, Why.GRAVE)
    return Heard(contact, span.ends, Why.ASLEEP)


def rows(connection: Connection, scopes: Iterable[str] | None = None) -> list[Quiet]:
    """All quiet hours, or those of some scopes."""
    table = quiet_hours
    query = select(table).order_by(table.c.scope, table.c.person).limit(MOST_ROWS)
    if scopes is not None:
        query = query.where(table.c.scope.in_(list(scopes)))
    return [Quiet(**row._mapping) for row in connection.execute(query)]


def put(connection: Connection, row: Quiet, now: float, by: str) -> None:
    """Write a person's quiet hours down, instead of those there were."""
    row.check()
    if row.scope not in {c.scope for c in inventory.contacts_named(connection, row.person)}:
        raise Refused("person", f"{row.person!r} is no contact of {row.scope}")
    body = {"begins": row.begins, "ends": row.ends, "spares": row.spares}
    upsert(quiet_hours, [{"scope": row.scope, "person": row.person, **body}], connection)
    acts.record(connection, now, by, "quiet", f"contact:{row.scope}/{row.person}", body)


def lift(connection: Connection, scope: str, person: str, now: float, by: str) -> bool:
    """A person has no quiet hours any more; False when there were none."""
    mine = (quiet_hours.c.scope == scope, quiet_hours.c.person == person)
    if connection.execute(delete(quiet_hours).where(*mine)).rowcount != 1:
        return False
    acts.record(connection, now, by, "quiet_end", f"contact:{scope}/{person}")
    return True


def _rank(severity: str) -> int:
    # what nobody has heard of is grave
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
