"""What citizens reported: what waits for an answer first; to answer, close, join, or call spam."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import incident_rows, incidents
from alerts.citizens import desk, listing, numbers, overflow, rows
from alerts.citizens.desk import What
from alerts.citizens.listing import Wanted
from alerts.citizens.report import Report
from alerts.citizens.wording import MOST_CHARS
from collector import inventory
from collector.db import reading, writing
from collector.inventory.places import AREA_CODE, SITE_CODE
from web import citizen_words
from web.context import centre, me, now, role_required, scope
from web.tongue import gettext, lazy_gettext, ngettext

bp = Blueprint("citizens", __name__, url_prefix="/citizens")

PAGE = 50
# telephone numbers of citizens are nobody's who does not answer them
READERS = ("village", "technician", "noc", "admin")
ACTORS = ("village", "noc", "admin")
HIDDEN = "•••"
_LAST_PAGE = 10_000
_WRONG = {
    "text": lazy_gettext("Write an answer of 500 characters at most."),
    "incident": lazy_gettext("Give the number of an open incident that you may see."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done about a report, with which words."""

    report: Report
    by: str
    at: float
    words: Mapping[str, str]


@bp.app_context_processor
def page_words() -> dict[str, Callable[..., int]]:
    """What pages of incidents ask."""
    return {"open_reports": open_reports}


def open_reports(incident: int) -> int:
    """How many open ones there are of an incident, for who may read them."""
    if _role() not in READERS:
        return 0
    with reading(centre().store) as connection:
        return listing.matching(connection, scope(), Wanted(incident=incident))


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The list, filtered."""
    wanted, page = _wanted(), _page()
    within_s = centre().settings.handled_within_s
    with reading(centre().store) as connection:
        counts = listing.counts(connection, scope(), within_s, now())
        matching = listing.matching(connection, scope(), wanted)
        reports = listing.page(connection, scope(), wanted, PAGE, (page - 1) * PAGE)
        names = _names(connection, reports)
        reached = listing.with_contact(connection, reports)
        refused = overflow.lately(connection, now())
    return render_template(
        "citizens.html",
        reports=reports,
        names=names,
        reached=reached,
        counts=counts,
        refused=refused,
        matching=matching,
        wanted=wanted,
        filtered=wanted != Wanted(),
        page=page,
        pages=max(1, -(-matching // PAGE)),
        query=_query(wanted),
        within_s=within_s,
        cw=citizen_words,
        states_named=[(name, citizen_words.state(name)) for name in listing.STATES],
        kinds_named=[(name, citizen_words.kind(name)) for name in listing.KINDS],
        open_to_all=centre().settings.citizens,
        may=_role() in ACTORS,
    )


@bp.get("/<number>")
@role_required(*READERS)
def show(number: str) -> str:
    """One report, with what can be done about it."""
    with reading(centre().store) as connection:
        report = seen(connection, number)
        sites = inventory.sites(connection, only=[report.site])
        contacts = contacts_of(connection, report)
        sees = bool(report.incident) and incident_rows.sees(connection, scope(), report.incident)
        incident = incidents.find(connection, report.incident) if sees else None
        near = [one for one in incidents.of_site(connection, report.site, 10) if not one.over]
        near = [one for one in near if incident_rows.sees(connection, scope(), one.id)]
    return render_template(
        "citizen.html",
        report=report,
        site=sites[0] if sites else None,
        contacts=contacts,
        incident=incident,
        near=[one for one in near if one.id != report.incident],
        zone=inventory.zone(report.site, centre().settings.timezone),
        deadline=report.deadline(centre().settings.handled_within_s),
        late=report.overdue(centre().settings.handled_within_s, now()),
        cw=citizen_words,
        may=_role() in ACTORS,
        most=MOST_CHARS,
    )


@bp.post("/marked")
@role_required(*ACTORS)
def act_on_marked() -> Response:
    """The same about all that are marked in the list: spam comes by the dozen."""
    verb, marked = request.form.get("verb", ""), request.form.getlist("number")[:PAGE]
    if verb not in TOGETHER:
        abort(404)
    done = 0
    try:
        for number in marked:
            done += not perform(number, verb, request.form)
    except Refused as refused:
        flash(str(_WRONG.get(refused.place, refused)), "bad")
    else:
        said = ngettext("%(num)s report written down.", "%(num)s reports written down.", done)
        flash(said if marked else gettext("Mark reports first."), "good" if done else "bad")
    filters: dict[str, Any] = dict(_query(_wanted()))
    return redirect(url_for("citizens.index", **filters), 303)


@bp.post("/<number>/<verb>")
@role_required(*ACTORS)
def act(number: str, verb: str) -> Response:
    """Do it, say what became of it, show the report again."""
    if verb not in VERBS:
        abort(404)
    try:
        said = perform(number, verb, request.form)
    except Refused as refused:
        said = str(_WRONG.get(refused.place, refused))
    flash(said or gettext("Written down."), "bad" if said else "good")
    return redirect(url_for("citizens.show", number=number), 303)


def perform(number: str, verb: str, given: Mapping[str, str]) -> str:
    """Do it in the name of who asks; empty, or why not. Refused names the word that is wrong."""
    user = me()
    assert user is not None
    with writing(centre().store) as connection:
        report = seen(connection, number)
        what = VERBS[verb](connection, Asked(report, user.name, now(), given))
    if what is What.OVER:
        return gettext("This report is over already.")
    return gettext("It was so already.") if what is What.AGAIN else ""


def seen(connection: Connection, number: str) -> Report:
    """The report, 404 for what lies elsewhere, as if it were none."""
    known = numbers.read(number[:20])
    found = rows.find(connection, known) if known else None
    if found is None or not scope().sees(found.site):
        abort(404)
    return found


def contacts_of(connection: Connection, report: Report) -> tuple[str, ...]:
    """How its reporters want to hear; of who does not answer them only that there is a way."""
    left = (one.contact for one in rows.contacts(connection, [report.id]))
    return tuple(left if _role() in ACTORS else (HIDDEN for _ in left))


def _answer(connection: Connection, asked: Asked) -> What:
    return desk.answer(connection, asked.report, asked.words.get("text", ""), asked.by, asked.at)


def _solve(connection: Connection, asked: Asked) -> What:
    text = asked.words.get("text", "")
    return desk.close(connection, asked.report, True, text, asked.by, asked.at)


def _close(connection: Connection, asked: Asked) -> What:
    text = asked.words.get("text", "")
    return desk.close(connection, asked.report, False, text, asked.by, asked.at)


def _join(connection: Connection, asked: Asked) -> What:
    text = asked.words.get("incident", "").strip().removeprefix("#")
    into = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not into or not incident_rows.sees(connection, scope(), into):
        raise Refused("incident", "is none that you may see")
    return desk.join(connection, asked.report, into, asked.by, asked.at)


def _spam(connection: Connection, asked: Asked) -> What:
    return desk.spam(connection, asked.report, asked.by, asked.at)


def _show(connection: Connection, asked: Asked) -> What:
    return desk.show(connection, asked.report, True, asked.by, asked.at)


def _hide(connection: Connection, asked: Asked) -> What:
    return desk.show(connection, asked.report, False, asked.by, asked.at)


VERBS: Mapping[str, Callable[[Connection, Asked], What]] = {
    "answer": _answer,
    "solve": _solve,
    "close": _close,
    "join": _join,
    "spam": _spam,
    "show": _show,
    "hide": _hide,
}
# what is done to several at once, from the list
TOGETHER = ("spam", "join")


def _wanted() -> Wanted:
    """The filters of the address; 400 for what can be none."""
    given = request.args
    wanted = Wanted(
        given.get("state", "") or listing.OPEN_ONES,
        given.get("kind", ""),
        given.get("area", "").strip(),
        given.get("site", "").strip(),
        given.get("incident", 0, type=int),
    )
    fits = (
        wanted.state in listing.STATES,
        wanted.kind in ("", *listing.KINDS),
        not wanted.area or AREA_CODE.fullmatch(wanted.area),
        not wanted.site or SITE_CODE.fullmatch(wanted.site),
        0 <= wanted.incident < 2**31,
    )
    if not all(fits):
        abort(400, gettext("The filter asks for what does not exist."))
    return wanted


def _query(wanted: Wanted) -> dict[str, str]:
    told = {"state": wanted.state if wanted.state != listing.OPEN_ONES else ""}
    told |= {"kind": wanted.kind, "area": wanted.area, "site": wanted.site}
    told["incident"] = str(wanted.incident or "")
    return {name: text for name, text in told.items() if text}


def _page() -> int:
    page = request.args.get("page", 1, type=int)
    return min(max(page, 1), _LAST_PAGE)


def _names(connection: Connection, reports: list[Report]) -> dict[str, str]:
    codes = sorted({one.site for one in reports})
    return {one.code: one.name for one in inventory.sites(connection, only=codes)} if codes else {}


def _role() -> str:
    user = me()
    return user.role if user is not None else ""
