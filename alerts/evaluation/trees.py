"""What else a rule's tree tells: its threshold, what must be there to judge it, how it moves."""

from dataclasses import replace

from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of
from collector.promql.arithmetic import COMPARISONS
from collector.promql.derived import AGE
from collector.promql.labels import NAME
from collector.promql.matchers import holds_for
from collector.promql.plan import (
    Aggregate,
    Binary,
    Call,
    Matching,
    Negated,
    Node,
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
    if tree.op == "or":
        # what the left side has hides the right one's values, not that they could be judged
        return replace(tree, left=left, right=right, matching=Matching())
    # with `bool` a comparison has a value for every pair, whether it holds or not
    return replace(tree, left=left, right=right, returns_bool=tree.op in COMPARISONS)


def threshold(rule: Rule, tree: Node) -> tuple[Node, float] | None:
    """The node of `tree` that is the number it compares with, and the number."""
    found = threshold_of(replace(rule, tree=tree))
    if found is None:
        return None
    while isinstance(tree, Binary) and tree.op not in COMPARISONS:
        tree = tree.left
    assert isinstance(tree, Binary)
    return (tree.right if tree.left is found[0] else tree.left), found[2]


def moves_by_itself(tree: Node) -> bool:
    """Does it look at what changes without any news of a site: how long it has said nothing?"""
    return may_ask(tree, AGE)


def may_ask(tree: Node, metric: str) -> bool:
    """May one of its selectors mean series of this metric?"""
    name = {NAME: metric}
    return any(
        holds_for([m for m in selector.matchers if m.label == NAME], name)
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
