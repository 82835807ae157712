"""Devices that speak only SNMPv1, as older cards of UPSes do: found out, read, and not confused."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from agent.cli import main
from agent.probes.snmp.first import of_first
from agent.probes.snmp.message import TOO_BIG, Ask, Oid, Told
from agent.probes.snmp.visit import Device
from agent.report import Verdict
from agent.runner import measure
from agent.strict import Refused
from tests.agent.probes.snmp.looking import HOST, check, look
from tests.agent.probes.snmp.test_snmpd import Snmpd

A, B, C = (1, 3, 1), (1, 3, 2), (1, 3, 3)
FIRST = """com2sec mine 127.0.0.1 public
group firsts v1 mine
view all included .1
access firsts "" v1 noauth exact all none none
"""
CLOSED = """rocommunity public 127.0.0.1
com2sec shut 127.0.0.1 shut
group nobodies v1 shut
group nobodies v2c shut
"""


class Card:
    """A device of v1 that has some values; `mute` it does not say which name it minds."""

    def __init__(self, *values: Oid, error: int = 2, mute: bool = False) -> None:
        self._values, self._error, self._mute = values, error, mute
        self.asked = 0

    def ask(self, ask: Ask, tries: int) -> Told:
        assert ask.repetitions == 0
        self.asked += 1
        rows = []
        for place, name in enumerate(ask.oids, 1):
            fits = [v for v in self._values if (v > name if ask.following else v == name)]
            if not fits:
                index = 0 if self._mute else place
                return Told(7, self._error, [(n, b"") for n in ask.oids], index=index)
            rows.append((min(fits), 1))
        return Told(7, 0, rows)


@pytest.mark.parametrize("error", [2, 3, 5], ids=["noSuchName", "badValue", "genErr"])
@pytest.mark.parametrize(
    ("ask", "rows"),
    [
        (Ask((A, B, C)), [(A, 1), (B, None), (C, 1)]),
        (Ask((B, C, A)), [(B, None), (C, 1), (A, 1)]),
        (Ask((B,)), [(B, None)]),
        (Ask((A, C), following=True), [(C, 1), (C, None)]),
        (Ask((A, A), repetitions=10), [(C, 1), (C, 1)]),
        (Ask((C,), repetitions=10), [(C, None)]),
    ],
    ids=["between", "first", "alone", "next", "bulk", "the end"],
)
def test_a_name_that_is_not_there_costs_no_other(error: int, ask: Ask, rows: Any) -> None:
    assert list(of_first(Card(A, C, error=error).ask)(ask, 1).rows) == rows


def test_who_does_not_say_which_name_is_asked_for_fewer() -> None:
    asking = of_first(Card(A, C, mute=True).ask)
    assert asking(Ask((A, B)), 1).error == TOO_BIG
    assert list(asking(Ask((B,)), 1).rows) == [(B, None)]


def test_other_errors_stay_what_they_are() -> None:
    assert of_first(lambda ask, tries: Told(7, 16, ()))(Ask((A,)), 1).error == 16


@pytest.mark.parametrize(
    "settings", [{"version": 3}, {"version": -1}, {"version": 1, "v3": "noc"}], ids=str
)
def test_a_version_that_is_none_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="version"):
        check(161, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["netagent2", "apc_smx750i", "poweralert_2", "routeros_rb750gr3"])
def test_a_recorded_device_says_the_same_in_both_versions(recorded: int, name: str) -> None:
    first, profile = look(recorded, name, version=1)
    second, same = look(recorded, name, version=2)
    assert (first.verdict, profile) == (Verdict.GOOD, same)
    counters = {n for n in second.values if "_total{" in n}
    assert {n: v for n, v in first.values.items() if n not in counters} == {
        n: v for n, v in second.values.items() if n not in counters
    }
    # counters of 64 bits are not in v1: those of 32 stand for them
    for counter in counters:
        low, whole = first.values.get(counter), second.values[counter]
        assert low is None or whole is None or low == whole % 2**32


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """A real snmpd that answers v1 alone."""
    made = Snmpd(tmp_path_factory.mktemp("first"), FIRST, 1)
    yield made
    made.stop()


@pytest.mark.slow
def test_a_device_of_v1_alone_is_found_out_and_remembered(card: Snmpd) -> None:
    memory: dict[str, Any] = {}
    wish = check(card.port, timeout_s=0.3)
    for _ in range(2):
        reading = measure(wish, memory)
        assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
        assert reading.values[f'ronda_uplink_link_up{{device="{HOST}",interface="lo"}}'] == 1
    octets = f'ronda_uplink_receive_bytes_total{{device="{HOST}",interface="lo"}}'
    assert reading.values[octets] is not None
    assert measure(check(card.port, version=2, timeout_s=0.3), {}).verdict is not Verdict.GOOD
    assert measure(check(card.port, version=1, timeout_s=0.3), {}).verdict is Verdict.GOOD


@pytest.mark.slow
def test_one_that_stands_where_another_answered_is_found_out_within_the_hour(
    card: Snmpd, tmp_path: Path
) -> None:
    before, device = Snmpd(tmp_path), Device()
    one = check(before.port, timeout_s=0.3).probe
    assert device.look(one, monotonic())[0] is Verdict.GOOD
    before.stop()
    other = check(card.port, timeout_s=0.3).probe
    assert device.look(other, monotonic())[0] is not Verdict.GOOD
    assert device.look(other, monotonic() + 3601)[0] is Verdict.GOOD


@pytest.mark.slow
def test_a_community_that_may_read_nothing_is_refused_in_both_versions(tmp_path: Path) -> None:
    closed = Snmpd(tmp_path, CLOSED)
    try:
        reading = measure(check(closed.port, community="shut", timeout_s=0.3), {})
        assert reading.verdict is not Verdict.GOOD, reading.values
    finally:
        closed.stop()


@pytest.mark.slow
def test_it_falls_silent_and_comes_back(card: Snmpd) -> None:
    memory: dict[str, Any] = {}
    wish = check(card.port, timeout_s=0.3)
    assert measure(wish, memory).verdict is Verdict.GOOD
    card.stop()
    for _ in range(2):
        assert measure(wish, memory).verdict is Verdict.BAD
    card.start()
    assert measure(wish, memory).verdict is Verdict.GOOD


@pytest.mark.slow
def test_by_hand_its_version_is_found_out_or_named(
    card: Snmpd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("RONDA_AGENT_DATA", str(tmp_path))
    given = ["probe", "snmp", "--host", HOST, "--port", str(card.port), "--timeout-s", "0.3"]
    for more in (["--profile", "auto"], ["--version", "1"]):
        assert main([*given, *more, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["profile"] == "net-snmp"
        assert told["readings"][f'ronda_uplink_link_up{{device="{HOST}",interface="lo"}}'] == 1
