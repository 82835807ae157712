"""The later parts of the monthly report: clocks of incidents, earlier months, use of the wifi."""

from datetime import tzinfo
from typing import TYPE_CHECKING

from collector.evidence.clocks import Kept
from collector.evidence.report import Handled
from collector.evidence.tally import STATES
from collector.inventory import places
from collector.settings import Settings
from web import labels, words
from web.reports import digest, wording
from web.reports.monthly import Monthly
from web.reports.wording import rupiah, share, span
from web.tongue import gettext

if TYPE_CHECKING:
    from web.paper import Sheets

MOST_INCIDENTS = 60


def clocks(sheets: "Sheets", told: Monthly, settings: Settings, zone: tzinfo) -> None:
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
    late = [each for each in told.report.handled if each.clocks.kept == Kept.LATE]
    if late:
        _late(sheets, told, late, zone)


def _late(sheets: "Sheets", told: Monthly, late: list[Handled], zone: tzinfo) -> None:
    late.sort(key=lambda each: (-(each.clocks.handled_s or 1e12), each.course.id))
    head = (
        gettext("No."), gettext("Opened"), gettext("Incident"), gettext("Detected after"),
        gettext("Taken after"), gettext("Handled after"), gettext("Clock stood for"),
        gettext("Cause"),
    )  # fmt: skip
    cells = [
        [
            f"#{each.course.id}",
            wording.short_at(each.course.opened_at, zone),
            _what(told, each),
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
    left_out(sheets, len(late) - MOST_INCIDENTS)


def _what(told: Monthly, each: Handled) -> str:
    """Of a line its village; of anything else what is broken, which names the place as well."""
    one = each.course
    return told.site(one.site) if one.site and one.subject == "uplink" else one.title


def earlier(sheets: "Sheets", told: Monthly) -> None:
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
            *(wording.more(one.seconds[state]) for state in STATES),
            rupiah(one.rupiah) if one.supplements else words.NONE,
        ]
        for name, one in found.items()
    ]
    sheets.text(gettext("Seconds more or less than were told, and rupiah:"))
    sheets.table(head, cells, (16, 15, 21, 18, 21, 21, 26), numbers=range(1, 8), size=7.5)


def wifi(sheets: "Sheets", told: Monthly, settings: Settings) -> None:
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
    sheets.table(head, cells, (36, 28, 24, 20, 22, 19), numbers=range(2, 7), size=7.5)
    left_out(sheets, len(used) - digest.WORST)


def left_out(sheets: "Sheets", count: int) -> None:
    """What stands in the workbook alone."""
    if count > 0:
        sheets.text(
            gettext("and %(count)s more, in the workbook (XLSX)", count=words.number(count))
        )
