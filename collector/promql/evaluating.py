"""A tree is worth what its parts are worth: the walk over a query's tree."""

from dataclasses import dataclass, replace

import numpy as np

from agent.strict import Refused
from collector.promql.aggregating import REDUCERS, aggregate
from collector.promql.arithmetic import negated, numbers, with_number
from collector.promql.context import Question
from collector.promql.functions import FUNCTIONS
from collector.promql.limits import Failed
from collector.promql.matching import combined, paired
from collector.promql.plan import (
    Aggregate,
    At,
    Binary,
    Call,
    Negated,
    Node,
    Number,
    Selector,
    String,
    Subquery,
    position,
)
from collector.promql.ranking import chosen, counted, quantile, shared
from collector.promql.segments import Floats
from collector.promql.selecting import aligned, holding, how_many, of_vector, windows
from collector.promql.vectors import (
    Millis,
    Scalar,
    Series,
    Text,
    Use,
    Value,
    Vector,
    Wanted,
    Windows,
)

_SETS = ("and", "or", "unless")


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The evaluation of expressions at `times` (ms, ascending)."""

    question: Question
    times: Millis

    def value(self, node: Node) -> Value:
        self.question.limits.check_time()
        match node:
            case Number():
                return Scalar(np.full(len(self.times), node.value))
            case String():
                return Text(node.value)
            case Selector() | Subquery():
                return self._found(node)
            case Call():
                return self._called(node)
            case Negated():
                return self._negated(node)
            case Aggregate():
                return self._aggregated(node)
            case Binary():
                return self._binary(node)

    def _found(self, node: Selector | Subquery) -> Value:
        if isinstance(node, Selector) and not node.range_ms:
            return self._selected(node)
        return self.windows(node)

    def vector(self, node: Node) -> Vector:
        found = self.value(node)
        if not isinstance(found, Vector):
            raise Failed("expected an instant vector")
        return found

    def number(self, node: Node) -> Floats:
        found = self.value(node)
        if not isinstance(found, Scalar):
            raise Failed("expected a scalar")
        return found.values

    def text(self, node: Node) -> str:
        if not isinstance(node, String):
            raise Failed("expected a string")
        return node.value

    def windows(self, node: Node, use: Use = Use.RAW) -> Windows:
        if isinstance(node, Subquery):
            return self._inner(node)
        assert isinstance(node, Selector), "the parser lets nothing else through"
        ends = self._moved(node.at, node.offset_ms)
        start = int(ends.min()) - node.range_ms
        cuts = np.unique(np.concatenate([ends, ends - node.range_ms]))
        wanted = Wanted(node.matchers, start, int(ends.max()), len(self.times), use=use, cuts=cuts)
        return windows(self._select(wanted), ends, self.times, node.range_ms)

    def _moved(self, at: At | None, offset_ms: int) -> Millis:
        """The times a selector looks at."""
        times = self.times
        if at is not None:
            edges = {"start": self.question.start_ms, "end": self.question.end_ms}
            fixed = edges[at.edge] if at.time_ms is None else at.time_ms
            times = np.full(len(times), fixed)
        return times - offset_ms

    def _selected(self, node: Selector) -> Vector:
        times = self._moved(node.at, node.offset_ms)
        fixed = node.at is not None and len(times) > 1
        asked = times[:1] if fixed else times
        wanted = Wanted(
            node.matchers,
            int(asked.min()),
            int(asked.max()),
            len(self.times),
            reach=True,
            newest=len(asked) == 1,
            use=Use.LAST,
            times=asked,
            cuts=asked,
        )
        found = holding(self._select(wanted), asked)
        return _repeated(found, len(times)) if fixed else found

    def _select(self, wanted: Wanted) -> Series:
        found = self.question.source.select(wanted, self.question.limits)
        self.question.limits.check_series(len(found.labels), wanted.steps)
        self.question.limits.check_samples(len(found.times))
        for remark in found.remarks:
            self.question.notes.remark(remark)
        return found

    def _inner(self, node: Subquery) -> Windows:
        ends = self._moved(node.at, node.offset_ms)
        step = node.step_ms or self.question.default_step_ms
        self.question.limits.check_series(1, how_many(ends, node.range_ms, step))
        times = aligned(ends, node.range_ms, step)
        if not len(times):
            # what would be asked is still read: a wrong query is wrong at every time
            times = ends[:1] // step * step
            inner = Steps(self.question, times).vector(node.inner)
            inner = replace(inner, present=np.zeros_like(inner.present))
        else:
            inner = Steps(self.question, times).vector(node.inner)
        return of_vector(inner, times, ends, self.times, node.range_ms)

    def _called(self, node: Call) -> Value:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise Refused("query", f"{node.name}() is not supported")
        return function(self, node)

    def _negated(self, node: Negated) -> Value:
        inner = self.value(node.inner)
        assert isinstance(inner, Vector | Scalar), "the parser lets nothing else through"
        return negated(inner)

    def _aggregated(self, node: Aggregate) -> Vector:
        if node.op == "count_values":
            assert node.param is not None
            label = self.text(node.param)
            return counted(self.vector(node.inner), label, node.labels, node.without)
        if node.op in REDUCERS:
            inner = self.vector(node.inner)
            limits = self.question.limits
            return aggregate(node.op, inner, node.labels, node.without, limits)
        assert node.param is not None
        param = self.number(node.param)
        inner = self.vector(node.inner)
        if node.op == "limit_ratio":
            return shared(inner, param, self.question.notes, position(node.param))
        if node.op == "quantile":
            self.question.notes.quantile(param, position(node.param))
            return quantile(inner, param, node.labels, node.without)
        return chosen(node.op, inner, param, node.labels, node.without)

    def _binary(self, node: Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        match left, right:
            case Scalar(), Scalar():
                return numbers(node.op, left, right)
            case Vector(), Scalar():
                return with_number(node.op, left, right, False, node.returns_bool)
            case Scalar(), Vector():
                return with_number(node.op, right, left, True, node.returns_bool)
            case Vector(), Vector():
                limits = self.question.limits
                if node.op in _SETS:
                    return combined(left, right, node.op, node.matching, limits)
                return paired(left, right, node.op, node.matching, node.returns_bool, limits)
        raise Failed("binary expression must contain only scalar and instant vector types")


def _repeated(vector: Vector, steps: int) -> Vector:
    """What holds at one time, at every step."""
    shape = (len(vector), steps)
    assert vector.stamps is not None
    return replace(
        vector,
        values=np.broadcast_to(vector.values, shape).copy(),
        present=np.broadcast_to(vector.present, shape).copy(),
        stamps=np.broadcast_to(vector.stamps, shape).copy(),
    )
