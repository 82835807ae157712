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
from web.reports import digest, wording
from web.reports.monthly import Monthly
from web.reports.wording import head, month, rupiah, share, span
from web.tongue import gettext, ngettext

if TYPE_CHECKING:
    from web.paper import Sheets

# what a sheet of paper is too small for stands in the workbook
MOST_BARS, MOST_ROWS, MOST_INCIDENTS, MOST_VILLAGES = 25, 120, 60, 600


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
    _clocks(sheets, told, settings, zone)
    _earlier(sheets, told)
    _wifi(sheets, told, settings)
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


def summary(told: Monthly, settings: Settings) -> list[str]:
    """The month in a few sentences."""
    total = digest.total(told.report)
    if not told.sites:
        return [gettext("No village counted in this period.")]
    said = [
        gettext(
            "%(count)s villages worked %(share)s of the time that is known; they were down for "
            "%(down)s hours in %(outages)s outages, the longest took %(longest)s.",
            count=words.number(len(told.sites)),
            share=share(total.share(*digest.UP)),
            down=words.number(total.seconds[State.DOWN] / 3600, 1),
            outages=words.number(total.outages),
            longest=words.lasted(total.longest_s),
        )
    ]
    unknown = total.seconds[State.UNKNOWN] - total.not_counted_s
    said.append(
        gettext(
            "Of %(unknown)s hours nobody knows how it was, of these %(power)s during power cuts; "
            "they count neither as up nor as down.",
            unknown=words.number(unknown / 3600, 1),
            power=words.number(total.causes[State.UNKNOWN, "power"] / 3600, 1),
        )
    )
    if found := digest.causes(total):
        parts = [f"{labels.cause(c.cause)} {_part(c.seconds, total)}" for c in found[:3]]
        said.append(gettext("Causes of the time down: %(causes)s.", causes=", ".join(parts)))
    said += _more(told, settings)
    return said


def _more(told: Monthly, settings: Settings) -> list[str]:
    sop, said = digest.sop(told.report), []
    if sop.count:
        said.append(
            ngettext(
                "%(num)s incident was opened; %(share)s were handled within %(limit)s.",
                "%(num)s incidents were opened; %(share)s were handled within %(limit)s.",
                sop.count,
                share=share(sop.share),
                limit=words.stretch(settings.handled_within_s),
            )
        )
    if told.claims:
        owed = sum(int(claim.told["total_rp"]) for claim in told.claims)
        said.append(
            gettext(
                "Providers owe %(rupiah)s for this month, by %(count)s contracts (annex B).",
                rupiah=rupiah(owed),
                count=words.number(len(told.claims)),
            )
        )
    return said


def _part(seconds: int, total: Tally) -> str:
    return words.share(seconds / max(1, total.seconds[State.DOWN]), 0)


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
        _left_out(sheets, len(shown) - len(rows))
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
            _left_out(sheets, len(rows) - MOST_ROWS)


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
    sheets.table(head, cells, (40, 30, 18, 20, 16), numbers=(2, 3, 4), size=7.5)


def _causes(one: Tally) -> str:
    found = digest.causes(one)[:3]
    return ", ".join(f"{labels.cause(each.cause)} {span(each.seconds)}" for each in found)


def _clocks(sheets: "Sheets", told: Monthly, settings: Settings, zone: tzinfo) -> None:
    sop = digest.sop(told.report)
    limit = words.stretch(settings.handled_within_s)
    sheets.heading(gettext("Incidents against the standard of %(limit)s", limit=limit), 40)
    if not sop.count:
        sheets.text(gettext("No incident was opened in this period."))
        return
    sheets.facts(
        [
            (gettext("Handled in time"), f"{words.number(sop.in_time)} ({share(sop.share)})"),
            (gettext("Too late"), words.number(sop.late)),
            (gettext("Not handled yet"), words.number(sop.running)),
            (gettext("From the fault to detection (median)"), span(sop.detected_s)),
            (gettext("To the hand that took it (median)"), span(sop.acknowledged_s)),
            (gettext("To handled, by the clock that stands while others are waited for (median)"),
             span(sop.handled_s)),
            (gettext("From the fault to the end (median)"), span(sop.mended_s)),
        ],
        110,
    )  # fmt: skip
    late = sorted(
        (each for each in told.report.handled if each.clocks.kept == "late"),
        key=lambda each: (-(each.clocks.handled_s or 1e12), each.course.id),
    )
    if not late:
        return
    head = (
        gettext("No."), gettext("Opened"), gettext("Village"), gettext("Detected after"),
        gettext("Taken after"), gettext("Handled after"), gettext("Clock stood for"),
        gettext("Cause"),
    )  # fmt: skip
    cells = [
        [
            f"#{each.course.id}",
            wording.short_at(each.course.opened_at, zone),
            told.site(each.course.site) if each.course.site else each.course.title,
            span(each.clocks.detected_s),
            span(each.clocks.acknowledged_s),
            span(each.clocks.handled_s),
            span(each.clocks.paused_s),
            labels.cause(each.course.cause or "unknown"),
        ]
        for each in late[:MOST_INCIDENTS]
    ]
    sheets.heading(gettext("Handled too late"), 30)
    sheets.table(head, cells, (11, 25, 33, 20, 17, 20, 16), numbers=(3, 4, 5, 6), size=7)
    _left_out(sheets, len(late) - MOST_INCIDENTS)


def _earlier(sheets: "Sheets", told: Monthly) -> None:
    sheets.heading(gettext("Changes to earlier months"), 30)
    found = digest.earlier(told.report)
    if not found:
        sheets.text(gettext("Nothing that was told of earlier months has changed."))
        return
    head = (
        gettext("Month"), gettext("Records"), gettext("Normal"), gettext("Slow"), gettext("Down"),
        gettext("Unknown"), gettext("Maintenance"), gettext("Refunds"),
    )  # fmt: skip
    cells = [
        [
            name,
            words.number(one.records),
            *(_signed(one.seconds[state]) for state in STATES),
            rupiah(one.rupiah) if one.supplements else words.NONE,
        ]
        for name, one in found.items()
    ]
    sheets.text(gettext("Seconds more or less than were told, and rupiah:"))
    sheets.table(head, cells, (18, 16, 22, 20, 22, 22, 22), numbers=range(1, 8), size=7.5)


def _signed(seconds: int) -> str:
    return ("+" if seconds > 0 else "") + words.number(seconds)


def _wifi(sheets: "Sheets", told: Monthly, settings: Settings) -> None:
    sheets.heading(gettext("Use of the wifi"), 40)
    if not told.wifi:
        sheets.text(gettext("No access point or hotspot counted people in this period."))
        return
    used = sorted(told.wifi, key=lambda each: (-each.person_hours, each.site))
    known = [each.gb for each in used if each.gb is not None]
    hours = sum(each.person_hours for each in used)
    sheets.text(
        gettext(
            "%(sites)s villages counted people: %(hours)s hours of persons online, %(gb)s GB. "
            "Nobody is told apart.",
            sites=words.number(len(used)),
            hours=words.number(hours),
            gb=words.number(sum(known), 1) if known else words.NONE,
        )
    )
    head = (
        gettext("Village"), gettext("Kecamatan"), gettext("Online, mean"), gettext("Busiest hour"),
        gettext("when"), gettext("Hours of persons"), "GB",
    )  # fmt: skip
    cells = [
        [
            told.site(each.site),
            told.district(each.site),
            words.number(each.mean, 1),
            words.number(each.peak, 1),
            wording.short_at(each.peak_at, places.zone(each.site, settings.timezone))[:-3],
            words.number(each.person_hours, 1),
            words.NONE if each.gb is None else words.number(each.gb, 1),
        ]
        for each in used[: digest.WORST]
    ]
    sheets.text(gettext("The villages that used it most:"))
    sheets.table(head, cells, (40, 34, 20, 20, 22, 20), numbers=range(2, 7), size=7.5)
    _left_out(sheets, len(used) - digest.WORST)


def _sign(sheets: "Sheets", told: Monthly, zone: tzinfo) -> None:
    sheets.signatures(
        gettext("%(place)s, %(day)s", place="." * 24, day="." * 24),
        [gettext("Made by"), gettext("Name and staff number")],
        [gettext("Head of office"), gettext("Name and staff number")],
    )


def _left_out(sheets: "Sheets", count: int) -> None:
    if count > 0:
        sheets.text(
            gettext("and %(count)s more, in the workbook (XLSX)", count=words.number(count))
        )


def _short(value: float) -> str:
    digits = next((n for n in (0, 1) if abs(value - round(value, n)) < 1e-9), 2)
    return words.number(value, digits)
