"""The centre does not reach into itself on somebody's word."""

import ipaddress
from pathlib import Path

import pytest

from agent.strict import Refused
from collector import reach
from tests.each import for_each

OWN = reach.parse(["10.20.0.0/16", "fd00:20::/64"])


@for_each(
    ("address", "words"),
    [
        ("127.0.0.1", "is this machine"),
        ("127.9.9.9", "is this machine"),
        ("::1", "is this machine"),
        ("::ffff:127.0.0.1", "127.0.0.1 is this machine"),
        ("0.0.0.0", "is this machine"),
        ("169.254.169.254", "is link-local"),
        ("fe80::1", "is link-local"),
        ("224.0.0.1", "is no address of a host"),
        ("255.255.255.255", "is no address of a host"),
        ("10.20.3.4", "in the centre's own network"),
        ("::ffff:10.20.3.4", "in the centre's own network"),
        ("fd00:20::7", "in the centre's own network"),
        ("100.100.100.200", "tells this machine's secrets"),
        ("fd00:ec2::254", "tells this machine's secrets"),
        ("10.21.0.1", ""),
        ("203.0.113.7", ""),
        ("2001:db8::1", ""),
    ],
)
def test_what_is_near_is_refused(address: str, words: str) -> None:
    found = reach.problem(ipaddress.ip_address(address), [], OWN)
    assert found.endswith(words) and bool(found) == bool(words)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "10.20.0.9", "169.254.1.1"])
def test_what_is_listed_may_be_reached(address: str) -> None:
    listed = reach.parse(["127.0.0.0/8", "10.20.0.0/24", "169.254.0.0/16"])
    assert reach.problem(ipaddress.ip_address(address), listed, OWN) == ""


def test_a_setting_that_is_no_network_is_refused() -> None:
    with pytest.raises(Refused, match="allow_targets: 'centre' does not appear to be"):
        reach.parse(["127.0.0.1", "centre"])


def test_own_networks_are_those_without_a_gateway(tmp_path: Path) -> None:
    net = tmp_path / "net"
    net.mkdir()
    (net / "route").write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0100140A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t0000140A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "eth0\t0000A8C0\t0100140A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    (net / "if_inet6").write_text("fd000020000000000000000000000007 02 40 00 80     eth0\n")
    assert [str(network) for network in reach.own_networks(tmp_path)] == [
        "10.20.0.0/16",
        "fd00:20::/64",
    ]


def test_a_system_that_tells_no_networks_has_none(tmp_path: Path) -> None:
    assert reach.own_networks(tmp_path) == []


def test_the_order_of_own_networks_makes_no_other_fence() -> None:
    one, two = OWN
    assert reach.off_limits([one, two]) == reach.off_limits([two, one])
