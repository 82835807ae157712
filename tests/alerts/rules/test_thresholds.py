"""The number of a rule that a site may have otherwise."""

import pytest

from alerts.rules.reading import read
from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of, with_threshold
from collector.promql.plan import plan
from tests.alerts.rules.files_for_promtool import rule


def of(expr: str) -> Rule:
    text = rule("alert: A\nexpr: |-\n  " + expr)
    return read(text.encode(), "a.yml").rules[0]


@pytest.mark.parametrize(
    ("expr", "left", "op", "number", "changed"),
    [
        ("a > 0.9", "a", ">", 0.9, "a > 7"),
        ("5 >= a", "a", "<=", 5, "7 >= a"),
        ("a < -27", "a", "<", -27, "a < 7"),
        ("a < 14 * 86400", "a", "<", 1209600, "a < 7"),
        ("(a > 0.9) and on (site) b > 3", "a", ">", 0.9, "(a > 7) and on (site) b > 3"),
        ("a > 1 unless b unless c > 2", "a", ">", 1, "a > 7 unless b unless c > 2"),
        ("(rate(a[5m]) < 1) > 0.1", "rate(a[5m]) < 1", ">", 0.1, "(rate(a[5m]) < 1) > 7"),
    ],
)
def test_a_threshold_is_found_and_replaced(
    expr: str, left: str, op: str, number: float, changed: str
) -> None:
    assert threshold_of(of(expr)) == (plan(left), op, number)
    assert with_threshold(of(expr), 7.0).tree == plan(changed)


@pytest.mark.parametrize(
    "expr", ["a", "a == 0", "a > b", "a > bool 5", "a > 1 or b > 2", "sum(a > 5)", "vector(1)"]
)
def test_a_rule_without_a_threshold_has_none(expr: str) -> None:
    assert threshold_of(of(expr)) is None
