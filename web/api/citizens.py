"""What citizens reported, by program: which there are, and what is done about one."""

from functools import partial
from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from alerts import incident_rows
from alerts.citizens import listing
from alerts.citizens.listing import Wanted
from alerts.citizens.report import Report
from alerts.citizens.wording import MOST_CHARS
from collector.cli_common import iso
from collector.db import reading
from collector.inventory.places import SITE_CODE
from web import citizens, reasons
from web.api import cursors, params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, page
from web.api.table import Call, Endpoint, Reply
from web.citizens import ACTORS, READERS, contacts_of, seen
from web.context import centre, scope

_Words = Annotated[str, Meta(min_length=1, max_length=MOST_CHARS, pattern=r"\S")]


class CitizenReport(Struct, frozen=True):
    """One report; `text` is what moderation left, `incident` null where it is of none you see."""

    number: str
    site: str
    kind: str
    via: str
    text: str
    held: Annotated[tuple[str, ...], Meta(description="what was masked: rude, personal, link")]
    shown: Annotated[bool, Meta(description="its words stand on the page of its number")]
    state: str
    received_at: Time
    deadline_at: Time
    handled_at: Time | None
    over_at: Time | None
    incident: int | None
    answer: str
    by: str | None


class WholeReport(CitizenReport, frozen=True):
    """One report with the ways by which its reporters want to hear."""

    contacts: Annotated[tuple[str, ...], Meta(description="hidden from who may not answer")]


class CitizenAnswer(Struct, forbid_unknown_fields=True):
    text: _Words


class CitizenWord(Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=MOST_CHARS)] = ""


class CitizenIncident(Struct, forbid_unknown_fields=True):
    incident: Annotated[int, Meta(ge=1, le=2**31 - 1, description="one that is open")]


def _list(call: Call) -> Reply:
    limit, before = call.limit, int(call.after("0"))
    given = {name: call.query.get(name, "") for name in ("kind", "area", "site")}
    state = call.query.get("state", listing.OPEN_ONES)
    wanted = Wanted(state=state, incident=call.query.get("incident", 0), **given)
    with reading(centre().store) as connection:
        found = listing.newest(connection, scope(), wanted, before, limit + 1)
        told = [(one, _told(connection, one)) for one in found]
    body = page(
        told, limit, lambda one: CitizenReport(**one[1]), lambda one: cursors.write(one[0].id)
    )
    return Reply(body)


def _one(call: Call) -> Reply:
    return Reply(_whole(call.path["ticket"]))


def _whole(number: str) -> WholeReport:
    with reading(centre().store) as connection:
        report = seen(connection, number)
        contacts, told = contacts_of(connection, report), _told(connection, report)
    return WholeReport(**told, contacts=contacts)


def _told(connection: Any, one: Report) -> dict[str, Any]:
    near = bool(one.incident) and incident_rows.sees(connection, scope(), one.incident)
    return {
        "number": one.number,
        "site": one.site,
        "kind": one.kind,
        "via": one.via,
        "text": one.text,
        "held": tuple(filter(None, one.held.split(","))),
        "shown": one.shown,
        "state": one.state,
        "received_at": moment(one.at),
        "deadline_at": moment(one.deadline(centre().settings.handled_within_s)),
        "handled_at": iso(one.handled_at),
        "over_at": iso(one.over_at),
        "incident": one.incident if near else None,
        "answer": one.answer,
        "by": one.by or None,
    }


def _act(verb: str, call: Call) -> Reply:
    body = call.body
    words = {} if body is None else {f: str(getattr(body, f)) for f in body.__struct_fields__}
    try:
        said = citizens.perform(call.path["ticket"], verb, words)
    except Refused as refused:
        raise No(422, "", Wrong(refused.place, reasons.say(refused.problem))) from None
    if said:
        raise No(409, said)
    return Reply(_whole(call.path["ticket"]))


_ACTS: dict[str, tuple[str, Any]] = {
    "answer": ("Answer it: on the page of its number, and to who left a contact", CitizenAnswer),
    "solve": ("It is over, put right", CitizenWord),
    "close": ("It is over, and nothing can be done: say why", CitizenAnswer),
    "join": ("It is about an incident that is open", CitizenIncident),
    "spam": ("It is nothing anybody means: its words go", None),
    "show": ("Its words name nobody: the page of its number shows them", None),
    "hide": ("The page of its number shows them no longer", None),
}
_FILTERS = (
    params.choice("state", "only those in this state", listing.STATES, listing.OPEN_ONES),
    params.choice("kind", "only those of this kind", listing.KINDS),
    params.AREA,
    params.shaped("site", "only those about this site", SITE_CODE.pattern, "the code of a site"),
    params.number("incident", "only those of this incident; 0: of any", 0, 999_999_999, 0),
    params.cursor(cursors.numbered),
    params.LIMIT,
)
ENDPOINTS = (
    Endpoint(
        "GET", "/citizens", "listCitizenReports", "citizens", "Reports, the newest first", _list,
        gives=Listed[CitizenReport], query=_FILTERS, roles=READERS,
    ),
    Endpoint(
        "GET", "/citizens/{ticket}", "showCitizenReport", "citizens", "One report", _one,
        gives=WholeReport, roles=READERS,
    ),
    *(
        Endpoint(
            "POST", f"/citizens/{{ticket}}/{verb}", f"citizenReport{verb.capitalize()}", "citizens",
            about, partial(_act, verb), gives=WholeReport, takes=takes, roles=ACTORS,
            conflicts=True,
        )
        for verb, (about, takes) in _ACTS.items()
    ),
)  # fmt: skip
