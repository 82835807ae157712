"""A query's text as our own tree; what we do not support is refused here, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import promql_parser as parser

from agent.strict import Refused

LONGEST_QUERY = 16_384


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class String:
    value: str


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


@dataclass(frozen=True)
class Subquery:
    inner: "Node"
    range_ms: int
    step_ms: int
    offset_ms: int = 0
    at: At | None = None


@dataclass(frozen=True)
class Call:
    name: str
    args: tuple["Node", ...]


@dataclass(frozen=True)
class Aggregate:
    op: str
    inner: "Node"
    param: "Node | None"
    labels: tuple[str, ...]
    without: bool


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


@dataclass(frozen=True)
class Negated:
    inner: "Node"


Node = Number | String | Selector | Subquery | Call | Aggregate | Binary | Negated


def plan(query: str) -> Node:
    """The tree of a query; Refused says what cannot be read or is not supported."""
    if len(query) > LONGEST_QUERY:
        raise Refused("query", f"longer than {LONGEST_QUERY} characters")
    try:
        parsed = parser.parse(query)
    except ValueError as error:
        raise Refused("query", f"parse error: {error}") from error
    except RecursionError as error:
        raise Refused("query", "nested too deeply") from error
    return _node(parsed)


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


def _node(e: Any) -> Node:
    maker = _MAKERS.get(type(e))
    if maker is None:
        raise Refused("query", f"{type(e).__name__} is not supported")
    return maker(e)


def _selector(e: Any, range_ms: int = 0) -> Selector:
    if e.matchers.or_matchers:
        raise Refused("query", "`or` between matchers is not supported")
    matchers = [Matcher(m.name, _OPS[str(m.op)], m.value) for m in e.matchers.matchers]
    if e.name is not None:
        matchers.insert(0, Matcher("__name__", "=", e.name))
    return Selector(tuple(matchers), _ms(e.offset), _at(e.at), range_ms)


def _matrix(e: Any) -> Selector:
    return _selector(e.vector_selector, _ms(e.range))


def _subquery(e: Any) -> Subquery:
    return Subquery(_node(e.expr), _ms(e.range), _ms(e.step), _ms(e.offset), _at(e.at))


def _call(e: Any) -> Call:
    return Call(e.func.name, tuple(_node(arg) for arg in e.args))


def _aggregate(e: Any) -> Aggregate:
    labels, without = (), False
    if e.modifier is not None:
        labels = tuple(e.modifier.labels)
        without = e.modifier.type == parser.AggModifierType.Without
    param = None if e.param is None else _node(e.param)
    return Aggregate(str(e.op), _node(e.expr), param, labels, without)


def _binary(e: Any) -> Binary:
    matching, returns_bool = Matching(), False
    if e.modifier is not None:
        returns_bool = e.modifier.return_bool
        matching = _matching(e.modifier)
    return Binary(str(e.op), _node(e.lhs), _node(e.rhs), matching, returns_bool)


def _matching(modifier: Any) -> Matching:
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


def _at(at: Any) -> At | None:
    if at is None:
        return None
    if at.type == parser.AtModifierType.Start:
        return At(edge="start")
    if at.type == parser.AtModifierType.End:
        return At(edge="end")
    return At(time_ms=round(at.at.timestamp() * 1000))


def _ms(span: timedelta | None) -> int:
    return 0 if span is None else span // timedelta(milliseconds=1)


_OPS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}
_MAKERS: dict[type, Callable[[Any], Node]] = {
    parser.NumberLiteral: lambda e: Number(e.val),
    parser.StringLiteral: lambda e: String(e.val),
    parser.VectorSelector: _selector,
    parser.MatrixSelector: _matrix,
    parser.SubqueryExpr: _subquery,
    parser.Call: _call,
    parser.AggregateExpr: _aggregate,
    parser.BinaryExpr: _binary,
    parser.ParenExpr: lambda e: _node(e.expr),
    parser.UnaryExpr: lambda e: Negated(_node(e.expr)),
}
