"""Reboots, hours without the centre, queues that overflow, runs that overlap, a clock in 1970."""

from pathlib import Path

import pytest

from tests.agent.micro.routeros.router import Router
from tests.agent.micro.routeros.village import BOTH, NEW, OLD, logged, village
from tests.playbooks.devices.routeros.box import SCHEDULER

pytestmark = pytest.mark.slow

LOST = "warning ronda: the centre is not reached, or refuses; reports wait in memory"
OVER = f"info ronda: over: {LOST.partition('ronda: ')[2]}"
TAKEN = "info ronda: the centre takes the reports"


def seldom(router: Router, interval: str = "1m") -> None:
    """The schedule runs less often, so that hours pass quickly here."""
    for item in router.items[SCHEDULER].values():
        item["interval"] = interval


@pytest.mark.parametrize("version", BOTH)
def test_a_reboot_begins_a_new_run_and_its_clock_in_1970_does_no_harm(
    tmp_path: Path, version: str
) -> None:
    with village(tmp_path, version) as (centre, router):
        router.advance(120)
        router.cut_power()
        router.real += 600
        router.power()
        assert router.date().year == 1970
        router.advance(5)
        powered = router.now - router.uptime
        router.advance(140)
        frames = centre.frames()
    assert [frame["n"] for frame in frames] == [2, 3, 4, 2, 3, 4]
    before, after = {f["boot"] for f in frames[:3]}, {f["boot"] for f in frames[3:]}
    assert len(before) == len(after) == 1 and before != after
    assert len({frame["spool"] for frame in frames}) == 2
    for frame in frames[3:]:
        assert abs(frame["at"] - powered - frame["up"]) < 2


@pytest.mark.parametrize("times", [3])
def test_no_two_starts_are_taken_for_one(tmp_path: Path, times: int) -> None:
    with village(tmp_path) as (centre, router):
        for _ in range(times):
            router.restart()
            router.real += 61
            router.advance(20)
        frames = centre.frames()
    assert len({frame["boot"] for frame in frames}) == times + 1
    assert len({(frame["spool"], frame["n"]) for frame in frames}) == len(frames)


def test_a_clock_that_ntp_sets_in_between_moves_nothing(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        router.restart()
        router.advance(60)
        router.set_clock(1_790_000_500.0)
        router.advance(180)
        frames = centre.frames()[1:]
    assert len({frame["spool"] for frame in frames}) == 1 and len(frames) == 4
    gaps = [two["at"] - one["at"] for one, two in zip(frames, frames[1:], strict=False)]
    assert all(55 < gap < 75 for gap in gaps)


@pytest.mark.slow
@pytest.mark.parametrize("version", BOTH)
def test_hours_without_the_centre_arrive_newest_first_each_at_its_time(
    tmp_path: Path, version: str
) -> None:
    with village(tmp_path, version, every_s=300) as (centre, router):
        seldom(router, "5m")
        router.out = True
        gone = router.now
        router.advance(3 * 3600)
        assert len(centre.frames()) == 1
        back, router.out = router.now, False
        seldom(router, "10s")
        router.advance(450)
        frames = centre.frames()[1:]
        log = logged(router)
    waited = [frame for frame in frames if frame["at"] < back]
    # what is new comes before what waited, and what waited comes oldest first
    assert frames[0]["at"] > back
    assert waited == sorted(waited, key=lambda frame: frame["at"])
    assert 34 <= len(waited) <= 37
    assert min(frame["at"] for frame in waited) - gone < 330
    # one run of the agent, no number twice, each at the time of its uptime
    assert len({frame["spool"] for frame in frames}) == 1
    numbers = sorted(frame["n"] for frame in frames)
    assert numbers == list(range(3, 3 + len(numbers)))
    assert all(abs(frame["at"] - router.real - frame["up"]) < 2 for frame in frames)
    # told once, and once more when it is over
    assert [line for line in log if line in (LOST, OVER)] == [LOST, OVER]
    assert 'ronda_uplink_up{uplink="main"}' in waited[5]
    assert waited[5]['ronda_uplink_up{uplink="main"}'] == 0.0


def test_a_flush_is_bounded_in_each_run(tmp_path: Path) -> None:
    with village(tmp_path, batch=3) as (centre, router):
        seldom(router)
        router.out = True
        router.advance(1200)
        router.out = False
        before = len(router.requests)
        router.advance(61)
        first = len(router.requests) - before
    assert first == 4


def test_what_falls_over_the_edge_is_counted_and_reported(tmp_path: Path) -> None:
    with village(tmp_path, cap=5) as (centre, router):
        seldom(router)
        router.out = True
        router.advance(1200)
        assert len(router.globals["RondaQueue"]) == 5
        router.out = False
        router.advance(300)
        frames = centre.frames()[1:]
    dropped = [frame["ronda_agent_spool_dropped_total"] for frame in frames]
    assert set(dropped) == {dropped[0]} and 14 <= dropped[0] <= 17
    entries = [frame["ronda_agent_spool_entries"] for frame in frames[:5]]
    assert entries == [4.0, 3.0, 2.0, 1.0, 0.0]
    kept = sorted(frame["n"] for frame in frames)
    # nothing was lost but what was counted
    assert kept == list(range(kept[0], kept[0] + len(kept))) and kept[0] == 3 + dropped[0]


def test_the_queue_is_gone_with_the_power_and_that_is_all(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        router.out = True
        router.advance(300)
        router.out = False
        router.restart()
        router.advance(85)
        assert len(centre.frames()) == 3
        written = list(router.flash)
        router.advance(300)
        assert router.flash == written


def test_runs_never_overlap(tmp_path: Path) -> None:
    slow = {"name": "web", "kind": "http", "url": "http://192.168.1.5/"}
    with village(tmp_path, checks=[slow]) as (centre, router):
        router.dead.add(slow["url"])
        # two tries of eight seconds with two between: the schedule comes along meanwhile
        router.advance(600)
        frames = centre.frames()
        numbers = [frame["n"] for frame in frames]
        busy = [item["run-count"] for item in router.items[SCHEDULER].values()]
    assert numbers == list(range(2, 2 + len(numbers))) and len(numbers) >= 9
    assert busy[0] >= 60


def test_a_run_by_hand_does_not_join_one_that_waits(tmp_path: Path) -> None:
    slow = {"name": "web", "kind": "http", "url": "http://192.168.1.5/"}
    with village(tmp_path, checks=[slow]) as (_, router):
        router.dead.add(slow["url"])
        router.advance(120, until=lambda: router.globals["RondaState"]["busy"] > 200_040)
        before = router.globals["RondaState"]
        printed, failed = router.run("/system script run ronda", limit_s=1)
        assert (printed, failed) == ("", False)
        assert router.globals["RondaState"] == before and before["busy"] > 0


def test_a_run_that_was_broken_off_does_not_stop_those_after_it(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        router.globals["RondaState"]["busy"] = int(router.uptime)
        router.advance(600)
        assert len(centre.frames()) == 1
        router.advance(600)
        assert len(centre.frames()) > 4


def test_what_breaks_in_a_run_is_told_once_and_the_next_goes_on(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        script = router.named(("system", "script"), "ronda-checks")
        assert script is not None
        source, script["source"] = script["source"], ":local nothing [:pick"
        router.advance(300)
        script["source"] = source
        router.advance(70)
        log = logged(router)
        assert len(centre.frames()) >= 2
    broke = "ronda: a run broke off in the middle"
    assert [line for line in log if "broke" in line] == [
        f"warning {broke}", f"info {broke.replace(': ', ': over: ', 1)}",
    ]  # fmt: skip


@pytest.mark.parametrize("version", BOTH)
def test_a_login_page_instead_of_the_centre_keeps_all_reports(tmp_path: Path, version: str) -> None:
    with village(tmp_path, version) as (centre, router):
        router.page = "<html>ok 1\nBayar tagihan Anda</html>"
        router.advance(300)
        assert len(centre.frames()) == 1
        router.page = ""
        router.advance(120)
        told = [finding[1:] for finding in centre.findings() if finding[0] == "known"]
        frames = sorted(centre.frames(), key=lambda frame: frame["n"])
        log = logged(router)
    assert ("bad", "another page instead of the centre's") in told
    right = [frame.get("ronda_uplink_content_ok") for frame in frames]
    assert right[0] is None and right[1] == 1.0 and 0.0 in right and right[-1] == 1.0
    assert sum("another page answers" in line for line in log) == 2


def test_a_record_that_is_always_refused_does_not_keep_the_others(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        router.out = True
        router.advance(200)
        queue = router.globals["RondaQueue"]
        spoiled = {**queue[0], "uptime": "long"}
        router.globals["RondaQueue"] = [spoiled, *queue[1:]]
        router.out = False
        router.advance(600)
        frames = centre.frames()
        log = logged(router)
    assert sum("is given up" in line for line in log) == 1
    assert len({frame["n"] for frame in frames}) == len(frames) >= 12
    assert frames[-1]["ronda_agent_spool_dropped_total"] == 1.0
    assert frames[-1]["ronda_agent_spool_entries"] == 0.0


def test_a_void_token_is_told_once_and_reports_wait(tmp_path: Path) -> None:
    with village(tmp_path, OLD) as (centre, router):
        kept = router.named(("system", "script"), "ronda-token")
        assert kept is not None
        kept["source"] = kept["source"][:-4] + "nope"
        router.advance(600)
        log = logged(router)
        assert b" 401 " in router.answers[-1]
        assert len(router.globals["RondaQueue"]) >= 9
    assert log == [TAKEN, LOST]


def test_each_user_has_his_own_globals_so_only_the_schedule_runs_it(tmp_path: Path) -> None:
    """All that is remembered is in two globals; who removes them only begins a new run."""
    with village(tmp_path, NEW) as (centre, router):
        assert [name for name in router.globals if name.startswith("Ronda")] == [
            "RondaState", "RondaQueue",
        ]  # fmt: skip
        router.globals.clear()
        router.advance(70)
        frames = centre.frames()
    assert [frame["n"] for frame in frames] == [2, 2, 3]
    assert len({frame["spool"] for frame in frames}) == 2
