"""What the centre would have thought of the past's silences, had it been there.

No agent fell silent before its eyes, so without this a dead POP would be as many cut fibers once
the frames of that time come in, and a blackout a time of which nobody knows why.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from collector import cause as causes
from collector.availability import Interval, State, overlay
from collector.cause import UNKNOWN, Cause, Return, Scene
from collector.fold.causes import with_cause
from collector.fold.timelines import NEVER_REPORTED, SILENT
from collector.neighbours import Neighbours
from collector.simulate.fate import choose
from collector.simulate.geography import Village
from collector.simulate.scenario import Event, Kind

_SHARED = {
    Kind.POP_DOWN: ("upstream", "the upstream"),
    Kind.POWER_CUT: ("feeder", "the power feeder"),
}
_STARTS_S = 60.0  # from the power to the first report


def hit_by(event: Event, number: int, fleet: Sequence[Village]) -> list[Village]:
    """Whom the `number`th event of the past befell."""
    chosen = np.flatnonzero(choose(event, fleet, f"events[{number}]", number))
    return [fleet[place] for place in chosen.tolist()]


def thought(event: Event, hit: Sequence[Village]) -> Cause:
    """The cause of what befell all of these together; unknown where it was one of them alone."""
    if event.kind not in _SHARED or len(hit) < 2 or event.until_s is None:
        return UNKNOWN
    kind, named = _SHARED[event.kind]
    name = hit[0].upstream if kind == "upstream" else hit[0].power_feeder
    isps = frozenset(village.isp for village in hit)
    group = Neighbours(f"{named} {name}", len(hit) - 1, isps, kind)
    told = causes.at_silence(Scene(isps=(hit[0].isp,), neighbours=(group,)))
    if event.kind is Kind.POP_DOWN:
        return told
    back = Return(event.until_s - event.at_s, _STARTS_S, agent_restarted=True)
    return causes.at_return(told, back)


def timelines(
    events: Iterable[Event], fleet: Sequence[Village], start: float, end: float, apart_s: float
) -> Iterator[tuple[str, Interval]]:
    """Rows of the villages' states from `start` on, up to their last silence of many.

    `apart_s`: how far frames of the past are apart; between two of them nobody knows when it fell.
    """
    told: dict[str, list[Interval]] = {village.code: [] for village in fleet}
    for number, event in enumerate(events):
        hit = hit_by(event, number, fleet)
        cause = thought(event, hit)
        if cause is UNKNOWN or event.until_s is None:
            continue
        since, until = start + event.at_s - apart_s, start + event.until_s + apart_s
        gone = Interval(max(start, since), min(end, until), State.UNKNOWN, SILENT)
        for village in hit:
            told[village.code].append(with_cause(gone, cause))
    for code, silences in told.items():
        if silences:
            yield from ((code, row) for row in _whole(silences, start))


def _whole(silences: Sequence[Interval], start: float) -> list[Interval]:
    """With nothing told between them; of two that overlap the later one has the rest."""
    last = max(silence.end for silence in silences)
    made = [Interval(start, last, State.UNKNOWN, NEVER_REPORTED)]
    for silence in silences:
        made = overlay(made, [silence], lambda old: True)
    return made
