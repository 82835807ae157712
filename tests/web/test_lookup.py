"""A word is found in whichever lines hold it, and in no other."""

import pytest

from web.lookup import Lookup

LINES = ["Benculuk\tTelkom", "Désa Bayu", "Bayu", "", "Sraten\nBayu", "Straße", "aa"]


@pytest.mark.parametrize(
    ("word", "holding", "beginning"),
    [
        pytest.param("benculuk", [0], [0], id="capitals are small letters"),
        pytest.param("bayu", [1, 2, 4], [2], id="several, one of which begins with it"),
        pytest.param("telkom", [0], [], id="inside a line"),
        pytest.param("désa", [1], [1], id="a letter of two bytes"),
        pytest.param("sa b", [1], [], id="over a space"),
        pytest.param("STRASSE", [5], [5], id="one letter that folds into two"),
        pytest.param("sraten bayu", [4], [4], id="a line has no second line"),
        pytest.param("bayu\nbayu", [], [], id="nothing reaches over the end of a line"),
        pytest.param("aa", [6], [6], id="the end of the text"),
        pytest.param("aaa", [], [], id="longer than what is left"),
        pytest.param("a", [1, 2, 4, 5, 6], [6], id="often in one line, told once"),
        pytest.param("x" * 300, [], [], id="longer than everything"),
        pytest.param("", [], [], id="nothing"),
    ],
)
def test_lines_that_hold_a_word(word: str, holding: list[int], beginning: list[int]) -> None:
    lookup = Lookup(LINES)
    assert lookup.holding(word).tolist() == holding
    if word:
        assert lookup.beginning(word).tolist() == beginning


def test_of_no_lines_none_holds_anything() -> None:
    assert Lookup([]).holding("a").tolist() == []
    assert Lookup([]).beginning("a").tolist() == []
