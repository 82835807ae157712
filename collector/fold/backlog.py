"""What late frames say of the time they were sampled in: intervals in place of unknown."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np

from collector import shortfall
from collector.availability import Interval, State
from collector.cause import Cause
from collector.fold.causes import with_cause
from collector.fold.events import Past
from collector.fold.shapes import Shape
from collector.judge import Code, Thresholds, explain, judge, signs

Why = Callable[[int, float, float], Cause]
STATES = {Code.NORMAL: State.NORMAL, Code.SLOW: State.SLOW, Code.DOWN: State.DOWN}


def story(
    frames: Sequence[Past],
    shape: Shape,
    limits: Thresholds,
    every_s: float,
    near_s: float,
    why: Why,
    contracts: Sequence[float] = (),
) -> list[Interval]:
    """The states that `frames`, sorted by time, tell of.

    A frame speaks until the next one when that is at most `near_s` away, else for `every_s`.
    `why` tells why it was down, by the signs of that time, its begin and its end. `contracts`:
    what is paid for on the measured lines.
    """
    matrix = np.array([frame.values for frame in frames], dtype=np.float64)
    times = [frame.time for frame in frames]
    judged = judge(matrix, shape.where, limits).tolist()
    if shape.where.measured and contracts:
        rows, at = [frame.values for frame in frames], shape.where.measured
        part = limits.slow_contract_ratio
        short = shortfall.lasting(rows, times, at, contracts, part, near_s)
        judged = [max(code, int(Code.SLOW) * s) for code, s in zip(judged, short, strict=True)]
    codes = _confirmed(judged)
    marks = signs(matrix, shape.where).tolist()
    ends = [
        after if after - time <= near_s else time + every_s for time, after in pairwise(times)
    ] + [times[-1] + every_s]
    told: list[Interval] = []
    for code, run in groupby(range(len(frames)), key=lambda place: codes[place]):
        places = list(run)
        new = _interval(frames[places[0]], code, shape, limits, contracts)
        if code == Code.DOWN:
            seen = int(np.bitwise_or.reduce([marks[place] for place in places]))
            begin, end = times[places[0]], ends[places[-1]]
            new = with_cause(new, why(seen, begin, end))
        told += _unbroken(new, times, ends, places)
    return told


def known_as(unknown: Sequence[Interval], begin: float, end: float) -> Interval:
    """The first silence that [begin, end) was a part of, of those whose cause is known if any is;
    where it was part of none, the first of all."""
    within = [old for old in unknown if old.since < end and old.end > begin]
    return next((old for old in within if old.cause), next(iter(within), unknown[0]))


def stretch(
    told: list[Interval], timeline: Sequence[Interval], every_s: float, near_s: float
) -> list[Interval]:
    """`told` joined to the known states beside it, where the unknown between is no longer than
    the time a frame speaks for."""
    first, last = told[0], told[-1]
    made = list(told)
    for left, right in pairwise(timeline):
        # a known interval of the backlog has been stretched by `every_s` already
        reach_s = near_s - every_s if left.source == "backlog" else near_s
        within = right.since < first.since < right.end
        if _known(left) and not _known(right) and within and first.since - right.since <= reach_s:
            joint = replace(left, since=right.since, until=first.since, source="backlog")
            made.insert(0, joint)
        away_s = right.since - last.end
        if not _known(left) and _known(right) and 0 < away_s <= near_s - every_s:
            made[-1] = replace(made[-1], until=right.since)
    return made


def _confirmed(codes: list[int]) -> list[int]:
    """One slow frame alone is not news."""
    made = list(codes)
    for place, code in enumerate(codes):
        beside = codes[max(0, place - 1) : place] + codes[place + 1 : place + 2]
        if code == Code.SLOW and Code.SLOW not in beside:
            made[place] = Code.NORMAL
    return made


def _interval(
    frame: Past, code: int, shape: Shape, limits: Thresholds, contracts: Sequence[float]
) -> Interval:
    reason = "" if code == Code.NORMAL else explain(frame.values, shape.where, limits, contracts)
    return Interval(frame.time, None, STATES[Code(code)], reason, source="backlog")


def _unbroken(
    new: Interval, times: list[float], ends: list[float], places: list[int]
) -> list[Interval]:
    """`new` over the frames at `places`, in as many pieces as they leave no time between."""
    pieces: list[list[float]] = []
    for place in places:
        if pieces and pieces[-1][1] >= times[place]:
            pieces[-1][1] = max(pieces[-1][1], ends[place])
        else:
            pieces.append([times[place], ends[place]])
    return [replace(new, since=begin, until=end) for begin, end in pieces if begin < end]


def _known(interval: Interval) -> bool:
    return interval.state != State.UNKNOWN
