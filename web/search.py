"""One box for everything: a village, a code, a phone, a service number, an incident."""

from dataclasses import dataclass

import numpy as np
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alerts.incidents import Incident
from collector.db import reading
from web import finding, menu
from web.context import centre, facts, me, scope
from web.finding import Line, Person
from web.labels import STATES
from web.roster import Roster
from web.scope import Scope
from web.tongue import gettext

bp = Blueprint("search", __name__)

LONGEST, MOST_WORDS, MOST_SITES, MOST_AREAS = 100, 5, 20, 10


@dataclass(frozen=True, slots=True)
class Place:
    """A site that was found."""

    code: str
    name: str
    where: str
    state: str


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found, in the order it is shown; `matching` counts every site."""

    incident: Incident | None
    sites: list[Place]
    matching: int
    areas: list[tuple[str, str]]
    lines: list[tuple[Line, str]]
    people: list[Person]

    @property
    def nothing(self) -> bool:
        return not (self.incident or self.sites or self.areas or self.lines or self.people)


@bp.get("/search")
def show() -> str | Response:
    """What was found; a whole code or incident number leads there at once."""
    text = " ".join(request.args.get("q", "").split())
    if len(text) > LONGEST or len(text.split()) > MOST_WORDS:
        abort(400, gettext("Search for at most five words."))
    roster, _, _ = facts().regency()
    place = roster.place(text)
    partial = request.headers.get("HX-Request")
    if place is not None and scope().sees(text) and not partial:
        return redirect(url_for("sites.show", code=text))
    found = find(text, roster, scope())
    if found.incident and text.startswith("#") and menu.has("incidents.show") and not partial:
        return redirect(url_for("incidents.show", number=found.incident.id))
    return render_template("search.html", text=text, found=found, most=MOST_SITES)


def find(text: str, roster: Roster, who: Scope) -> Found:
    """Everything this text is, or is part of, within what somebody may see."""
    if not text:
        return Found(None, [], 0, [], [], [])
    places = _sites(text, roster, who)
    user = me()
    acts = user is not None and user.role != "viewer"
    with reading(centre().store) as connection:
        incident = finding.incident(connection, text, who)
        lines = finding.lines(connection, text, who)
        people = finding.people(connection, text, who) if acts else []
    return Found(
        incident,
        [_place(roster, place) for place in places[:MOST_SITES]],
        len(places),
        _areas(text, roster, who),
        [(line, _name(roster, line.site)) for line in lines],
        people,
    )


def _sites(text: str, roster: Roster, who: Scope) -> list[int]:
    """Sites in which every word occurs: those that begin with the text, then the worst, first."""
    mine = roster.seen_by(who)
    held, begins = roster.holding(text)
    for word in text.split():
        mine &= held if word == text else roster.holding(word)[0]
    places = np.flatnonzero(mine)
    keys = (roster.order[places], roster.state[places], ~begins[places])
    found: list[int] = places[np.lexsort(keys)].tolist()
    return found


def _place(roster: Roster, place: int) -> Place:
    code = roster.codes[place]
    names = (roster.called.get(code[:8]), roster.called.get(code[:5]))
    state = STATES[int(roster.state[place])]
    return Place(code, roster.names[place], ", ".join(filter(None, names)), state)


def _areas(text: str, roster: Roster, who: Scope) -> list[tuple[str, str]]:
    """Areas by name or code, that lie within the reader's own and have sites."""
    whole = text.casefold()
    held = {code for names in roster.areas.values() for code in names}
    found = [
        (code, name)
        for code, name in roster.called.items()
        if (whole in name.casefold() or whole == code) and code in held and who.sees(code)
    ]
    return sorted(found, key=lambda area: (len(area[0]), area[1]))[:MOST_AREAS]


def _name(roster: Roster, code: str) -> str:
    place = roster.place(code)
    return roster.names[place] if place is not None else code
