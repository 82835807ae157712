"""The numbers look like those of real villages, and are the same for the same seed."""

import numpy as np
import pytest

from agent.report import parse_series
from collector.simulate.catalogue import CHECKS, MAX_SERIES, Nature, catalogue
from collector.simulate.geography import PER_REGENCY, villages
from collector.simulate.reports import rows
from collector.simulate.values import Floats, Moments, Values, daily

NOON = 1_790_000_000.0 // 86_400 * 86_400 + 6 * 3600  # 13.00 in Jakarta
LISTED = catalogue(120)


def week(seed: int = 1, site: int = 3) -> Floats:
    times: Floats = NOON + np.arange(7 * 1440, dtype=np.float64) * 60.0
    count = len(times)
    boots = np.full(count, NOON - 86_400)
    moments = Moments(np.full(count, site), times, boots, np.zeros(count, dtype=bool))
    return Values(LISTED, seed, 60.0).at(moments)


WEEK = week()


def of(nature: Nature) -> Floats:
    found: Floats = WEEK[:, [i for i, s in enumerate(LISTED) if s.nature is nature]]
    return found


@pytest.mark.slow
def test_the_same_seed_tells_the_same_story() -> None:
    assert np.array_equal(week(), WEEK)
    assert not np.array_equal(week(seed=2), WEEK)
    assert not np.array_equal(week(site=4), WEEK)


def test_a_moment_does_not_depend_on_its_company() -> None:
    at = np.array([NOON + 600.0])
    moments = Moments(np.array([3]), at, np.array([NOON - 86_400]), np.array([False]))
    assert np.array_equal(Values(LISTED, 1, 60.0).at(moments)[0], WEEK[10])


@pytest.mark.parametrize("nature", [Nature.COUNTER, Nature.RARE_COUNTER], ids=str)
def test_counters_only_grow(nature: Nature) -> None:
    assert (np.diff(of(nature), axis=0) >= 0).all()
    assert (of(nature) >= 0).all() and (of(nature) == np.floor(of(nature))).all()


def test_counters_begin_again_at_a_boot() -> None:
    moments = Moments(np.array([3]), np.array([NOON]), np.array([NOON - 5]), np.array([False]))
    fresh = Values(LISTED, 1, 60.0).at(moments)[0]
    counters = [i for i, s in enumerate(LISTED) if s.nature is Nature.COUNTER]
    assert (fresh[counters] < WEEK[0, counters]).all()


def test_flags_are_one_and_shares_are_shares() -> None:
    assert (of(Nature.FLAG) == 1).all()
    assert ((of(Nature.SHARE) >= 0) & (of(Nature.SHARE) <= 1)).all()


@pytest.mark.parametrize(
    ("nature", "steps_a_unit"),
    [(Nature.RTT, 1e5), (Nature.LOSS, 5), (Nature.DBM, 1e2), (Nature.CELSIUS, 1e1)],
    ids=str,
)
def test_numbers_are_as_coarse_as_the_device(nature: Nature, steps_a_unit: float) -> None:
    steps = of(nature) * steps_a_unit
    assert np.allclose(steps, np.rint(steps), atol=1e-6)


def test_people_come_by_day() -> None:
    clients = of(Nature.CLIENTS).mean(axis=1)
    by_hour = clients.reshape(7, 24, 60).mean(axis=(0, 2))
    assert by_hour[0] > 2 * by_hour[12], "noon against midnight"
    assert daily(np.array([NOON]))[0] == pytest.approx(1.75)


def test_most_packets_arrive_and_the_round_trip_is_plausible() -> None:
    assert 0 < (of(Nature.LOSS) > 0).mean() < 0.02
    assert of(Nature.RTT).min() >= 0.0002 and of(Nature.RTT).max() < 0.3


def test_every_series_name_is_one_the_protocol_takes() -> None:
    names = [s.name for s in catalogue(MAX_SERIES)]
    assert len(set(names)) == MAX_SERIES
    for name in names[:200]:
        parse_series(name)
    assert {s.check for s in catalogue(60)} == {*CHECKS, ""}


def test_rows_are_short_json_and_nan_is_null() -> None:
    values = np.array([[1.0, 0.0121, np.nan, 1e12], [0.0, 10.0, 2.5, 3.0]])
    assert rows(values) == [b"1,0.0121,null,1000000000000", b"0,10,2.5,3"]
    assert rows(np.empty((0, 3))) == []
    assert rows(np.array([[5.0]])) == [b"5"]


@pytest.mark.slow
def test_the_whole_country_has_codes_of_its_own() -> None:
    codes = {village.code for village in villages(83_763)}
    assert len(codes) == 83_763
    assert {village.code for village in villages(10, seed=7)}.isdisjoint(codes)


def test_a_regency_shares_what_villages_share() -> None:
    some = list(villages(PER_REGENCY))
    assert len({v.regency for v in some}) == 1
    assert len({v.district for v in some}) > 20
    assert 10 < len({v.upstream for v in some}) < 60
    feeders = {v.power_feeder for v in some}
    assert any(len({v.isp for v in some if v.power_feeder == f}) > 1 for f in feeders)


@pytest.mark.slow
@pytest.mark.parametrize("shared", ["upstream", "power_feeder"])
def test_what_villages_share_lies_in_one_regency(shared: str) -> None:
    regencies: dict[str, set[str]] = {}
    for village in villages(60 * PER_REGENCY):
        regencies.setdefault(getattr(village, shared), set()).add(village.code[:5])
    assert {len(found) for found in regencies.values()} == {1}
