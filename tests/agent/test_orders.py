"""What the collector asks for: configurations, probes, tokens, and what is refused it."""

import json
from typing import Any
from urllib.parse import unquote

import pytest

from agent.identity import Identity, with_token
from agent.knows import vocabulary
from agent.orders import Orders
from tests.agent.fake_collector import FakeCollector, Said
from tests.agent.sending import Bench

GOOD = {"report_every_s": 30, "checks": [{"name": "link", "kind": "link"}]}


def asked(centre: FakeCollector, place: str) -> list[Said]:
    return [said for said in centre.requests if said.path == f"/api/v1/{place}"]


def test_a_new_configuration_is_fetched_used_and_kept(agent: Bench, centre: FakeCollector) -> None:
    centre.etag, centre.config = "c2", GOOD
    agent.frame()
    agent.work()
    (config,) = agent.used
    assert (config.plan.report_every_s, config.etag, config.checks[0].kind) == (30, "c2", "link")
    assert agent.home.config() == (GOOD, "c2")
    get, told = asked(centre, "config")
    assert get.headers["if-none-match"] == get.headers["x-ronda-config"] == '"c1"'
    # so the centre knows what runs here
    assert told.headers["if-none-match"] == told.headers["x-ronda-config"] == '"c2"'
    agent.frame()
    agent.work()
    assert len(asked(centre, "config")) == 2


def test_an_agent_of_another_release_says_what_it_knows_once(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.home.keep_config(GOOD, "c1", "ping:name,host")
    centre.etag = "c1"
    for _ in range(2):
        agent.orders.resume("c1")
        agent.frame()
        agent.work()
    (told,) = asked(centre, "config")
    assert told.headers["x-ronda-knows"] == vocabulary() == agent.home.knew()
    assert agent.home.config() == (GOOD, "c1")


def test_a_configuration_that_is_refused_is_told_and_the_old_one_stays(
    agent: Bench, centre: FakeCollector
) -> None:
    centre.etag, centre.config = "c2", {"checks": [{"name": "désa", "kind": "sonar"}]}
    for _ in range(3):
        agent.frame()
        agent.work()
    assert agent.used == []
    assert agent.home.config() is None
    first, second = asked(centre, "config")
    assert "x-ronda-config-error" not in first.headers
    assert second.headers["x-ronda-config"] == '"c1"'
    assert second.headers["if-none-match"] == '"c2"'
    told = unquote(second.headers["x-ronda-config-error"])
    assert told.startswith("checks[0].kind: 'sonar' is not one of ping, dns")
    centre.etag, centre.config = "c3", GOOD
    agent.frame()
    agent.work()
    assert [c.etag for c in agent.used] == ["c3"]


@pytest.mark.parametrize("config", [GOOD, {"checks": 5}, [1]], ids=["good", "refused", "a list"])
def test_a_centre_that_never_says_not_modified_is_not_asked_in_a_loop(
    agent: Bench, centre: FakeCollector, config: Any
) -> None:
    centre.honours_tags, centre.etag, centre.config = False, "c2", config
    for _ in range(3):
        agent.frame()
        agent.work(until_s=60)
    assert len(asked(centre, "config")) <= 2 * len(asked(centre, "reports"))
    assert len(agent.used) == (config == GOOD)
    assert agent.spool.entries == 0


def test_a_configuration_taken_back_is_no_longer_called_refused(
    agent: Bench, centre: FakeCollector
) -> None:
    centre.etag, centre.config = "c2", {"checks": 5}
    agent.frame()
    agent.work()
    assert "x-ronda-config-error" in asked(centre, "config")[-1].headers
    centre.etag = "c1"
    agent.frame()
    agent.work()
    last = asked(centre, "config")[-1].headers
    assert ("x-ronda-config-error" in last, last["x-ronda-config"]) == (False, '"c1"')


def test_the_same_token_again_does_not_push_out_the_old_one() -> None:
    first = Identity(url="http://x", token="new", old_token="old")
    assert with_token(first, "new", "k").old_token == "old"
    assert with_token(first, "newer", "k").old_token == "new"


def test_a_configuration_without_a_tag_is_some_other_programs(
    agent: Bench, centre: FakeCollector
) -> None:
    centre.etag, centre.config = "", GOOD
    agent.orders.take(["fetch_config"], "c1", trusted=True)
    agent.work(until_s=60)
    assert (agent.used, agent.orders.etag) == ([], "c1")
    assert "no collector" in agent.sender.told.trouble


def test_probe_now_and_fetch_config_are_obeyed(agent: Bench, centre: FakeCollector) -> None:
    centre.orders, centre.config = ["probe_now", "fetch_config"], GOOD
    agent.frame()
    agent.work()
    assert agent.probed == [1]
    # the same ETag: nothing new
    assert len(asked(centre, "config")) == 1
    assert agent.used == []


def test_a_rotated_token_is_used_from_then_on(agent: Bench, centre: FakeCollector) -> None:
    centre.orders = ["rotate_token"]
    agent.frame()
    agent.work()
    agent.frame()
    agent.work()
    assert [said.headers["authorization"] for said in asked(centre, "reports")] == [
        "Bearer token-1", "Bearer token-2",
    ]  # fmt: skip


def test_a_lost_rotation_is_asked_again_with_the_same_nonce(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.orders.take(["rotate_token"], "c1", trusted=True)
    centre.lose_answers = 1
    agent.work(until_s=60)
    agent.orders.take(["rotate_token"], "c1", trusted=True)
    agent.work(until_s=60)
    nonces = [said.json["nonce"] for said in asked(centre, "rotate")]
    assert len(nonces) == 2
    assert nonces[0] == nonces[1]
    kept = agent.home.identity()
    assert kept is not None
    assert (kept.token, kept.old_token, kept.nonce) == ("token-2", "token-1", "")


@pytest.mark.parametrize(
    ("order", "trusted", "said"),
    [
        ("open_tunnel", True, "open_tunnel no tunnel target"),
        ("self_destruct", True, "self_destruct unknown"),
        ("rotate_token", False, "rotate_token not over plain HTTP"),
        ("open_tunnel", False, "open_tunnel no tunnel target"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_next_report(
    agent: Bench, order: str, trusted: bool, said: str
) -> None:
    agent.orders.take([order], "c1", trusted)
    assert unquote(agent.orders.headers()["X-Ronda-Refused"]) == said
    assert not agent.orders.pending()
    agent.orders.take([], "c1", trusted)
    assert agent.orders.headers() == {}


def test_a_local_file_rules_over_what_the_collector_has(agent: Bench) -> None:
    local = Orders(agent.home, {}, agent.used.append, lambda: None, local=True)
    local.take(["fetch_config"], "c2", trusted=True)
    assert not local.pending()


def test_a_collector_that_has_no_configuration_does_not_stop_the_reports(
    agent: Bench, centre: FakeCollector
) -> None:
    centre.etag = "c2"
    centre.config = json.loads("[1]")
    agent.frame()
    agent.work(until_s=120)
    agent.frame()
    agent.work(until_s=120)
    assert agent.spool.entries == 0


def test_a_tunnel_is_opened_only_over_a_way_that_is_trusted(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.orders.may_open({"router": "192.168.88.1:22"})
    agent.orders.take(["open_tunnel:router"], "", trusted=False)
    assert unquote(agent.orders.headers()["X-Ronda-Refused"]) == (
        "open_tunnel:router not over plain HTTP"
    )
    assert not agent.orders.pending() and asked(centre, "tunnel") == []


def test_a_tunnel_to_what_the_configuration_does_not_name_is_refused_and_told(
    agent: Bench, centre: FakeCollector
) -> None:
    agent.orders.take(["open_tunnel:camera"], "", trusted=True)
    assert agent.orders.pending()
    agent.orders.carry_out(agent.post)
    assert "no tunnel target" in unquote(agent.orders.headers()["X-Ronda-Refused"])
    assert not agent.orders.pending() and asked(centre, "tunnel") == []
