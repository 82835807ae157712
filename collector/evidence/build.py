"""Makes a report: sites are read one after the other, their groups summed up on the way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agent.strict import Refused
from collector.evidence import lines, schedule, seals, sources
from collector.evidence.clocks import Course, clocks
from collector.evidence.gather import Gathered, Gathering
from collector.evidence.hindsight import changes, paid
from collector.evidence.lines import Line
from collector.evidence.report import (
    AGENCY,
    DISTRICT,
    HOTSPOT,
    HOURS,
    ISP,
    KINDS,
    SERVICE,
    SITE,
    TOTAL,
    UPLINK,
    Corrected,
    Event,
    Handled,
    Order,
    Report,
    Row,
)
from collector.evidence.schedule import Span
from collector.evidence.sources import Numbers, Place
from collector.evidence.tally import Tally, outages, tally
from collector.inventory import hours, places
from collector.settings import Settings

# a report of more sites is one nobody reads: it is asked for by province or regency
MOST_SITES = 10_000
# outages that are told one by one; more are counted
MOST_EVENTS = 50_000
_COURSE = tuple(Course.__slots__)


def build(
    connection: Connection,
    settings: Settings,
    order: Order,
    now: float,
    numbers: Numbers | None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """What is known at `now`; `progress` hears how many sites of how many are done. Refused: a
    period that has not begun, too many sites."""
    known = sources.known_until(connection, now)
    made = Report(order, now, known, seals.head(connection))
    chosen = _chosen(connection, order)
    if chosen and all(order.period.bounds(p.zone(settings.timezone))[0] >= now for p in chosen):
        raise Refused("the period", "has not begun yet")
    maker = _Maker(connection, settings, made)
    gathering = Gathering(connection, numbers, settings.timezone, now, known)
    for done, gathered in enumerate(gathering.over(chosen, order.period)):
        progress(done, len(chosen))
        maker.take(gathered)
    maker.close()
    codes = [place.code for place in chosen]
    made.handled = _handled(connection, settings, order, codes, now)
    made.changes = list(changes(connection, settings, order.period, codes, now))
    made.paid = list(paid(connection, settings, order, now))
    return made


def _chosen(connection: Connection, order: Order) -> list[Place]:
    found = [
        place
        for place in sources.sites_of(connection)
        if (not order.area or places.within(place.code, order.area)) and _has(place, order.isp)
    ]
    if len(found) > MOST_SITES:
        raise Refused("--area", f"{len(found)} sites are too many: ask for a part of the country")
    return found


def _has(place: Place, isp: str) -> bool:
    mine = {*place.isps, *(each["isp"] for each in place.uplinks)}
    return not isp or isp.casefold() in {name.casefold() for name in mine}


@dataclass(slots=True)
class _Maker:
    """Takes one site after the other."""

    connection: Connection
    settings: Settings
    report: Report
    holidays: frozenset[str] = frozenset()
    areas: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[tuple[str, str], str] = field(default_factory=dict)
    groups: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    opening: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    office: bool = False

    def __post_init__(self) -> None:
        self.holidays = sources.holidays_of(self.connection)
        self.areas = sources.area_names(self.connection)
        self.owners = sources.owners(self.connection)

    def take(self, gathered: Gathered) -> None:
        place, report = gathered.place, self.report
        report.sealed_days += len(gathered.records)
        report.unsealed_days += gathered.unsealed
        for line in gathered.lines:
            kind = kind_of(line)
            if kind == UPLINK and not _asked_for(line.detail, report.order.isp):
                continue
            self._rows(gathered, line, kind)
            self._events(gathered, line, kind)
            if kind == SITE:
                report.corrected += self._corrected(place, gathered.begin, line)

    def close(self) -> None:
        """The groups come behind what they are made of."""
        for (kind, code, when), summed in sorted(self.groups.items()):
            if when == HOURS and not self.office:
                continue
            name = self.areas.get(code, code) if kind == DISTRICT else code
            self.report.rows.append(Row(kind, code, name, when, summed))
        self.report.rows.sort(key=lambda row: KINDS.index(row.kind))

    def _rows(self, gathered: Gathered, line: Line, kind: str) -> None:
        place, always = gathered.place, [(gathered.begin, gathered.end)]
        named = Row(
            kind,
            place.code,
            place.name if kind == SITE else line.name,
            schedule.ALWAYS,
            tally(line.spells, always, gathered.begin),
            place.code,
            line.detail if kind == UPLINK else "|".join(place.isps),
            self._district(place),
            self._owner(place, line, kind),
        )
        self.report.rows.append(named)
        self._sum(named, schedule.ALWAYS)
        # a hotspot is for all hours, whenever the office is open
        if kind == HOTSPOT or not (opening := hours.parse(place.hours)).spans:
            self._sum(named, HOURS)
            return
        self.office = True
        zone = place.zone(self.settings.timezone)
        if (within := self.opening.get((place.hours, str(zone)))) is None:
            within = schedule.spans(opening, self.holidays, self.report.order.period, zone)
            self.opening[place.hours, str(zone)] = within
        cut = [(a, min(b, gathered.end)) for a, b in within if a < gathered.end]
        office = Row(
            kind, named.code, named.name, str(opening), tally(line.spells, cut, gathered.begin),
            named.site, named.isp, named.district, named.owner,
        )  # fmt: skip
        self.report.rows.append(office)
        self._sum(office, HOURS)

    def _sum(self, row: Row, when: str) -> None:
        groups = {
            SITE: [(DISTRICT, places.parents(row.code)[-1]), (TOTAL, "")],
            UPLINK: [(ISP, row.isp)],
            SERVICE: [(AGENCY, row.owner)],
        }
        for kind, code in groups.get(row.kind, []):
            if code or kind == TOTAL:
                self.groups.setdefault((kind, code, when), Tally()).add(row.tally)

    def _events(self, gathered: Gathered, line: Line, kind: str) -> None:
        for outage in outages(line.spells):
            if outage.end <= gathered.begin:
                continue
            if len(self.report.events) >= MOST_EVENTS:
                self.report.events_left_out += 1
            else:
                name = "" if kind == SITE else line.name
                self.report.events.append(Event(kind, gathered.place.code, name, outage))

    def _corrected(self, place: Place, begin: int, line: Line) -> Iterator[Corrected]:
        told = [spell for spell in line.spells if spell.said is not None and spell.end > begin]
        words = sources.words_on(self.connection, place.code) if told else {}
        for spell in told:
            by, why = words.get(spell.said.at, ("", "")) if spell.said else ("", "")
            yield Corrected(place.code, spell, by, why)

    def _district(self, place: Place) -> str:
        return self.areas.get(places.parents(place.code)[-1], "") or place.district

    def _owner(self, place: Place, line: Line, kind: str) -> str:
        if kind != SERVICE:
            return ""
        return self.owners.get((line.name, place.code)) or self.owners.get((line.name, ""), "")


def kind_of(line: Line) -> str:
    """As what a line of a site is reported."""
    if line.kind == lines.SITE:
        return SITE
    if line.kind == lines.UPLINK:
        return UPLINK
    return HOTSPOT if line.detail in lines.HOTSPOT_KINDS else SERVICE


def _asked_for(isp: str, wanted: str) -> bool:
    return not wanted or isp.casefold() == wanted.casefold()


def _handled(
    connection: Connection, settings: Settings, order: Order, codes: Sequence[str], now: float
) -> list[Handled]:
    zone = places.zone(order.area, settings.timezone)
    since, until = order.period.bounds(zone)
    found = sources.incidents_of(connection, codes, since, until)
    courses = [Course(**{name: row[name] for name in _COURSE}) for row in found]
    return [Handled(each, clocks(each, settings.handled_within_s, now)) for each in courses]
