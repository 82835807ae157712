"""Values that are not there and sites that fall silent end their series, once."""

import struct
from collections.abc import Sequence

import numpy as np

from collector.outward.encode import Piece
from collector.outward.parcels import STATES, Ended, Entry, Numbers, Standing, frames
from collector.outward.turning import MOST_LISTS, STALE, Turned, Turning

NULL = float("nan")


class Labels:
    """Series by row and column; nobody knows row 9."""

    def of(self, row: int, columns: bytes) -> Sequence[bytes | None]:
        numbers = np.frombuffer(columns, "<i4").tolist()
        return [None if row == 9 else f"{row}/{number}".encode() for number in numbers]

    def other(self, labels: bytes) -> bytes:
        return labels


def frame(row: int, at: float, *values: float, late: bool = False) -> Numbers:
    columns = np.arange(len(values), dtype=np.int32)
    return frames(np.array([row], np.int32), np.array([at]), columns, np.array([values]), late)


def standing(at: float, state: str, report: float) -> Standing:
    rows, codes = np.array([1], "<i4"), np.array([STATES.index(state)], np.int8)
    return Standing(at, rows.tobytes(), codes.tobytes(), np.array([report], "<f8").tobytes())


def told(turning: Turning, *entries: Entry) -> list[tuple[str, float, float | str]]:
    turned = Turned()
    turning.turn(entries, turned)
    return [
        (piece.labels.decode(), time / 1000, number(piece, place))
        for piece in (*turned.live, *turned.late)
        for place, time in enumerate(piece.times_ms)
    ]


def number(piece: Piece, place: int) -> float | str:
    bits = piece.values[8 * place : 8 * place + 8]
    value: float = struct.unpack("<d", bits)[0]
    return "end" if bits == STALE else value


def test_a_value_that_is_not_there_ends_its_series_once() -> None:
    turning = Turning(Labels())
    assert told(turning, frame(1, 60.0004, 1.5, NULL)) == [("1/0", 60.0, 1.5)]
    assert told(turning, frame(1, 120.0, NULL, NULL)) == [("1/0", 120.0, "end")]
    assert told(turning, frame(1, 180.0, NULL, 2.0)) == [("1/1", 180.0, 2.0)]


def test_a_check_that_nobody_could_look_at_ends_what_frames_told_of_it() -> None:
    assert told(Turning(Labels()), frame(1, 60.0, NULL)) == [("1/0", 60.0, "end")]


def test_silence_ends_the_series_that_have_a_value_and_no_newer_one() -> None:
    turning = Turning(Labels())
    told(turning, frame(1, 60.0, 1.0, NULL, 3.0), frame(2, 60.0, 1.0))
    assert told(turning, Ended(1, 210.0)) == [("1/0", 210.0, "end"), ("1/2", 210.0, "end")]
    assert told(turning, Ended(1, 211.0)) == []
    assert told(turning, frame(2, 220.0, 1.0), Ended(2, 210.0)) == [("2/0", 220.0, 1.0)]


def test_a_site_whose_lists_change_all_the_time_takes_a_bounded_room() -> None:
    turning = Turning(Labels())
    for column in range(2 * MOST_LISTS):
        rows, columns = np.array([1], np.int32), np.array([column], np.int32)
        one = frames(rows, np.array([60.0]), columns, np.ones((1, 1)), False)
        told(turning, one)
    ended = told(turning, Ended(1, 210.0))
    assert len(ended) == MOST_LISTS
    assert ended[-1][0] == f"1/{2 * MOST_LISTS - 1}"


def test_a_backlog_is_kept_by_series_and_ends_nothing() -> None:
    turning, turned = Turning(Labels()), Turned()
    columns, rows = np.arange(2, dtype=np.int32), np.array([1, 1], np.int32)
    values = np.array([[1.0, NULL], [2.0, 3.0]])
    turning.turn([frames(rows, np.array([60.0, 120.0]), columns, values, True)], turned)
    assert [(p.labels, list(p.times_ms)) for p in turned.late] == [
        (b"1/0", [60_000, 120_000]),
        (b"1/1", [120_000]),
    ]
    assert told(turning, Ended(1, 210.0)) == []


def test_a_site_stands_as_its_state_is_and_has_no_up_while_nobody_knows() -> None:
    turning = Turning(Labels())
    up, age, first = "1/-1", "1/-2", -3
    states = {state: f"1/{first - place}" for place, state in enumerate(STATES)}
    slow = dict((name, value) for name, _, value in told(turning, standing(600.0, "slow", 580.0)))
    assert (slow[up], slow[age], slow[states["slow"]], slow[states["down"]]) == (1, 20, 1, 0)
    silent = [told(turning, standing(at, "unknown", 0.0)) for at in (660.0, 720.0)]
    assert [dict((n, v) for n, _, v in each).get(up) for each in silent] == ["end", None]
    assert age not in dict((name, value) for name, _, value in silent[0])


def test_samples_of_a_site_that_is_no_more_are_counted() -> None:
    turned = Turned()
    Turning(Labels()).turn([frame(9, 60.0, 1.0, NULL), frame(9, 60.0, 1.0, late=True)], turned)
    assert (turned.of_nobody, turned.live, turned.late) == (2, [], [])
