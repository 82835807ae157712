"""Rules evaluated one time after another, as Prometheus does it: for `ronda rules test`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from agent.strict import Refused
from alerts.rules import templating
from alerts.rules.rule import Group, Rule
from alerts.rules.stage import Stage
from alerts.rules.templating import Context, Sample
from collector.promql.context import Question
from collector.promql.evaluating import Steps
from collector.promql.labels import NAME, say
from collector.promql.limits import Limits
from collector.promql.notes import Notes
from collector.promql.plan import Node, plan
from collector.promql.vectors import STALE, Scalar, Vector, without_names

Labels = dict[str, str]


@dataclass(slots=True)
class Alarm:
    """One alert of a rule; times in ms."""

    labels: Labels
    annotations: Labels
    value: float
    active_at: int
    firing: bool = False
    good_since: int | None = None


@dataclass(slots=True)
class Running:
    """A rule with what it remembers from one evaluation to the next."""

    rule: Rule
    alarms: dict[str, Alarm] = field(default_factory=dict)
    made: dict[str, Labels] = field(default_factory=dict)  # series of the last evaluation


@dataclass(slots=True)
class Run:
    """The groups of a test over its stage; `step_ms`: of subqueries that name none."""

    stage: Stage
    groups: Sequence[Group]
    step_ms: int
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    rules: list[tuple[Group, list[Running]]] = field(init=False)

    def __post_init__(self) -> None:
        self.rules = [(group, [Running(rule) for rule in group.rules]) for group in self.groups]

    def evaluate(self, now_ms: int) -> Iterator[Refused]:
        """Evaluates every rule at one time, in order; yields what failed."""
        self.stage.until_ms = now_ms
        for group, rules in self.rules:
            for running in rules:
                try:
                    found = self._evaluated(running, group, now_ms)
                except Refused as refused:
                    yield Refused(f"rule {running.rule.name}", refused.problem)
                    continue
                self._write(running, found, now_ms)

    def firing(self, name: str) -> list[Alarm]:
        """The alerts of this name that fire now."""
        return [
            alarm
            for _, rules in self.rules
            for running in rules
            if running.rule.name == name and not running.rule.record
            for alarm in running.alarms.values()
            if alarm.firing
        ]

    def ask(self, text: str, at_ms: int) -> list[tuple[Labels, float]]:
        """The series of an expression at one time."""
        return vector_at(plan(text), self.stage, at_ms, self.step_ms)

    def _evaluated(self, running: Running, group: Group, now_ms: int) -> list[tuple[Labels, float]]:
        at_ms = now_ms - round(group.query_offset_s * 1000)
        found = vector_at(running.rule.tree, self.stage, at_ms, self.step_ms)
        if running.rule.record:
            return _recorded(running.rule, found, group.limit)
        seen = self._seen(running.rule, found, at_ms)
        _advance(running, seen, now_ms)
        if group.limit and len(running.alarms) > group.limit:
            told = f"exceeded limit of {group.limit} with {len(running.alarms)} alerts"
            running.alarms.clear()
            raise Refused("", told)
        return list(_told(running))

    def _seen(
        self, rule: Rule, found: Sequence[tuple[Labels, float]], at_ms: int
    ) -> dict[str, Alarm]:
        """What holds now as alarms, by their labels."""
        seen: dict[str, Alarm] = {}
        for labels, value in found:
            context = self._context(labels, value, at_ms)
            own = {name: templating.expand(text, context) for name, text in rule.labels.items()}
            told = {**labels, **own, "alertname": rule.name}
            kept = {name: text for name, text in told.items() if text and name != NAME}
            notes = {n: templating.expand(text, context) for n, text in rule.annotations.items()}
            if say(kept) in seen:
                problem = "vector contains metrics with the same labelset after applying alert"
                raise Refused("", f"{problem} labels")
            seen[say(kept)] = Alarm(kept, notes, value, at_ms)
        return seen

    def _context(self, labels: Labels, value: float, at_ms: int) -> Context:
        def query(text: str) -> list[Sample]:
            found = vector_at(plan(text), self.stage, at_ms, self.step_ms)
            return [Sample(labels, value) for labels, value in found]

        return Context(labels, value, self.external_labels, self.external_url, query, at_ms / 1000)

    def _write(self, running: Running, found: list[tuple[Labels, float]], now_ms: int) -> None:
        """New samples, and the end of series that are not there any more."""
        made = {say(labels): labels for labels, _ in found}
        for labels, value in found:
            self.stage.add(labels, now_ms, value)
        for key, labels in running.made.items():
            if key not in made:
                self.stage.add(labels, now_ms, STALE)
        running.made = made


def vector_at(tree: Node, stage: Stage, at_ms: int, step_ms: int) -> list[tuple[Labels, float]]:
    """The series of an expression at one time; a number is a series without labels."""
    question = Question(stage, at_ms, at_ms, step_ms, Limits(), Notes(), stage.words)
    with np.errstate(all="ignore"):
        value = Steps(question, np.array([at_ms], np.int64)).value(tree)
    if isinstance(value, Scalar):
        return [({}, float(value.values[0]))]
    if not isinstance(value, Vector):
        raise Refused("", "rule result is not a vector or scalar")
    found = without_names(value.take(value.rows()))
    return [(found.labels.row(row), float(found.values[row, 0])) for row in range(len(found))]


def _recorded(
    rule: Rule, found: Sequence[tuple[Labels, float]], limit: int
) -> list[tuple[Labels, float]]:
    """The series that a recording rule makes."""
    made: dict[str, tuple[Labels, float]] = {}
    for labels, value in found:
        told = {**labels, NAME: rule.name, **rule.labels}
        kept = {name: text for name, text in told.items() if text}
        if say(kept) in made:
            problem = "vector contains metrics with the same labelset after applying rule labels"
            raise Refused("", problem)
        made[say(kept)] = (kept, value)
    if limit and len(made) > limit:
        raise Refused("", f"exceeded limit of {limit} with {len(made)} series")
    return list(made.values())


def _advance(running: Running, seen: dict[str, Alarm], now_ms: int) -> None:
    """Alarms after one evaluation."""
    rule = running.rule
    for key, new in seen.items():
        known = running.alarms.get(key)
        if known is None:
            running.alarms[key] = known = new
            new.active_at = now_ms
        known.value, known.annotations, known.good_since = new.value, new.annotations, None
        if not known.firing and now_ms - known.active_at >= rule.for_s * 1000:
            known.firing = True
    for key in [key for key in running.alarms if key not in seen]:
        known = running.alarms[key]
        if known.good_since is None:
            known.good_since = now_ms
        if not known.firing or now_ms - known.good_since >= rule.keep_firing_for_s * 1000:
            del running.alarms[key]


def _told(running: Running) -> Iterator[tuple[Labels, float]]:
    """The series ALERTS and ALERTS_FOR_STATE of a rule."""
    for alarm in running.alarms.values():
        state = "firing" if alarm.firing else "pending"
        yield {**alarm.labels, NAME: "ALERTS", "alertstate": state}, 1.0
        yield {**alarm.labels, NAME: "ALERTS_FOR_STATE"}, float(alarm.active_at // 1000)
