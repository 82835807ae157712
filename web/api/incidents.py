"""Incidents by program: which there are, and all of one that the token's areas let it know."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, structs
from sqlalchemy import Connection

from alerts import incident_json, incident_rows, isp, members
from alerts import incidents as stored
from alerts import photos as incident_photos
from alerts.incident_rows import STATES, Wanted
from alerts.incidents import Incident as Stored
from alerts.words import LANGUAGES
from collector.cli_common import iso
from collector.db import reading, writing
from web import incident_page, powers
from web.api import cursors, params
from web.api.problems import No
from web.api.shapes import Listed, Time, moment, page
from web.api.table import EDITORS, Call, Endpoint, Reply, Schema
from web.context import centre, me, now, scope
from web.incident_page import Dossier
from web.incident_words import SUBJECTS
from web.incidents import record, seen
from web.inventory.desk import by
from web.labels import CAUSES
from web.powers import Powers

_MOST_SITES = 200
_STEERING = ("technician", *EDITORS)
_PDF = Schema("Pdf", {"type": "string", "contentMediaType": "application/pdf"})
_JPEG = Schema("Jpeg", {"type": "string", "contentMediaType": "image/jpeg"})


class Incident(Struct, frozen=True):
    """One incident; `sites` are those inside the token's areas, 200 at most."""

    id: int
    subject: str
    title: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    severity: str
    state: str
    sites: tuple[str, ...]
    members: int
    opened_at: Time
    down_since: Time
    acknowledged_by: str | None
    acknowledged_at: Time | None
    handled_at: Time | None
    resolved_at: Time | None
    deadline_at: Time | None
    parent: str | None
    rule: str | None
    unseen: bool
    assigned_to: str | None
    paused_at: Time | None
    paused_why: str | None
    snoozed_until: Time | None
    ticket: str | None
    ticket_at: Time | None
    merged_into: int | None


class Line(Struct, frozen=True):
    """What was decided or done, by whom; `by` null: by Ronda itself."""

    at: Time
    by: str | None
    what: str
    note: str


class Notice(Struct, frozen=True):
    """Who was told, by which way, and what became of it."""

    person: str
    channel: str
    state: str
    at: Time


class Photo(Struct, frozen=True):
    """A photo that somebody sent."""

    id: int
    by: str
    at: Time
    width: int
    height: int


class Member(Struct, frozen=True):
    """One fault of it; `good_at` null: it is still bad."""

    site: str
    title: str
    bad_at: Time
    good_at: Time | None


class IspLetter(Struct, frozen=True):
    """What to tell the provider; `why`: is it theirs to mend; `sent`: to how many it went."""

    text: str
    sms: str
    phone: str
    why: str
    lacks: Annotated[tuple[str, ...], Meta(description="what the inventory does not know")]
    sent: int


class WholeIncident(Incident, frozen=True):
    """One incident with its parts, its chronicle and who was told."""

    parts: tuple[Member, ...]
    parts_outside: int
    log: tuple[Line, ...]
    notices: tuple[Notice, ...]
    notices_outside: int
    photos: tuple[Photo, ...]
    may: tuple[str, ...]


def _list(call: Call) -> Reply:
    limit, before = call.limit, int(call.after("0"))
    state = call.query.get("state", "")
    wanted = _wanted(call, "" if state == "all" else state)
    with reading(centre().store) as connection:
        numbers = incident_rows.newest(
            connection, scope(), wanted, state == "all", before, limit + 1
        )
        found = {one.id: one for one in stored.some(connection, numbers)}
        joined = members.of(connection, numbers)
    told = [(found[number], joined[number]) for number in numbers if number in found]
    body = page(
        told,
        limit,
        lambda one: Incident(**_told(*one)),
        lambda one: cursors.write(one[0].id),
    )
    return Reply(body)


def _wanted(call: Call, state: str) -> Wanted:
    user = me()
    given = {name: call.query.get(name, "") for name in ("area", "subject", "isp", "cause")}
    mine = user.name if user is not None and call.query.get("mine") else ""
    return Wanted(tuple(call.query.get("q", "").split()), state=state, mine=mine, **given)


def _told(one: Stored, joined: Sequence[members.Member]) -> dict[str, Any]:
    sites = [code for code in incident_json.sites_of(one, joined) if scope().sees(code)]
    told = incident_json.core(one, sites[:_MOST_SITES], centre().settings, now())
    return {
        **told,
        **incident_json.further(one),
        "sites": tuple(told["sites"]),
        "evidence": one.evidence,
    }


def _one(call: Call) -> Reply:
    return Reply(whole(call.path["number"]))


def whole(number: int) -> WholeIncident:
    """One incident as the caller may know it; 404 for what lies elsewhere."""
    with reading(centre().store) as connection:
        incident, may = seen(connection, number)
        joined = members.of(connection, [number])[number]
        case = incident_page.dossier(connection, incident, scope(), centre().settings, now())
    return WholeIncident(**_told(incident, joined), **_of_case(case, may))


def _of_case(case: Dossier, may: Powers) -> dict[str, Any]:
    parts = (part.member for part in case.parts)
    told = (one.notice for one in case.told)
    return {
        "parts": tuple(
            Member(one.site, one.title, moment(one.bad_at), iso(one.good_at)) for one in parts
        ),
        "parts_outside": case.outside,
        "log": tuple(
            Line(moment(line.at), line.by or None, line.verb, line.note) for line in case.lines
        ),
        "notices": tuple(
            Notice(one.person, one.channel, one.state, moment(one.sent_at or one.created_at))
            for one in told
        ),
        "notices_outside": case.told_outside,
        "photos": tuple(
            Photo(one.id, one.by, moment(one.at), one.width, one.height) for one in case.photos
        ),
        "may": tuple(sorted(verb for verb in powers.ALL if may.may(verb))),
    }


def _picture(call: Call) -> Reply:
    number, photo = call.path["number"], call.path["photo"]
    with reading(centre().store) as connection:
        seen(connection, number)
        body = incident_photos.body(connection, number, photo)
    if body is None:
        raise No(404)
    return Reply(body)


def _letter(call: Call) -> Reply:
    settings = centre().settings
    with reading(centre().store) as connection:
        incident = _whole_of(connection, call)
        facts, contacts = isp.facts_of(connection, incident, settings, now())
    told = isp.letter(facts, incident.subject, contacts, call.query.get("language", "id"))
    return Reply(IspLetter(told.text, told.sms, told.phone, told.why, told.lacks, 0))


def _tell_isp(call: Call) -> Reply:
    reply = _letter(call)
    with writing(centre().store) as connection:
        incident = _whole_of(connection, call)
        sent = isp.tell(connection, incident, centre().settings, by(), now())
    if not sent:
        raise No(409, "there is no contact isp:NAME to send it to")
    return Reply(structs.replace(reply.body, sent=sent))


def _whole_of(connection: Connection, call: Call) -> Stored:
    """An incident of one site that still lasts: what a provider can be told."""
    incident, _ = seen(connection, call.path["number"])
    if not incident.site or incident.over:
        raise No(409, "it is over, or not about one site")
    return incident


def _minutes(call: Call) -> Reply:
    return Reply(record(call.path["number"]))


_FILTERS = (
    params.words("words in title, site, ticket or parent; or a number"),
    params.AREA,
    params.choice("state", "only those in this state; left out: all that are not over",
                  (*STATES, "all")),
    params.choice("subject", "only those about this", tuple(SUBJECTS)),
    params.choice("cause", "only those of this cause", CAUSES),
    params.text("isp", "only those of sites of this provider"),
    params.flag("mine", "only those in the hands of who asks"),
    params.cursor(cursors.numbered),
    params.LIMIT,
)  # fmt: skip
ENDPOINTS = (
    Endpoint(
        "GET", "/incidents", "listIncidents", "incidents", "Incidents, the newest first", _list,
        gives=Listed[Incident], query=_FILTERS,
    ),
    Endpoint(
        "GET", "/incidents/{number}", "showIncident", "incidents",
        "One incident with all that may be known of it", _one, gives=WholeIncident,
    ),
    Endpoint(
        "GET", "/incidents/{number}/isp-letter", "showIspLetter", "incidents",
        "What to tell the provider of its line", _letter, gives=IspLetter, roles=_STEERING,
        conflicts=True, query=(params.choice("language", "of the letter", LANGUAGES, "id"),),
    ),
    Endpoint(
        "POST", "/incidents/{number}/isp-letter", "sendIspLetter", "incidents",
        "Send it to the contacts isp:NAME", _tell_isp, gives=IspLetter, roles=EDITORS,
        conflicts=True,
    ),
    Endpoint(
        "GET", "/incidents/{number}/berita-acara.pdf", "incidentRecord", "incidents",
        "The record of it, to be signed by two", _minutes, gives=_PDF, media="application/pdf",
    ),
    Endpoint(
        "GET", "/incidents/{number}/photos/{photo}", "showPhoto", "incidents",
        "One photo of an incident", _picture, gives=_JPEG, media="image/jpeg",
    ),
)  # fmt: skip
