"""A question in, an answer out: instant and range queries over a source."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.strict import Refused
from collector.promql.context import Question
from collector.promql.evaluating import Steps
from collector.promql.labels import NAME, Words, groups
from collector.promql.limits import Failed, Limits
from collector.promql.notes import Notes
from collector.promql.plan import Matcher, Node, Selector, String, Subquery, plan, scoped
from collector.promql.segments import Floats
from collector.promql.vectors import (
    SAME_LABELS,
    Millis,
    Scalar,
    Source,
    Text,
    Vector,
    Windows,
    without_names,
)

DEFAULT_STEP_MS = 60_000


@dataclass(frozen=True, slots=True)
class Ask:
    """A query at one time, or at `start`, `start + step`, ... up to `end`; times in ms.

    `scope`: matchers that are put on every selector, whatever the query says.
    """

    query: str
    start_ms: int
    end_ms: int
    step_ms: int = 0
    scope: tuple[Matcher, ...] = ()
    default_step_ms: int = DEFAULT_STEP_MS

    @property
    def instant(self) -> bool:
        return self.step_ms == 0

    def times(self, limits: Limits) -> Millis:
        """The steps; Refused when they are too many, before there are any."""
        if self.instant:
            return np.array([self.start_ms], np.int64)
        if self.step_ms < 0:
            raise Refused("step", "must be more than 0")
        if self.end_ms < self.start_ms:
            raise Refused("end", "must not be before start")
        limits.check_steps((self.end_ms - self.start_ms) // self.step_ms)
        return np.arange(self.start_ms, self.end_ms + 1, self.step_ms, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Raw samples of series, as an instant query for a range vector gives them."""

    windows: Windows

    def of(self, row: int) -> tuple[Millis, Floats]:
        these = slice(int(self.windows.lo[row, 0]), int(self.windows.hi[row, 0]))
        return self.windows.times[these], self.windows.values[these]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a query is worth at `times`: of a vector only series that have a value."""

    value: Vector | Scalar | Text | Samples
    times: Millis
    instant: bool
    warnings: Sequence[str]
    infos: Sequence[str]


def ask(question: Ask, source: Source, limits: Limits, words: Words | None = None) -> Answer:
    """The answer; Refused says why there is none (its subclass Failed: only after evaluating)."""
    tree = scoped(plan(question.query), question.scope)
    if not question.instant:
        _check_range(tree)
    times = question.times(limits)
    notes = Notes(question.query)
    end = question.start_ms if question.instant else question.end_ms
    context = Question(
        source,
        question.start_ms,
        end,
        question.default_step_ms,
        limits,
        notes,
        words or Words(),
        question.instant,
    )
    # dividing by zero has an answer here
    try:
        with np.errstate(all="ignore"):
            value = Steps(context, times).value(tree)
            shown = _shown(value, question.instant)
    except RecursionError as error:
        raise Refused("query", "nested too deeply") from error
    return Answer(shown, times, question.instant, tuple(notes.warnings), tuple(notes.infos))


def _check_range(tree: Node) -> None:
    kind = kind_of(tree)
    if kind in ("string", "range vector"):
        raise Refused(
            "query",
            f'invalid expression type "{kind}" for range query, must be Scalar or instant Vector',
        )


def kind_of(tree: Node) -> str:
    """string, range vector, or something that has one value a series and step."""
    match tree:
        case String():
            return "string"
        case Subquery():
            return "range vector"
        case Selector():
            return "range vector" if tree.range_ms else "instant vector"
        case _:
            return ""


def _shown(
    value: Vector | Scalar | Text | Windows, instant: bool
) -> Vector | Scalar | Text | Samples:
    if isinstance(value, Windows):
        rows = value.filled()[:, 0]
        dropped = value.dropped[rows]
        labels = value.labels.take(rows).clear(NAME, dropped)
        if dropped.any() and len(groups(labels)[1]) < len(labels):
            raise Failed(SAME_LABELS)
        kept = Windows(
            labels,
            np.zeros(len(labels), bool),
            value.times,
            value.values,
            value.lo[rows],
            value.hi[rows],
            value.ends,
            value.steps,
            value.range_ms,
        )
        return Samples(kept)
    if not isinstance(value, Vector):
        return value
    rows = value.rows()
    named = without_names(value if rows.all() else value.take(rows))
    return named if instant else _sorted(named)


def _sorted(vector: Vector) -> Vector:
    """Series in the order of their labels, as answers to range queries have them."""
    keys = [sorted(vector.labels.row(row).items()) for row in range(len(vector))]
    order = sorted(range(len(vector)), key=keys.__getitem__)
    ordered = order == [*range(len(vector))]
    return vector if ordered else vector.take(np.array(order, np.int64))
