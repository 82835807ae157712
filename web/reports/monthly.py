"""All that a report for people tells: availability, refunds, wifi, as one thing. No words yet."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from collector.evidence import sources
from collector.evidence.claims import Claim, claims
from collector.evidence.report import Report
from collector.evidence.sources import Place
from collector.inventory import places
from collector.series.history import History
from collector.settings import Settings
from web.reports import wifi
from web.reports.wifi import Use

# told of how far it is: of what, how many of how many
Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Monthly:
    """A report with its refund sheets and the use of wifi.

    `outside`: contracts that reach out of the area and are left out of it, since whoever may read
    of an area may not read of other ones.
    """

    report: Report
    area: str
    sites: Mapping[str, Place]
    names: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    outside: int = 0
    wifi: tuple[Use, ...] = ()

    def site(self, code: str) -> str:
        """A village by its code."""
        found = self.sites.get(code)
        return found.name if found is not None else code

    def district(self, code: str) -> str:
        """The kecamatan that a site lies in, by name where it has one."""
        above = places.parents(code)[-1]
        found = self.sites.get(code)
        return self.names.get(above) or (found.district if found is not None else "") or above


def complete(
    connection: Connection,
    settings: Settings,
    history: History,
    report: Report,
    progress: Progress = silent,
) -> Monthly:
    """A report with all that belongs to it; as of the same moment."""
    order = report.order
    codes = {row.code for row in report.rows if row.kind == "site"}
    listed = {p.code: p for p in sources.sites_of(connection) if p.code in codes}
    found, outside = _claims(connection, settings, history, report, progress)
    used: list[Use] = []
    asked = []
    for place in listed.values():
        begin, end = order.period.bounds(place.zone(settings.timezone))
        asked.append((place, (begin, min(end, int(report.as_of)))))
    for use in wifi.usage(history, asked):
        progress("wifi", len(used), len(asked))
        used.append(use)
    # of a contract that is over by now, too
    report = replace(report, paid=[each for each in report.paid if _within(each.sites, order.area)])
    return Monthly(
        report,
        order.area or common(codes),
        listed,
        sources.area_names(connection),
        tuple(found),
        outside,
        tuple(used),
    )


def common(codes: set[str]) -> str:
    """The smallest area that all of these lie in, a regency at most; "" where there is none."""
    above = [places.parents(code)[:2] for code in codes]
    shared = [each[0] for each in zip(*above, strict=False) if len(set(each)) == 1]
    return shared[-1] if shared else ""


def _claims(
    connection: Connection,
    settings: Settings,
    history: History,
    report: Report,
    progress: Progress,
) -> tuple[list[Claim], int]:
    if not report.order.period.month:
        return [], 0
    progress("refunds", 0, 1)
    found = claims(connection, settings, history, report.order, report.as_of)
    area = report.order.area
    mine = [each for each in found if inside(each, area)]
    return mine, len(found) - len(mine)


def inside(claim: Claim, area: str) -> bool:
    """Do all lines of a contract lie in the area?"""
    return _within(claim.told["sites"], area)


def _within(sites: Iterable[str], area: str) -> bool:
    return not area or all(places.within(code, area) for code in sites)
