"""Which sites somebody wants a playbook to run at: named one by one, searched, a whole area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flask import abort, request
from sqlalchemy import Connection

from collector.inventory.places import AREA_CODE, SITE_CODE
from playbooks import host_rows
from playbooks.model import Playbook
from web import search
from web.context import facts, scope
from web.search import Place
from web.tongue import gettext

# more than these at once are for `ronda playbooks run`
MOST_CHOSEN = 500
MOST_FOUND = 20
# more than the country has villages
_MOST_SITES = 100_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """`codes` in their order; of an area only sites with a device that fits: `unfit` have none,
    `left_out` are too many. `found`: what the search found, each with whether a device fits.
    `unseen`: so many more sites have one than were looked at."""

    codes: Sequence[str]
    named: Sequence[Place]
    area: str
    unfit: int
    left_out: int
    q: str
    found: Sequence[tuple[Place, bool]]
    matching: int
    areas: Sequence[tuple[str, str]]
    unseen: int


def chosen(connection: Connection, playbook: Playbook) -> Chosen:
    """What the address asks for; a site that is none, or lies elsewhere, is not there."""
    directory = facts().directory()
    named = list(dict.fromkeys(request.args.getlist("site")))
    if len(named) > MOST_CHOSEN:
        abort(400, gettext("At most %(n)s sites at once.", n=MOST_CHOSEN))
    for code in named:
        seen = SITE_CODE.fullmatch(code) and scope().sees(code)
        if not seen or directory.place(code) is None:
            abort(404)
    area = _area()
    fit, unseen = host_rows.fitting(connection, playbook.recipes, _MOST_SITES)
    mask = directory.seen_by(scope(), area)
    inside = [directory.codes[n] for n in np.flatnonzero(mask).tolist()] if area else []
    of_area = [code for code in inside if code in fit]
    codes = list(dict.fromkeys([*named, *of_area]))
    q = " ".join(request.args.get("find", "").split())
    if len(q) > search.LONGEST or len(q.split()) > search.MOST_WORDS:
        abort(400, gettext("Search for at most five words."))
    places = search.sites_holding(q, directory, scope()) if q else []
    # those it can be run at first, each in the order of the search
    near = sorted(places, key=lambda n: directory.codes[n] not in fit)[:MOST_FOUND]
    found = [search.placed(directory, n) for n in near]
    return Chosen(
        codes=codes[:MOST_CHOSEN],
        named=[search.placed(directory, directory.names.place[code]) for code in named],
        area=area,
        unfit=len(inside) - len(of_area),
        left_out=max(0, len(codes) - MOST_CHOSEN),
        q=q,
        found=[(place, place.code in fit) for place in found if place.code not in named],
        matching=len(places),
        areas=directory.areas(scope(), area),
        unseen=unseen,
    )


def _area() -> str:
    area = request.args.get("area", "")
    if area and not AREA_CODE.fullmatch(area):
        abort(400, gettext("An area is a code such as 35.10 or 35.10.06.2005."))
    return area
