"""A value stands in a command as one word, and a person sees where it will stand."""

import pytest

from playbooks import quoting
from playbooks.model import Command, Look, Platform, Proof, Recipe
from playbooks.quoting import inside_quotes
from tests.each import for_each

R, W, D = Platform.ROUTEROS, Platform.OPENWRT, Platform.DEBIAN


@for_each(
    ("platform", "value", "quoted"),
    [
        (R, "ether1", '"ether1"'),
        (R, "pppoe-out1", '"pppoe-out1"'),
        (R, "10.0.0.0/8", '"10.0.0.0/8"'),
        (R, 'a"b', '"a\\"b"'),
        (R, "a\\", '"a\\\\"'),
        (R, "$a", '"\\$a"'),
        (R, "[/user print]", '"[/user print]"'),
        (R, "a?", '"a\\?"'),
        (W, "lan", "lan"),
        (W, "a b", "'a b'"),
        (D, "it's", "'it'\"'\"'s'"),
        (D, "$(reboot)", "'$(reboot)'"),
    ],
)
def test_a_value_is_one_word_of_its_platform(platform: Platform, value: str, quoted: str) -> None:
    assert quoting.quoted(platform, value) == quoted


def test_a_command_is_filled_wherever_a_parameter_stands() -> None:
    text = "uci set network.@{network}.dns=@{dns}; wg-quick@@{network}"
    values = {"network": "wan", "dns": "1.1.1.1 8.8.8.8"}
    assert quoting.filled(W, text, values) == (
        "uci set network.wan.dns='1.1.1.1 8.8.8.8'; wg-quick@wan"
    )


def test_a_value_that_looks_like_a_parameter_is_not_filled_again() -> None:
    assert quoting.filled(D, "a @{x} @{y}", {"x": "@{y}", "y": "z"}) == "a '@{y}' z"


def test_a_parameter_without_a_value_never_goes_to_a_device() -> None:
    with pytest.raises(KeyError):
        quoting.filled(D, "a @{x}", {})


def test_a_person_sees_the_name_of_a_value_that_is_not_there_yet() -> None:
    assert quoting.shown(R, "set @{a} @{before}", {"a": "x"}) == 'set "x" @{before}'


def test_a_question_holds_values_as_they_are() -> None:
    text = 'ronda_check_up{check="@{check}"} > @{begin}'
    assert quoting.plain(text, {"check": "opensid", "begin": "17"}) == (
        'ronda_check_up{check="opensid"} > 17'
    )


@for_each(
    ("platform", "text", "name"),
    [
        (D, "a @{x}", None),
        (D, 'a "@{x}"', "x"),
        (D, "a '@{x}'", "x"),
        (D, "a 'b' @{x} 'c'", None),
        (D, 'a "it\'s @{x}"', "x"),
        (D, "a 'say \"' @{x}", None),
        (D, 'a \\" @{x}', None),
        (D, "a '\\' @{x}", None),
        (D, 'a "\\"" @{x}', None),
        (D, 'a "$(b @{x})"', "x"),
        (D, "a @{y} '@{x}'", "x"),
        (R, 'a="@{x}"', "x"),
        (R, "a='@{x}'", None),
        (R, 'a="b\\"" . @{x}', None),
        (R, 'a="b\\\\" . @{x}', None),
        (R, '[:parse "a @{x}"]', "x"),
    ],
)
def test_a_parameter_within_quotes_is_found(
    platform: Platform, text: str, name: str | None
) -> None:
    assert inside_quotes(platform, text) == name


def test_all_names_that_a_recipe_holds_are_known() -> None:
    recipe = Recipe(
        do=(Command("a @{one} @{two}", 1),),
        verify=(Look(Proof.CHECK, 2, 60.0, "@{check}"), Look(Proof.HEARTBEAT, 3, 60.0)),
        undo=(Command("b @{before}", 4),),
    )
    assert quoting.named(recipe) == {"one", "two", "check", "before"}
