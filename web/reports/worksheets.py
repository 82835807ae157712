"""The worksheets of a report: each with its columns, how their cells are shown, its rows. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from collector.cause import CAUSES
from collector.evidence.faults import FAULTS
from collector.evidence.forms import percent
from collector.evidence.report import Row
from collector.evidence.tally import STATES
from collector.inventory import places
from collector.settings import Settings
from web import labels, reasons, words
from web.reports import digest, wording
from web.reports.monthly import Monthly
from web.tongue import gettext

# how the cells of a column are shown; lengths are seconds
TEXT, COUNT, LENGTH, PERCENT = "text", "count", "length", "percent"
MONEY, MOMENT, DECIMAL = "money", "moment", "decimal"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet."""

    title: str
    columns: Sequence[tuple[str, str]]
    rows: Iterable[Sequence[Any]]


def sheets(told: Monthly, settings: Settings) -> Iterator[Sheet]:
    """All worksheets of a report; those that would be empty are left out."""
    for title, kind in _kinds():
        if rows := told.report.of(kind):
            yield Sheet(title, _sum_columns(), map(_sums, rows))
    yield from (each for each in _others(told, settings) if each.rows)


def _others(told: Monthly, settings: Settings) -> Iterator[Sheet]:
    yield _outages(told, settings)
    yield _incidents(told, settings)
    yield _refunds(told)
    yield _refund_outages(told, settings)
    yield _corrections(told, settings)
    yield _earlier(told)
    yield _wifi(told, settings)


def _kinds() -> list[tuple[str, str]]:
    return [
        (gettext("All"), "total"),
        (gettext("Kecamatan"), "district"),
        ("ISP", "isp"),
        (gettext("Villages"), "site"),
        (gettext("Lines"), "uplink"),
        (gettext("Hotspots"), "hotspot"),
        (gettext("Services"), "service"),
        (gettext("Agencies"), "agency"),
    ]


def _sum_columns() -> list[tuple[str, str]]:
    named = [
        gettext("Code"), gettext("Name"), gettext("Village"), gettext("Provider (ISP)"),
        gettext("Kecamatan"), gettext("Owner"), gettext("Hours"),
    ]  # fmt: skip
    down = gettext("Down")
    return [
        *((name, TEXT) for name in named),
        (gettext("Available"), PERCENT),
        (gettext("Normal share"), PERCENT),
        (gettext("Period"), LENGTH),
        *((labels.state(state), LENGTH) for state in STATES),
        (gettext("Outages"), COUNT),
        (gettext("Mean repair"), LENGTH),
        (gettext("Mean time between"), LENGTH),
        (gettext("Longest"), LENGTH),
        *((f"{down}: {wording.FAULT[fault]}", LENGTH) for fault in FAULTS),
        *((f"{down}: {labels.cause(cause)}", LENGTH) for cause in CAUSES),
    ]


def _sums(row: Row) -> list[Any]:
    one = row.tally
    causes = {each.cause: each.seconds for each in digest.causes(one)}
    return [
        row.code,
        row.name,
        row.site,
        row.isp,
        row.district,
        row.owner,
        row.schedule,
        _share(one.share(*digest.UP)),
        _share(one.share("normal")),
        one.period_s,
        *(one.seconds[state] for state in STATES),
        one.outages,
        one.mttr_s,
        one.mtbf_s,
        one.longest_s,
        *(one.faults[fault] for fault in FAULTS),
        *(causes.get(cause, 0) for cause in CAUSES),
    ]


def _outages(told: Monthly, settings: Settings) -> Sheet:
    columns = [
        (gettext("What"), TEXT), (gettext("Code"), TEXT), (gettext("Village"), TEXT),
        (gettext("Name"), TEXT), (gettext("Began"), MOMENT), (gettext("Ended"), MOMENT),
        (gettext("Length"), LENGTH), (gettext("Causes"), TEXT),
        (gettext("What speaks for it"), TEXT),
    ]  # fmt: skip
    rows = [
        [
            each.kind,
            each.site,
            told.site(each.site),
            each.name,
            _local(each.outage.begin, each.site, settings),
            _local(each.outage.end, each.site, settings),
            each.outage.seconds,
            _once(labels.cause(part.cause or "unknown") for part in each.outage.parts),
            _once(reasons.say(one) for part in each.outage.parts for one in part.evidence),
        ]
        for each in told.report.events
    ]
    return Sheet(gettext("Outages"), columns, rows)


def _incidents(told: Monthly, settings: Settings) -> Sheet:
    columns = [
        (gettext("Incident"), COUNT), (gettext("Code"), TEXT), (gettext("Village"), TEXT),
        (gettext("Title"), TEXT), (gettext("Cause"), TEXT), (gettext("Broken since"), MOMENT),
        (gettext("Opened"), MOMENT), (gettext("Detected after"), LENGTH),
        (gettext("Taken after"), LENGTH), (gettext("Handled after"), LENGTH),
        (gettext("Clock stood for"), LENGTH), (gettext("Ended after"), LENGTH),
        (gettext("Handled in time"), TEXT), (gettext("Ticket"), TEXT),
    ]  # fmt: skip
    kept = {
        "in_time": gettext("yes"), "late": gettext("no"), "running": gettext("not handled yet"),
    }  # fmt: skip
    rows = [
        [
            each.course.id,
            each.course.site,
            told.site(each.course.site) if each.course.site else "",
            each.course.title,
            labels.cause(each.course.cause or "unknown"),
            _local(each.course.down_since, each.course.site or told.area, settings),
            _local(each.course.opened_at, each.course.site or told.area, settings),
            each.clocks.detected_s,
            each.clocks.acknowledged_s,
            each.clocks.handled_s,
            each.clocks.paused_s,
            each.clocks.mended_s,
            kept[each.clocks.kept],
            each.course.ticket,
        ]
        for each in told.report.handled
    ]
    return Sheet(gettext("Incidents"), columns, rows)


def _refunds(told: Monthly) -> Sheet:
    columns = [
        (gettext("Contract"), TEXT), (gettext("Provider (ISP)"), TEXT), (gettext("Village"), TEXT),
        (gettext("Line"), TEXT), (gettext("Service number"), TEXT), (gettext("Counted"), LENGTH),
        (gettext("Refund"), MONEY), (gettext("Arithmetic"), TEXT), (gettext("Issued"), TEXT),
        (gettext("Supplements"), COUNT),
    ]  # fmt: skip
    rows = [
        [
            claim.contract,
            claim.told["isp"],
            told.site(line["site"]),
            line["uplink"],
            line["service_no"],
            line["counted_s"],
            line["rupiah"],
            line["arithmetic"],
            str(claim.issued[-1].number) if claim.issued else gettext("not yet"),
            max(0, len(claim.issued) - 1),
        ]
        for claim in told.claims
        for line in claim.told["lines"]
    ]
    return Sheet(gettext("Refund lines"), columns, rows)


def _refund_outages(told: Monthly, settings: Settings) -> Sheet:
    columns = [
        (gettext("Contract"), TEXT), (gettext("Village"), TEXT), (gettext("Line"), TEXT),
        (gettext("Began"), MOMENT), (gettext("Ended"), MOMENT), (gettext("Length"), LENGTH),
        (gettext("Counted"), LENGTH), (gettext("Why"), TEXT), (gettext("Causes"), TEXT),
        (gettext("What speaks for it"), TEXT), (gettext("Ticket"), TEXT),
        (gettext("Records"), TEXT),
    ]  # fmt: skip
    rows = [
        [
            claim.contract,
            told.site(line["site"]),
            line["uplink"],
            _local(event["begin"], line["site"], settings),
            _local(event["end"], line["site"], settings),
            event["seconds"],
            event["counted_s"],
            str(wording.WHY.get(event["why"], event["why"])),
            _once(labels.cause(part["cause"]) for part in event["parts"]),
            _once(reasons.say(one) for part in event["parts"] for one in part["evidence"]),
            event["ticket"],
            ", ".join(map(str, event["records"])),
        ]
        for claim in told.claims
        for line in claim.told["lines"]
        for event in line["events"]
    ]
    return Sheet(gettext("Refund outages"), columns, rows)


def _corrections(told: Monthly, settings: Settings) -> Sheet:
    columns = [
        (gettext("Code"), TEXT), (gettext("Village"), TEXT), (gettext("Began"), MOMENT),
        (gettext("Ended"), MOMENT), (gettext("Length"), LENGTH), (gettext("Was"), TEXT),
        (gettext("Is"), TEXT), (gettext("By whom"), TEXT), (gettext("Why"), TEXT),
        (gettext("When"), MOMENT),
    ]  # fmt: skip
    rows = [
        [
            each.site,
            told.site(each.site),
            _local(each.spell.begin, each.site, settings),
            _local(each.spell.end, each.site, settings),
            each.spell.seconds,
            labels.cause((each.spell.said.cause if each.spell.said else "") or "unknown"),
            labels.cause(each.spell.cause or "unknown"),
            each.by,
            each.why,
            _local(each.spell.said.at if each.spell.said else None, each.site, settings),
        ]
        for each in told.report.corrected
    ]
    return Sheet(gettext("Corrections"), columns, rows)


def _earlier(told: Monthly) -> Sheet:
    columns = [
        (gettext("Month"), TEXT), (gettext("Day"), TEXT), (gettext("Village or contract"), TEXT),
        (gettext("Record"), COUNT), (gettext("Replaces"), COUNT),
        *((f"{labels.state(state)} (s)", COUNT) for state in STATES), (gettext("Refund"), MONEY),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            each.month,
            each.day,
            told.site(each.site),
            each.record,
            each.replaces,
            *(each.seconds.get(state, 0) for state in STATES),
            None,
        ]
        for each in told.report.changes
    ]
    rows += [
        [each.month, "", each.contract, each.record, each.replaces, *[None] * len(STATES),
         each.rupiah]
        for each in told.report.paid
    ]  # fmt: skip
    return Sheet(gettext("Earlier months"), columns, rows)


def _wifi(told: Monthly, settings: Settings) -> Sheet:
    columns = [
        (gettext("Code"), TEXT), (gettext("Village"), TEXT), (gettext("Kecamatan"), TEXT),
        (gettext("Hours counted"), COUNT), (gettext("Online, mean"), DECIMAL),
        (gettext("Busiest hour"), DECIMAL), (gettext("when"), MOMENT),
        (gettext("Hours of persons"), DECIMAL), ("GB", DECIMAL),
    ]  # fmt: skip
    rows = [
        [
            each.site,
            told.site(each.site),
            told.district(each.site),
            each.hours,
            each.mean,
            each.peak,
            _local(each.peak_at, each.site, settings),
            each.person_hours,
            each.gb,
        ]
        for each in told.wifi
    ]
    return Sheet(gettext("Wifi"), columns, rows)


def _share(ratio: Fraction | None) -> float | None:
    # cut as everywhere: 100 % never failed
    return None if ratio is None else float(percent(ratio)) / 100


def _local(at: float | None, code: str, settings: Settings) -> datetime | None:
    """By the clocks of the place, as worksheets have times."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, places.zone(code, settings.timezone)).replace(tzinfo=None)


def _once(told: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(told)) or words.NONE
