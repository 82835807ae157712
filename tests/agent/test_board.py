"""What the latest readings make: findings, uplinks, frames."""

import math

import pytest

from agent.board import Board, Change, Shape, number
from agent.report import Reading, Verdict
from tests.agent.probe_stub import Said, check

GOOD, BAD, UNKNOWN = Verdict.GOOD, Verdict.BAD, Verdict.UNKNOWN


def test_a_change_of_verdict_is_told_with_its_reason_and_once() -> None:
    board = Board([check("app", Said())])
    assert board.take("app", Reading(GOOD), 0.1) == Change("app", GOOD, "", False)
    assert board.take("app", Reading(GOOD), 0.1) is None
    assert board.take("app", Reading(BAD, reason="HTTP 502"), 0.1) == Change(
        "app", BAD, "HTTP 502", False
    )
    assert board.take("app", Reading(BAD, reason="HTTP 503"), 0.1) is None
    assert board.take("app", Reading(UNKNOWN), 0.1) == Change("app", UNKNOWN, "", False)


def test_what_only_counts_has_no_verdict_even_when_it_fails() -> None:
    board = Board([check("host", Said(None), kind="host")])
    assert board.take("host", Reading(None, {"ronda_host_load1": 0.5}), 0.1) is None
    assert board.take("host", Reading(UNKNOWN), 0.1) is None
    assert board.values() == {}


@pytest.mark.parametrize(
    ("one", "two", "uplink"),
    [
        (GOOD, BAD, 1.0),
        (GOOD, UNKNOWN, 1.0),
        (BAD, BAD, 0.0),
        (BAD, UNKNOWN, None),
        (BAD, None, None),
        (None, None, None),
    ],
)
def test_an_uplink_is_up_while_any_of_its_checks_is_good(
    one: Verdict | None, two: Verdict | None, uplink: float | None
) -> None:
    board = Board([check("a", Said(), uplink="main"), check("b", Said(), uplink="main")])
    for name, verdict in (("a", one), ("b", two)):
        if verdict:
            board.take(name, Reading(verdict), 0.1)
    assert board.values()['ronda_uplink_up{uplink="main"}'] == uplink


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 1.0), (0.0, None, 0.0), (None, None, None)],
)
def test_of_two_checks_of_the_same_thing_the_worse_is_shown(
    first: float | None, second: float | None, shown: float | None
) -> None:
    board = Board([check("router", Said(), kind="dns"), check("isp", Said(), kind="dns")])
    board.take("router", Reading(GOOD, {"ronda_uplink_dns_up": first}), 0)
    board.take("isp", Reading(GOOD, {"ronda_uplink_dns_up": second}), 0)
    assert board.values()["ronda_uplink_dns_up"] == shown


def test_a_change_says_when_an_uplink_went_with_it() -> None:
    board = Board([check("a", Said(), uplink="main"), check("b", Said(), uplink="main")])
    assert board.take("a", Reading(GOOD), 0) == Change("a", GOOD, "", True)
    assert board.take("b", Reading(GOOD), 0) == Change("b", GOOD, "", False)
    assert board.take("b", Reading(BAD), 0) == Change("b", BAD, "", False)
    assert board.take("a", Reading(BAD), 0) == Change("a", BAD, "", True)


def test_verdicts_are_series_too() -> None:
    board = Board([check("app", Said(), kind="http")])
    board.take("app", Reading(BAD, {"ronda_check_http_status_code": 502}), 0.25)
    assert board.values() == {
        "ronda_check_http_status_code": 502,
        'ronda_check_up{check="app",kind="http"}': 0.0,
        'ronda_check_duration_seconds{check="app"}': 0.25,
    }
    board.take("app", Reading(UNKNOWN), 0.25)
    assert board.values()['ronda_check_up{check="app",kind="http"}'] is None


def test_a_new_configuration_keeps_what_did_not_change() -> None:
    same, other = check("same", Said()), check("other", Said())
    board = Board([same, other])
    board.take("same", Reading(GOOD), 0.1)
    board.take("other", Reading(GOOD), 0.1)
    board.replace([same, check("other", Said(), kind="http")])
    assert board.verdict("same") is GOOD
    assert board.verdict("other") is None


def test_a_series_that_is_missing_is_null_not_another_layout() -> None:
    shape = Shape()
    assert list(shape.form({"b": 1, "a": 2})) == [2, 1]
    first = shape.layout
    assert list(shape.names) == ["a", "b"]
    values = shape.form({"a": 3})
    assert values[0] == 3
    assert math.isnan(values[1])
    assert shape.layout == first
    shape.form({"a": 3, "c": 1})
    assert list(shape.names) == ["a", "b", "c"]
    assert shape.layout != first


def test_a_series_long_gone_leaves_with_the_next_layout() -> None:
    shape = Shape()
    shape.form({"gone": 1, "here": 1})
    for _ in range(200):
        shape.form({"here": 1})
    assert list(shape.names) == ["gone", "here"]
    shape.form({"here": 1, "new": 1})
    assert list(shape.names) == ["here", "new"]


def test_a_frame_has_two_thousand_series_at_most_and_says_how_many_are_left_out() -> None:
    shape = Shape()
    shape.form({f"s{i:05d}": 1 for i in range(2100)})
    assert len(shape.names) == 2000
    assert shape.left_out == 100


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (0.0213456789, 0.021346),
        (123456.789, 123457.0),
        (98765432101.0, 98765432101.0),
        (1790000000.5, 1790000000.0),
        (7, 7.0),
        (True, 1.0),
        (-0.5, -0.5),
    ],
)
def test_numbers_have_no_more_digits_than_a_measurement(given: float, sent: float) -> None:
    assert number(given) == sent


@pytest.mark.parametrize("given", [None, math.nan, math.inf, -math.inf, "7", object()])
def test_what_is_no_number_is_null(given: object) -> None:
    assert math.isnan(number(given))


def test_a_check_of_another_site_says_so_in_series_and_findings() -> None:
    there = check("router", Said(), kind="snmp", uplink="main", site="35.10.06.2005")
    here = check("gateway", Said(), uplink="main")
    board = Board([there, here])
    board.take("gateway", Reading(BAD), 0.1)
    reading = Reading(GOOD, {'ronda_device_up{device="router"}': 1.0})
    change = board.take(there.key, reading, 0.1)
    assert change == Change("router", GOOD, "", True, "35.10.06.2005")
    values = board.values()
    place = 'site="35.10.06.2005"'
    assert values[f'ronda_device_up{{device="router",{place}}}'] == 1
    assert values[f'ronda_check_up{{check="router",kind="snmp",{place}}}'] == 1
    assert values[f'ronda_uplink_up{{{place},uplink="main"}}'] == 1
    assert values['ronda_uplink_up{uplink="main"}'] == 0


def test_checks_of_one_name_at_two_sites_are_two() -> None:
    one = check("luar OpenSID", Said(), kind="ping", site="35.10.06.2005")
    two = check("luar OpenSID", Said(), kind="ping", site="35.10.06.2006")
    board = Board([one, two])
    board.take(one.key, Reading(GOOD), 0.1)
    assert board.take(two.key, Reading(BAD, reason="no answer"), 0.1) == Change(
        "luar OpenSID", BAD, "no answer", False, "35.10.06.2006"
    )
    values = board.values()
    assert values['ronda_check_up{check="luar OpenSID",kind="ping",site="35.10.06.2005"}'] == 1
    assert values['ronda_check_up{check="luar OpenSID",kind="ping",site="35.10.06.2006"}'] == 0
