"""A citizen reports without an account, and follows the report by its number."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from agent.strict import Refused
from alerts import incidents
from alerts.citizens import door, filing, numbers, rows, said
from alerts.citizens.door import Shut
from alerts.citizens.filing import Outcome, Said
from alerts.citizens.report import Kind, Report, State
from alerts.citizens.wording import MOST_CHARS
from collector.db import reading
from collector.inventory import places
from collector.inventory.places import SITE_CODE
from collector.secret import load_secret
from web import words
from web.context import centre, facts, now
from web.public.desk import bp, page, page_url
from web.public.moment import desk, look, zone_of
from web.public.place import Shown
from web.public.spots import Reader, of_line
from web.tongue import gettext, lazy_gettext, spoken

KINDS = {
    Kind.DEAD: lazy_gettext("Internet does not work"),
    Kind.SLOW: lazy_gettext("The wifi is slow"),
    Kind.APP: lazy_gettext("An application cannot be opened"),
    Kind.IDEA: lazy_gettext("A suggestion"),
}
# the field that people do not see; its name is one that programs fill in
TRAP = "website"
# whoever has the number waits for news of it
_TICKET_FRESH_S = 10
_LONGEST = 20
_SHUT = {
    Shut.EARLY: lazy_gettext("That was very fast. Please send it once more."),
    Shut.OLD: lazy_gettext("The form lay for too long. Please send it once more."),
}


@bp.get("/lapor/<code>")
def report_form(code: str) -> Response:
    """The form of one site, which its poster leads to."""
    return page("report.html", **_form(_place(code)))


@bp.post("/lapor/<code>")
def report(code: str) -> AnyResponse:
    """File it; from then on the number is all that its reporter needs."""
    place, given = _place(code), request.form
    token, trap = given.get("form", ""), given.get(TRAP, "")
    shut = door.look(load_secret(centre().settings.folder), place.site, token, trap, now())
    if shut is not None:
        why = _SHUT.get(shut, lazy_gettext("The form was not whole. Please send it once more."))
        return _again(place, str(why))
    try:
        said_so = _said(place)
    except Refused as refused:
        wrong = {
            "kind": gettext("Choose what is wrong."),
            "contact": gettext("Give a phone number or an e-mail address, or leave it empty."),
        }
        return _again(place, wrong[refused.place])
    filed = filing.file(centre().store, said_so, now())
    if filed.report is not None:
        return redirect(page_url("report_ticket", number=filed.report.number), 303)
    if filed.outcome is Outcome.FULL:
        abort(503, gettext("There are more reports than we can take at the moment."))
    many = gettext("There are many reports from here today. We go on with those we have.")
    return make_response(render_template("public/refused.html", title=many, said=""), 429)


@bp.get("/laporan")
def report_follow() -> Response:
    """Where a number is typed."""
    _open()
    return page("find.html", problem="")


@bp.post("/laporan")
def report_find() -> AnyResponse:
    """To the report of a number."""
    _open()
    number = numbers.read(request.form.get("number", "")[:_LONGEST])
    if number:
        return redirect(page_url("report_ticket", number=number), 303)
    problem = gettext("That is no number of a report. It looks like K7M-PQ3-HXT.")
    return _refusal(render_template("public/find.html", problem=problem))


@bp.get("/laporan/<number>")
def report_ticket(number: str) -> Response:
    """How a report is, for whoever has its number: nothing on it tells who that is."""
    _open()
    known = numbers.read(number[:_LONGEST])
    with reading(centre().store) as connection:
        found = rows.find(connection, known) if known else None
        if found is None or found.state == State.SPAM:
            abort(404, gettext("There is no report of this number. Look at it once more."))
        incident = incidents.find(connection, found.incident) if found.incident else None
    # an answer does not end a fault that others still work on
    goes_on = incident is not None and not incident.over and incident.handled_at is None
    zone, seen = zone_of(found.site), _seen()
    within_s = centre().settings.handled_within_s
    return page(
        "ticket.html",
        fresh_s=_TICKET_FRESH_S,
        report=found,
        place=seen.called(found.site),
        kind=KINDS[Kind(found.kind)],
        state=state_of(found, goes_on),
        known_since=incident.down_since if incident is not None and goes_on else None,
        deadline=found.deadline(within_s),
        late=found.overdue(within_s, now()),
        may_report=found.site in seen.known,
        when=lambda at: f"{words.moment(at, zone, now())} {words.zone_name(zone, now())}",
    )


def state_of(report: Report, goes_on: bool) -> tuple[str, str]:
    """How a report is, while its incident goes on or not: the colour it has, and the words."""
    if report.state == State.SOLVED:
        return "normal", gettext("Over")
    if report.state == State.CLOSED:
        return "unknown", gettext("Closed")
    if goes_on:
        return "slow", gettext("Known, and worked on")
    if report.handled_at is not None:
        return "normal", gettext("Handled")
    if report.state == State.JOINED:
        return "slow", gettext("Known, and worked on")
    return "unknown", gettext("Received: somebody will look at it")


@dataclass(frozen=True, slots=True)
class Place:
    """A site that everybody may see, or a village by its first one."""

    code: str
    site: str
    name: str
    district: str


def _place(code: str) -> Place:
    _open()
    if not SITE_CODE.fullmatch(code):
        abort(404)
    seen = _seen()
    here = seen.within(code)
    if not here:
        abort(404)
    district = seen.called(places.parents(code)[-1])
    return Place(code, code if code in seen.known else here[0], seen.called(code), district)


def _seen() -> Shown:
    """The sites that everybody may see."""
    directory, _, _ = facts().regency()
    return desk().of(directory.names, centre().settings.public_hides)


def _open() -> None:
    if not centre().settings.citizens:
        abort(404)


def _form(place: Place, problem: str = "") -> dict[str, Any]:
    secret = load_secret(centre().settings.folder)
    return _line(place) | {
        "place": place,
        "kinds": KINDS,
        "given": request.form,
        "problem": problem,
        "token": door.token(secret, place.site, now()),
        "trap": TRAP,
        "most": MOST_CHARS,
        "number": centre().settings.citizen_number,
        "line": said.example(place.site),
        "hours": words.stretch(centre().settings.handled_within_s),
    }


def _line(place: Place) -> dict[str, str]:
    """How the internet is there now: whoever reports wants to know whether it is theirs alone."""
    as_it_is = look()
    state, reader = as_it_is.state(place.site), Reader(now(), zone_of(place.site))
    further = "-" in place.site
    return {
        "line_state": state,
        "line_says": of_line(state, reader.since(as_it_is.since(place.site))),
        "where": place.name if further else gettext("at the village office"),
    }


def _again(place: Place, problem: str) -> Response:
    return _refusal(render_template("public/report.html", **_form(place, problem)))


def _refusal(body: str) -> Response:
    response = make_response(body, 422)
    response.headers["Cache-Control"] = "no-store"
    return response


def _said(place: Place) -> Said:
    given = request.form
    try:
        kind = Kind(given.get("kind", ""))
    except ValueError:
        raise Refused("kind", "is none of the list") from None
    left = filing.contact(given.get("contact", ""))
    way = door.way(load_secret(centre().settings.folder), request.remote_addr or "")
    text = given.get("text", "")
    return Said(place.site, kind, way, text, left, language=spoken())
