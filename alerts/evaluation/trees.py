"""What else a rule's tree tells: its threshold, what must be there to judge it, how it moves."""

from dataclasses import replace

from collector.promql.arithmetic import COMPARISONS
from collector.promql.derived import AGE
from collector.promql.labels import NAME
from collector.promql.matchers import holds_for
from collector.promql.plan import (
    Aggregate,
    Binary,
    Call,
    Negated,
    Node,
    Number,
    Selector,
    selectors,
)

_PICKING = ("topk", "bottomk", "limitk", "limit_ratio")


def presence(tree: Node) -> Node | None:
    """A tree that has a series wherever `tree` could be judged, bad or not; None: everywhere."""
    match tree:
        case Binary():
            return _of_binary(tree)
        case Call():
            if tree.name in ("absent", "absent_over_time"):
                return None
            args = [presence(arg) for arg in tree.args]
            return None if None in args else replace(tree, args=tuple(a for a in args if a))
        case Aggregate():
            inner = presence(tree.inner)
            picks = inner is None or tree.op in _PICKING
            return inner if picks or inner is None else replace(tree, inner=inner)
        case Negated():
            return presence(tree.inner)
        case _:
            return tree


def _of_binary(tree: Binary) -> Node | None:
    left = presence(tree.left)
    if tree.op in ("and", "unless") or left is None:
        return left
    right = presence(tree.right)
    if right is None:
        return None
    # with `bool` a comparison has a value for every pair, whether it holds or not
    return replace(tree, left=left, right=right, returns_bool=tree.op in COMPARISONS)


def threshold(tree: Node) -> Node | None:
    """The number of the top-level comparison; None when there is none to replace."""
    match tree:
        case Binary() if tree.op in ("and", "unless"):
            return threshold(tree.left)
        case Binary() if tree.op in COMPARISONS:
            numbers = [side for side in (tree.right, tree.left) if _is_number(side)]
            return numbers[0] if len(numbers) == 1 else None
        case _:
            return None


def with_threshold(tree: Node, value: float) -> Node:
    """The tree with another number in the place of its threshold."""
    assert isinstance(tree, Binary)
    if tree.op in ("and", "unless"):
        return replace(tree, left=with_threshold(tree.left, value))
    if _is_number(tree.right):
        return replace(tree, right=Number(value))
    return replace(tree, left=Number(value))


def moves_by_itself(tree: Node) -> bool:
    """Does it look at what changes without any news of a site: how long it has said nothing?"""
    age = {NAME: AGE}
    return any(
        holds_for([m for m in selector.matchers if m.label == NAME], age)
        for selector in selectors(tree)
    )


def reaches_s(tree: Node) -> float:
    """How far back from now its ranges and offsets reach."""
    spans = [selector.range_ms + max(0, selector.offset_ms) for selector in selectors(tree)]
    return max(spans, default=0) / 1000.0


def metric_of(selector: Selector) -> str:
    """The name it asks for, "" when it could be several."""
    names = [m.value for m in selector.matchers if m.label == NAME and m.op == "="]
    return names[0] if names else ""


def _is_number(node: Node) -> bool:
    return isinstance(node, Number) or (
        isinstance(node, Negated) and isinstance(node.inner, Number)
    )
