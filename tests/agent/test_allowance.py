"""Bytes of a day: counted over restarts, by the site's day, and what is left when they are used."""

from typing import Any

import pytest

from agent.allowance import Allowance, Thrift, every_s, thrift
from agent.meter import Meter, Tap, stays_here
from tests.agent.conftest import MakeAgent
from tests.agent.fake_collector import FakeCollector
from tests.agent.sending import Bench

WIB = 7 * 3600
# noon in Jakarta on 2026-09-21
NOON = 1_789_966_800.0


@pytest.mark.parametrize(
    ("used", "most", "state"),
    [
        (10**12, None, Thrift.FREE),
        (799, 1000, Thrift.FREE),
        (800, 1000, Thrift.SAVING),
        (1000, 1000, Thrift.SPENT),
        (1249, 1000, Thrift.SPENT),
        (1250, 1000, Thrift.SHUT),
    ],
)
def test_what_is_left(used: int, most: int | None, state: Thrift) -> None:
    assert thrift(used, most) is state


@pytest.mark.parametrize(
    ("planned_s", "saving_s"), [(60, 240), (120, 240), (600, 1200), (5, 20), (3600, 3600)]
)
def test_a_slower_frame_comes_while_the_one_before_it_holds(
    planned_s: float, saving_s: float
) -> None:
    slower = every_s(Thrift.SAVING, planned_s)
    assert slower == saving_s
    assert slower <= 0.8 * max(300, 2.5 * planned_s)
    assert every_s(Thrift.FREE, planned_s) == planned_s
    assert every_s(Thrift.SHUT, planned_s) == 3600


class Days:
    """An allowance whose line and clock the test moves."""

    def __init__(self, notes: dict[str, Any] | None = None, most: int | None = 1000) -> None:
        self.notes = {} if notes is None else notes
        self.meter, self.now = Meter(), NOON
        self.sure = True
        self.allowance = Allowance(
            lambda: self.meter.total, lambda: self.now if self.sure else None, self.notes
        )
        self.allowance.most, self.allowance.offset_s = most, WIB

    def use(self, count: int) -> Thrift:
        self.meter.add(count)
        return self.allowance.look()


def test_a_day_is_the_sites_and_a_month_goes_on() -> None:
    days = Days()
    assert days.use(900) is Thrift.SAVING
    days.now += 11 * 3600
    assert days.use(1) is Thrift.SAVING
    days.now += 3600
    assert days.use(5) is Thrift.FREE
    assert days.allowance.status() == {
        "day": "2026-09-22",
        "today": 5,
        "month": 906,
        "most_a_day": 1000,
        "state": "free",
        "report_every_s": 60.0,
    }
    days.now += 10 * 86400
    days.use(7)
    assert days.allowance.count.month == 7


def test_a_restart_forgives_nothing_and_neither_does_a_clock_of_1970() -> None:
    days = Days()
    days.use(1100)
    after = Days(days.notes)
    assert after.allowance.state is Thrift.SPENT
    after.sure = False
    assert after.use(200) is Thrift.SHUT
    after.sure = True
    assert after.use(0) is Thrift.SHUT
    assert after.allowance.count.today == 1300


def test_what_went_before_the_day_was_known_counts_for_that_day() -> None:
    days = Days({"bytes": ["2026-09-20", 900, 900]})
    days.sure = False
    days.use(30)
    days.use(20)
    days.sure = True
    days.use(1)
    assert days.notes["bytes"] == ["2026-09-21", 51, 951]
    days.now += 86400
    days.use(7)
    assert days.notes["bytes"] == ["2026-09-22", 7, 958]


@pytest.mark.parametrize("kept", [None, 5, [], ["2026-09-21", "x", 3], ["2026-09-21", 1]])
def test_notes_that_say_nothing_begin_at_nothing(kept: object) -> None:
    assert Days({"bytes": kept}).allowance.count.today == 0


def test_what_is_told_of_it_and_when() -> None:
    days = Days()
    assert days.allowance.words(0.0) == {}
    days.use(100)
    used = {"day": "2026-09-21", "today": 100, "month": 100, "most": 1000}
    said = days.allowance.words(0.0)
    assert said == {"used": used}
    days.allowance.told(said, 0.0)
    assert days.allowance.words(60.0) == {}
    assert set(days.allowance.words(3600.0)) == {"used"}
    days.use(700)
    said = days.allowance.words(61.0)
    assert said == {"every_s": 240.0, "used": {**used, "today": 800, "month": 800}}


def test_private_addresses_stay_in_the_village() -> None:
    here = ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.31.0.1", "169.254.1.1", "::1", "fe80::1"]
    assert all(map(stays_here, [*here, "gateway", "localhost", "fd00::1"]))
    assert not any(map(stays_here, ["1.1.1.1", "100.64.0.9", "172.32.0.1", "noc.go.id", "2001::1"]))


def test_a_connection_without_word_from_the_kernel_is_guessed() -> None:
    class Silent:
        family = 0

        def getsockopt(self, *_: object) -> bytes:
            raise OSError

    meter = Meter()
    tap = Tap(True, meter)
    wire: Any = Silent()
    tap.look(wire, 1000)
    tap.leave()
    assert 1000 < meter.total < 2000
    Tap(False, meter).look(wire, 10**9)
    assert meter.total < 2000


@pytest.fixture
def sparing(agent: Bench) -> Bench:
    """An agent that was told the time and what it may use."""
    agent.frame()
    agent.work()
    allowance = agent.sender.allowance
    allowance.offset_s = WIB
    allowance.look()
    return agent


def used_up(agent: Bench, part: float) -> None:
    """So much of the day is gone."""
    agent.sender.allowance.most = 10_000_000
    agent.sender.allowance.count.today = round(part * 10_000_000)


def test_near_the_bound_the_agent_says_how_often_it_reports_from_now_on(
    sparing: Bench, centre: FakeCollector
) -> None:
    assert "every_s" not in centre.reports[-1]
    used_up(sparing, 0.85)
    sparing.frame()
    sparing.work()
    assert centre.reports[-1]["every_s"] == 240
    assert centre.reports[-1]["used"]["today"] >= 8_500_000
    assert sparing.sender.allowance.stretch == 4


def test_over_it_findings_go_at_once_and_a_word_each_half_hour_without_frames(
    sparing: Bench, centre: FakeCollector
) -> None:
    used_up(sparing, 1.05)
    before = len(centre.reports)
    sparing.frame()
    sparing.work()
    told = centre.reports[before:]
    assert [(r["frames"], r["every_s"]) for r in told] == [([], 1800)]
    for _ in range(29):
        sparing.now[0] += 60
        sparing.frame()
        sparing.work()
    assert len(centre.reports) == before + 2
    sparing.finding()
    sparing.work()
    last = centre.reports[-1]
    assert ([f["check"] for f in last["findings"]], last["frames"]) == (["app"], [])


def test_over_the_hard_bound_findings_wait_for_the_word_of_the_hour(
    sparing: Bench, centre: FakeCollector
) -> None:
    used_up(sparing, 1.3)
    sparing.work()
    sparing.frame()
    sparing.work()
    before = len(centre.reports)
    assert centre.reports[-1]["every_s"] == 3600
    sparing.finding()
    sparing.work(until_s=3000)
    assert len(centre.reports) == before
    sparing.work(until_s=600)
    assert len(centre.reports) == before + 1
    assert len(centre.reports[-1]["findings"]) == 1


def test_the_next_day_all_is_as_before_and_what_was_kept_back_is_owed(
    sparing: Bench, centre: FakeCollector
) -> None:
    used_up(sparing, 1.1)
    for _ in range(5):
        sparing.frame()
        sparing.work()
    held = sparing.spool.entries
    assert held >= 5
    # the site's midnight has passed
    sparing.sender.allowance.offset_s += 86400
    sparing.frame()
    sparing.work(until_s=120)
    assert "every_s" not in centre.reports[-1]
    assert sparing.spool.entries == 0


def test_half_of_a_day_is_kept_for_the_day_itself(sparing: Bench, centre: FakeCollector) -> None:
    used_up(sparing, 0.6)
    for _ in range(50):
        sparing.frame()
    sparing.work(until_s=3600)
    assert len(centre.reports[-1]["frames"]) == 1
    assert sparing.spool.entries == 49


def test_the_count_is_what_the_kernel_says_of_the_connection(
    make_agent: MakeAgent, centre: FakeCollector
) -> None:
    agent = make_agent()
    agent.frame()
    agent.work()
    http = agent.post.total_bytes
    # handshake, acknowledgements and the heads of packets are in
    counted = agent.sender.allowance.status()["today"]
    assert counted >= http
