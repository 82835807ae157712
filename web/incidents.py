"""Pages about incidents: what is open, the loudest first, and everything about one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy import Connection

from agent.strict import Refused
from alerts import incident_rows, incidents, photos
from alerts.incident_rows import STATES, Clock, Counts, Wanted
from alerts.incidents import Incident
from alerts.planned import LONGEST_MUTE_S
from alerts.responsible import PLN_PHONE
from collector.cause import CAUSES
from collector.db import reading
from collector.inventory import Site
from web import (
    berita_acara,
    drill,
    incident_map,
    incident_page,
    incident_words,
    labels,
    menu,
    people,
    ruler,
)
from web.context import centre, facts, me, now, scope
from web.freshness import freshness
from web.incident_page import Row
from web.inventory import desk
from web.playbooks import here
from web.powers import Powers
from web.tongue import gettext

bp = Blueprint("incidents", __name__, url_prefix="/incidents")

PAGE = 50
_RECENT_S, _MOST_RECENT = 86400.0, 10
_LONGEST, _MOST_WORDS, _LAST_PAGE = 100, 5, 10_000
MUTE_HOURS = tuple(h for h in (1, 4, 12, 24, 72, 168) if h * 3600 <= LONGEST_MUTE_S)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list."""

    rows: Sequence[Row]
    recent: Sequence[Row]
    counts: Counts
    matching: int
    providers: Sequence[str]


@bp.get("")
def index() -> str:
    """Open incidents; below them what recovered in the last day."""
    wanted, page = _wanted(), _page()
    with reading(centre().store) as connection:
        seen = _listed(connection, wanted, page)
        rev = incident_rows.rev(connection)
    return render_template(
        "incidents.html",
        wanted=wanted,
        page=page,
        pages=max(1, -(-seen.matching // PAGE)),
        seen=seen,
        rev=rev,
        fresh=freshness(facts().fold(), now()),
        filtered=wanted != Wanted(),
        query=_query(wanted),
        may_take=_may_take,
        states_named=[(name, incident_words.state(name)) for name in STATES],
        subjects_named=[(name, str(word)) for name, word in incident_words.SUBJECTS.items()],
        causes_named=[(name, labels.cause(name)) for name in CAUSES],
        providers_named=[(name, name) for name in seen.providers],
    )


@bp.get("/<int:number>")
def show(number: int) -> str:
    """One incident on one page."""
    with reading(centre().store) as connection:
        incident, may = seen(connection, number)
        case = incident_page.dossier(connection, incident, scope(), centre().settings, now())
        rev = incident_rows.rev(connection)
        remote = here.of_incident(connection, scope(), may.role, incident)
        helpers, more = (
            incident_page.helpers(connection, incident) if may.may("assign") else ([], False)
        )
    return render_template(
        "incident.html",
        pln=PLN_PHONE,
        case=case,
        map=incident_map.members_map({part.member.site for part in case.parts}),
        may=may,
        remote=remote,
        helpers=helpers,
        more_helpers=more,
        rev=rev,
        fresh=freshness(facts().fold(), now()),
        ink=ruler.ink,
        causes=CAUSES,
        mute_hours=MUTE_HOURS,
        most_photos=photos.MOST_OF_ONE,
        shows_phones=_acts(),
        within_s=centre().settings.handled_within_s,
        local_now=_local(case.row.zone),
        enters=_enters(case.site),
    )


@bp.get("/<int:number>/photos/<int:photo>.jpg")
def photo(number: int, photo: int) -> Response:
    """One photo, for those who see its incident."""
    with reading(centre().store) as connection:
        seen(connection, number)
        body = photos.body(connection, number, photo) if photo < 2**63 else None
    if body is None:
        abort(404)
    return Response(body, content_type="image/jpeg")


@bp.get("/<int:number>/berita-acara.pdf")
def minutes(number: int) -> Response:
    """The record of an incident, to be signed by two."""
    answer = Response(record(number), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="berita-acara-{number}.pdf"'
    return answer


def record(number: int) -> bytes:
    """The same as bytes."""
    with reading(centre().store) as connection:
        incident, _ = seen(connection, number)
        case = incident_page.dossier(connection, incident, scope(), centre().settings, now())
    return berita_acara.document(case, now(), drill.word())


def seen(connection: Connection, number: int) -> tuple[Incident, Powers]:
    """The incident, and what the reader may do; 404 for what lies elsewhere, as if it were none."""
    incident = incidents.find(connection, number) if number < 2**63 else None
    if incident is None or not incident_rows.sees(connection, scope(), number):
        abort(404)
    return incident, powers(connection, incident)


def powers(connection: Connection, incident: Incident) -> Powers:
    """What who asks may do about it."""
    user = me()
    role = user.role if user is not None else "viewer"
    return Powers(role, incident_rows.whole(connection, scope(), incident.id), incident.over)


def _listed(connection: Connection, wanted: Wanted, page: int) -> Listed:
    settings, sees = centre().settings, scope()
    clock = Clock(now(), settings.handled_within_s)
    numbers = incident_rows.numbers(connection, sees, wanted, clock, PAGE, (page - 1) * PAGE)
    recent: list[Row] = []
    if not wanted.state and page == 1:
        over = Wanted(**{f: getattr(wanted, f) for f in Wanted.__slots__} | {"state": "resolved"})
        ended = incident_rows.numbers(connection, sees, over, clock, _MOST_RECENT)
        rows = incident_page.listed(connection, ended, sees, settings, now())
        recent = [r for r in rows if (r.incident.resolved_at or 0) >= now() - _RECENT_S]
    return Listed(
        incident_page.listed(connection, numbers, sees, settings, now()),
        recent,
        incident_rows.counts(connection, sees, clock),
        incident_rows.matching(connection, sees, wanted),
        facts().providers(sees, now()),
    )


def _wanted() -> Wanted:
    user = me()
    given = {key: request.args.get(key, "").strip() for key in ("q", "area", "isp", "cause")}
    state, subject = request.args.get("state", ""), request.args.get("subject", "")
    if state and state not in STATES:
        abort(400, gettext("The filter asks for a state that does not exist."))
    if subject and subject not in incident_words.SUBJECTS:
        abort(400, gettext("The filter asks for something that does not exist."))
    if given["cause"] and given["cause"] not in CAUSES:
        abort(400, gettext("The filter asks for something that does not exist."))
    if any(len(text) > _LONGEST for text in given.values()):
        abort(400, gettext("The filter asks for something that does not exist."))
    if len(given["q"].split()) > _MOST_WORDS:
        abort(400, gettext("Search for at most five words."))
    if given["area"]:
        _check_area(given["area"])
    mine = user.name if user is not None and request.args.get("mine") else ""
    words = tuple(given["q"].split())
    return Wanted(words, given["area"], subject, state, given["isp"], given["cause"], mine)


def _check_area(code: str) -> None:
    try:
        people.check_area(code)
    except Refused:
        abort(400, gettext("An area is a code such as 35.10 or 35.10.06.2005."))


def _page() -> int:
    text = request.args.get("page", "1")
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= _LAST_PAGE:
        abort(400, gettext("The page number is not a number."))
    return int(text)


def _local(zone: ZoneInfo) -> str:
    """As a field of date and time has it."""
    return datetime.fromtimestamp(now(), zone).strftime("%Y-%m-%dT%H:%M")


def _query(wanted: Wanted) -> dict[str, str]:
    """The same filter in an address."""
    given = {"q": " ".join(wanted.words), "mine": "1" if wanted.mine else ""}
    plain = ("area", "subject", "state", "isp", "cause")
    given |= {name: getattr(wanted, name) for name in plain}
    return {name: text for name, text in given.items() if text}


def _enters(site: Site | None) -> str:
    """Where the reader may enter whom to tell; empty: they may not."""
    user = me()
    edits = user is not None and user.role in desk.EDITORS and menu.has("inventory.edit")
    if not edits or (site is not None and not desk.may(site.code)):
        return ""
    # arguments that are None stand in no address
    begun = (1, site.code) if site else (None, None)
    return url_for("inventory.edit", kind="contacts", new=begun[0], scope=begun[1])


def _may_take(incident: Incident) -> bool:
    """For the button in the list: whoever acts may say that they have it, or their part of it."""
    return _acts() and not incident.over


def _acts() -> bool:
    user = me()
    return user is not None and user.role != "viewer"
