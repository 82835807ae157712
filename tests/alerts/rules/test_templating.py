"""Texts with {{ }}: what they come to, and what is refused before anybody waits for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.strict import Refused
from alerts.rules.templating import Context, Sample, check, doubts, expand, render
from tests.alerts.rules.texts_for_promtool import FAILING, LABELS, TEXTS, VALUE
from tests.each import for_each


def query(text: str) -> list[Sample]:
    return [Sample(LABELS, VALUE)] if text == "up" else []


CONTEXT = Context(LABELS, VALUE, {"dc": "bwi"}, "http://ronda.test/x", query)


@for_each(
    ("name", "expected"),
    [
        ("labels", "web.desa:8080 of app, ."),
        ("value", "1234.5678 1234.5678 -5 1e+21 1e-05 1 31"),
        ("humanize", "1.235k 0 120u 1e+06Y"),
        ("duration", "20m 34s 0s"),
        ("durations", "1d 1h 1m 1s"),
        ("a short duration", "12.34ms"),
        ("more durations", "-1h 0m 1s 5.432s"),
        ("percentage", "93.46% 100%"),
        ("timestamp", "2015-06-23 13:19:44.128 +0000 UTC 1970-01-01 00:00:00 +0000 UTC"),
        ("cut", "93%"),
        ("replace", "8080-web.desa"),
        ("if", "much"),
        ("query", "web.desa:8080 1234.5678;"),
        ("range empty", "none"),
        ("trim", "a1b  cd"),
    ],
)  # fmt: skip
def test_a_text_comes_to_this(name: str, expected: str) -> None:
    assert render(TEXTS[name], CONTEXT) == expected


@for_each("text", TEXTS.values(), ids=TEXTS)
def test_a_text_without_query_or_labels_can_be_filled_or_is_doubted(text: str) -> None:
    check(text)
    assert doubts(text) or isinstance(render(text, Context()), str)


@pytest.mark.parametrize("text", FAILING.values(), ids=FAILING)
def test_what_goes_wrong_stands_in_the_text(text: str) -> None:
    told = expand(text, CONTEXT)
    assert told.startswith("<error expanding template: ") and told.endswith(">")
    assert doubts(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ foo }}", "the function 'foo' is not defined"),
        ("{{ tmpl 1 }}", "the function 'tmpl' is not supported"),
        ("{{ $x }}", "undefined variable '$x'"),
        ("{{ if true }}", "an {{end}} is missing"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ $value", "unclosed action"),
        ('{{ "a }}', "unterminated quoted text"),
        ("{{ 1abc }}", "unexpected '1'"),
        ("{{ if true }}" * 60 + "{{ end }}" * 60, "nested too deeply"),
        ("x" * 20_000, "longer than 16,384 characters"),
    ],
)
def test_a_text_that_is_none_is_refused(text: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        check(text)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', "too deeply"),
        ('{{ printf "%999s" "a" }}', "wider than 200"),
        ('{{ $x := "aaaaaaaaaa" }}' + '{{ $x = print $x $x }}' * 14 + "{{ $x }}", "longer than"),
        ('{{ query "a" }}' * 11, "more than 10 queries"),
    ],
)  # fmt: skip
def test_a_text_has_bounds(text: str, problem: str) -> None:
    assert problem in doubts(text)


@pytest.mark.slow
@given(st.text(alphabet='{}$".|() \n-abif/*`end1', max_size=40))
def test_no_text_brings_anything_but_a_refusal(text: str) -> None:
    try:
        check(text)
    except Refused:
        return
    assert isinstance(expand(text, CONTEXT), str)
