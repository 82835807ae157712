"""What the sender does with every answer there is, against a collector on a real socket."""

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.identity import Identity
from agent.orders import Orders
from agent.sender import Sender
from agent.spool import Spool
from tests.agent.conftest import MakeAgent
from tests.agent.fake_collector import FakeCollector, Reply, collector
from tests.agent.sending import NAMES, Bench, bench


def numbers(report: dict[str, list[dict[str, int]]]) -> list[int]:
    return sorted(entry["n"] for entry in [*report["frames"], *report["findings"]])


def test_a_report_looks_as_the_protocol_says(agent: Bench, centre: FakeCollector) -> None:
    frame, finding = agent.frame(), agent.finding()
    agent.work()
    (report,) = centre.reports
    assert set(report) == {
        "v", "spool", "boot", "sent_at", "up", "layouts", "frames", "findings", "dropped",
    }  # fmt: skip
    assert (report["v"], report["spool"]) == (1, agent.spool.spool)
    assert report["layouts"] == {"L2": list(NAMES)}
    assert report["frames"][0] | {"at": 0, "up": 0} == {
        "n": frame, "at": 0, "up": 0, "layout": "L2", "values": [1, 1],
    }  # fmt: skip
    assert report["findings"][0] | {"at": 0, "up": 0} == {
        "n": finding, "at": 0, "up": 0, "check": "app", "verdict": "bad",
        "reason": "HTTP 502 from the app",
    }  # fmt: skip
    assert abs(report["sent_at"] - time.time()) < 5
    assert agent.spool.entries == 0
    agent.frame()
    agent.work()
    assert "layouts" not in centre.reports[1]


def test_findings_and_the_newest_frame_first_then_the_backlog_oldest_first(
    agent: Bench, centre: FakeCollector
) -> None:
    for _ in range(130):
        agent.frame()
    finding = agent.finding()
    agent.frame()
    agent.work(until_s=60)
    assert [numbers(r) for r in centre.reports] == [
        [finding, finding + 1], list(range(1, 61)), list(range(61, 121)), list(range(121, 131)),
    ]  # fmt: skip


def test_the_backlog_keeps_to_its_rate(agent: Bench, centre: FakeCollector) -> None:
    agent.sender.pace.backlog_per_s = 6
    for _ in range(601):
        agent.frame()
    agent.work(until_s=19)
    assert len(centre.reports) == 1 + 2
    agent.work(until_s=90)
    assert agent.spool.entries == 0


def test_a_frame_of_another_boot_carries_no_uptime(
    make_agent: MakeAgent, centre: FakeCollector
) -> None:
    older = Spool(make_agent().spool.folder, "an older boot")
    older.append_findings(1, [(0.0, 5.0, "app", "bad", "")])
    after = make_agent()
    after.finding()
    after.work(until_s=10)
    assert [("up" in r, r["spool"] == older.spool) for r in centre.reports] == [
        (True, False), (False, True),
    ]  # fmt: skip


# --- answers ----------------------------------------------------------------------------------


def answer(**more: object) -> Reply:
    plain = {"kept": 0, "rejected": [], "need_layouts": [], "config": "c1", "epoch": "e1"}
    return Reply(200, plain | {"time": time.time(), "do": []} | more)


def test_rejected_entries_are_dropped_and_counted_and_the_rest_is_kept(
    agent: Bench, centre: FakeCollector
) -> None:
    bad = agent.finding()
    agent.frame()
    refused = [{"n": bad, "reason": "findings[0].check: too long"}, {"n": 0, "reason": "?"}]
    centre.script = [answer(rejected=refused)]
    agent.work()
    assert (agent.spool.entries, agent.spool.dropped_total) == (0, 1)
    agent.frame()
    agent.work()
    agent.frame()
    agent.work()
    assert [r["dropped"] for r in centre.reports] == [0, 1, 0, 0]


def test_a_needed_layout_is_sent_again(agent: Bench, centre: FakeCollector) -> None:
    agent.frame()
    agent.work()
    centre.layouts.clear()
    n, finding = agent.frame(), agent.finding()
    agent.work()
    assert ["layouts" in r for r in centre.reports] == [True, False, True]
    # the finding was safe, only the frame comes again
    assert numbers(centre.reports[1]) == [n, finding]
    assert numbers(centre.reports[2]) == [n]
    assert agent.spool.entries == 0


def test_a_collector_that_never_learns_a_layout_is_not_asked_in_a_loop(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.frame()
    centre.script += [answer(need_layouts=["L2"]) for _ in range(20)]
    agent.work(until_s=60)
    assert 1 < len(centre.reports) <= 4


def test_a_new_epoch_offers_what_is_still_here_once_more(
    agent: Bench, centre: FakeCollector
) -> None:
    for _ in range(5):
        agent.frame()
        agent.work()
    centre.epoch, centre.layouts = "restored", {}
    centre.kept.clear()
    agent.frame()
    agent.work(until_s=60)
    assert sorted(n for _, n in centre.kept) == [1, 2, 3, 4, 5, 6]


class WrittenAtOnce(dict[str, Any]):
    """Notes of a spool that goes to flash, by another thread, as soon as an epoch is noted."""

    def __init__(self, agent: Bench, to: Path) -> None:
        super().__init__(agent.spool.notes)
        self.agent, self.to = agent, to

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if key == "epoch":
            self.agent.spool.flush(self.agent.now[0])
            shutil.copytree(self.agent.home.folder, self.to / "home")


def test_a_power_cut_while_a_new_epoch_is_taken_in_keeps_nothing_back(
    agent: Bench, centre: FakeCollector, tmp_path: Path
) -> None:
    for _ in range(3):
        agent.frame()
        agent.work()
    agent.spool.flush(agent.now[0])
    centre.epoch, centre.layouts = "restored", {}
    centre.kept.clear()
    agent.frame()
    agent.spool.notes = WrittenAtOnce(agent, tmp_path / "after")
    agent.work()
    centre.kept.clear()
    after = bench(tmp_path / "after", centre)
    after.frame()
    after.work(until_s=60)
    after.post.close()
    assert {n for spool, n in centre.kept if spool == agent.spool.spool} == {1, 2, 3, 4}


@pytest.mark.parametrize("status", [400, 413])
def test_a_batch_that_is_too_much_is_halved_until_it_passes(
    agent: Bench, centre: FakeCollector, status: int
) -> None:
    for _ in range(41):
        agent.frame()
    centre.script = [None, Reply(status, {"error": "x"}), Reply(status, {"error": "x"})]
    agent.work(until_s=60)
    assert [len(numbers(r)) for r in centre.reports] == [1, 40, 20, 10, 30]
    assert agent.spool.entries == 0
    assert agent.spool.dropped_total == 0


@pytest.mark.parametrize("status", [400, 413])
def test_a_single_entry_that_is_too_much_is_given_up_and_blocks_nobody(
    agent: Bench, centre: FakeCollector, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    agent.finding()
    centre.script = [Reply(status, {"error": "findings: no"})]
    agent.work()
    assert (agent.spool.entries, agent.spool.dropped_total) == (0, 1)
    assert "findings: no" in capsys.readouterr().err
    agent.frame()
    agent.work()
    assert centre.reports[1]["dropped"] == 1


def test_an_unknown_token_stops_and_says_so_and_is_tried_rarely(
    agent: Bench, centre: FakeCollector
) -> None:
    centre.tokens = set()
    agent.frame()
    agent.work(until_s=3600)
    assert 1 < len(centre.reports) <= 7
    assert "enrol again" in agent.sender.told.trouble
    assert agent.spool.entries == 1
    centre.tokens = {"token-1"}
    agent.work(until_s=1200)
    assert agent.spool.entries == 0
    assert agent.sender.told.trouble == ""


def test_the_old_token_is_tried_when_the_new_one_is_not_known(
    make_agent: MakeAgent, centre: FakeCollector
) -> None:
    both = Identity(url=centre.url, agent="7", token="token-9", old_token="token-1")
    agent = make_agent(both)
    agent.frame()
    agent.work()
    assert agent.spool.entries == 0
    kept = agent.home.identity()
    assert kept is not None
    assert (kept.token, kept.old_token) == ("token-1", "token-9")
    centre.tokens = set()
    agent.frame()
    agent.work(until_s=60)
    assert "enrol again" in agent.sender.told.trouble


def test_two_agents_on_one_token_is_said_and_waits(agent: Bench, centre: FakeCollector) -> None:
    centre.script = [Reply(409, {"error": "two_agents"})]
    agent.frame()
    agent.work(until_s=500)
    assert len(centre.reports) == 1
    assert "two agents" in agent.sender.told.trouble
    agent.work(until_s=500)
    assert agent.spool.entries == 0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "least_s", "most_s"),
    [({"Retry-After": "100"}, 100, 125), ({}, 30, 38), ({"Retry-After": "soon"}, 30, 38)],
)
def test_a_busy_collector_is_given_the_time_it_asks_for(
    agent: Bench, centre: FakeCollector, status: int, header: dict[str, str], least_s: float,
    most_s: float,
) -> None:  # fmt: skip
    centre.script = [Reply(status, {}, header)]
    agent.frame()
    agent.work(until_s=least_s - 1)
    agent.finding()
    agent.sender.hurry()
    agent.work()
    assert len(centre.reports) == 1
    agent.work(until_s=most_s - least_s + 2)
    assert agent.spool.entries == 0


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(lost=True), id="broken off"),
        pytest.param(Reply(500, {}), id="500"),
        pytest.param(Reply(502), id="502 of a proxy"),
        pytest.param(Reply(404, {}), id="404"),
        pytest.param(Reply(200, {"hello": 1}), id="a 200 of something else"),
        pytest.param(Reply(200, [1]), id="a 200 that is no table"),
        pytest.param(Reply(302, {}, {"Location": "/"}), id="a captive portal"),
        pytest.param(Reply(200, {"kept": 1, "rejected": [5]}), id="rejected: a number"),
        pytest.param(Reply(200, {"kept": 1, "rejected": [{"n": "x"}]}), id="rejected: a text"),
        pytest.param(Reply(200, {"kept": 1, "rejected": 5}), id="rejected: no list"),
    ],
)
def test_what_is_no_answer_keeps_everything_and_tries_again(
    agent: Bench, centre: FakeCollector, reply: Reply
) -> None:
    centre.script = [reply]
    agent.frame()
    agent.work()
    assert agent.spool.entries == 1
    assert agent.sender.told.trouble
    agent.work(until_s=120)
    assert agent.spool.entries == 0


def test_after_a_lost_connection_it_returns_within_a_random_part_of_an_interval(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.dice[0] = 0.25
    centre.script = [Reply(lost=True)]
    agent.frame()
    agent.work(until_s=14)
    assert len(centre.reports) == 1
    agent.work(until_s=2)
    assert agent.spool.entries == 0


def test_a_finding_does_not_wait_longer_than_five_seconds(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.dice[0] = 0.9
    centre.script = [Reply(lost=True)]
    agent.frame()
    agent.work(until_s=1)
    agent.finding()
    agent.sender.hurry()
    agent.work(until_s=5)
    assert agent.spool.entries == 0


def test_a_collector_that_is_away_is_not_hammered(agent: Bench, centre: FakeCollector) -> None:
    centre.script += [Reply(lost=True) for _ in range(1000)]
    agent.finding()
    agent.work(until_s=3600)
    assert 60 < len(centre.reports) < 140


def test_a_lost_answer_makes_a_repeat_and_nothing_else(agent: Bench, centre: FakeCollector) -> None:
    centre.lose_answers = 1
    agent.frame()
    agent.finding()
    agent.work(until_s=60)
    assert (len(centre.kept), centre.repeats) == (2, 2)
    assert agent.spool.entries == 0


def test_addresses_are_tried_in_turn_and_the_first_of_all_is_never_given_up(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.post.use_addresses(["http://127.0.0.1:1", "http://127.0.0.1:2"])
    agent.frame()
    agent.work(until_s=180)
    assert agent.spool.entries == 0
    # what answered is used from then on
    agent.frame()
    agent.work()
    assert agent.spool.entries == 0


@pytest.mark.parametrize(
    "wrong",
    [Reply(404), Reply(200, {"hello": 1}), Reply(401), Reply(301, {}, {"Location": "/"})],
    ids=["404", "another program", "another centre", "redirect"],
)
def test_a_wrong_address_from_the_centre_does_not_end_reporting(
    agent: Bench, centre: FakeCollector, wrong: Reply
) -> None:
    with collector() as other:
        other.script += [wrong] * 20
        agent.post.use_addresses([other.url])
        agent.frame()
        agent.work(until_s=900)
        assert 1 <= len(other.reports) <= 2
    assert agent.spool.entries == 0
    assert len(centre.reports) == 1


def test_a_billing_page_in_place_of_the_collector_is_said_in_plain_words(
    agent: Bench, centre: FakeCollector
) -> None:
    centre.script = [Reply(200, "<html>Tagihan Anda</html>")]
    agent.frame()
    agent.work()
    assert agent.sender.told.trouble == (
        "what answers is no collector: another page, or another program, answers at its address"
    )


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("HTTPS://noc.example.go.id", True),
        ("http://noc.example.go.id", False),
        ("http://localhost.example.go.id", False),
        ("http://127.0.0.1.example.go.id", False),
    ],
)
def test_only_tls_and_this_machine_are_trusted(
    make_agent: MakeAgent, url: str, trusted: bool
) -> None:
    post = make_agent(Identity(url=url, token="token-1")).post
    assert post.trusted == trusted


@pytest.mark.slow
def test_tls_in_capitals_is_tls(make_agent: MakeAgent, centre: FakeCollector) -> None:
    agent = make_agent(Identity(url="HTTPS://127.0.0.1:1", token="token-1"))
    agent.post.use_addresses([centre.url])
    agent.frame()
    agent.work(until_s=600)
    assert centre.requests == []


def test_a_mistake_of_ours_does_not_end_reporting(
    agent: Bench, centre: FakeCollector, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(Orders):
        def pending(self) -> bool:
            raise ZeroDivisionError("division by zero")

    broken = Broken(agent.home, {}, agent.used.append, lambda: None)
    sender = Sender(agent.post, agent.spool, agent.clock, broken, time.monotonic, lambda: 0.5)
    delivery = threading.Thread(target=sender.run)
    delivery.start()
    end = time.monotonic() + 10
    while not sender.told.trouble and time.monotonic() < end:
        time.sleep(0.01)
    assert sender.told.trouble == "ZeroDivisionError: division by zero"
    assert delivery.is_alive()
    sender.stop()
    delivery.join(10)
    assert capsys.readouterr().err.count("Traceback") == 1


@pytest.mark.slow
def test_a_token_given_over_tls_never_travels_in_the_clear(
    make_agent: MakeAgent, centre: FakeCollector
) -> None:
    agent = make_agent(Identity(url="https://127.0.0.1:1", token="token-1"))
    agent.post.use_addresses([centre.url])
    agent.frame()
    agent.work(until_s=600)
    assert centre.requests == []


def test_the_collectors_time_and_epoch_are_kept(agent: Bench, centre: FakeCollector) -> None:
    centre.time = 1.9e9
    agent.frame()
    agent.work()
    assert agent.clock.learned == 1.9e9
    assert {k: agent.spool.notes[k] for k in ("epoch", "time")} == {"epoch": "e1", "time": 1.9e9}
    assert agent.sender.told.skew_s is not None
    assert agent.sender.told.skew_s == pytest.approx(time.time() - 1.9e9, abs=5)


def test_goodbye_is_said_with_the_newest(agent: Bench, centre: FakeCollector) -> None:
    agent.sender.farewell()
    n = agent.frame()
    agent.sender.farewell()
    assert [r.headers.get("x-ronda-shutdown") for r in centre.requests] == ["1", "1"]
    assert [numbers(r) for r in centre.reports] == [[], [n]]


def test_goodbye_to_nobody_is_no_error(agent: Bench, centre: FakeCollector) -> None:
    centre.close()
    agent.sender.farewell()


def test_an_agent_that_is_not_known_says_who_it_is_until_it_is(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.post.keep(replace(agent.post.identity, site="35.10.06.2005"))
    centre.script = [Reply(401)] * 3
    agent.frame()
    # once more at once, then not for ten minutes
    agent.work(until_s=500)
    me = "7 35.10.06.2005"
    assert [r.headers.get("x-ronda-agent") for r in centre.requests] == [None, me]
    agent.work(until_s=3000)
    agent.frame()
    agent.work()
    assert [r.headers.get("x-ronda-agent") for r in centre.requests] == [None, me, me, me, None]
    assert agent.spool.entries == 0


def test_an_answer_of_an_older_or_newer_centre_is_understood(
    agent: Bench, centre: FakeCollector
) -> None:
    older = {"kept": 1}
    newer = {"kept": 1, "rejected": [], "need_layouts": [], "epoch": "e1", "later": {"a": [1]}}
    for answer in (older, newer | {"do": ["dance", {"verb": "sing"}]}):
        centre.script.append(Reply(200, answer))
        agent.frame()
        agent.work(until_s=60)
        assert agent.spool.entries == 0
