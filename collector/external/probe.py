"""Does the external engine keep what it is sent, and what comes a month late?

A sample of now goes first: an engine that has nothing yet takes one of any age.
"""

import struct
from collections.abc import Callable, Sequence

import numpy as np

from collector.external.line import Line, Unanswered
from collector.external.standing import Standing
from collector.external.ways import WAYS, Question, failed
from collector.outward.encode import Piece, label_fields, write_request
from collector.outward.post import Poster, Verdict
from collector.promql.labels import NAME
from collector.promql.plan import Matcher

METRIC = "ronda_engine_probe"
LATE_S = 31 * 86_400
# an engine shows what came after a moment; VictoriaMetrics a new series after ten seconds
WAITS_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
AGAIN_S, AGAIN_SOON_S = 3600.0, 300.0
_LIMIT_S = 10.0


def due(standing: Standing | None, now: float) -> bool:
    """Whether it is time for another probe."""
    if standing is None or now < standing.at:
        return True
    return now >= standing.at + (AGAIN_S if standing.works else AGAIN_SOON_S)


def probe(
    line: Line, centre: str, now: float, wait: Callable[[float], object], known: str = ""
) -> Standing:
    """Write and read back; `centre` tells the probes of two centres apart, `wait` waits so many
    seconds, `known` is the way that served before."""
    host = line.place.host
    line.reopen()
    try:
        _write(line, centre, now)
        way = _way(line, centre, now, wait)
    except Unanswered as error:
        return Standing(host, now, False, False, known, str(error))
    if not way:
        said = "it takes samples and does not give them back"
        return Standing(host, now, False, False, known, said)
    try:
        _write(line, centre, now - LATE_S)
    except Unanswered as error:
        return Standing(host, now, True, False, way, str(error))
    for pause_s in WAITS_S:
        wait(pause_s)
        try:
            if _comes_back(line, way, centre, now - LATE_S):
                return Standing(host, now, True, True, way)
        except Unanswered as error:
            return Standing(host, now, True, False, way, str(error))
    return Standing(
        host, now, True, False, way, "it took the late sample and does not give it back"
    )


def _write(line: Line, centre: str, at: float) -> None:
    labels = label_fields({NAME: METRIC, "centre": centre})
    piece = Piece(labels, [round(at * 1000)], struct.pack("<d", _value(at)))
    poster = Poster(line.place.receiver, _LIMIT_S)
    try:
        answer = poster.post(write_request([piece]))
    finally:
        poster.close()
    if answer.verdict != Verdict.ACCEPTED:
        raise Unanswered(f"it does not take samples: {answer.problem}", answer.status)


def _value(at: float) -> float:
    """Of each moment another one, that every engine keeps to the last digit."""
    return float(round(at) % 1_000_003)


def _way(line: Line, centre: str, at: float, wait: Callable[[float], object]) -> str:
    """The best way by which the sample comes back; empty when it does by none."""
    spoken = [*WAYS]
    for pause_s in WAITS_S:
        wait(pause_s)
        for way in [*spoken]:
            try:
                if _comes_back(line, way, centre, at):
                    return way
            except Unanswered as error:
                if not failed(error) or len(spoken) == 1:
                    raise
                spoken.remove(way)
    return ""


def _comes_back(line: Line, way: str, centre: str, at: float) -> bool:
    at_ms = round(at * 1000)
    matchers = (Matcher(NAME, "=", METRIC), Matcher("centre", "=", centre))
    found = WAYS[way](line, Question(matchers, at_ms - 1000, at_ms + 1000, _LIMIT_S))
    return any(_holds(one.times_ms, one.values, at_ms, _value(at)) for one in found)


def _holds(times_ms: Sequence[int] | np.ndarray, values: np.ndarray, at: int, value: float) -> bool:
    return bool(((np.asarray(times_ms) == at) & (values == value)).any())
