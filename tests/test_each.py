"""A table that is one test tries all of its cases, and says which of them failed."""

import pytest

from tests.each import for_each


def test_all_cases_are_tried_and_what_fails_is_named() -> None:
    tried = []

    @for_each(("word", "long"), [("desa", 4), ("warga", 4), ("pos", 9)], ids=["a", "b", "c"])
    def lengths(word: str, long: int) -> None:
        tried.append(word)
        assert len(word) == long

    with pytest.raises(BaseExceptionGroup, match="2 of 3 cases") as failed:
        lengths()
    assert tried == ["desa", "warga", "pos"]
    assert [one.__notes__ for one in failed.value.exceptions] == [
        ["in the case: b"],
        ["in the case: c"],
    ]


def test_what_was_to_be_refused_and_was_not_has_failed_as_well() -> None:
    @for_each("value", [1, 2])
    def refusals(value: int) -> None:
        with pytest.raises(ValueError):
            int(str(value))

    with pytest.raises(BaseExceptionGroup, match="2 of 2 cases"):
        refusals()


@for_each("value", ["x", "y"])
def test_fixtures_are_given_beside_the_values(tmp_path: object, value: str) -> None:
    assert tmp_path and value in "xy"


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(AssertionError, match="without cases"):
        for_each("value", [])


def test_a_table_that_takes_long_is_made_when_the_test_runs() -> None:
    asked = []

    def table() -> list[int]:
        asked.append("now")
        return [1, 2]

    @for_each("value", table)
    def ones(value: int) -> None:
        assert value == 1

    @for_each("value", list[int])
    def nothing(value: int) -> None:
        raise AssertionError("there is no case")

    assert asked == []
    with pytest.raises(BaseExceptionGroup, match="1 of 2 cases"):
        ones()
    with pytest.raises(AssertionError, match="without cases"):
        nothing()
