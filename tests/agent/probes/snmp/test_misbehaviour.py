"""Devices that answer badly, late or for ever: the right verdict, within bounds."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pysnmp.proto.api import v2c

from agent.probes.snmp.message import Oid, oid
from agent.report import Reading, Verdict
from agent.runner import measure
from tests.agent.probes.snmp.fake_device import FakeDevice
from tests.agent.probes.snmp.looking import HOST, check, look

IF = "1.3.6.1.2.1.2.2.1"
UP = f'ronda_device_up{{device="{HOST}"}}'
Make = Callable[..., FakeDevice]


@pytest.fixture
def device() -> Iterator[Make]:
    made: list[FakeDevice] = []

    def make(values: dict[Oid, Any] | None = None, **how: Any) -> FakeDevice:
        made.append(FakeDevice({**system(), **(values or {})}, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def system(up: int = 4200) -> dict[Oid, Any]:
    return {
        oid("1.3.6.1.2.1.1.1.0"): v2c.OctetString("a switch"),
        oid("1.3.6.1.2.1.1.2.0"): v2c.ObjectIdentifier("1.3.6.1.4.1.99999"),
        oid("1.3.6.1.2.1.1.3.0"): v2c.TimeTicks(up),
    }


def interfaces(count: int, received: int = 7) -> dict[Oid, Any]:
    values: dict[Oid, Any] = {}
    for i in range(1, count + 1):
        values[oid(f"{IF}.2.{i}")] = v2c.OctetString(f"port{i}")
        values[oid(f"{IF}.8.{i}")] = v2c.Integer(1)
        values[oid(f"{IF}.10.{i}")] = v2c.Counter32(received)
    return values


def link(number: int) -> str:
    return f'ronda_uplink_link_up{{device="{HOST}",interface="port{number}"}}'


def see(device: FakeDevice, **settings: Any) -> Reading:
    return look(device.port, "public", **{"profile": "interfaces", "timeout_s": 0.3, **settings})[0]


@pytest.mark.parametrize("most", [40, 12, 3, 1], ids="at most {} values".format)
def test_a_device_that_says_too_big_is_read_in_smaller_pieces(device: Make, most: int) -> None:
    small = device(interfaces(30), most=most)
    reading = see(small)
    assert reading.verdict is Verdict.GOOD
    assert [reading.values[link(i)] for i in (1, 30)] == [1, 1]


def test_a_device_that_drops_big_answers_is_read_in_smaller_pieces(device: Make) -> None:
    reading = see(device(interfaces(12), most=6, mute=True), within_s=60.0)
    assert reading.verdict is Verdict.GOOD
    assert reading.values[link(12)] == 1


def test_what_a_device_bears_is_remembered(device: Make) -> None:
    small, memory = device(interfaces(20), most=16), dict[str, Any]()
    one = check(small.port, profile="interfaces", walk_every_s=1.0)
    measure(one, memory)
    before = sum(count > 16 for count in small.asked)
    memory["device"]._walk_due = 0.0
    measure(one, memory)
    assert before > 0
    assert sum(count > 16 for count in small.asked) == before


@pytest.mark.slow
def test_more_series_than_there_is_room_for_are_counted(device: Make) -> None:
    reading = see(device(interfaces(600)), timeout_s=2.0)
    assert reading.verdict is Verdict.GOOD
    assert reading.reason == "200 series over 1000 are left out"


def test_an_endless_walk_ends(device: Make) -> None:
    reading = see(device(interfaces(5), circle=True))
    assert reading.verdict is Verdict.GOOD
    assert "does not increase" in reading.reason
    assert reading.values[link(5)] == 1


def test_a_device_that_is_too_slow_for_all_keeps_its_verdict(device: Make) -> None:
    reading = see(device(interfaces(200), late_s=0.25), within_s=2.0)
    assert reading.verdict is Verdict.GOOD
    assert reading.reason.endswith("not everything could be read within 2 s")


def test_a_late_answer_counts_and_a_slow_device_is_not_asked_twice_again(device: Make) -> None:
    slow = device(late_s=0.4)
    assert see(slow, within_s=20.0).verdict is Verdict.GOOD
    # who it is, once more before the answer came; then two tables
    assert slow.asked == [3, 3, 40, 60]


def test_a_device_that_answers_one_question_at_a_time_is_still_known(device: Make) -> None:
    tree = {oid("1.3.6.1.4.1.48690.2.9.0"): v2c.Integer(460)}
    known = device(tree, most=1)
    reading, profile = look(known.port, "public", timeout_s=0.5)
    assert (reading.verdict, profile) == (Verdict.GOOD, "teltonika")


def test_a_null_is_unknown_and_ends_no_walk(device: Make) -> None:
    reading = see(device({**interfaces(3), oid(f"{IF}.8.2"): v2c.Null("")}))
    assert [reading.values[link(i)] for i in (1, 2, 3)] == [1, None, 1]


def test_a_lost_datagram_is_asked_again(device: Make) -> None:
    assert see(device(lose=1)).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    "garbage",
    [b"\xff", b"0\x82\xff\xff", b"hello", bytes(1000), b"0\x03\x02\x01\x01"],
    ids=["a byte", "a lying length", "text", "zeros", "half a message"],
)
def test_garbage_before_the_answer_is_passed_over(device: Make, garbage: bytes) -> None:
    assert see(device(interfaces(2), garbage=garbage)).values[link(2)] == 1


def test_values_of_the_wrong_type_are_unknown_and_the_others_stand(device: Make) -> None:
    wrong = {
        oid(f"{IF}.8.1"): v2c.OctetString("perhaps"),
        oid(f"{IF}.10.1"): v2c.ObjectIdentifier("1.3.6.1"),
        oid(f"{IF}.10.2"): v2c.IpAddress("10.0.0.1"),
        oid(f"{IF}.14.2"): v2c.OctetString(b"\xff\xfe"),
        oid("1.3.6.1.2.1.1.3.0"): v2c.OctetString("long"),
    }
    reading = see(device({**interfaces(2), **wrong}))
    assert reading.verdict is Verdict.GOOD
    assert reading.values[link(1)] is None
    assert reading.values[link(2)] == 1
    received = f'ronda_uplink_receive_bytes_total{{device="{HOST}",interface="port1"}}'
    assert reading.values[received] is None


def test_a_closed_port_is_a_device_that_is_down(device: Make) -> None:
    gone = device()
    gone.close()
    reading = see(gone)
    assert (reading.verdict, reading.values) == (Verdict.BAD, {UP: 0.0})
    assert reading.reason == f"no SNMP at 127.0.0.1 port {gone.port}: Connection refused"


def test_silence_is_a_device_that_is_down(device: Make) -> None:
    reading = see(device(lose=1000))
    assert reading.verdict is Verdict.BAD
    assert reading.reason.startswith("no answer over SNMP from 127.0.0.1")


def test_a_host_without_an_address_is_not_the_devices_fault(device: Make) -> None:
    one = check(device().port, host="no-such-host.invalid")
    assert measure(one, {}).verdict is Verdict.UNKNOWN


def test_between_walks_only_the_verdict_is_asked_for(device: Make) -> None:
    quiet, memory = device(interfaces(3)), dict[str, Any]()
    one = check(quiet.port, profile="interfaces")
    first = measure(one, memory)
    asked = len(quiet.asked)
    again = measure(one, memory)
    assert len(quiet.asked) == asked + 1
    assert again.values == first.values


def test_a_device_that_restarted_is_walked_at_once(device: Make) -> None:
    values = {**system(up=90000), **interfaces(1, received=4_000_000_000)}
    router, memory = FakeDevice(values), dict[str, Any]()
    one = check(router.port, profile="interfaces")
    measure(one, memory)
    values.update({**system(up=100), **interfaces(1, received=5)})
    reading = measure(one, memory)
    router.close()
    received = f'ronda_uplink_receive_bytes_total{{device="{HOST}",interface="port1"}}'
    assert reading.values[received] == 5


def test_a_ups_tells_of_the_mains_in_every_round(device: Make) -> None:
    source = oid("1.3.6.1.2.1.33.1.4.1.0")
    values = {**system(), source: v2c.Integer(3)}
    ups, memory = FakeDevice(values), dict[str, Any]()
    one = check(ups.port, profile="ups-mib")
    mains = f'ronda_power_on_mains{{ups="{HOST}"}}'
    assert measure(one, memory).values[mains] == 1
    values[source] = v2c.Integer(5)
    assert measure(one, memory).values[mains] == 0
    ups.close()
