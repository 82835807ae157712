"""A report of availability as every form of it has it: rows, outages, incidents, corrections."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from collector.evidence.clocks import Clocks, Course
from collector.evidence.moments import Period
from collector.evidence.seals import Head
from collector.evidence.spells import Spell
from collector.evidence.tally import Outage, Tally

# kinds of rows, in the order they are told
SITE, UPLINK, HOTSPOT, SERVICE = "site", "uplink", "hotspot", "service"
DISTRICT, ISP, AGENCY, TOTAL = "district", "isp", "agency", "total"
KINDS = (SITE, UPLINK, HOTSPOT, SERVICE, DISTRICT, ISP, AGENCY, TOTAL)
# a row of a group over the office hours of each of its sites
HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, "": everywhere, everybody; `part`: of which table a CSV is."""

    period: Period
    area: str = ""
    isp: str = ""
    part: str = "availability"


@dataclass(frozen=True, slots=True)
class Row:
    """What one thing came to; `schedule` 24h, the office hours as they are written, or `hours`."""

    kind: str
    code: str
    name: str
    schedule: str
    tally: Tally
    site: str = ""
    isp: str = ""
    district: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One outage of one thing; it may have begun before the period."""

    kind: str
    site: str
    name: str
    outage: Outage


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a person said of a stretch, beside the guess in `spell.said`; both are shown."""

    site: str
    spell: Spell
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Handled:
    """An incident and how its clocks stand."""

    course: Course
    clocks: Clocks


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an earlier month since the report before: a record and the one it replaces;
    `seconds` by state, more or less than were told."""

    month: str
    day: str
    site: str
    record: int
    replaces: int
    seconds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Paid:
    """What that came to in money: a supplement to the refund sheet of an earlier month."""

    month: str
    contract: str
    record: int
    replaces: int
    rupiah: int
    sites: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """All of it. `known_until`: what the centre had seen; days as in seals, and not sealed yet."""

    order: Order
    as_of: float
    known_until: float
    head: Head
    sealed_days: int = 0
    unsealed_days: int = 0
    rows: list[Row] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    events_left_out: int = 0
    corrected: list[Corrected] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)

    def of(self, kind: str) -> Sequence[Row]:
        """The rows of one kind."""
        return [row for row in self.rows if row.kind == kind]
