"""What a function needs of the evaluation it is part of."""

from dataclasses import dataclass, field
from typing import Protocol

from collector.promql.labels import Words
from collector.promql.limits import Limits
from collector.promql.notes import Notes
from collector.promql.plan import Node
from collector.promql.segments import Floats
from collector.promql.vectors import Millis, Source, Use, Value, Vector, Windows


@dataclass(frozen=True, slots=True)
class Question:
    """What holds for a whole query: its source, bounds, times, and what there is to say."""

    source: Source
    start_ms: int
    end_ms: int
    default_step_ms: int
    limits: Limits = field(default_factory=Limits)
    notes: Notes = field(default_factory=Notes)
    words: Words = field(default_factory=Words)
    instant: bool = True


class Evaluation(Protocol):
    """Expressions at certain times; a subquery has one of its own."""

    @property
    def question(self) -> Question: ...

    @property
    def times(self) -> Millis: ...

    def value(self, node: Node) -> Value: ...

    def vector(self, node: Node) -> Vector: ...

    def number(self, node: Node) -> Floats: ...

    def windows(self, node: Node, use: Use = ...) -> Windows: ...

    def text(self, node: Node) -> str: ...
