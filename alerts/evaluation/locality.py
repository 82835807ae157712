"""Is a rule about each site by itself? Then it is worked out for all sites at once.

What the sites have in common is then an axis of arrays, as the steps of a query are, and what is
left of the labels are those that a series has besides its site's. `localised` gives the tree for
that way: the same one without the labels of sites, or None when it must go the general way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from collector.promql import derived, register
from collector.promql.catalogue import SITE_LABELS
from collector.promql.labels import NAME
from collector.promql.matchers import holds_for
from collector.promql.plan import (
    Aggregate,
    Binary,
    Call,
    Matching,
    Negated,
    Node,
    Number,
    Selector,
    String,
    selectors,
)

_SETS = ("and", "or", "unless")
_WHOLE = frozenset(
    {
        "absent",
        "absent_over_time",
        "scalar",
        "sort",
        "sort_desc",
        "sort_by_label",
        "sort_by_label_desc",
    }
)
_RENAMING = frozenset({"label_replace", "label_join"})
# of these the place among all series decides
_CHOOSING = frozenset({"limitk", "limit_ratio"})
# these give series as they are
_PICKING = frozenset({"topk", "bottomk"})


@dataclass(frozen=True, slots=True)
class Local:
    """A tree without the labels of sites, and which of them its series have."""

    tree: Node
    labels: frozenset[str]


class _NotLocal(Exception):
    """It is about more than one site, or we cannot be sure that it is not."""


# what the same for every site is worth: a number, or series that no site has
_NUMBER = "number"
_COMMON = "common"
_Worth = str | frozenset[str]


def localised(tree: Node, recorded: Mapping[str, frozenset[str] | None]) -> Local | None:
    """`recorded`: by name of a recording rule, which labels of sites its series have."""
    try:
        worth, made = _read(tree, recorded)
    except _NotLocal:
        return None
    if isinstance(worth, str) or "site" not in worth:
        return None
    return Local(made, worth)


def _read(node: Node, recorded: Mapping[str, frozenset[str] | None]) -> tuple[_Worth, Node]:
    match node:
        case Number() | String():
            return _NUMBER, node
        case Selector():
            return _selected(node, recorded), node
        case Negated():
            worth, inner = _read(node.inner, recorded)
            return worth, replace(node, inner=inner)
        case Call():
            return _called(node, recorded)
        case Aggregate():
            return _aggregated(node, recorded)
        case Binary():
            return _binary(node, recorded)
        case _:
            raise _NotLocal


def _selected(node: Selector, recorded: Mapping[str, frozenset[str] | None]) -> frozenset[str]:
    if node.at is not None or node.offset_ms < 0:
        raise _NotLocal
    # what is worked out is known here for the present only
    if (node.range_ms or node.offset_ms) and _is_worked_out(node):
        raise _NotLocal
    names = [m.value for m in node.matchers if m.label == NAME and m.op == "="]
    if not names:
        if recorded:
            raise _NotLocal
        return SITE_LABELS
    labels = recorded.get(names[0], SITE_LABELS)
    if labels is None or (names[0] in recorded and (node.range_ms or node.offset_ms)):
        raise _NotLocal
    return labels


def _is_worked_out(node: Selector) -> bool:
    asked = [matcher for matcher in node.matchers if matcher.label == NAME]
    return any(holds_for(asked, names) for names in (*derived.NAMES, *register.NAMES))


def _called(node: Call, recorded: Mapping[str, frozenset[str] | None]) -> tuple[_Worth, Node]:
    if node.name in _WHOLE and selectors(node):
        raise _NotLocal
    if node.name in _RENAMING and _words(node) & SITE_LABELS:
        raise _NotLocal
    read = [_read(arg, recorded) for arg in node.args]
    made = replace(node, args=tuple(inner for _, inner in read))
    worths = [worth for worth, _ in read if not isinstance(worth, str)]
    if not worths:
        plain = node.name in ("time", "pi", "scalar")
        return (_NUMBER if plain else _COMMON), made
    if len(worths) > 1 or node.name == "vector":
        raise _NotLocal
    return worths[0], made


def _words(node: Call) -> set[str]:
    return {arg.value for arg in node.args if isinstance(arg, String)}


def _aggregated(
    node: Aggregate, recorded: Mapping[str, frozenset[str] | None]
) -> tuple[_Worth, Node]:
    worth, inner = _read(node.inner, recorded)
    if isinstance(worth, str) or node.op in _CHOOSING:
        raise _NotLocal
    named = SITE_LABELS.intersection(node.labels)
    left = worth - named if node.without else worth & named
    if "site" not in left or (node.param is not None and selectors(node.param)):
        raise _NotLocal
    if isinstance(node.param, String) and node.param.value in SITE_LABELS:
        raise _NotLocal
    made = replace(node, inner=inner, labels=_own(node.labels))
    return (worth if node.op in _PICKING else left), made


def _binary(node: Binary, recorded: Mapping[str, frozenset[str] | None]) -> tuple[_Worth, Node]:
    left, left_tree = _read(node.left, recorded)
    right, right_tree = _read(node.right, recorded)
    matching = node.matching
    own = replace(matching, labels=_own(matching.labels), include=_own(matching.include))
    made = replace(node, left=left_tree, right=right_tree, matching=own)
    if isinstance(left, str) and isinstance(right, str):
        return (_COMMON if _COMMON in (left, right) else _NUMBER), made
    if left == _NUMBER:
        return right, made
    if right == _NUMBER:
        return left, made
    if left == _COMMON:
        raise _NotLocal
    assert not isinstance(left, str)
    if right == _COMMON:
        return _with_common(left, node), made
    assert not isinstance(right, str)
    return _joined(node.op, left, right, matching), made


def _with_common(left: frozenset[str], node: Binary) -> frozenset[str]:
    """What every site shares joins only where labels of sites are left out of the matching."""
    matching = node.matching
    if not matching.on or SITE_LABELS.intersection(matching.labels, left):
        raise _NotLocal
    if node.op not in ("and", "unless") and matching.many != "left":
        raise _NotLocal
    return left


def _joined(
    op: str, left: frozenset[str], right: frozenset[str], matching: Matching
) -> frozenset[str]:
    named = SITE_LABELS.intersection(matching.labels)
    met = (left & named, right & named) if matching.on else (left - named, right - named)
    if met[0] != met[1] or "site" not in met[0]:
        raise _NotLocal
    if op in _SETS:
        if op == "or" and left != right:
            raise _NotLocal
        return left
    included = SITE_LABELS.intersection(matching.include)
    if matching.many:
        many, one = (right, left) if matching.many == "right" else (left, right)
        if not included <= one:
            raise _NotLocal
        return many | included
    return met[0]


def _own(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label for label in labels if label not in SITE_LABELS)
