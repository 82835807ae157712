"""`ronda rules test`: are the alerts of a test there at its times, and no others?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.strict import Refused
from alerts.rules.cases import AlertCase, Case, ExprCase, Sheet
from alerts.rules.reading import Page, read_file
from alerts.rules.rule import Group
from alerts.rules.running import Labels, Run
from alerts.rules.stage import Stage
from collector.promql.figures import figure
from collector.promql.labels import say
from collector.yaml_files import durations

MOST_EVALUATIONS = 100_000


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test expected and what it got instead."""

    file: str
    line: int
    test: str
    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: test {self.test}, {self.what}"
        return f"{place}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused`: what could not be tested, and why."""

    file: str
    tests: int
    failures: tuple[Failure, ...]
    refused: tuple[Refused, ...]


def run(sheet: Sheet) -> Outcome:
    """Runs all tests of a file."""
    refused = [problem.refused() for problem in sheet.problems]
    pages, missing = _pages(sheet)
    refused += missing
    refused += [p.refused() for page in pages for p in page.problems if p.fatal]
    failures: list[Failure] = []
    if not missing and not any(page.refused for page in pages):
        groups = _ordered([group for page in pages for group in page.groups], sheet.order)
        for case in sheet.cases:
            try:
                failures += _CaseRun(sheet, case, groups).failures()
            except Refused as problem:
                refused.append(Refused(f"{sheet.file}:{case.line}: test {case.name}", str(problem)))
    return Outcome(sheet.file, len(sheet.cases), tuple(failures), tuple(refused))


def _pages(sheet: Sheet) -> tuple[list[Page], list[Refused]]:
    """The rule files of a test, which are named from where it stands."""
    pages, missing = [], []
    beside = Path(sheet.file).parent
    for pattern in sheet.rule_files:
        there = Path(pattern)
        root = Path(there.anchor) if there.is_absolute() else beside
        inner = str(there.relative_to(there.anchor)) if there.is_absolute() else pattern
        plain = root / inner
        found = [plain] if plain.is_file() else sorted(root.glob(inner) if inner else ())
        if not found:
            missing.append(Refused(f"{sheet.file}:1", f"rule_files: there is no file {pattern}"))
        pages += [read_file(path) for path in found]
    return pages, missing


def _ordered(groups: list[Group], order: Sequence[str]) -> list[Group]:
    """Groups in the order a file asks for; those it does not name come first."""
    place = {name: number for number, name in enumerate(order)}
    return sorted(groups, key=lambda group: place.get(group.name, 0))


class _CaseRun:
    def __init__(self, sheet: Sheet, case: Case, groups: Sequence[Group]) -> None:
        self._sheet = sheet
        self._case = case
        stage = Stage()
        for written in case.series:
            stage.load(written.labels, written.points, case.start_ms, case.step_ms)
        self._run = Run(stage, groups, sheet.every_ms, case.external_labels, case.external_url)

    def failures(self) -> Iterator[Failure]:
        case, every_ms = self._case, self._sheet.every_ms
        if case.last_ms // every_ms > MOST_EVALUATIONS:
            raise Refused("", f"more than {MOST_EVALUATIONS:,} evaluations")
        waiting = sorted(case.alerts, key=lambda alert: alert.at_ms)
        for at_ms in range(0, case.last_ms + 1, every_ms):
            for refused in self._run.evaluate(case.start_ms + at_ms):
                yield self._failed(
                    case.line, str(refused.place), at_ms, "no error", refused.problem
                )
            while waiting and waiting[0].at_ms < at_ms + every_ms:
                yield from self._alert(waiting.pop(0))
        for expr in case.exprs:
            yield from self._expr(expr)

    def _alert(self, wanted: AlertCase) -> Iterator[Failure]:
        if wanted.at_ms < 0:
            return
        alarms = self._run.firing(wanted.name)
        got = sorted(_alert_text(alarm.labels, alarm.annotations) for alarm in alarms)
        expected = sorted(_alert_text(*one) for one in wanted.expected)
        if got != expected:
            what = f"alert {wanted.name}"
            yield self._failed(wanted.line, what, wanted.at_ms, _all(expected), _all(got))

    def _expr(self, wanted: ExprCase) -> Iterator[Failure]:
        what = f"expr {' '.join(wanted.expr.split())}"
        expected = _all(_sample_text(*one) for one in _sorted(wanted.expected))
        try:
            found = _sorted(self._run.ask(wanted.expr, self._case.start_ms + wanted.at_ms))
        except Refused as refused:
            yield self._failed(wanted.line, what, wanted.at_ms, expected, str(refused))
            return
        if not _same(_sorted(wanted.expected), found, self._sheet.fuzzy):
            got = _all(_sample_text(*one) for one in found)
            yield self._failed(wanted.line, what, wanted.at_ms, expected, got)

    def _failed(self, line: int, what: str, at_ms: int, expected: str, got: str) -> Failure:
        told = f"{what} at {durations.say(at_ms / 1000)}"
        return Failure(self._sheet.file, line, self._case.name, told, expected, got)


def _sorted(samples: Sequence[tuple[Labels, float]]) -> list[tuple[Labels, float]]:
    return sorted(samples, key=lambda sample: sorted(sample[0].items()))


def _same(
    expected: list[tuple[Labels, float]], got: list[tuple[Labels, float]], fuzzy: bool
) -> bool:
    if [labels for labels, _ in expected] != [labels for labels, _ in got]:
        return False
    pairs = zip(expected, got, strict=True)
    return all(_equal(wanted, found, fuzzy) for (_, wanted), (_, found) in pairs)


def _equal(wanted: float, found: float, fuzzy: bool) -> bool:
    if wanted == found:
        return True
    near = (math.nextafter(found, math.inf), math.nextafter(found, -math.inf))
    return fuzzy and (wanted in near or (math.isnan(wanted) and math.isnan(found)))


def _alert_text(labels: Labels, annotations: Labels) -> str:
    told = say(labels)
    return f"{told} with {say(annotations)}" if annotations else told


def _sample_text(labels: Labels, value: float) -> str:
    return f"{say(labels)} {figure(value)}"


def _all(texts: Sequence[str] | Iterator[str]) -> str:
    """Several on one line."""
    return " and ".join(texts).replace("\n", "\\n") or "nothing"
