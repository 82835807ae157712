"""Open incidents as lists show them: what and where, who has it, how much of its time is left."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.docket import Case
from alerts.incidents import Incident
from collector.inventory.scope import Scope
from web import incident_words
from web.directory import Directory
from web.fourhours import FourHours, fourhours
from web.incident_words import holder
from web.labels import STATES
from web.names import DISTRICT, Mask

_MOST_PLACES = 4
_LAST = {"late": 0, "soon": 0, "": 0, "paused": 1, "done": 2}


@dataclass(frozen=True, slots=True)
class Opening:
    """One row; `shape` is the state that stands for it, `places` the districts hit the most; of
    its members `back` are good again, in words.
    """

    incident: Incident
    clock: FourHours
    shape: str
    word: str
    back: str
    village: str
    district: str
    places: Sequence[tuple[str, int, int]]  # name, sites of it that are not back, all sites
    further: int

    @property
    def holder(self) -> str:
        return holder(self.incident)

    @property
    def headline(self) -> str:
        return incident_words.headline(self.incident)


@dataclass(frozen=True, slots=True)
class Openings:
    """Some of what a reader may see, the least time left first and last what is handled but not
    yet good; the rest is counted. `total` is all of it.
    """

    rows: Sequence[Opening]
    total: int
    late: int
    untaken: int
    handled: int


def openings(
    cases: Sequence[Case],
    directory: Directory,
    mask: Mask,
    scope: Scope,
    within_s: float,
    now: float,
    shown: Callable[[int], slice],
) -> Openings:
    """The open incidents of some sites, or, where the scope is everything, of none.

    `shown` says which of so many become rows.
    """
    whole = scope.everything and bool((mask == directory.names.active).all())
    mine = [case for case in cases if _touches(case, directory, mask, whole)]
    timed = [(fourhours(case.incident, within_s, now), case) for case in mine]
    timed.sort(key=lambda pair: (_LAST[pair[0].kind], pair[0].left_s, pair[1].incident.id))
    kinds = Counter(clock.kind for clock, _ in timed)
    totals = _district_totals(directory)
    chosen = timed[shown(len(timed))]
    return Openings(
        [
            _opening(clock, case, directory, mask, totals, scope.everything)
            for clock, case in chosen
        ],
        len(timed),
        kinds["late"],
        sum(clock.kind != "done" and not holder(case.incident) for clock, case in timed),
        kinds["done"],
    )


def _touches(case: Case, directory: Directory, mask: Mask, whole: bool) -> bool:
    # what is of no site, such as the blind centre, is told to who sees everything
    if whole:
        return True
    found = (directory.place(code) for code in case.sites)
    return any(place is not None and bool(mask[place]) for place in found)


def _opening(
    clock: FourHours,
    case: Case,
    directory: Directory,
    mask: Mask,
    totals: Sequence[int],
    whole: bool,
) -> Opening:
    incident = case.incident
    # somebody with one district does not read how the others are
    at = [
        (code, place)
        for code in case.sites
        if (place := directory.place(code)) is not None and mask[place]
    ]
    bad = [place for code, place in at if code not in case.ended]
    single = at[0][1] if len(case.sites) == 1 and at else None
    states = Counter(STATES[int(directory.state[place])] for place in bad)
    # what is of no site is told to who sees everything
    states["unknown"] += whole and case.own
    shape = _shape(case, [code for code, _ in at], +states)
    district, codes = directory.level[DISTRICT], directory.names.areas[DISTRICT]
    hit = Counter(int(district[place]) for place in bad) if single is None else Counter()
    called = directory.names.called
    places = [
        (called.get(codes[area], codes[area]), count, totals[area])
        for area, count in hit.most_common(_MOST_PLACES)
    ]
    return Opening(
        incident,
        clock,
        shape,
        incident_words.shape_word(shape, incident),
        incident_words.back(case.good, incident),
        directory.names.sites[single].name if single is not None else "",
        called.get(codes[district[single]], "") if single is not None else "",
        places,
        max(0, len(hit) - len(places)),
    )


def _shape(case: Case, here: Sequence[str], bad: Mapping[str, int]) -> str:
    """As the sites `here` are, of which those that are bad are in these states."""
    whole = len(here) == len(case.sites)
    back = case.good if whole else sum(code in case.back for code in here)
    return incident_words.shape(case.incident, bad, back)


def _district_totals(directory: Directory) -> list[int]:
    names = directory.names
    watched, size = names.level[DISTRICT][names.active], len(names.areas[DISTRICT])
    totals: list[int] = np.bincount(watched, minlength=size).tolist()
    return totals
