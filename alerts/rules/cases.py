"""Files of tests for rules, in promtool's format, as what is to be tested."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agent.strict import Refused
from collector.promql.notation import Written, read_labels, read_series
from collector.promql.plan import plan
from collector.yaml_files import durations
from collector.yaml_files.fields import Fields, fields
from collector.yaml_files.problems import Problem, Problems
from collector.yaml_files.tree import LARGEST_BYTES, Scalar, Tree, parse

FILE = ("rule_files", "evaluation_interval", "group_eval_order", "fuzzy_compare", "tests")
TEST = (
    "name", "interval", "input_series", "alert_rule_test", "promql_expr_test", "external_labels",
    "external_url", "start_timestamp",
)  # fmt: skip
SERIES = ("series", "values")
ALERT = ("eval_time", "alertname", "exp_alerts")
EXPECTED = ("exp_labels", "exp_annotations")
EXPR = ("expr", "eval_time", "exp_samples")
SAMPLE = ("labels", "value", "histogram")
NATIVE = "native histograms are not supported"
_MINUTE_MS = 60_000

Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class AlertCase:
    """Which alerts of a name should fire at a time: (labels, annotations) of each."""

    line: int
    at_ms: int
    name: str
    expected: tuple[tuple[Labels, Labels], ...]


@dataclass(frozen=True, slots=True)
class ExprCase:
    """What an expression should come to at a time."""

    line: int
    at_ms: int
    expr: str
    expected: tuple[tuple[Labels, float], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One test; times of its cases count from its start."""

    line: int
    name: str
    start_ms: int
    step_ms: int
    series: tuple[Written, ...]
    alerts: tuple[AlertCase, ...]
    exprs: tuple[ExprCase, ...]
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""

    @property
    def last_ms(self) -> int:
        times = [alert.at_ms for alert in self.alerts] + [expr.at_ms for expr in self.exprs]
        return max(times, default=0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of tests."""

    file: str
    rule_files: tuple[str, ...] = ()
    every_ms: int = _MINUTE_MS
    order: tuple[str, ...] = ()
    fuzzy: bool = False
    cases: tuple[Case, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_file(path: Path) -> Sheet:
    """The file; what of it cannot be used is among its problems, the rest is there."""
    problems = Problems(str(path))
    try:
        with path.open("rb") as file:
            document = parse(file.read(LARGEST_BYTES + 1))
    except OSError as error:
        problems.say(1, error.strerror or str(error))
        return Sheet(str(path), problems=problems.all())
    except Refused as refused:
        problems.say(int(refused.place), refused.problem)
        return Sheet(str(path), problems=problems.all())
    top = fields(document.tree, FILE, 1, problems.say)
    every_ms = top.span_ms("evaluation_interval") or _MINUTE_MS
    cases = [
        _CaseReader(problems, place, every_ms).case(tree)
        for place, tree in enumerate(top.items("tests"), 1)
    ]
    return Sheet(
        str(path),
        _texts(top, "rule_files"),
        every_ms,
        _texts(top, "group_eval_order"),
        top.yes("fuzzy_compare"),
        tuple(cases),
        problems.all(),
    )


def _texts(found: Fields, name: str) -> tuple[str, ...]:
    return tuple(item.text for item in found.items(name) if isinstance(item, Scalar))


class _CaseReader:
    def __init__(self, problems: Problems, place: int, every_ms: int) -> None:
        self._problems = problems
        self._name = f"{place}"
        self._every_ms = every_ms

    def say(self, line: int, reason: str) -> None:
        self._problems.say(line, f"test {self._name}: {reason}")

    def case(self, tree: Tree) -> Case:
        found = fields(tree, TEST, tree.line, self.say)
        self._name = found.text("name") or self._name
        labels = {name: text for name, (text, _) in found.texts("external_labels").items()}
        alerts = [self._alert(inner) for inner in found.items("alert_rule_test")]
        exprs = [self._expr(inner) for inner in found.items("promql_expr_test")]
        series = [self._series(inner) for inner in found.items("input_series")]
        return Case(
            found.line,
            self._name,
            self._start_ms(found),
            found.span_ms("interval") or self._every_ms,
            tuple(one for one in series if one is not None),
            tuple(alerts),
            tuple(one for one in exprs if one is not None),
            labels,
            found.text("external_url"),
        )

    def _start_ms(self, found: Fields) -> int:
        text = found.text("start_timestamp")
        if not text:
            return 0
        try:
            return round(float(text) * 1000)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
        except ValueError:
            told = f"start_timestamp: {text[:40]!r} is neither seconds nor 2026-11-28T22:00:00Z"
            self.say(found.line_of("start_timestamp"), told)
            return 0
        return round(moment.timestamp() * 1000)

    def _series(self, tree: Tree) -> Written | None:
        found = fields(tree, SERIES, tree.line, self.say)
        try:
            written = read_series(f"{found.text('series')} {found.text('values')}")
        except Refused as refused:
            self.say(found.line, f"input_series: {refused.problem}")
            return None
        if written.native:
            self.say(found.line, f"input_series {found.text('series')}: {NATIVE}")
            return None
        return written

    def _alert(self, tree: Tree) -> AlertCase:
        found = fields(tree, ALERT, tree.line, self.say)
        name = found.text("alertname")
        if not name:
            self.say(found.line, "alert_rule_test: alertname must be set")
        expected = []
        for inner in found.items("exp_alerts"):
            alert = fields(inner, EXPECTED, inner.line, self.say)
            labels = {n: text for n, (text, _) in alert.texts("exp_labels").items() if text}
            notes = {n: text for n, (text, _) in alert.texts("exp_annotations").items()}
            expected.append(({**labels, "alertname": name}, notes))
        return AlertCase(found.line, self._at_ms(found), name, tuple(expected))

    def _expr(self, tree: Tree) -> ExprCase | None:
        found = fields(tree, EXPR, tree.line, self.say)
        text = found.text("expr")
        try:
            plan(text)
            expected = [self._sample(inner) for inner in found.items("exp_samples")]
        except Refused as refused:
            self.say(found.line, f"promql_expr_test: {refused.problem}")
            return None
        return ExprCase(found.line, self._at_ms(found), text, tuple(expected))

    def _sample(self, tree: Tree) -> tuple[Labels, float]:
        found = fields(tree, SAMPLE, tree.line, self.say)
        if found.given("histogram") is not None:
            raise Refused("", NATIVE)
        text = found.text("value")
        try:
            value = float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan") or 0)
        except ValueError:
            raise Refused("", f"value: expected a number, got {text[:40]!r}") from None
        return read_labels(found.text("labels").strip()), value

    def _at_ms(self, found: Fields) -> int:
        text = found.text("eval_time")
        try:
            sign = -1 if text.startswith("-") else 1
            return sign * durations.read(text.removeprefix("-")) if text else 0
        except Refused as refused:
            self.say(found.line, f"eval_time: {refused.problem}")
            return 0
