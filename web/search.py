"""One box for everything: a village, a code, a phone, a service number, an incident."""

from dataclasses import dataclass

import numpy as np
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alerts.incidents import Incident
from collector.db import reading
from collector.inventory.numbers import Line
from collector.inventory.scope import Scope
from web import finding, menu
from web.context import centre, facts, me, scope
from web.directory import Directory
from web.finding import Person
from web.labels import STATES
from web.names import DISTRICT, LEVELS, REGENCY
from web.sites import renamed
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
    directory = facts().directory()
    partial = request.headers.get("HX-Request")
    if directory.place(text) is not None and scope().sees(text) and not partial:
        return redirect(url_for("sites.show", code=text))
    if not partial and (new := renamed(text)):
        return redirect(url_for("sites.show", code=new))
    found = find(text, directory, scope())
    if found.incident and text.startswith("#") and menu.has("incidents.show") and not partial:
        return redirect(url_for("incidents.show", number=found.incident.id))
    return render_template("search.html", text=text, found=found, most=MOST_SITES)


def find(text: str, directory: Directory, who: Scope) -> Found:
    """Everything this text is, or is part of, within what somebody may see."""
    if not text:
        return Found(None, [], 0, [], [], [])
    places = sites_holding(text, directory, who)
    user = me()
    acts = user is not None and user.role != "viewer"
    known = facts().written(directory) if finding.has_number(text) else None
    with reading(centre().store) as connection:
        incident = finding.incident(connection, text, who)
        lines = finding.lines(connection, text, known.lines, who) if known else []
        people = finding.people(connection, text, known.phones, who) if known and acts else []
    return Found(
        incident,
        [placed(directory, place) for place in places[:MOST_SITES]],
        len(places),
        _areas(text, directory, who),
        [(line, _name(directory, line.site)) for line in lines],
        people,
    )


def sites_holding(text: str, directory: Directory, who: Scope) -> list[int]:
    """Sites in which every word occurs: those that begin with the text, then the worst, first."""
    mine, names = directory.seen_by(who), directory.names
    for word in text.split():
        mine &= names.holding(word)
    places = np.flatnonzero(mine)
    later = ~np.isin(places, names.texts.beginning(text))
    keys = (names.orders["name"][places], directory.state[places], later)
    found: list[int] = places[np.lexsort(keys)].tolist()
    return found


def placed(directory: Directory, place: int) -> Place:
    code, names = directory.codes[place], directory.names
    areas = (names.areas[groups][names.level[groups][place]] for groups in (DISTRICT, REGENCY))
    where = ", ".join(filter(None, map(names.called.get, areas)))
    return Place(code, names.sites[place].name, where, STATES[int(directory.state[place])])


def _areas(text: str, directory: Directory, who: Scope) -> list[tuple[str, str]]:
    """Areas by name or code, that lie within the reader's own and have sites."""
    whole, names = text.casefold(), directory.names
    active = names.active
    held = (names.areas[n][place] for n in LEVELS for place in directory.among(n, active))
    found = [
        (code, name)
        for code in held
        if (whole in (name := names.called.get(code, code)).casefold() or whole == code)
        and who.sees(code)
    ]
    return sorted(found, key=lambda area: (len(area[0]), area[1]))[:MOST_AREAS]


def _name(directory: Directory, code: str) -> str:
    place = directory.place(code)
    return directory.names.sites[place].name if place is not None else code
