"""A query's text as our own tree; what we do not support is refused here, by name."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

import promql_parser as parser

from agent.strict import Refused
from collector.promql.parsing import parsed
from collector.promql.places import starts

LONGEST_QUERY = 16_384

# the farthest times and the longest durations that mean anything: years 9999 and 292
_FARTHEST_MS, _LONGEST_MS = 253_402_300_799_000, (2**63 - 1) // 10**6
# as the parser shows it: its own way to a datetime ends before 1970 and after 9999
_AT_TIME = re.compile(r"tv_sec: (-?\d+),\s+tv_nsec: (\d+)")

# where a node begins in the text; nodes that mean the same are equal wherever they stand
_HERE: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class Number:
    value: float
    at_char: int = _HERE


@dataclass(frozen=True)
class String:
    value: str
    at_char: int = _HERE


@dataclass(frozen=True)
class Matcher:
    """`op` is one of = != =~ !~."""

    label: str
    op: str
    value: str


@dataclass(frozen=True)
class At:
    """An `@` modifier: a time in ms, or the query's `start` or `end`."""

    time_ms: int | None = None
    edge: str = ""


@dataclass(frozen=True)
class Selector:
    """An instant vector selector, or with `range_ms` a range vector selector."""

    matchers: tuple[Matcher, ...]
    offset_ms: int = 0
    at: At | None = None
    range_ms: int = 0
    at_char: int = _HERE


@dataclass(frozen=True)
class Subquery:
    inner: "Node"
    range_ms: int
    step_ms: int
    offset_ms: int = 0
    at: At | None = None
    at_char: int = _HERE


@dataclass(frozen=True)
class Call:
    name: str
    args: tuple["Node", ...]
    at_char: int = _HERE


@dataclass(frozen=True)
class Aggregate:
    op: str
    inner: "Node"
    param: "Node | None"
    labels: tuple[str, ...]
    without: bool
    at_char: int = _HERE


@dataclass(frozen=True)
class Matching:
    """How two vectors meet: `many` is the side with several series a group: "", left or right."""

    labels: tuple[str, ...] = ()
    on: bool = False
    many: str = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class Binary:
    op: str
    left: "Node"
    right: "Node"
    matching: Matching
    returns_bool: bool = False
    at_char: int = _HERE


@dataclass(frozen=True)
class Negated:
    inner: "Node"
    at_char: int = _HERE


Node = Number | String | Selector | Subquery | Call | Aggregate | Binary | Negated


@lru_cache(maxsize=128)
def plan(query: str) -> Node:
    """The tree of a query; Refused says what cannot be read or is not supported."""
    if len(query) > LONGEST_QUERY:
        raise Refused("query", f"longer than {LONGEST_QUERY} characters")
    try:
        return _Reader(starts(query)).node(parsed(query))
    except RecursionError as error:
        raise Refused("query", "nested too deeply") from error


def scoped(node: Node, matchers: tuple[Matcher, ...]) -> Node:
    """The same tree with these matchers on every selector."""
    if not matchers:
        return node
    match node:
        case Selector():
            # the scope first: what the query itself says of a label stays its last word
            return replace(node, matchers=matchers + node.matchers)
        case Call():
            return replace(node, args=tuple(scoped(arg, matchers) for arg in node.args))
        case Binary():
            left, right = scoped(node.left, matchers), scoped(node.right, matchers)
            return replace(node, left=left, right=right)
        case Aggregate():
            param = None if node.param is None else scoped(node.param, matchers)
            return replace(node, inner=scoped(node.inner, matchers), param=param)
        case Subquery() | Negated():
            return replace(node, inner=scoped(node.inner, matchers))
        case _:
            return node


def position(node: Node) -> int:
    """Where the node begins in the query's text, in characters; -1 when that is not known."""
    return node.at_char


def selectors(node: Node) -> list[Selector]:
    """Every selector in the tree, in the order they stand."""
    match node:
        case Selector():
            return [node]
        case Number() | String():
            return []
        case Call():
            return [s for arg in node.args for s in selectors(arg)]
        case Binary():
            return selectors(node.left) + selectors(node.right)
        case Aggregate():
            return selectors(node.inner) + (selectors(node.param) if node.param else [])
        case _:
            return selectors(node.inner)


class _Reader:
    """Makes our nodes of the parser's, in the order of the text."""

    def __init__(self, found: list[tuple[bool, int]]) -> None:
        self._starts = found[::-1]

    def node(self, e: Any) -> Node:
        maker = _MAKERS.get(type(e))
        if maker is None:
            raise Refused("query", f"{type(e).__name__} is not supported")
        if isinstance(e, parser.BinaryExpr | parser.SubqueryExpr | parser.MatrixSelector):
            made = maker(self, e)
            return made if made.at_char >= 0 else replace(made, at_char=_begin(made))
        start = self._next(isinstance(e, parser.UnaryExpr))
        return replace(maker(self, e), at_char=start)

    def _next(self, unary: bool) -> int:
        """Where the next node begins; the sign of a number belongs to it."""
        first = -1
        while self._starts:
            minus, place = self._starts.pop()
            first = place if first < 0 else first
            if unary or not minus:
                break
        return first

    def selector(self, e: Any, range_ms: int = 0) -> Selector:
        if e.matchers.or_matchers:
            raise Refused("query", "`or` between matchers is not supported")
        matchers = [Matcher(m.name, _OPS[str(m.op)], m.value) for m in e.matchers.matchers]
        if e.name is not None:
            matchers.insert(0, Matcher("__name__", "=", e.name))
        return Selector(tuple(matchers), _ms(e.offset), _at(e), range_ms)

    def matrix(self, e: Any) -> Selector:
        start = self._next(False)
        return replace(self.selector(e.vector_selector, _ms(e.range)), at_char=start)

    def subquery(self, e: Any) -> Subquery:
        return Subquery(self.node(e.expr), _ms(e.range), _ms(e.step), _ms(e.offset), _at(e))

    def call(self, e: Any) -> Call:
        return Call(e.func.name, tuple(self.node(arg) for arg in e.args))

    def aggregate(self, e: Any) -> Aggregate:
        labels, without = (), False
        if e.modifier is not None:
            labels = tuple(e.modifier.labels)
            without = e.modifier.type == parser.AggModifierType.Without
        param = None if e.param is None else self.node(e.param)
        return Aggregate(str(e.op), self.node(e.expr), param, labels, without)

    def binary(self, e: Any) -> Binary:
        matching, returns_bool = Matching(), False
        if e.modifier is not None:
            returns_bool = e.modifier.return_bool
            matching = _matching(e.modifier)
        left = self.node(e.lhs)
        return Binary(str(e.op), left, self.node(e.rhs), matching, returns_bool)


def _begin(node: Node) -> int:
    match node:
        case Binary():
            return node.left.at_char
        case Subquery():
            return node.inner.at_char
        case _:
            return node.at_char


def _matching(modifier: Any) -> Matching:
    fill = modifier.fill_values
    if fill is not None and (fill.lhs is not None or fill.rhs is not None):
        raise Refused("query", "fill modifiers are not supported")
    labels: tuple[str, ...] = ()
    on = False
    if modifier.matching is not None:
        labels = tuple(modifier.matching.labels)
        on = modifier.matching.type == parser.LabelModifierType.Include
    many, include = "", ()
    if modifier.card == parser.VectorMatchCardinality.ManyToOne:
        many, include = "left", tuple(modifier.group_labels or ())
    elif modifier.card == parser.VectorMatchCardinality.OneToMany:
        many, include = "right", tuple(modifier.group_labels or ())
    return Matching(labels, on, many, include)


def _at(e: Any) -> At | None:
    at = e.at
    if at is None:
        return None
    if at.type == parser.AtModifierType.Start:
        return At(edge="start")
    if at.type == parser.AtModifierType.End:
        return At(edge="end")
    # the last one is the node's own: what stands inside is shown before
    seconds, nanos = _AT_TIME.findall(repr(e))[-1]
    time_ms = int(seconds) * 1000 + round(int(nanos) / 1e6)
    if abs(time_ms) > _FARTHEST_MS:
        problem = f"parse error: timestamp out of bounds for @ modifier: {time_ms / 1000:f}"
        raise Refused("query", problem)
    return At(time_ms=time_ms)


def _ms(span: timedelta | None) -> int:
    found = 0 if span is None else span // timedelta(milliseconds=1)
    if abs(found) > _LONGEST_MS:
        raise Refused("query", "parse error: duration out of range")
    return found


_OPS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}
_MAKERS: dict[type, Callable[[_Reader, Any], Node]] = {
    parser.NumberLiteral: lambda _, e: Number(e.val),
    parser.StringLiteral: lambda _, e: String(e.val),
    parser.VectorSelector: _Reader.selector,
    parser.MatrixSelector: _Reader.matrix,
    parser.SubqueryExpr: _Reader.subquery,
    parser.Call: _Reader.call,
    parser.AggregateExpr: _Reader.aggregate,
    parser.BinaryExpr: _Reader.binary,
    parser.ParenExpr: lambda reader, e: reader.node(e.expr),
    parser.UnaryExpr: lambda reader, e: Negated(reader.node(e.expr)),
}
