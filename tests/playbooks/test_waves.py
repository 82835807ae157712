"""Which devices begin, by what became of the others."""

import pytest

from playbooks.states import HostState
from playbooks.waves import following, waves

LETTERS = {
    "w": HostState.WAITING,
    "r": HostState.RUNNING,
    "s": HostState.SETTLING,
    "d": HostState.DONE,
    "f": HostState.FAILED,
    "b": HostState.ROLLED_BACK,
    "x": HostState.BLOCKED,
}


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (2, [1, 1]), (20, [1, 1, 18]), (21, [1, 2, 18]), (300, [1, 15, 284])],
)
def test_waves_are_one_then_a_twentieth_then_the_rest(count: int, sizes: list[int]) -> None:
    assert waves(count) == sizes and sum(sizes) == count


@pytest.mark.parametrize(
    ("states", "begin"),
    [
        pytest.param("www", (0,), id="one first"),
        pytest.param("rww", (), id="nobody else while it runs"),
        pytest.param("sww", (), id="nor while it settles"),
        pytest.param("dww", (1,), id="then a twentieth"),
        pytest.param("drw", (), id="which ends before the rest"),
        pytest.param("ddwwww", (2, 3, 4, 5), id="then the rest"),
        pytest.param("xww", (1,), id="one that was blocked was no trial"),
        pytest.param("xxw", (2,), id="nor were two"),
        pytest.param("ddd", (), id="nothing is left"),
    ],
)
def test_a_wave_begins_when_the_one_before_has_ended(states: str, begin: tuple[int, ...]) -> None:
    found = following([LETTERS[letter] for letter in states], at_once=20)
    assert (found.begin, found.stop) == (begin, "")


def test_no_more_are_under_way_than_may_be() -> None:
    states = [HostState.DONE] * 2 + [HostState.RUNNING] * 3 + [HostState.WAITING] * 15
    assert following(states, at_once=5).begin == (5, 6)


@pytest.mark.parametrize(
    ("states", "stop"),
    [
        pytest.param("fww", "1 of 1 failed", id="the first one may not fail"),
        pytest.param("bww", "1 of 1 failed", id="nor be rolled back"),
        pytest.param("xfw", "1 of 1 failed", id="the first that was tried is the first"),
        pytest.param("dfw", "1 of 2 failed", id="a twentieth may not either, of so few"),
        pytest.param("dd" + 8 * "d" + "fw", "", id="a tenth may"),
        pytest.param("dd" + 7 * "d" + "ffw", "2 of 11 failed", id="more may not"),
    ],
)
def test_a_run_stops_when_too_many_failed(states: str, stop: str) -> None:
    assert following([LETTERS[letter] for letter in states], at_once=20).stop == stop
