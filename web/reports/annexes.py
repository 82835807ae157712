"""Annexes of the monthly report: every village, refund sheets, what people corrected."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from collector.evidence.claims import Claim
from collector.evidence.refund import Why
from collector.inventory import places
from collector.settings import Settings
from web import labels, reasons, words
from web.paper import Sheets
from web.reports import digest, wording
from web.reports.monthly import Monthly
from web.reports.wording import rupiah, short_at, span, verifying
from web.tongue import gettext

# what a sheet of paper is too small for stands in the workbook
MOST_VILLAGES, MOST_SHEETS, MOST_EVENTS, MOST_CORRECTIONS = 600, 400, 40, 120
# outages of all sheets together
MOST_LINES = 4000


def villages(sheets: Sheets, told: Monthly) -> None:
    """Each village with its five states."""
    from web.reports.month_pdf import availability

    rows = sorted(digest.rows(told.report, "site"), key=lambda row: row.code)
    if not rows:
        return
    sheets.heading(gettext("Annex A: every village"), 40)
    availability(sheets, gettext("Village"), rows[:MOST_VILLAGES])
    _more(sheets, len(rows) - MOST_VILLAGES)


def refunds(sheets: Sheets, told: Monthly, settings: Settings) -> None:
    """Each contract with its arithmetic and the outages behind each line."""
    if not told.claims and not told.outside:
        return
    sheets.heading(gettext("Annex B: refund sheets"), 40)
    if told.outside:
        sheets.text(
            gettext(
                "%(count)s contracts also have lines outside of this area and are not told here.",
                count=words.number(told.outside),
            )
        )
    _totals(sheets, told.claims)
    left = MOST_LINES
    for claim in told.claims[:MOST_SHEETS]:
        left -= _sheet(sheets, told, claim, settings, max(0, left))
    _more(sheets, len(told.claims) - MOST_SHEETS)


def corrections(sheets: Sheets, told: Monthly, settings: Settings) -> None:
    """What people said of causes, beside what was guessed."""
    found = told.report.corrected
    if not found:
        return
    sheets.heading(gettext("Annex C: corrections, with what stood there before"), 40)
    head = (
        gettext("Village"), gettext("Began"), gettext("Length"), gettext("Was"), gettext("Is"),
        gettext("By whom and why"),
    )  # fmt: skip
    rows = [
        [
            told.site(each.site),
            short_at(each.spell.begin, places.zone(each.site, settings.timezone)),
            span(each.spell.seconds),
            labels.cause((each.spell.said.cause if each.spell.said else "") or "unknown"),
            labels.cause(each.spell.cause or "unknown"),
            ": ".join(filter(None, (each.by, each.why))) or words.NONE,
        ]
        for each in found[:MOST_CORRECTIONS]
    ]
    sheets.table(head, rows, (36, 26, 18, 26, 26), numbers=(2,), size=7)
    _more(sheets, len(found) - MOST_CORRECTIONS)


def closing(sheets: Sheets, told: Monthly, zone: tzinfo) -> None:
    """How whoever holds the paper finds out whether it still says what was sealed."""
    report = told.report
    sheets.heading(gettext("How to check this report"), 60)
    for text in verifying():
        sheets.text(text)
    if report.head.number:
        sheets.text(f"ronda report verify --head {wording.head(report.head)}")
    sealed = wording.at(report.head.sealed_at, zone) if report.head.number else words.NONE
    sheets.facts(
        [
            (gettext("Head of the sealed chain"), wording.head(report.head)),
            (gettext("Sealed"), sealed),
            (gettext("Signed with the key"), report.head.key or words.NONE),
            (gettext("What the centre had seen"), wording.at(report.known_until, zone)),
            (gettext("Outages that are not told"), words.number(report.events_left_out)),
        ]
    )


def _totals(sheets: Sheets, claims: Sequence[Claim]) -> None:
    by_isp: dict[str, list[Claim]] = {}
    for claim in claims:
        by_isp.setdefault(str(claim.told["isp"]), []).append(claim)
    head = (
        gettext("Provider (ISP)"), gettext("Contracts"), gettext("Issued"), gettext("Supplements"),
        gettext("Refund"),
    )  # fmt: skip
    rows = [
        [
            isp,
            words.number(len(mine)),
            words.number(sum(bool(claim.issued) for claim in mine)),
            words.number(sum(max(0, len(claim.issued) - 1) for claim in mine)),
            rupiah(sum(int(claim.told["total_rp"]) for claim in mine)),
        ]
        for isp, mine in sorted(by_isp.items())
    ]
    if rows:
        sheets.table(head, rows, (60, 24, 24, 24), numbers=(1, 2, 3, 4))


def _sheet(sheets: Sheets, told: Monthly, claim: Claim, settings: Settings, left: int) -> int:
    """One contract; how many outages were written."""
    told_of, shown = claim.told, 0
    sheets.heading(f"{claim.contract}: {rupiah(int(told_of['total_rp']))}", 30)
    sheets.text(status(claim))
    for line in told_of["lines"]:
        named = " ".join(filter(None, (line["uplink"], line["service_no"])))
        sheets.text(f"{told.site(line['site'])}, {named}: {line['arithmetic']}")
        events = [each for each in line["events"] if each["why"] != Why.SHORT]
        _short(sheets, [each for each in line["events"] if each["why"] == Why.SHORT])
        some = events[: max(0, min(MOST_EVENTS, left - shown))]
        if some:
            zone = places.zone(line["site"], settings.timezone)
            _events(sheets, [_event(each, zone) for each in some])
        _more(sheets, len(events) - len(some))
        shown += len(some)
    return shown


def _short(sheets: Sheets, events: Sequence[Mapping[str, Any]]) -> None:
    """Those that are too short to count, in one line."""
    if events:
        sheets.text(
            gettext(
                "%(count)s outages too short to count, %(span)s in all",
                count=words.number(len(events)),
                span=span(sum(each["seconds"] for each in events)),
            )
        )


def status(claim: Claim) -> str:
    """Whether a sheet was issued, and by which records."""
    if not claim.issued:
        return gettext("Not issued yet: as it would be today.")
    first, later = claim.issued[0], claim.issued[1:]
    said = [gettext("Issued as record %(number)s.", number=first.number)]
    said += [
        gettext(
            "Supplement as record %(number)s: %(change)s.",
            number=each.number,
            change=rupiah(int(each.told["change_rp"])),
        )
        for each in later
    ]
    return " ".join(said)


def _events(sheets: Sheets, rows: Sequence[Sequence[str]]) -> None:
    head = (
        gettext("Began"), gettext("Ended"), gettext("Length"), gettext("Counted"), gettext("Why"),
        gettext("Cause and what speaks for it"), gettext("Records"),
    )  # fmt: skip
    sheets.table(head, rows, (22.5, 22.5, 15, 15, 19, 58), numbers=(2, 3), size=6.5)


def _event(event: Mapping[str, Any], zone: tzinfo) -> list[str]:
    parts = event["parts"]
    causes = list(dict.fromkeys(labels.cause(part["cause"]) for part in parts))
    said = list(dict.fromkeys(reasons.say(each) for part in parts for each in part["evidence"]))
    ticket = gettext("ticket %(ticket)s", ticket=event["ticket"]) if event["ticket"] else ""
    cause = ", ".join(causes)
    proof = "; ".join([*said[:2], *filter(None, [ticket])])
    return [
        short_at(event["begin"], zone),
        short_at(event["end"], zone),
        span(event["seconds"]),
        span(event["counted_s"]),
        str(wording.WHY.get(event["why"], event["why"])),
        f"{cause}: {proof}" if proof else cause,
        ", ".join(map(str, event["records"])) or words.NONE,
    ]


def _more(sheets: Sheets, count: int) -> None:
    if count > 0:
        sheets.text(
            gettext("and %(count)s more, in the workbook (XLSX)", count=words.number(count))
        )
