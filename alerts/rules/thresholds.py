"""The number that a rule compares with: found, and replaced where a site has its own."""

from collections.abc import Callable
from dataclasses import replace

from alerts.rules.rule import Rule
from collector.promql.plan import Binary, Negated, Node, Number

_ORDERS = (">", "<", ">=", "<=")
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_FILTERS = ("and", "unless")


def threshold_of(rule: Rule) -> tuple[Node, str, float] | None:
    """What is compared, how, and with which number: `left op number`; None where nothing is.

    The comparison at the top of the expression, or on the left of `and` and `unless` there.
    `== 0` is a question of yes or no, and no threshold.
    """
    found = _comparison(rule.tree)
    if found is None:
        return None
    number = _number(found.right)
    if number is not None:
        return found.left, found.op, number
    number = _number(found.left)
    return None if number is None else (found.right, _MIRRORED[found.op], number)


def with_threshold(rule: Rule, number: float) -> Rule:
    """The rule with another number; `expr` stays the text that was written."""
    return replace(rule, tree=_changed(rule.tree, lambda node: _compared(node, number)))


def _comparison(node: Node) -> Binary | None:
    while isinstance(node, Binary) and node.op in _FILTERS:
        node = node.left
    if isinstance(node, Binary) and node.op in _ORDERS and not node.returns_bool:
        return node
    return None


def _changed(node: Node, change: Callable[[Binary], Node]) -> Node:
    if isinstance(node, Binary) and node.op in _FILTERS:
        return replace(node, left=_changed(node.left, change))
    return change(node) if isinstance(node, Binary) else node


def _compared(node: Binary, number: float) -> Node:
    if _number(node.right) is not None:
        return replace(node, right=Number(number))
    return replace(node, left=Number(number))


def _number(node: Node) -> float | None:
    """The value of an expression of plain numbers, such as -27 or 14 * 86400."""
    match node:
        case Number():
            return node.value
        case Negated():
            inner = _number(node.inner)
            return None if inner is None else -inner
        case Binary(op="*"):
            left, right = _number(node.left), _number(node.right)
            return None if left is None or right is None else left * right
    return None
