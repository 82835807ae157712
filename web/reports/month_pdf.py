"""The monthly report on paper for the head of office. Figures in, PDF out."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from collector.availability import State
from collector.evidence.report import Row
from collector.evidence.tally import Tally
from collector.inventory import places
from collector.settings import Settings
from web import labels, words
from web.reports import digest, month_more, wording
from web.reports.month_more import left_out
from web.reports.monthly import Monthly
from web.reports.summary import summary
from web.reports.wording import head, month, share, span
from web.tongue import gettext

if TYPE_CHECKING:
    from web.paper import Sheets

# what a sheet of paper is too small for stands in the workbook
MOST_BARS, MOST_ROWS = 25, 120


def document(told: Monthly, settings: Settings, drill: str = "") -> bytes:
    """The PDF, in the language spoken."""
    # what draws it takes a tenth of the console's start, and few documents are asked for
    from web.paper import Sheets
    from web.reports import annexes

    report = told.report
    zone = places.zone(told.area, settings.timezone)
    title = gettext("Report on the networks of villages")
    named = f"{title}, {area(told)}, {month(report.order.period)}"
    top = f"{drill}: {named}" if drill else named
    foot = gettext(
        "as of %(at)s; head %(head)s",
        at=wording.at(report.as_of, zone),
        head=wording.short_head(report.head),
    )
    sheets = Sheets(named, foot, drill, top)
    sheets.head(title.upper(), f"{area(told)}, {month(report.order.period)}")
    _facts(sheets, told, zone)
    _summary(sheets, told, settings)
    _charts(sheets, told)
    _groups(sheets, told)
    _worst(sheets, told)
    month_more.clocks(sheets, told, settings, zone)
    month_more.earlier(sheets, told)
    month_more.wifi(sheets, told, settings)
    _sign(sheets, told, zone)
    annexes.villages(sheets, told)
    annexes.refunds(sheets, told, settings)
    annexes.corrections(sheets, told, settings)
    annexes.closing(sheets, told, zone)
    return sheets.pdf()


def area(told: Monthly) -> str:
    """What the report is about: a place, and a provider where one was asked for."""
    if not told.area:
        place = gettext("all regencies")
    else:
        place = told.names.get(told.area) or told.area
        site = told.sites.get(told.area)
        place = site.name if site is not None else place
    isp = told.report.order.isp
    return f"{place} ({isp})" if isp else place


def preliminary(told: Monthly) -> bool:
    """Are days in it that may still change?"""
    return bool(told.report.unsealed_days)


def _facts(sheets: "Sheets", told: Monthly, zone: tzinfo) -> None:
    report = told.report
    if preliminary(told):
        sheets.text(
            gettext(
                "PRELIMINARY: %(days)s days of villages are not sealed yet and may still change.",
                days=words.number(report.unsealed_days),
            )
        )
    code = f" ({told.area})" if told.area else ""
    sealed = f", {wording.at(report.head.sealed_at, zone)}" if report.head.number else ""
    rows = [
        (gettext("Area"), f"{area(told)}{code}"),
        (gettext("Period"), month(report.order.period)),
        (gettext("Villages"), words.number(len(told.sites))),
        (gettext("As of"), wording.at(report.as_of, zone)),
        (gettext("Days sealed"), f"{words.number(report.sealed_days)} / "
         f"{words.number(report.sealed_days + report.unsealed_days)}"),
        (gettext("Head of the sealed chain"), f"{head(report.head)}{sealed}"),
    ]  # fmt: skip
    sheets.facts(rows)


def _summary(sheets: "Sheets", told: Monthly, settings: Settings) -> None:
    sheets.heading(gettext("Summary"))
    for line in summary(told, settings):
        sheets.text(line)


def _charts(sheets: "Sheets", told: Monthly) -> None:
    from web.reports.bars import Bar, ceiling_of, chart, floor_of

    shown = [row for row in digest.districts(told.report) if row.tally.known_s]
    if shown:
        rows = shown[:MOST_BARS]
        values = [100 * digest.worked(row.tally) for row in rows]
        low = floor_of(values)
        bars = [
            Bar(row.name, value, share(row.tally.share(*digest.UP)))
            for row, value in zip(rows, values, strict=True)
        ]
        ticks = [f"{words.number(low + (100 - low) * n / 4, 2)}%" for n in range(5)]
        title = gettext("Availability by kecamatan (the axis begins at %(low)s%%)", low=f"{low:g}")
        sheets.drawing(chart(title, bars, low, 100.0, ticks))
        left_out(sheets, len(shown) - len(rows))
    if found := digest.causes(digest.total(told.report)):
        top = 3600 * ceiling_of(max(each.seconds for each in found) / 3600)
        bars = [
            Bar(
                words.sentence(labels.cause(each.cause)),
                each.seconds,
                span(each.seconds),
                each.cause == "unknown",
            )
            for each in found
        ]
        ticks = [_short(top * n / 4 / 3600) for n in range(5)]
        sheets.drawing(chart(gettext("Causes of the time down, hours"), bars, 0.0, top, ticks))


def _groups(sheets: "Sheets", told: Monthly) -> None:
    if told.sites:
        sheets.text(
            gettext(
                "In all tables times are hours:minutes:seconds, summed over the villages or lines. "
                "Availability is (normal + slow) / (normal + slow + down), cut and not rounded."
            )
        )
    for title, what, rows in (
        (gettext("Availability by kecamatan"), gettext("Kecamatan"), digest.districts(told.report)),
        (gettext("Availability by provider"), gettext("Provider (ISP)"),
         digest.providers(told.report)),
    ):  # fmt: skip
        if rows:
            sheets.heading(title, 40)
            availability(sheets, what, rows[:MOST_ROWS])
            left_out(sheets, len(rows) - MOST_ROWS)


def availability(sheets: "Sheets", what: str, rows: Sequence[Row]) -> None:
    """A table of rows with the five states and their outages."""
    head = (
        what, gettext("Available"), gettext("Normal"), gettext("Slow"), gettext("Down"),
        gettext("Unknown"), gettext("Maintenance"), gettext("Outages"),
    )  # fmt: skip
    cells = [
        [
            row.name or row.code,
            share(row.tally.share(*digest.UP)),
            *(span(row.tally.seconds[state]) for state in STATES),
            words.number(row.tally.outages),
        ]
        for row in rows
    ]
    sheets.table(head, cells, (37, 16, 20, 17, 18, 19, 23), numbers=range(1, 8), size=7)


STATES = (State.NORMAL, State.SLOW, State.DOWN, State.UNKNOWN, State.MAINTENANCE)


def _worst(sheets: "Sheets", told: Monthly) -> None:
    rows = digest.worst(told.report)
    if not rows:
        return
    sheets.heading(gettext("The %(count)s villages that were down longest", count=len(rows)), 40)
    head = (
        gettext("Village"), gettext("Kecamatan"), gettext("Available"), gettext("Down"),
        gettext("Outages"), gettext("Causes"),
    )  # fmt: skip
    cells = [
        [
            told.site(row.code),
            told.district(row.code),
            share(row.tally.share(*digest.UP)),
            span(row.tally.seconds[State.DOWN]),
            words.number(row.tally.outages),
            _causes(row.tally),
        ]
        for row in rows
    ]
    sheets.table(head, cells, (37, 27, 17, 19, 14), numbers=(2, 3, 4), size=7.5)


def _causes(one: Tally) -> str:
    found = digest.causes(one)[:3]
    return ", ".join(f"{labels.cause(each.cause)} {span(each.seconds)}" for each in found)


def _sign(sheets: "Sheets", told: Monthly, zone: tzinfo) -> None:
    sheets.signatures(
        gettext("%(place)s, %(day)s", place="." * 24, day="." * 24),
        [gettext("Made by"), gettext("Name and staff number")],
        [gettext("Head of office"), gettext("Name and staff number")],
    )


def _short(value: float) -> str:
    digits = next((n for n in (0, 1) if abs(value - round(value, n)) < 1e-9), 2)
    return words.number(value, digits)
