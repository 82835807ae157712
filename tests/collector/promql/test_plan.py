"""A query's text becomes a tree, or is refused in words that say why."""

import pytest

from agent.strict import Refused
from collector.promql.plan import (
    Aggregate,
    At,
    Call,
    Matcher,
    Selector,
    Subquery,
    plan,
    position,
    scoped,
    selectors,
)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "parse error: no expression found in input"),
        ("1 +", "parse error: invalid promql query"),
        ("nope(up)", 'parse error: unknown function with name "nope"'),
        (
            "rate(up)",
            "parse error: expected type range vector in call to function "
            '"rate", got instant vector',
        ),
        ('{a="b" or c="d"}', "`or` between matchers is not supported"),
        ("a + fill_left(0) b", "fill modifiers are not supported"),
        ("{}", "parse error: vector selector must contain at least one non-empty matcher"),
        ("u" * 20_000, "longer than 16384 characters"),
        ("x @ 1e12", "parse error: timestamp out of bounds for @ modifier: 1000000000000.000000"),
        ("x[300y]", "parse error: duration out of range"),
        # from here on the parser alone would end the process
        ("-" * 16_000 + "x", "nested too deeply"),
        ("1+" * 8000 + "1", "nested too deeply"),
        ('x{a="b",#"\n}' + "or x " * 3000 + '#"}', "nested too deeply"),
    ],
)
def test_what_cannot_be_asked_is_named(query: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(query)
    assert refused.value.place == "query"
    assert refused.value.problem == problem


def test_a_panic_of_the_parser_is_a_refusal() -> None:
    with pytest.raises(Refused, match="cannot convert float seconds to Duration"):
        plan("x offset 1e100")


@pytest.mark.parametrize(
    ("written", "time_ms"),
    [("-100", -100_000), ("-33.0004", -33_000), ("-1.5", -1500), ("1e11", 10**14), (".25", 250)],
)
def test_a_fixed_time_may_lie_before_1970_and_far_away(written: str, time_ms: int) -> None:
    for query in (f"x @ {written}", f"x[5m] @ {written}", f"(x @ 7)[5m:] @ {written}"):
        tree = plan(query)
        assert isinstance(tree, Selector | Subquery)
        assert tree.at == At(time_ms=time_ms)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1_000", "1000"),
        ("0xFF_ff + 1_0.5_0e1_0", "0xFFff + 10.50e10"),
        ('x_1_0{a_1="1_0"} # 1_0', 'x_1_0{a_1="1_0"}'),
        (r"x{a=~`\xc3\xa9`}", r'x{a=~"\\xc3\\xa9"}'),
        (r'x{a=~"\\xc3\xa9"}', "x{a=~'\\\\xc3\U0010ffa9'}"),
        (r"x{a=`\`}", r'x{a="\\"}'),
    ],
)
def test_spellings_mean_what_they_mean_to_prometheus(written: str, meant: str) -> None:
    assert plan(written) == plan(meant)


def test_parts_know_where_they_begin_in_the_text() -> None:
    query = 'sum by (a) (\n  rate(x{l="("}[5m] offset 1m) > bool on (b) y\n) # end'
    tree = plan(query)
    assert isinstance(tree, Aggregate)
    assert position(tree) == 0
    assert position(tree.inner) == query.index("rate")
    assert position(selectors(tree)[0]) == query.index("x{")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("count(limit_ratio(1.1, up))", "1.1"),
        ("topk((3), up)", "(3)"),
        ("quantile without (a) (NaN, up)", "NaN"),
        ("quantile(-0.5, up @ start() offset -5m)", "-0.5"),
    ],
)
def test_the_parameter_of_an_aggregation_knows_its_place(query: str, text: str) -> None:
    tree = plan(query)
    inner = tree.inner if isinstance(tree, Aggregate) and tree.param is None else tree
    assert isinstance(inner, Aggregate)
    assert inner.param is not None
    assert position(inner.param) == query.index(text)


def test_a_scope_is_put_on_every_selector_and_does_not_replace_what_is_said() -> None:
    mine = (Matcher("site", "=", "a"),)
    tree = scoped(
        plan('sum(x{site="b"}) / on () max_over_time(rate(y[1m])[5m:]) > -scalar(z)'), mine
    )
    for selector in selectors(tree):
        assert selector.matchers[0] == mine[0]
    assert Matcher("site", "=", "b") in selectors(tree)[0].matchers


def test_bytes_in_strings_are_the_text_they_spell() -> None:
    tree = plan(r'label_replace(up, "a", "\xc3\xa9", "b", "")')
    assert isinstance(tree, Call)
    assert tree.args[2] == plan('"é"')
