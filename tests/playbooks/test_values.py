"""A value is what its parameter says it is, or it is refused by name."""

import pytest

from agent.strict import Refused
from playbooks.model import Kind, Parameter
from playbooks.values import accepted, of_kind
from tests.each import for_each

WORDS = {"id": "Coba", "en": "Try"}


@for_each(
    ("kind", "text", "value"),
    [
        (Kind.IP, "192.0.2.1", "192.0.2.1"),
        (Kind.IP, "2001:DB8:0::1", "2001:db8::1"),
        (Kind.CIDR, "10.35.0.0/16", "10.35.0.0/16"),
        (Kind.CIDR, "10.35.0.0/255.255.0.0", "10.35.0.0/16"),
        (Kind.CIDR, "2001:db8::/32", "2001:db8::/32"),
        (Kind.HOSTNAME, "noc.example.go.id", "noc.example.go.id"),
        (Kind.HOSTNAME, "192.0.2.1", "192.0.2.1"),
        (Kind.INTERFACE, "ether1", "ether1"),
        (Kind.INTERFACE, "pppoe-out1", "pppoe-out1"),
        (Kind.INTERFACE, "br-lan.10@eth0", "br-lan.10@eth0"),
        (Kind.IDENTIFIER, "hs1", "hs1"),
        (Kind.IDENTIFIER, "1d00:30:00", "1d00:30:00"),
        (Kind.ENUM, "long-term", "long-term"),
        (Kind.INT, "0", "0"),
        (Kind.INT, "-12", "-12"),
        (Kind.SECRET, 'a b"c\\d$e', 'a b"c\\d$e'),
    ],
)
def test_a_value_of_its_type_is_taken(kind: Kind, text: str, value: str) -> None:
    assert of_kind(kind, text) == value


@for_each(
    ("kind", "text"),
    [
        (Kind.IP, ""),
        (Kind.IP, "192.0.2.256"),
        (Kind.IP, "192.0.2.1 "),
        (Kind.IP, "192.0.2.01"),
        (Kind.IP, "fe80::1%eth0"),
        (Kind.IP, "127.0.0.1; /system reboot"),
        (Kind.IP, "\u0661.1.1.1"),
        (Kind.CIDR, "10.35.0.1/16"),
        (Kind.CIDR, "10.35.0.0/33"),
        (Kind.CIDR, "10.35.0.0/\u0661\u0666"),
        (Kind.HOSTNAME, "-rf.example.id"),
        (Kind.HOSTNAME, "a..b"),
        (Kind.HOSTNAME, "desa_baru.id"),
        (Kind.HOSTNAME, "a\n"),
        (Kind.INTERFACE, "--help"),
        (Kind.INTERFACE, "/etc"),
        (Kind.INTERFACE, "a/../b"),
        (Kind.INTERFACE, "ether1 ether2"),
        (Kind.IDENTIFIER, "$HOME"),
        (Kind.IDENTIFIER, "a/b"),
        (Kind.IDENTIFIER, "d\u00e9sa"),
        (Kind.IDENTIFIER, "a" * 65),
        (Kind.ENUM, "a b"),
        (Kind.INT, "\u0661"),
        (Kind.INT, "1e3"),
        (Kind.INT, "007"),
        (Kind.INT, "1\n"),
        (Kind.SECRET, ""),
        (Kind.SECRET, "a\x00b"),
        (Kind.SECRET, "a\nb"),
        (Kind.SECRET, "s\u00e4ndi"),
        (Kind.SECRET, "a\x7f"),
        (Kind.SECRET, "x" * 256),
    ],
)
def test_anything_else_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(Refused):
        of_kind(kind, text)


def test_what_is_wrong_with_a_secret_does_not_repeat_it() -> None:
    with pytest.raises(Refused) as refused:
        of_kind(Kind.SECRET, "rahasia\x01desa")
    assert "rahasia" not in str(refused.value)


PARAMETERS = [
    Parameter("server", Kind.IP, WORDS, default="1.1.1.1"),
    Parameter("minutes", Kind.INT, WORDS, least=10, most=60),
    Parameter("mode", Kind.ENUM, WORDS, choices=("fast", "slow"), default="slow"),
]


def test_what_is_not_given_has_its_default() -> None:
    found = accepted(PARAMETERS, {"minutes": "30"})
    assert found == {"server": "1.1.1.1", "minutes": "30", "mode": "slow"}


@pytest.mark.parametrize(
    ("given", "place", "problem"),
    [
        ({}, "minutes", "missing"),
        ({"minutes": "9"}, "minutes", "must be 10 or more"),
        ({"minutes": "61"}, "minutes", "must be 60 or less"),
        ({"minutes": "ten"}, "minutes", "expected a whole number, got 'ten'"),
        ({"minutes": "30", "mode": "faster"}, "mode", "expected one of fast, slow, got 'faster'"),
        ({"minute": "30"}, "minute", "unknown parameter; known are minutes, mode, server"),
    ],
)
def test_the_parameter_that_is_wrong_is_named(
    given: dict[str, str], place: str, problem: str
) -> None:
    with pytest.raises(Refused) as refused:
        accepted(PARAMETERS, given)
    assert (refused.value.place, refused.value.problem) == (place, problem)


def test_of_a_playbook_without_parameters_none_is_known() -> None:
    with pytest.raises(Refused, match="unknown parameter; there are none"):
        accepted([], {"a": "b"})


def test_what_no_step_of_the_platform_holds_may_be_missing_but_not_wrong() -> None:
    assert accepted(PARAMETERS, {}, {"server"}) == {"server": "1.1.1.1", "mode": "slow"}
    with pytest.raises(Refused, match="must be 10 or more"):
        accepted(PARAMETERS, {"minutes": "1"}, {"server"})
