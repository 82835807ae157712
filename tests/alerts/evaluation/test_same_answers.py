"""The way by sites gives what the general way gives; a part of the sites gives what all give."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from alerts.evaluation import Change
from alerts.evaluation.live import Live
from alerts.evaluation.looking import Looking
from alerts.evaluation.overlay import Overlay
from alerts.evaluation.planning import Planned, schedules
from alerts.evaluation.portions import Cutter
from alerts.evaluation.sighting import (
    at_sites,
    in_general,
    sight_in_general,
    sight_of_sites,
)
from alerts.machine import Life
from alerts.rules.rule import RuleSet
from collector.db import reading
from collector.settings import Settings
from tests.alerts.evaluation.scene import START, Scene, groups, rule, scene
from tests.each import for_each

CHECKS = [f'ronda_check_up{{check="{c}",kind="{k}"}}' for c, k in (("a", "http"), ("b", "tcp"))]
TOOK = [f'ronda_check_duration_seconds{{check="{c}"}}' for c in "ab"]
LOSS = [f'ronda_uplink_loss_ratio{{target="{t}"}}' for t in ("x", "y", "z")]
BYTES = ['ronda_uplink_receive_bytes_total{interface="wan"}']
NAMES = [*CHECKS, *TOOK, *LOSS, *BYTES, "ronda_host_load1", "ronda_hotspot_sessions"]

BY_SITE = [
    "ronda_check_up == 0",
    "0 == ronda_check_up",
    'ronda_check_up{kind="http"} != 1',
    'ronda_check_up{kind=~"t.*",regency="Jember"} == 0',
    'ronda_check_up{regency!~"Jem.*"} == 0',
    "ronda_check_duration_seconds > 2 and on (site, check) ronda_check_up == 1",
    "ronda_check_duration_seconds > 2 unless on (site, check) ronda_check_up == 1",
    "ronda_check_up == 0 or ronda_check_duration_seconds > 4",
    "ronda_check_up * on (site, check) group_left (kind) ronda_check_duration_seconds > 1",
    "ronda_check_duration_seconds * on (site, check) group_left (kind) ronda_check_up > 1",
    "ronda_check_duration_seconds / ignoring (kind) ronda_check_up > 1",
    "avg by (site) (ronda_uplink_loss_ratio) > 0.3",
    "max by (site, village) (ronda_uplink_loss_ratio) > 0.3",
    "max without (target) (ronda_uplink_loss_ratio) > 0.3",
    "count by (site) (ronda_uplink_loss_ratio > 0.5) >= 2",
    "topk by (site) (1, ronda_uplink_loss_ratio) > 0.5",
    "quantile by (site) (0.5, ronda_uplink_loss_ratio) > 0.5",
    'count_values by (site) ("worth", ronda_check_up) > 1',
    "sum by (site) (ronda_check_up) / on (site) count by (site) (ronda_check_up) < 1",
    "sum by (site) (ronda_check_up) * on (site) group_right () ronda_uplink_loss_ratio > 0.5",
    "rate(ronda_uplink_receive_bytes_total[5m]) > 1",
    "increase(ronda_uplink_receive_bytes_total[10m]) * 2 < 100",
    "avg_over_time(ronda_host_load1[4m]) > 2",
    "ronda_host_load1 > 1.5 * avg_over_time(ronda_host_load1[10m])",
    "delta(ronda_host_load1[5m] offset 2m) > 0",
    "ronda_host_load1 - ronda_host_load1 offset 3m > 1",
    "predict_linear(ronda_host_load1[5m], 600) > 3",
    "deriv(ronda_host_load1[5m]) > 0",
    "quantile_over_time(0.9, ronda_host_load1[5m]) > 3",
    "changes(ronda_check_up[10m]) > 2",
    "last_over_time(ronda_check_up[10m]) == 0",
    "present_over_time(ronda_check_up[2m])",
    "abs(ronda_host_load1 - 2) > 1",
    "clamp(ronda_host_load1, 1, 2) == 2",
    "round(ronda_host_load1) == bool 2",
    "-ronda_host_load1 < -3",
    "timestamp(ronda_host_load1) < time() - 60",
    "time() - ronda_host_load1 > 0",
    "ronda_hotspot_sessions == 0 and on () hour() >= 0",
    'label_replace(ronda_check_up, "of", "$1", "check", "(.*)") == 0',
    'label_join(ronda_check_up, "of", "-", "check", "kind") == 0',
    "ronda_report_age_seconds > 100",
    "ronda_site_up == 0",
    'ronda_site_state{state=~"down|slow"} == 1',
    "ronda_site_up == 0 and on (site) ronda_host_load1 > 1",
    "ronda_host_load1 > 1 unless on (site) ronda_site_up == 0",
    '{__name__=~"ronda_host_.*|ronda_.*_total"} > 0',
    "ronda_hotspot_sessions",
    "ronda_agent_config_ok == 0",
    "ronda_uplink_contract_bits_per_second > 15e6",
    "ronda_uplink_receive_bytes_total > 0 and on (site, interface) ronda_uplink_interface",
    "sum by (site) (ronda_uplink_contract_bits_per_second) > 30e6",
]
IN_GENERAL = [
    "sum(ronda_host_load1) > 1",
    "count by (regency) (ronda_check_up == 0) > 1",
    "absent(ronda_host_load2)",
    'label_replace(ronda_check_up, "site", "x", "check", "a") == 0',
    "ronda_check_up == on (check) group_left () sum by (check) (ronda_check_up)",
    "ronda_host_load1 > on (regency) group_left () avg by (regency) (ronda_host_load1)",
    "max by (site) (ronda_check_up) == on (regency) ronda_host_load1",
    "scalar(sum(ronda_host_load1)) > bool 3",
    "avg_over_time((ronda_host_load1 * 2)[5m:1m]) > 4",
    "ronda_host_load1 @ 1790000040 > 1",
    "sum by (site) (ronda_check_up) and ronda_host_load1",
    "vector(1) > 0",
    "ronda_site_up offset 5m == 0",
    "avg_over_time(ronda_site_up[10m]) < 0.5",
    "max_over_time(ronda_report_age_seconds[5m]) > 60",
    "ronda_uplink_contract_bits_per_second offset 1h > 1",
    "hour() >= 0 and ronda_host_load1 > 99",
]


def wild(centre: Scene, seed: int = 1, sites: int = 24) -> None:
    """Sites of two regencies that report this and that; some are silent, some not in use."""
    some = random.Random(seed)
    for i in range(sites):
        regency = "Jember" if i % 3 == 0 else "Banyuwangi"
        life = "planned" if i == 5 else "active"
        every = 300 if i % 7 == 0 else 60
        centre.site(f"35.10.06.{2000 + i}", life, regency=regency, report_every_s=every)
        if i % 3:
            centre.line(f"35.10.06.{2000 + i}", "wan", 10.0 * i)
            centre.line(f"35.10.06.{2000 + i}", "main" if i % 2 else "lte0", None if i == 7 else 20)
    centre.refuses("35.10.06.2010")
    for minute in range(12):
        for i in range(sites):
            names = [n for n in NAMES if (hash_of(n) + i) % 4 or minute % 5 == 0]
            at = START + 60 * minute + (i * 7 % 55)
            code = f"35.10.06.{2000 + i}"
            if i % 11 == 3 and minute > 6:
                continue
            centre.put(code, at, {n: value(some, n, minute) for n in names})
            if some.random() < 0.2:
                centre.put(code, at + 3, {CHECKS[0]: float(some.random() < 0.5)})
    centre.state("35.10.06.2003", "unknown", START + 700)
    centre.state("35.10.06.2004", "down", START + 700)
    centre.state("35.10.06.2008", "slow", START + 700)


def hash_of(name: str) -> int:
    return sum(name.encode())


def value(some: random.Random, name: str, minute: int) -> float | None:
    if some.random() < 0.05:
        return None
    if "_up" in name:
        return float(some.random() < 0.6)
    if "total" in name:
        return float(minute * 100 + some.randrange(60) if minute != 7 else 5)
    return round(some.random() * 5 if "ratio" not in name else some.random(), 3)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    settings = Settings(data=str(tmp_path_factory.mktemp("wild") / "var"))
    with scene(settings) as centre:
        wild(centre)
        yield centre


# labels and value of what is bad; series that could be judged
Labels = tuple[tuple[str, str], ...]
Seen = tuple[dict[Labels, float], set[str]]


def both_ways(centre: Scene, expr: str, at: float) -> tuple[Seen, Seen]:
    """What the general way and the way by sites see."""
    overlay = Overlay()
    looking = Looking(centre.settings, centre.store, centre.blocks)
    with reading(centre.store) as connection:
        look = looking.look(connection, at)
    planned = planned_of(expr)
    live = Live(look, looking.centre, centre.store, overlay, 7140.0)
    rows = in_general(planned, live, None)
    sight = sight_in_general(planned, live, rows, None)
    general = {tuple(sorted(labels.items())): worth for labels, worth in rows}
    found: dict[Labels, float] = {}
    judged: set[str] = set()
    for portion in Cutter(looking.centre, overlay).cut(look, look.everybody(), (planned,)):
        cells = sight_of_sites(planned, portion, at_sites(planned, portion, None), None)
        found |= {tuple(sorted(s.labels().items())): s.value for s in cells.bad.values()}
        judged |= set(cells.judged(cells.bad, portion.codes))
    return (general, set(sight.judged(sight.bad, []))), (found, judged)


def planned_of(expr: str) -> Planned:
    (planned,) = schedules(groups(rule("R", expr)), 5.0, 7140.0)[0].rules
    return planned


@pytest.mark.slow
@pytest.mark.parametrize("at", [START + 725.0, START + 731.5, START + 1020.0])
@for_each("expr", BY_SITE)
def test_site_by_site_is_as_in_general(country: Scene, expr: str, at: float) -> None:
    assert planned_of(expr).local is not None, "it would go the general way"
    with np.errstate(all="ignore"):
        general, by_site = both_ways(country, expr, at)
    assert general[0].keys() == by_site[0].keys()
    for labels, worth in general[0].items():
        assert worth == pytest.approx(by_site[0][labels], rel=1e-12)
    assert general[1] == by_site[1]


@for_each("expr", IN_GENERAL)
def test_what_is_about_several_sites_goes_the_general_way(expr: str) -> None:
    assert planned_of(expr).local is None


AT_EVERY_TICK = groups(
    rule("Dead", "ronda_check_up == 0", for_s=20.0),
    rule("Busy", "ronda_host_load1 > 2.5", for_s=70.0, keep_firing_for_s=35.0),
    rule("Slow", "ronda_check_duration_seconds > 2 and on (site, check) ronda_check_up == 1"),
    rule("Lossy", "avg by (site) (ronda_uplink_loss_ratio) > 0.5", for_s=10.0),
    rule("site:up", "min by (site) (ronda_check_up)", record=True),
    rule("None", "site:up == 0", keep_firing_for_s=10.0),
    rule("Down", "ronda_site_up == 0", for_s=30.0),
    rule("Old", "ronda_report_age_seconds > 90"),
    rule("Many", "count by (regency) (ronda_check_up == 0) > 3"),
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("slices", [False, True])
def test_slices_and_changed_sites_come_to_what_everything_at_every_tick_does(
    tmp_path: Path, seed: int, slices: bool
) -> None:
    some = random.Random(seed)
    with scene(Settings(data=str(tmp_path / "var"))) as centre:
        codes = [f"35.10.06.{2000 + i}" for i in range(10)]
        for i, code in enumerate(codes):
            centre.site(code, regency="Jember" if i % 2 else "Banyuwangi")
        centre.rules = AT_EVERY_TICK
        sparing = centre.rounds(slice_s=0.01, stopwatch=Watch(slices))
        thorough = centre.rounds()
        one: dict[tuple[str, str], Life] = {}
        other: dict[tuple[str, str], Life] = {}
        silent: dict[str, bool] = dict.fromkeys(codes, False)
        for tick in range(0, 400, 5):
            at = START + tick
            for i, code in enumerate(codes):
                if tick % 60 == i * 5 % 60 and not silent[code]:
                    centre.put(code, at - 1.5, {n: value(some, n, tick // 60) for n in NAMES})
                if some.random() < 0.02:
                    silent[code] = not silent[code]
                    centre.state(code, "unknown" if silent[code] else "down", at)
            follow(one, sparing.step(at))
            while not sparing.resting:
                follow(one, sparing.step(at + 0.01))
            thorough._begin_anew()
            follow(other, thorough.step(at))
            assert one == other, f"at tick {tick}"
        assert one


class Watch:
    """A stopwatch by which everything takes longer than a slice, or no time at all."""

    def __init__(self, slow: bool) -> None:
        self._each_s, self._at = 0.005 if slow else 0.0, 0.0

    def __call__(self) -> float:
        self._at += self._each_s
        return self._at


def follow(standing: dict[tuple[str, str], Life], changes: list[Change]) -> None:
    for change in changes:
        key = change.alarm.rule, change.alarm.series
        if change.gone:
            standing.pop(key, None)
        else:
            standing[key] = change.alarm.life


def test_there_are_rules_of_both_kinds() -> None:
    assert isinstance(AT_EVERY_TICK, RuleSet)
    kinds = {p.local is None for s in schedules(AT_EVERY_TICK, 5.0, 7140.0) for p in s.rules}
    assert kinds == {True, False}
