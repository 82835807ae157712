"""Silence by beacons, told as stories: real table, real fold, time by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.beacon import EVERY_S, ON_BATTERY
from collector import suspects
from collector.db import reading
from collector.fold.events import BEACON_LOSS
from collector.intake.heard import SLACK_S
from tests.collector.beacon_bench import BeaconCentre, Village

pytestmark = pytest.mark.slow

CODE, OTHER = "35.10.06.2001", "35.10.07.2001"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[BeaconCentre]:
    made = BeaconCentre(tmp_path)
    yield made
    made.close()


@pytest.fixture
def village(centre: BeaconCentre) -> Village:
    centre.inventory({"code": CODE, "isp": "Telkom"}, {"code": OTHER, "isp": "Icon"})
    made = centre.village(CODE)
    centre.run(130)
    assert centre.state(CODE).state == "normal"
    return made


def suspected(centre: BeaconCentre) -> dict[str, float]:
    with reading(centre.store) as connection:
        return suspects.read(connection)


def last_contact(centre: BeaconCentre, village: Village) -> float:
    """Of the newest beacon, by the phase of the village."""
    return centre.now - (centre.now - village.phase_s) % EVERY_S


def test_a_cut_village_is_unknown_since_its_last_contact(
    centre: BeaconCentre, village: Village
) -> None:
    last = last_contact(centre, village)
    village.cut()
    took_s = centre.watch(CODE, "unknown", 60)
    assert took_s <= 3 * EVERY_S + SLACK_S + 2
    now = centre.state(CODE)
    assert now.reason == "silent"
    assert now.since == pytest.approx(last, abs=1)


@pytest.mark.parametrize("wait_s", range(0, 60, 7))
def test_at_whatever_moment_it_is_cut_it_is_known_within_35_seconds(
    centre: BeaconCentre, village: Village, wait_s: int
) -> None:
    centre.run(wait_s)
    village.cut()
    assert centre.watch(CODE, "unknown", 60) <= 35


def test_one_missed_beacon_makes_it_suspect_and_the_next_one_heard_ends_that(
    centre: BeaconCentre, village: Village
) -> None:
    last = last_contact(centre, village)
    village.udp = False
    centre.run(14)
    assert suspected(centre) == {CODE: pytest.approx(last, abs=60)}
    village.udp = True
    centre.run(11)
    assert suspected(centre) == {}
    assert centre.state(CODE).state == "normal"


def test_a_late_report_makes_it_suspect_as_well(centre: BeaconCentre) -> None:
    centre.inventory({"code": CODE, "isp": "Telkom"})
    village = centre.village(CODE)
    village.udp = False
    centre.run(130)
    village.agent.connected = False
    centre.run(75)
    assert list(suspected(centre)) == [CODE]
    assert centre.watch(CODE, "unknown", 120) > 10
    assert suspected(centre) == {}, "it is silent, not suspect"


def test_where_udp_is_stopped_reports_alone_decide(centre: BeaconCentre, village: Village) -> None:
    village.udp = False
    centre.run(1200)
    assert centre.state(CODE).state == "normal"
    assert [i.state for i in centre.timeline(CODE)] == ["unknown", "normal"]
    assert village.short_reports == 1, "one in a row of missed echoes"
    village.cut()
    assert 60 < centre.watch(CODE, "unknown", 200) <= 155


def test_beacons_alone_do_not_hide_that_reports_ended(
    centre: BeaconCentre, village: Village
) -> None:
    village.agent.connected = False
    assert 80 < centre.watch(CODE, "unknown", 200) <= 155


def test_heard_again_by_beacon_alone_it_stays_unknown_until_it_reports(
    centre: BeaconCentre, village: Village
) -> None:
    village.cut()
    centre.watch(CODE, "unknown", 60)
    village.udp = True
    centre.run(60)
    assert centre.state(CODE).state == "unknown"
    village.mend()
    assert centre.watch(CODE, "normal", 70) < 70
    village.cut()
    assert centre.watch(CODE, "unknown", 60) <= 35, "and its beacons count again"


def test_on_battery_before_the_silence_means_power(centre: BeaconCentre, village: Village) -> None:
    village.flags = ON_BATTERY
    centre.run(11)
    village.cut()
    centre.watch(CODE, "unknown", 60)
    assert (centre.state(CODE).cause, centre.state(CODE).reason) == ("power", "silent")


def test_a_shutdown_that_only_the_beacon_could_announce_is_no_silence(
    centre: BeaconCentre, village: Village
) -> None:
    village.goodbye(centre.now)
    village.agent.connected = False
    assert centre.watch(CODE, "unknown", 20) <= 5
    assert centre.state(CODE).reason == "switched off"
    centre.run(300)
    assert [i.reason for i in centre.timeline(CODE)][-2:] == ["", "switched off"]


def test_one_agent_that_lives_speaks_for_its_site(centre: BeaconCentre, village: Village) -> None:
    second = centre.village(CODE)
    centre.run(130)
    village.cut()
    centre.run(100)
    assert centre.state(CODE).state == "normal"
    assert suspected(centre) == {}
    second.cut()
    assert centre.watch(CODE, "unknown", 60) <= 35


def test_an_agent_that_ends_its_beacons_goes_on_by_its_reports(
    centre: BeaconCentre, village: Village
) -> None:
    for restart in (False, True):
        if restart:
            centre.restart_ingest()
        village.alive = False
        centre.heard.end(village.agent.id, centre.now)
        village.report(centre.now)
        centre.run(300)
        assert centre.state(CODE).state == "normal"
        assert "silent" not in [interval.reason for interval in centre.timeline(CODE)]
        village.alive = True
        centre.run(60)
    village.cut()
    assert centre.watch(CODE, "unknown", 60) <= 35


@pytest.mark.parametrize("how", ["ingest", "engine", "both"])
def test_after_a_restart_nobody_is_silent_who_is_not(
    centre: BeaconCentre, village: Village, how: str
) -> None:
    for away_s in (1, 3, 9, 40):
        centre.ticking = how == "engine"
        if how != "engine":
            # nobody answers meanwhile
            village.udp = village.agent.connected = False
        centre.run(away_s, fold=False)
        village.mend()
        centre.ticking = True
        if how != "engine":
            centre.restart_ingest()
        if how != "ingest":
            centre.fold().close()
            centre._fold = None
        centre.run(120)
        assert centre.state(CODE).state == "normal"
        assert "silent" not in [interval.reason for interval in centre.timeline(CODE)]


def test_who_died_while_ingest_was_restarted_is_silent_all_the_same(
    centre: BeaconCentre, village: Village
) -> None:
    village.cut()
    centre.run(5)
    centre.restart_ingest()
    assert centre.watch(CODE, "unknown", 60) <= 35
    assert centre.state(CODE).reason == "silent"


def test_while_the_centre_is_blind_nobody_is_called_silent(
    centre: BeaconCentre, village: Village
) -> None:
    village.cut()
    for _ in range(60):
        centre.now += 1
        centre.tick(accepting=False)
    centre.fold()
    assert centre.state(CODE).reason != "silent"
    assert suspected(centre) == {}
    assert centre.watch(CODE, "unknown", 60) <= 60


def test_loss_is_a_series_like_any_other(centre: BeaconCentre, village: Village) -> None:
    village.loss = 0.2
    centre.run(1300)
    times, values = centre.samples(CODE, [BEACON_LOSS])[BEACON_LOSS]
    assert len(times) == 5
    assert 0.05 < sum(values) / len(values) < 0.4


def test_thirty_minutes_of_five_percent_loss_each_way_silence_nobody(
    centre: BeaconCentre,
) -> None:
    codes = [f"35.10.{6 + i // 50:02}.{2001 + i % 50}" for i in range(300)]
    centre.inventory(*[{"code": code, "isp": "Telkom"} for code in codes])
    for code in codes:
        centre.village(code, loss=0.05)
    for _ in range(30):
        centre.run(60)
    sent = sum(village.sequence for village in centre.villages)
    assert sent > 300 * 178
    assert sum(village.short_reports for village in centre.villages) > 50
    silent = [c for c in codes if "silent" in [i.reason for i in centre.timeline(c)]]
    assert silent == []
    assert {centre.state(code).state for code in codes} == {"normal"}


def test_without_the_short_report_the_same_loss_would_have_silenced_some(
    centre: BeaconCentre,
) -> None:
    """What keeps the test above from passing for nothing."""
    codes = [f"35.10.06.{2001 + i}" for i in range(40)]
    centre.inventory(*[{"code": code, "isp": "Telkom"} for code in codes])
    for code in codes:
        centre.village(code, loss=0.3).echoes.missed = 10**6
    for _ in range(10):
        centre.run(60)
    assert any("silent" in [i.reason for i in centre.timeline(code)] for code in codes)
