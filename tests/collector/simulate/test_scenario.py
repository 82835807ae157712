"""A scenario file is used whole or refused with the place at fault."""

from pathlib import Path

import numpy as np
import pytest

from agent.strict import Refused
from collector.simulate.fate import Fate, choose
from collector.simulate.geography import villages
from collector.simulate.scenario import Event, Kind, Scenario, load_scenario
from tests.each import for_each

DATA = Path(__file__).parent / "data"
START = 1_790_000_000.0


@for_each("file", sorted(DATA.glob("bad-*.toml")), ids=lambda p: p.stem)
def test_a_bad_file_is_refused_by_place(file: Path) -> None:
    expected = file.read_text().partition("\n")[0].removeprefix("# ")
    with pytest.raises(Refused) as refused:
        load_scenario(file)
    assert str(refused.value) == f"{file}: {expected}"


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nowhere.toml"):
        load_scenario(tmp_path / "nowhere.toml")


def test_the_example_befalls_a_regency() -> None:
    fleet = list(villages(300))
    fate = Fate(load_scenario(DATA / "evening.toml"), fleet, START, seed=1)
    everyone = np.arange(300)

    def dark(after_s: float) -> int:
        return int(fate.silent(everyone, np.full(300, START + after_s)).sum())

    assert dark(0) >= 30  # the tenth whose backlog waits
    assert dark(200) >= 60
    assert dark(800) == 0


def test_flapping_is_a_row_of_cuts() -> None:
    event = Event(Kind.FLAPPING, 1.0, at_s=100, until_s=290, period_s=60)
    fate = Fate(Scenario((event,)), list(villages(1)), START, seed=1)
    spans = [(span.kind, span.start - START, span.end - START) for span in fate.spans]
    cuts = [(100, 130), (160, 190), (220, 250), (280, 290)]
    assert spans == [(Kind.FIBER_CUT, a, b) for a, b in cuts]


def test_too_much_flapping_is_refused() -> None:
    event = Event(Kind.FLAPPING, 1.0, at_s=0, until_s=86_400, period_s=10)
    with pytest.raises(Refused, match="flapping makes 8640 cuts"):
        Fate(Scenario((event,)), list(villages(1)), START, seed=1)


@pytest.mark.parametrize(
    ("sites", "problem"),
    [
        (["35.10.71.2001", "35.10.01.2001"], r"events\[0\].sites\[1\]: '35.10.01.2001' is not a"),
        ({"upstream": "POP Nowhere"}, r"events\[0\].sites: no simulated site has"),
    ],
    ids=["a code of no simulated site", "a group of nobody"],
)
def test_naming_nobody_is_refused(sites: list[str] | dict[str, str], problem: str) -> None:
    event = Event(Kind.SILENCE, sites, at_s=0)
    with pytest.raises(Refused, match=problem):
        Fate(Scenario((event,)), list(villages(3)), START, seed=1)


def test_the_same_seed_chooses_the_same_sites() -> None:
    fleet = list(villages(100))
    event = Scenario((Event(Kind.SILENCE, 0.2, at_s=0),))
    chosen = [Fate(event, fleet, START, seed).spans[0].sites.tolist() for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert len(chosen[0]) == 20


def test_a_share_of_a_group_is_a_part_of_it() -> None:
    fleet = list(villages(300))
    isp = {"isp": "Telkom"}
    whole, half = (
        choose(Event(Kind.ISOLIR, isp, at_s=0, share=share), fleet, "", 1) for share in (1.0, 0.5)
    )
    assert half.sum() == round(whole.sum() / 2) and not (half & ~whole).any()


def test_batteries_end_one_after_the_other_and_some_clocks_are_kept() -> None:
    fleet = list(villages(300))
    fate = Fate(load_scenario(DATA / "storms.toml"), fleet, START, seed=1)
    everyone = np.arange(300)

    def dead(after_s: float) -> int:
        return int(fate.dead(everyone, np.full(300, START + after_s)).sum())

    without, all_of_them = dead(61), dead(60 + 451)
    assert 0 < without < dead(60 + 251) < all_of_them
    assert all_of_them == sum(one.power_feeder == "Penyulang Muararejo" for one in fleet)
    assert dead(59) == dead(901) == 0
    assert 0 < fate.keeps_clock.sum() < all_of_them
