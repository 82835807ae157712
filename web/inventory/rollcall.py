"""A trial message to the people of a district, or of all, and who said that it came."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import rollcall, way_back
from alerts.called import called
from alerts.channels.config import load, served
from alerts.rollcall import Call, State
from collector.db import reading, writing
from collector.inventory.places import AREA_CODE, within
from web import incident_words, reasons
from web.context import centre, home_zone, now, role_required
from web.inventory.desk import EDITORS, bp, by, may
from web.tongue import lazy_gettext, ngettext

MOST_SHOWN = 500
WORDS = {
    State.CONFIRMED: lazy_gettext("confirmed"),
    State.SENT: lazy_gettext("sent, no answer yet"),
    State.WAITING: lazy_gettext("on its way"),
    State.FAILED: lazy_gettext("did not go out"),
    State.NO_WAY: lazy_gettext("no channel reaches them"),
}
# who needs somebody's help first
_ORDER = (State.FAILED, State.NO_WAY, State.SENT, State.WAITING, State.CONFIRMED)


@bp.get("/readiness/trial")
@role_required(*EDITORS)
def trial() -> str:
    """The newest trial of the reader's places: how far it is, those who need help first."""
    with reading(centre().store) as connection:
        found = rollcall.newest(connection, may)
        people = rollcall.how_many(connection, may)
        asked = _in_order(found)
        names = called(connection, {one.scope for one in asked})
    return render_template(
        "inventory/trial.html",
        call=found,
        asked=asked,
        counts=[(WORDS[state], found.count(state)) for state in _ORDER] if found else [],
        people=people,
        names=names,
        words_of=WORDS,
        channel=incident_words.channel,
        state=State,
        zone=home_zone(),
        now=now(),
    )


@bp.post("/readiness/trial")
@role_required(*EDITORS)
def ask() -> Response:
    """Send it to everybody in the reader's places, or in one area of them."""
    try:
        asked = send(request.form.get("area", "").strip())
    except Refused as refused:
        flash(reasons.say(refused.problem), "bad")
    else:
        told = ngettext(
            "The trial message is on its way to %(num)s person.",
            "The trial message is on its way to %(num)s people.",
            asked,
        )
        flash(told, "good")
    return redirect(url_for("inventory.trial"), 303)


def send(area: str) -> int:
    """A trial message to everybody in one's places, or in one area of them; to how many."""
    lines = load(centre().settings)
    serving = served(lines)
    back = way_back.of(centre().settings, lines)
    with writing(centre().store) as connection:
        asked = rollcall.to_ask(connection, lambda place: may(place) and _in(area, place))
        rollcall.call(connection, asked, serving, back, now(), by())
    return len(asked)


def _in(area: str, place: str) -> bool:
    """All places where no area is named; nobody where it is none."""
    return not area or (AREA_CODE.fullmatch(area) is not None and within(place, area))


def _in_order(call: Call | None) -> list[rollcall.Asked]:
    found = list(call.asked) if call else []
    return sorted(found, key=lambda one: _ORDER.index(one.state))[:MOST_SHOWN]
