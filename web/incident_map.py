"""The members of an incident on a small map of the districts they lie in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from web import regency
from web.context import facts, scope
from web.regency import Board

_DISTRICT, _REGENCY = 3, 2
# members in more districts than these are shown by regency
_MOST_DISTRICTS = 40


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing, and how many of the members are in each state."""

    board: Board
    counts: Mapping[str, int]


def members_map(codes: Collection[str]) -> Map | None:
    """None where there is nothing to draw: one site, or no boundary."""
    if len(codes) < 2:
        return None
    roster, _, _ = facts().regency()
    seen = roster.seen_by(scope())
    mine = seen & np.isin(np.array(roster.codes), list(codes))
    if not mine.any():
        return None
    many = len(np.unique(roster.level[_DISTRICT][mine])) > _MOST_DISTRICTS
    level = roster.level[_REGENCY if many else _DISTRICT]
    near = seen & np.isin(level, np.unique(level[mine]))
    areas = regency.areas_of(roster, near, _REGENCY if many else _DISTRICT)
    drawing = facts().outline(roster, [area.code for area in areas])
    if drawing is None:
        return None
    return Map(regency.board(roster, mine, drawing, areas), roster.counts(mine))
