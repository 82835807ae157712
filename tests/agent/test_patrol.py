"""The round, with real threads and a clock that moves by hand."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.clock import Clock
from agent.config import Check, Config, Plan
from agent.patrol import Patrol
from agent.report import Reading, Verdict
from agent.runner import Runner
from agent.spool import Spool
from tests.agent.probe_stub import Hung, Said, check

GOOD, BAD = Verdict.GOOD, Verdict.BAD


class Carrier:
    """Counts how often it was called."""

    def __init__(self) -> None:
        self.woken = self.hurried = 0

    def wake(self) -> None:
        self.woken += 1

    def hurry(self) -> None:
        self.hurried += 1


class Watch:
    """A patrol whose time goes from one thing due to the next."""

    def __init__(self, folder: Path, *checks: Check, report_every_s: float = 60.0) -> None:
        self.now, self.bell, self.carrier = 0.0, threading.Semaphore(0), Carrier()
        self.runner = Runner(lambda: self.now, self.bell.release)
        self.spool = Spool(str(folder), "boot")
        config = Config(Plan(report_every_s=report_every_s), checks)
        self.patrol = Patrol(
            config, self.spool, Clock(), self.runner, self.carrier, "agent 7", lambda: {"own": 1}
        )
        self.hung: set[str] = set()
        self.patrol.begin(0.0)

    def until(self, end: float) -> None:
        for _ in range(5000):
            due = self.patrol.round(self.now)
            while any(self.runner.busy(c.name) for c in self.waited_for()):
                assert self.bell.acquire(timeout=10)
                due = self.patrol.round(self.now)
            if due > end:
                self.now = end
                return
            self.now = max(self.now, due)
        raise AssertionError("the round never comes to rest")

    def waited_for(self) -> list[Check]:
        return [c for c in self.patrol.config.checks if c.name not in self.hung]

    def told(self) -> tuple[list[tuple[str, str, str]], list[dict[str, float | None]]]:
        """All findings and frames so far."""
        batch = self.spool.backlog(10_000)
        if batch is None:
            return [], []
        findings = [(f.check, f.verdict, f.reason) for f in batch.findings]
        frames = [
            {
                n: None if v != v else v
                for n, v in zip(batch.layouts[f.layout], f.values, strict=True)
            }
            for f in batch.frames
        ]
        return findings, frames


MakeWatch = Callable[..., Watch]


@pytest.fixture
def watch(tmp_path: Path) -> MakeWatch:
    return lambda *checks, **more: Watch(tmp_path / "spool", *checks, **more)


def test_at_start_every_probe_runs_and_one_report_tells_all(watch: MakeWatch) -> None:
    made = watch(check("app", Said(), kind="http"), check("db", Said(BAD, "refused")))
    made.until(5)
    findings, frames = made.told()
    assert sorted(findings) == [("app", "good", ""), ("db", "bad", "refused")]
    (frame,) = frames
    assert frame['ronda_check_up{check="app",kind="http"}'] == 1
    assert frame['ronda_check_up{check="db",kind="tcp"}'] == 0
    assert frame["own"] == 1


def test_the_first_report_is_there_within_ten_seconds(watch: MakeWatch) -> None:
    hung = Hung()
    made = watch(check("stuck", hung, limit_s=30.0), check("app", Said()))
    made.hung.add("stuck")
    made.until(8)
    assert made.told() == ([], [])
    # a second is left to send it
    made.until(9)
    findings, frames = made.told()
    assert (findings, len(frames)) == ([("app", "good", "")], 1)
    hung.let_go.set()


def test_a_hung_probe_is_unknown_and_holds_up_nobody(watch: MakeWatch) -> None:
    hung, app = Hung(), Said()
    made = watch(check("stuck", hung, limit_s=3.0), check("app", app))
    made.hung.add("stuck")
    made.until(120)
    findings, frames = made.told()
    assert ("stuck", "unknown", "no answer within 3 s") in findings
    assert hung.rounds == 1
    assert 10 <= app.rounds <= 12
    assert frames[-1]['ronda_check_up{check="stuck",kind="tcp"}'] is None
    hung.let_go.set()


def test_a_failure_is_told_after_two_rechecks_with_the_last_reason(watch: MakeWatch) -> None:
    app = Said()
    made = watch(check("app", app))
    made.until(20)
    rounds = app.rounds
    app.turns(BAD, "first")
    while app.rounds == rounds:
        made.until(made.now + 0.2)
    noticed = made.now
    made.until(noticed + 0.9)
    assert ("app", "bad", "first") not in made.told()[0]
    app.turns(BAD, "last")
    made.until(noticed + 2.1)
    assert made.told()[0][-1] == ("app", "bad", "last")
    assert app.rounds == rounds + 3
    assert made.carrier.hurried == 2


def test_a_blip_is_no_news(watch: MakeWatch) -> None:
    app = Said()
    made = watch(check("app", app))
    made.until(20)
    rounds = app.rounds
    app.turns(BAD, "blip")
    while app.rounds == rounds:
        made.until(made.now + 0.2)
    app.turns(GOOD)
    made.until(made.now + 30)
    assert made.told()[0] == [("app", "good", "")]


def test_recovery_is_told_at_once(watch: MakeWatch) -> None:
    app = Said(BAD, "down")
    made = watch(check("app", app))
    made.until(20)
    app.turns(GOOD)
    rounds = app.rounds
    made.until(33)
    assert made.told()[0] == [("app", "bad", "down"), ("app", "good", "")]
    assert app.rounds <= rounds + 2


def test_a_lost_uplink_forces_a_frame(watch: MakeWatch) -> None:
    gateway = Said()
    made = watch(check("gateway", gateway, uplink="main"), report_every_s=600.0)
    made.until(20)
    before = len(made.told()[1])
    gateway.turns(BAD, "no answer")
    made.until(40)
    findings, frames = made.told()
    assert findings[-1] == ("gateway", "bad", "no answer")
    assert len(frames) == before + 1
    assert frames[-1]['ronda_uplink_up{uplink="main"}'] == 0


def test_a_lost_mains_forces_a_frame_though_no_verdict_changed(watch: MakeWatch) -> None:
    name, ups = 'ronda_power_on_mains{ups="a"}', Said()
    ups.reading = Reading(GOOD, {name: 1.0})
    made = watch(check("ups", ups, kind="snmp"), report_every_s=600.0)
    made.until(20)
    before = len(made.told()[1])
    ups.reading = Reading(GOOD, {name: 0.0})
    made.until(40)
    frames = made.told()[1]
    assert len(frames) == before + 1
    assert frames[-1][name] == 0


def test_the_two_cadences(watch: MakeWatch) -> None:
    app, host, slow = Said(), Said(None), Said()
    made = watch(
        check("app", app), check("host", host, kind="host"), check("slow", slow, every_s=300.0)
    )
    made.until(600)
    _, frames = made.told()
    assert 50 <= app.rounds <= 52
    assert 10 <= host.rounds <= 12
    assert 2 <= slow.rounds <= 4
    assert 10 <= len(frames) <= 12


def test_another_configuration_takes_over_and_keeps_what_is_known(watch: MakeWatch) -> None:
    app, other = Said(), Said()
    same = check("app", app)
    made = watch(same, check("gone", Said()))
    made.until(30)
    made.patrol.use(Config(Plan(report_every_s=30.0), (same, check("new", other)), "c2"))
    made.until(40)
    findings, frames = made.told()
    assert sorted(findings) == [(name, "good", "") for name in ("app", "gone", "new")]
    assert 'ronda_check_up{check="gone",kind="tcp"}' not in frames[-1]
    assert frames[-1]['ronda_check_up{check="new",kind="tcp"}'] == 1


def test_probe_now_looks_and_tells_at_once(watch: MakeWatch) -> None:
    app = Said()
    made = watch(check("app", app, every_s=3600.0), report_every_s=3600.0)
    made.until(60)
    rounds, frames = app.rounds, len(made.told()[1])
    made.patrol.use(None)
    made.until(61)
    assert (app.rounds, len(made.told()[1])) == (rounds + 1, frames + 1)


def test_probe_now_in_a_loop_is_bounded(watch: MakeWatch) -> None:
    app = Said()
    made = watch(check("app", app, every_s=3600.0), report_every_s=3600.0)
    for second in range(20):
        made.patrol.use(None)
        made.until(float(second))
    assert app.rounds <= 5


def test_the_same_configuration_under_another_tag_starts_nothing_over(watch: MakeWatch) -> None:
    app = Said()
    made = watch(check("app", app, every_s=3600.0), report_every_s=3600.0)
    made.until(60)
    plan, checks = made.patrol.config.plan, made.patrol.config.checks
    made.patrol.use(Config(plan, checks, "c9"))
    made.until(61)
    assert app.rounds == 1


def test_frames_go_to_flash_after_five_minutes_and_findings_at_once(
    watch: MakeWatch, tmp_path: Path
) -> None:
    app = Said()
    made = watch(check("app", app), report_every_s=60.0)
    made.until(200)
    spool = Spool(str(tmp_path / "spool"), "later")
    assert spool.entries == 1
    app.turns(BAD, "x")
    made.until(230)
    assert Spool(str(tmp_path / "spool"), "later").entries > 4


def test_a_reading_that_is_no_number_is_null(watch: MakeWatch) -> None:
    app = Said()
    app.reading = Reading(GOOD, {"x": float("nan"), "y": None, "z": 1.5})
    made = watch(check("app", app))
    made.until(1)
    frame = made.told()[1][0]
    assert (frame["x"], frame["y"], frame["z"]) == (None, None, 1.5)
