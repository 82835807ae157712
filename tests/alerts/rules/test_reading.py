"""Rule files: what Prometheus takes is taken, what is wrong is told with its place."""

from pathlib import Path

import pytest

from agent.strict import Refused
from alerts.rules.reading import Page, read, read_file
from alerts.rules.rule import Rule
from collector.yaml_files import durations
from collector.yaml_files.tree import parse
from tests.alerts.rules.files_for_promtool import BAD, GOOD, GOOD_SINCE_3, alert, annotation, rule
from tests.each import for_each


def told(text: str) -> list[str]:
    return [str(problem) for problem in read(text.encode(), "a.yml").problems]


@for_each("text", [*GOOD.values(), *GOOD_SINCE_3.values()], ids=[*GOOD, *GOOD_SINCE_3])
def test_what_prometheus_takes_is_taken(text: str) -> None:
    page = read(text.encode(), "a.yml")
    assert not page.refused, told(text)


@for_each("text", BAD.values(), ids=BAD)
def test_what_prometheus_refuses_is_refused_on_one_line(text: str) -> None:
    page = read(text.encode(), "a.yml")
    assert page.refused and page.groups == ()
    for line in told(text):
        assert line.startswith("a.yml:") and "\n" not in line


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BAD["an unknown field of a rule"], "a.yml:6: group g, rule A: unknown field 'form'"),
        (BAD["no expression"], "a.yml:4: group g, rule A: expr must be set"),
        (BAD["neither record nor alert"], "a.yml:4: group g, rule 1: one of record and alert"),
        (BAD["an expression that is none"], "a.yml:5: group g, rule A: expr: parse error"),
        (BAD["for that is none"], "a.yml:6: group g, rule A: for: not a duration: 'soon'"),
        (BAD["a label twice"], "a.yml:8: the key 'a' already stands in line 7"),
        (BAD["an unknown template function"], "a.yml:7: group g, rule A: annotation summary: the"),
        (BAD["two groups of one name"], "a.yml:6: group g: the name of the group stands twice"),
        (BAD["a tab"], "a.yml:2: YAML: found character that cannot start any token"),
        ("groups: [\n", "a.yml:2: YAML: did not find expected node content"),
        (annotation("{{ tmpl 1 }}"), "annotation summary: the function 'tmpl' is not supported"),
    ],
)
def test_a_problem_has_its_file_line_group_and_rule(text: str, problem: str) -> None:
    assert problem in "\n".join(told(text))


def test_all_problems_of_a_file_are_told() -> None:
    text = alert("for: soon\nlabels: [a]\nextra: 1") + "  - rules: [{alert: B}]\n"
    lines = [line.split(":")[1] for line in told(text)]
    assert lines == ["6", "7", "8", "9", "9"]


def test_a_file_of_nothing_but_problems_tells_some_and_counts_the_rest() -> None:
    text = "groups:\n" + "".join(f"  - {{name: g{i}, nope: 1}}\n" for i in range(300))
    page = read(text.encode(), "a.yml")
    assert len(page.problems) == 201 and page.refused
    assert page.problems[-1].reason == "100 more problems are not told"


def test_what_only_we_read_is_said_and_the_file_used() -> None:
    text = alert(
        "labels: {severity: page, subject: moon}\n"
        "annotations: {message: unheard_of, playbook: Do it}"
    )
    page = read(text.encode(), "a.yml")
    assert not page.refused
    assert [problem.fatal for problem in page.problems] == [False] * 4
    found = page.rules[0]
    assert (found.severity, found.subject) == ("warning", "service")
    assert "'page' is not one of info, warning, critical; taken as warning" in told(text)[0]


@pytest.mark.parametrize(
    "more",
    [
        "labels: {severity: critical, subject: uplink}",
        "labels: {severity: '{{ if gt $value 5.0 }}critical{{ else }}info{{ end }}'}",
        "annotations: {message: internet, playbook: perbaiki-dns}",
        "annotations: {message: 'Internet {{ $labels.village }} putus'}",
    ],
)
def test_our_own_words_are_no_problem(more: str) -> None:
    assert told(alert(more)) == []


def test_a_rule_is_read_whole() -> None:
    text = """groups:
  - name: g
    interval: 1m30s
    query_offset: 10s
    limit: 7
    labels: {team: noc, a: group}
    rules:
      - alert: A
        expr: up == 0
        for: 5m
        keep_firing_for: 1h
        labels: {a: rule, severity: info}
        annotations: {message: internet}
      - {record: b, expr: sum(up)}
"""
    group = read(text.encode(), "a.yml").groups[0]
    assert (group.interval_s, group.query_offset_s, group.limit) == (90.0, 10.0, 7)
    first, second = group.rules
    assert (first.for_s, first.keep_firing_for_s, first.line) == (300.0, 3600.0, 8)
    assert first.labels == {"team": "noc", "a": "rule", "severity": "info"}
    assert first.annotations == {"message": "internet"}
    assert isinstance(second, Rule) and second.record and second.labels["a"] == "group"


def test_a_template_that_cannot_be_filled_is_doubted() -> None:
    assert "write 80.0 for a float" in told(annotation("{{ if gt $value 80 }}a{{ end }}"))[0]
    assert told(annotation("{{ .Label.a }}"))[0].endswith("there is no .Label in map[string]string")
    assert not read(annotation("{{ .Label.a }}").encode(), "a").refused


def test_a_rule_that_no_rule_can_be_is_doubted() -> None:
    assert "a range vector is nothing that a rule can be" in told(rule("alert: A\nexpr: up[5m]"))[0]


def test_what_could_hurt_the_reader_is_refused() -> None:
    bombs = {
        "nested deeper than 32": b"a: " + b"[" * 50_000,
        "larger than 1,048,576 bytes": b"#" * (1 << 20) + b"\n",
        "more than 200,000 values": b"a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 10)) for c in b"bcdefg"
        ),
        "not UTF-8": b"groups: [\xff]\n",
    }
    for problem, data in bombs.items():
        page = read(data, "a.yml")
        assert page.refused and problem in page.problems[0].reason, page.problems


def test_a_list_that_holds_itself_is_refused() -> None:
    with pytest.raises(Refused, match="has no anchor before it"):
        parse(b"a: &a [*a]\n")


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    page: Page = read_file(tmp_path / "none.yml", "rules/none.yml")
    assert [str(one) for one in page.problems] == ["rules/none.yml:1: No such file or directory"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("5m", 300), ("1h30m", 5400), ("1d", 86400), ("1w", 604800), ("1y", 31536000),
     ("1500ms", 1.5), ("0s", 0)],
)  # fmt: skip
def test_a_duration_is_as_prometheus_writes_it(text: str, seconds: float) -> None:
    assert durations.read(text) == seconds * 1000


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5m5h", "-5m", "1.5h", "5 m", "300y", "9" * 30 + "s"]
)
def test_another_duration_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        durations.read(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (90, "1m30s"), (90061.5, "1d1h1m1s500ms")]
)
def test_a_duration_is_said_shortly(seconds: float, text: str) -> None:
    assert durations.say(seconds) == text
