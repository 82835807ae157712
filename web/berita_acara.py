"""Berita Acara Gangguan: what an incident was, on paper, with two places to sign."""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.incidents import Incident
from alerts.members import Member
from web import incident_words, labels, reasons, words
from web.incident_page import Dossier
from web.tongue import gettext

if TYPE_CHECKING:
    from web.paper import Sheets

MOST_LINES, MOST_MEMBERS = 60, 60
# what Ronda does by itself again and again says little on paper
_LEFT_OUT = frozenset({"told", "not told"})


def document(case: Dossier, now: float, drill: str = "") -> bytes:
    """The PDF; times in the zone of the place."""
    # what draws it takes a tenth of the console's start, and few documents are asked for
    from web.paper import Sheets

    incident, zone = case.incident, case.row.zone
    title = gettext("Record of an incident")
    foot = gettext("Incident #%(number)s, printed %(at)s", number=incident.id, at=_at(now, zone))
    foot = f"{drill}: {foot}" if drill else foot
    sheets = Sheets(f"{title} #{incident.id}", foot, drill)
    head = ": ".join(filter(None, (drill, title.upper())))
    sheets.head(head, gettext("Incident number %(number)s", number=incident.id))
    sheets.text(
        gettext(
            "On %(day)s the following incident is recorded, as Ronda measured it and people "
            "wrote it down.",
            day=_day(now, zone),
        )
    )
    sheets.facts(_facts(case, zone, now))
    _cause(sheets, incident)
    _members(sheets, case, zone)
    _timeline(sheets, case, zone)
    sheets.signatures(
        gettext("%(place)s, %(day)s", place=_place(case), day=_day(now, zone)),
        [gettext("For the village"), gettext("Name and position")],
        [gettext("For the control room"), gettext("Name and staff number")],
    )
    return sheets.pdf()


def _facts(case: Dossier, zone: ZoneInfo, now: float) -> list[list[str]]:
    one, row, site = case.incident, case.row, case.site
    until = now if one.resolved_at is None else one.resolved_at
    rows = [
        (gettext("What"), row.headline),
        (gettext("Where"), _where(case)),
        (gettext("Severity"), incident_words.severity(one.severity)),
        (gettext("State"), incident_words.state(one.state)),
        (gettext("Broken since"), _at(one.down_since, zone)),
        (gettext("Detected"), _at(one.opened_at, zone)),
        (gettext("Acknowledged"), _by(one.acknowledged_at, one.acknowledged_by, zone)),
        (gettext("Handled"), _by(one.handled_at, case.handled_by, zone)),
        (gettext("Recovered"), _by(one.resolved_at, "", zone)),
        (gettext("Lasted"), words.lasted(until - one.down_since)),
        (gettext("Deadline"), _at(row.clock.deadline_at, zone)),
        (gettext("Clock stood for"), words.lasted(one.paused_s) if one.paused_s else ""),
        (gettext("Provider (ISP)"), case.line.isp if case.line else (site.isp if site else "")),
        (gettext("Service number"), case.line.service_no if case.line else ""),
        (gettext("Ticket of the ISP"), _ticket(case, zone)),
        (gettext("Photos"), words.number(len(case.photos)) if case.photos else ""),
    ]
    return [[name, value] for name, value in rows if value]


def _cause(sheets: "Sheets", one: Incident) -> None:
    sheets.heading(gettext("Cause"))
    known = labels.cause(one.cause or "unknown")
    sure = gettext("%(share)s sure", share=words.share(one.confidence, 0)) if one.cause else ""
    sheets.text(", ".join(filter(None, (words.sentence(known), sure))))
    sheets.items([reasons.say(piece) for piece in one.evidence])


def again(member: Member, zone: ZoneInfo) -> str:
    """When somebody saw it good again."""
    if member.good_at is None:
        return gettext("not yet")
    return words.NONE if member.unseen else _at(member.good_at, zone)


def _members(sheets: "Sheets", case: Dossier, zone: ZoneInfo) -> None:
    if not case.incident.parent:
        return
    sheets.heading(gettext("Sites affected"))
    rows = [
        [
            part.site.name if part.site else part.member.title,
            part.site.district if part.site else "",
            _at(part.member.bad_at, zone),
            again(part.member, zone),
        ]
        for part in case.parts[:MOST_MEMBERS]
    ]
    head = (gettext("Site"), gettext("District"), gettext("Since"), gettext("Recovered"))
    sheets.table(head, rows, (50, 40, 40))
    _more(sheets, len(case.parts) + case.outside - len(rows))


def _timeline(sheets: "Sheets", case: Dossier, zone: ZoneInfo) -> None:
    sheets.heading(gettext("Timeline"))
    told = [line for line in case.lines if line.verb not in _LEFT_OUT]
    rows = [
        [
            _at(line.at, zone),
            ": ".join(filter(None, (incident_words.done(line), incident_words.said(line)))),
            line.by or "Ronda",
        ]
        for line in told[-MOST_LINES:]
    ]
    sheets.table((gettext("Time"), gettext("What was done"), gettext("By whom")), rows, (38, 95))
    _more(sheets, len(told) - len(rows))


def _more(sheets: "Sheets", left: int) -> None:
    if left > 0:
        sheets.text(gettext("and %(count)s more, kept in the console", count=left))


def _where(case: Dossier) -> str:
    site = case.site
    if site is None:
        return case.row.district
    return ", ".join(filter(None, (site.name, site.district, site.regency, site.code)))


def _place(case: Dossier) -> str:
    return case.site.name if case.site is not None else "." * 24


def _ticket(case: Dossier, zone: ZoneInfo) -> str:
    one = case.incident
    if not one.ticket:
        return ""
    at = _at(one.ticket_at, zone) if one.ticket_at is not None else ""
    return ", ".join(filter(None, (one.ticket, at, case.ticket_by)))


def _by(at: float | None, by: str, zone: ZoneInfo) -> str:
    return "" if at is None else ", ".join(filter(None, (_at(at, zone), by)))


def _at(at: float, zone: ZoneInfo) -> str:
    clock, name = words.clock(at, zone), words.zone_name(zone, at)
    return f"{_day(at, zone)} {clock} {name}"


def _day(at: float, zone: ZoneInfo) -> str:
    return f"{words.day(at, zone)} {datetime.fromtimestamp(at, zone).year}"
