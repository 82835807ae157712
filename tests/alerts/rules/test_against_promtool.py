"""Prometheus's own promtool says the same of rule files, templates and tests as we do."""

import json
import subprocess
from pathlib import Path

import pytest

from alerts.rules import cases, testing
from alerts.rules.loading import PACK, files
from alerts.rules.reading import read
from alerts.rules.templating import Context, Sample, expand
from tests.alerts.rules.files_for_promtool import BAD, GOOD
from tests.alerts.rules.sheets import FAILING_SHEET, RULES, SHEET
from tests.alerts.rules.texts_for_promtool import FAILING, LABELS, TEXTS, VALUE

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent


def promtool(*words: str | Path) -> tuple[bool, str]:
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, timeout=120)
    return done.returncode == 0, done.stdout + done.stderr


def test_rule_files_are_taken_and_refused_alike(tmp_path: Path) -> None:
    texts = GOOD | BAD
    paths = [tmp_path / f"{number}.yml" for number in range(len(texts))]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    # of each it says first which it looks at, then that it is good, or elsewhere what is wrong
    command = ["promtool", "check", "rules", "--lint=none", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    answers = done.stdout.split("Checking ")[1:]
    for (name, text), path, said in zip(texts.items(), paths, answers, strict=True):
        assert said.startswith(f"{path}\n")
        taken = "SUCCESS" in said
        assert taken is (not read(text.encode(), name).refused), f"{name}: {done.stderr}"


def test_templates_are_filled_alike(tmp_path: Path) -> None:
    """All texts are annotations of one alert, which promtool fills and compares with ours."""

    def query(text: str) -> list[Sample]:
        return [Sample(LABELS, VALUE)] if text == "up" else []

    context = Context(LABELS, VALUE, {"dc": "bwi"}, "http://ronda.test/x", query)
    names = {f"t{number}": text for number, text in enumerate(TEXTS.values())}
    annotations = {name: json.dumps(text) for name, text in names.items()}
    expected = {name: json.dumps(expand(text, context)) for name, text in names.items()}
    rules = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n"
    rules += "".join(f"      {name}: {text}\n" for name, text in annotations.items())
    (tmp_path / "rules.yml").write_text(rules)
    labels = "{instance: 'web.desa:8080', job: app}"
    sheet = f"""rule_files: [rules.yml]
tests:
  - input_series:
      - {{series: 'up{{instance="web.desa:8080",job="app"}}', values: '{VALUE}'}}
    external_labels: {{dc: bwi}}
    external_url: http://ronda.test/x
    alert_rule_test:
      - eval_time: 0
        alertname: A
        exp_alerts:
          - exp_labels: {labels}
            exp_annotations:
"""
    sheet += "".join(f"              {name}: {text}\n" for name, text in expected.items())
    (tmp_path / "tests.yml").write_text(sheet)
    passed, said = promtool("test", "rules", tmp_path / "tests.yml")
    assert passed, said
    outcome = testing.run(cases.read_file(tmp_path / "tests.yml"))
    assert not outcome.failures and not outcome.refused


def test_what_cannot_be_filled_is_said_by_both(tmp_path: Path) -> None:
    for name, text in FAILING.items():
        rule = f"{{alert: A, expr: up, annotations: {{a: {json.dumps(text)}}}}}"
        (tmp_path / "rules.yml").write_text(f"groups:\n- name: g\n  rules: [{rule}]\n")
        (tmp_path / "tests.yml").write_text(
            "rule_files: [rules.yml]\ntests:\n  - input_series: [{series: up, values: '1'}]\n"
            "    alert_rule_test: [{eval_time: 0, alertname: A, exp_alerts: []}]\n"
        )
        said = promtool("test", "rules", tmp_path / "tests.yml")[1]
        assert "<error expanding template: " in said, name
        assert expand(text, Context(LABELS, VALUE)).startswith("<error expanding template: "), name


@pytest.mark.parametrize("path", files(PACK), ids=lambda path: path.stem)
def test_our_rules_pass_its_check(path: Path) -> None:
    passed, said = promtool("check", "rules", path)
    assert passed and "FAILED" not in said, said


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.yml")), ids=lambda path: path.stem)
def test_our_tests_of_rules_pass_in_it(path: Path) -> None:
    passed, said = promtool("test", "rules", path)
    assert passed, said


@pytest.mark.parametrize("sheet", [SHEET, FAILING_SHEET], ids=["good", "bad"])
def test_tests_end_alike(tmp_path: Path, sheet: str) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "tests.yml").write_text(sheet)
    passed, said = promtool("test", "rules", tmp_path / "tests.yml")
    outcome = testing.run(cases.read_file(tmp_path / "tests.yml"))
    assert outcome.refused == ()
    assert passed is (not outcome.failures) is (sheet == SHEET), said
    # it tells each failure with the time of its test
    assert said.count(", time: ") == len(outcome.failures), (said, outcome.failures)
