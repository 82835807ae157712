"""`ronda rules test`: what holds passes, what does not is told with expected and got."""

from pathlib import Path

import pytest

from alerts.rules import cases, testing
from alerts.rules.testing import Outcome
from tests.alerts.rules.sheets import FAILING_SHEET, RULES, SHEET

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


def outcome_of(folder: Path, sheet: str, rules: str = RULES) -> Outcome:
    (folder / "rules.yml").write_text(rules)
    (folder / "tests.yml").write_text(sheet)
    return testing.run(cases.read_file(folder / "tests.yml"))


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.yml")), ids=lambda path: path.stem)
def test_our_rules_do_what_their_tests_say(path: Path) -> None:
    outcome = testing.run(cases.read_file(path))
    assert outcome.refused == () and outcome.failures == ()


def test_a_sheet_that_holds_passes(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, SHEET)
    assert (outcome.failures, outcome.refused, outcome.tests) == ((), (), 3)


def test_each_failure_says_what_was_expected_and_got(tmp_path: Path) -> None:
    told = [
        str(one).partition("tests.yml:")[2] for one in outcome_of(tmp_path, FAILING_SHEET).failures
    ]
    assert told[1] == (
        "10: test all of it wrong, alert Many at 5m: "
        'expected {a="1", alertname="Many"}, got {a="2", alertname="Many"}'
    )
    assert told[0].endswith('expected nothing, got {a="2", alertname="Many"}')
    assert told[2].endswith('expected {alertname="AllDown"}, got nothing')
    assert told[3] == "13: test all of it wrong, expr sum(many) at 1m: expected {} 8, got {} 9"
    assert len(told) == 5


def test_a_rule_with_too_many_alarms_fails(tmp_path: Path) -> None:
    sheet = """rule_files: [rules.yml]
tests:
  - input_series:
      - {series: 'many{a="1"}', values: 9x9}
      - {series: 'many{a="2"}', values: 9x9}
      - {series: 'many{a="3"}', values: 9x9}
    alert_rule_test: [{eval_time: 0, alertname: Many}]
"""
    told = str(outcome_of(tmp_path, sheet).failures[0])
    assert "rule Many at 0s: expected no error, got exceeded limit of 2 with 3 alerts" in told


@pytest.mark.parametrize(
    ("sheet", "problem"),
    [
        ("tests: [{input_series: [{series: a, values: '{{schema:0}}'}]}]",
         "1: test 1: input_series a: native histograms are not supported"),
        ("tests: [{name: n, promql_expr_test: [{expr: a, exp_samples: [{histogram: '{{}}'}]}]}]",
         "1: test n: promql_expr_test: native histograms are not supported"),
        ("tests: [{promql_expr_test: [{expr: 'a +'}]}]", "test 1: promql_expr_test: parse error"),
        ("tests: [{input_series: [{series: a, values: x}]}]", "expected a value such as 1, 1+2x3"),
        ("tests: [{alert_rule_test: [{eval_time: 5m}]}]", "alertname must be set"),
        ("tests: [{alert_rule_test: [{alertname: a, eval_time: soon}]}]", "eval_time: not a dura"),
        ("tests: [{start_timestamp: today}]", "start_timestamp: 'today' is neither seconds nor"),
        ("tests: [{alerts: []}]", "1: test 1: unknown field 'alerts'"),
        ("rule_files: [none.yml]", "1: rule_files: there is no file none.yml"),
        ("rule_files: [bad.yml]", "bad.yml:2: YAML: did not find expected node content"),
        ("tests: [", "2: YAML: did not find expected node content"),
        ("evaluation_interval: 1s\ntests: [{name: n, alert_rule_test: "
         "[{eval_time: 2d, alertname: A}]}]", "2: test n: more than 100,000 evaluations"),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_refused_by_name(tmp_path: Path, sheet: str, problem: str) -> None:
    (tmp_path / "bad.yml").write_text("groups: [\n")
    refused = [str(one) for one in outcome_of(tmp_path, sheet + "\n").refused]
    assert any(problem in one for one in refused), refused


def test_the_rest_of_a_sheet_with_histograms_is_tested(tmp_path: Path) -> None:
    sheet = FAILING_SHEET + "  - input_series: [{series: a, values: '{{schema:0}}'}]\n"
    outcome = outcome_of(tmp_path, sheet)
    assert len(outcome.failures) == 5 and len(outcome.refused) == 1


def test_a_test_may_begin_at_any_time(tmp_path: Path) -> None:
    for start in ("'2024-01-01T00:00:00Z'", "1704067200"):
        sheet = f"""tests:
  - start_timestamp: {start}
    input_series: [{{series: a, values: 10+10x15}}]
    promql_expr_test:
      - {{expr: time(), eval_time: 5m, exp_samples: [{{value: 1704067500}}]}}
      - {{expr: a @ 1704067320, eval_time: 5m, exp_samples: [{{labels: a, value: 30}}]}}
"""
        outcome = outcome_of(tmp_path, sheet)
        assert outcome.failures == () and outcome.refused == ()


def test_nearly_the_same_number_will_do_where_a_sheet_says_so(tmp_path: Path) -> None:
    sheet = """fuzzy_compare: {}
tests:
  - input_series: [{{series: a, values: 3.0000000000000004}}, {{series: b, values: NaN}}]
    promql_expr_test:
      - {{expr: a, exp_samples: [{{labels: a, value: 3}}]}}
      - {{expr: b, exp_samples: [{{labels: b, value: .nan}}]}}
"""
    assert outcome_of(tmp_path, sheet.format("true")).failures == ()
    assert len(outcome_of(tmp_path, sheet.format("false")).failures) == 2


def test_a_rule_sees_nothing_of_the_future(tmp_path: Path) -> None:
    rules = "groups:\n- {name: g, rules: [{record: seen, expr: a offset -3m}]}\n"
    sheet = """rule_files: [rules.yml]
tests:
  - input_series: [{series: a, values: 1+1x9}]
    promql_expr_test: [{expr: seen, eval_time: 2m, exp_samples: [{labels: seen, value: 3}]}]
"""
    outcome = outcome_of(tmp_path, sheet, rules)
    assert outcome.failures == ()
