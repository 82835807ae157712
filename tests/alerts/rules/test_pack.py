"""The rules that come with Ronda: each tested, told in both languages, and described."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from alerts import gsm7
from alerts.message import render, sms
from alerts.rules.loading import PACK, files
from alerts.rules.reading import read_file
from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of
from alerts.words import LANGUAGES, NAMES, words
from collector.intake.vocabulary import LABELS
from collector.promql import derived, register
from collector.promql.plan import selectors
from tests.alerts.test_message import FACTS
from tests.each import for_each

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
EVERY = [rule for path in files(PACK) for rule in read_file(path).rules]
RULES = [rule for rule in EVERY if not rule.record]
RECORDED = {rule.name for rule in EVERY if rule.record}
NAMED = {rule.name: rule for rule in RULES}
_BESIDE = {"message", "playbook", "runbook", "waits"}
_FILLED = {
    "answer": "412ms", "celsius": "88", "check": "pendopo", "clients": "5", "contract": "150",
    "count": "412", "days": "3", "dbm": "-28.2", "host": "@server_pc", "interface": "router sfp1",
    "mbps": "10", "minutes": "18", "mount": "/", "percent": "93%", "reason": "@step_portal",
    "seconds": "61", "uplink": "4g", "usual": "8", "what": "@disk",
}  # fmt: skip


@cache
def sheets_by_rule() -> dict[str, list[tuple[str, list[int]]]]:
    """By rule the texts of its input series and how many alerts its tests expect."""
    found: dict[str, list[tuple[str, list[int]]]] = {}
    for path in HERE.glob("*.test.yml"):
        for test in yaml.safe_load(path.read_text())["tests"]:
            name = test["name"].partition(":")[0]
            values = " ".join(series["values"] for series in test["input_series"])
            alerts = [len(a.get("exp_alerts") or ()) for a in test["alert_rule_test"]]
            found.setdefault(name, []).append((values, alerts))
    return found


@pytest.mark.parametrize("path", files(PACK), ids=lambda path: path.stem)
def test_a_file_has_neither_problem_nor_doubt(path: Path) -> None:
    assert read_file(path).problems == ()


@for_each("name", NAMED)
def test_a_rule_is_seen_to_fire_to_end_and_to_bear_null(name: str) -> None:
    sheets = sheets_by_rule()[name]
    fired = [alerts for _, alerts in sheets if any(alerts)]
    assert any(0 in alerts for alerts in fired), "it does not fire at some time"
    assert any(alerts[-1] == 0 for alerts in fired), "it ends"
    assert any("stale" in values for values, _ in sheets), "a value that cannot be measured"


@for_each("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_who_should_do_what(rule: Rule) -> None:
    assert {"severity", "subject"} == set(rule.labels)
    assert set(rule.annotations) - _BESIDE <= NAMES
    anchor = rule.annotations["runbook"].removeprefix("docs/rules.md#")
    assert anchor == rule.subject
    heads = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "rules.md").read_text(), re.M)
    assert anchor in [head.lower() for head in heads]


@for_each("rule", EVERY, ids=lambda rule: rule.name)
def test_a_rule_asks_only_for_series_that_there_are(rule: Rule) -> None:
    known = {*LABELS, *RECORDED, "ronda_host_clock_skew_seconds"}
    known |= {own["__name__"] for own in (*derived.NAMES, *register.NAMES)}
    for selector in selectors(rule.tree):
        names = [m.value for m in selector.matchers if m.label == "__name__"]
        assert names and names[0] in known


@pytest.mark.parametrize("language", LANGUAGES)
@for_each("rule", RULES, ids=lambda rule: rule.name)
def test_a_message_has_all_its_values_in_both_forms(rule: Rule, language: str) -> None:
    template = rule.annotations["message"]
    given = set(rule.annotations) - _BESIDE
    facts = replace(
        FACTS, isp="Telkom", isp_phone="147", link="https://ronda.test/i/12", check="situs",
        more={name: _FILLED.get(name, "DNS") for name in given},
    )  # fmt: skip
    needed = set(re.findall(r"\{(\w+)\}", words(language).templates[template].text))
    own = set(_FILLED) - {"reason", "check", "mount", "minutes"}
    assert needed & own <= given | {"what"}, "each value of the template comes from the rule"
    text = render("opened", facts, language, template)
    assert len(text) <= 600 and not set("{}[]@") & set(text)
    short = sms("opened", facts, language, template)
    assert gsm7.fits(short) and not set("{}[]@") & set(short) and short.endswith("#12")
    over = render("resolved", facts, language)
    assert "@" not in over


def test_a_percentage_has_one_sign() -> None:
    facts = replace(FACTS, more={"percent": "93%", "mount": "/"})
    assert "PC server Desa Benculuk terisi 93% (/)." in render("opened", facts, "id", "disk")


@for_each("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_stands_in_the_document_with_its_threshold(rule: Rule) -> None:
    section = (ROOT / "docs" / "rules.md").read_text()
    rows = [line for line in section.splitlines() if line.startswith(f"| `{rule.name}` |")]
    assert len(rows) == 1, f"docs/rules.md should have one row of {rule.name}"
    cells = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert cells[-2] == rule.severity
    assert cells[-1].strip("`") == (rule.annotations.get("playbook") or "")
    found = threshold_of(rule)
    if found is not None and found[2]:
        assert f"`{found[1]} {found[2]:g}`" in cells[2]


def test_no_fault_of_a_check_has_two_rules() -> None:
    """Kinds with a rule of their own are left out of the rule for all others."""
    own = {
        m.value
        for rule in RULES
        for selector in selectors(rule.tree)
        for m in selector.matchers
        if m.label == "kind" and m.op == "="
    }
    matchers = selectors(NAMED["ServiceDown"].tree)[0].matchers
    unlike = [m for m in matchers if m.op == "!~" and m.label == "kind"]
    left_out = {kind for m in unlike for kind in m.value.split("|")}
    assert own <= left_out
    # told by the series that say what they found, and by the rule for what can wait
    upkeep = selectors(NAMED["UpkeepNeeded"].tree)[0].matchers
    waits = {kind for m in upkeep if m.op == "=~" for kind in m.value.split("|")}
    assert left_out - own == {"dns", "known", "journey", "snmp", "routeros", "power"} | waits


def test_kinds_with_a_rule_of_their_own_are_the_same_inside_and_outside() -> None:
    left_out = [
        [m.value for s in selectors(NAMED[name].tree) for m in s.matchers if m.label == "kind"]
        for name in ("ServiceDown", "ServiceUnreachable")
    ]
    assert left_out[0] == left_out[1] != []
