"""Open incidents as lists show them: what and where, who has it, how much of its time is left."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.incidents import Incident
from web.docket import Case
from web.fourhours import FourHours, fourhours
from web.incident_words import headline
from web.labels import STATES
from web.roster import Mask, Roster
from web.scope import Scope

_DISTRICT = 3
_MOST_PLACES = 4
_LAST = {"late": 0, "soon": 0, "": 0, "paused": 1, "done": 2}


@dataclass(frozen=True, slots=True)
class Opening:
    """One row; `shape` is the state that stands for it, `places` the districts hit the most."""

    incident: Incident
    clock: FourHours
    shape: str
    site: str
    village: str
    district: str
    places: Sequence[tuple[str, int, int]]  # name, sites of the incident, all sites
    further: int

    @property
    def holder(self) -> str:
        return holder(self.incident)

    @property
    def headline(self) -> str:
        return headline(self.incident)


@dataclass(frozen=True, slots=True)
class Openings:
    """Some of what a reader may see, the least time left first; the rest is counted."""

    rows: Sequence[Opening]
    total: int
    late: int
    untaken: int
    paused: int
    handled: int


def openings(
    cases: Sequence[Case],
    roster: Roster,
    mask: Mask,
    scope: Scope,
    within_s: float,
    now: float,
    shown: Callable[[int], slice],
) -> Openings:
    """The open incidents of some sites, or, where the scope is everything, of none.

    `shown` says which of so many become rows.
    """
    whole = scope.everything and bool(mask.all())
    mine = [case for case in cases if _touches(case, roster, mask, whole)]
    timed = [(fourhours(case.incident, within_s, now), case) for case in mine]
    waiting = [pair for pair in timed if pair[0].kind != "done"]
    waiting.sort(key=lambda pair: (_LAST[pair[0].kind], pair[0].left_s, pair[1].incident.id))
    totals = _district_totals(roster)
    chosen = waiting[shown(len(waiting))]
    return Openings(
        [_opening(clock, case, roster, mask, totals) for clock, case in chosen],
        len(waiting),
        sum(clock.kind == "late" for clock, _ in waiting),
        sum(not holder(case.incident) for _, case in waiting),
        sum(clock.kind == "paused" for clock, _ in waiting),
        len(timed) - len(waiting),
    )


def holder(incident: Incident) -> str:
    """Who has it; empty: nobody."""
    return incident.assigned_to or incident.acknowledged_by


def _touches(case: Case, roster: Roster, mask: Mask, whole: bool) -> bool:
    # what is of no site, such as the blind centre, is told to who sees everything
    if whole:
        return True
    found = (roster.place(code) for code in case.sites)
    return any(place is not None and bool(mask[place]) for place in found)


def _opening(
    clock: FourHours, case: Case, roster: Roster, mask: Mask, totals: Sequence[int]
) -> Opening:
    incident = case.incident
    at = [place for code in case.sites if (place := roster.place(code)) is not None]
    # somebody with one district does not read how the others are
    at = [place for place in at if mask[place]]
    single = roster.codes[at[0]] if len(case.sites) == 1 and at else ""
    district = roster.level[_DISTRICT]
    hit = Counter(int(district[place]) for place in at) if not single else Counter()
    names = roster.areas[_DISTRICT]
    places = [
        (roster.called.get(names[area], names[area]), count, totals[area])
        for area, count in hit.most_common(_MOST_PLACES)
    ]
    return Opening(
        incident,
        clock,
        _shape(incident, [STATES[int(roster.state[place])] for place in at]),
        single,
        roster.names[at[0]] if single else "",
        _district(roster, at[0]) if single else "",
        places,
        max(0, len(hit) - len(places)),
    )


def _district(roster: Roster, place: int) -> str:
    code = roster.areas[_DISTRICT][int(roster.level[_DISTRICT][place])]
    return roster.called.get(code, "")


def _district_totals(roster: Roster) -> list[int]:
    areas = roster.areas[_DISTRICT]
    totals: list[int] = np.bincount(roster.level[_DISTRICT], minlength=len(areas)).tolist()
    return totals


def _shape(incident: Incident, states: Sequence[str]) -> str:
    """What nobody sees is never drawn as down."""
    if incident.unseen:
        return "unknown"
    if incident.subject == "uplink":
        hit = [state for state in ("down", "unknown", "slow") if state in states]
        if hit:
            return max(hit, key=states.count)
    return "down" if incident.severity == "critical" else "slow"
