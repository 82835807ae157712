"""The order of an instant answer: by value, or by labels as people would order them."""

import re
from functools import cmp_to_key

import numpy as np

from collector.promql.vectors import Vector

# ² is a digit, too, and no number
_DIGITS = frozenset("0123456789")
_CHUNK = re.compile("([0-9]+|[^0-9]+)")


def by_value(vector: Vector, falling: bool) -> Vector:
    """Series by their value at the only step; NaN at the end either way."""
    vector = vector.take(vector.present[:, 0])
    values = vector.values[:, 0]
    nan = np.isnan(values)
    size = np.where(nan, 0.0, -values if falling else values)
    return vector.take(np.lexsort((size, nan)))


def by_labels(vector: Vector, names: list[str], falling: bool) -> Vector:
    """Series by these labels (numbers in them by size), then by all their labels."""
    vector = vector.take(vector.present[:, 0])
    rows = [vector.labels.row(place) for place in range(len(vector))]

    def compare(a: int, b: int) -> int:
        for name in names:
            one, other = rows[a].get(name, ""), rows[b].get(name, "")
            if one != other:
                return -1 if naturally_before(one, other) else 1
        one_all, other_all = sorted(rows[a].items()), sorted(rows[b].items())
        return (one_all > other_all) - (one_all < other_all)

    order = sorted(range(len(vector)), key=cmp_to_key(compare), reverse=falling)
    return vector.take(np.array(order, np.int64))


def naturally_before(one: str, other: str) -> bool:
    """Does `one` come first when runs of digits are compared as numbers?"""
    ones, others = _CHUNK.findall(one), _CHUNK.findall(other)
    for left, right in zip(ones, others, strict=False):
        if left == right:
            continue
        if left[0] in _DIGITS and right[0] in _DIGITS:
            if _size(left) != _size(right):
                return _size(left) < _size(right)
            # 01 and 1 are the same number: the shorter comes first
            if len(left) != len(right):
                return len(left) < len(right)
            continue
        return bool(left < right)
    return len(ones) < len(others)


def _size(digits: str) -> tuple[int, str]:
    """What orders numbers of any length, more digits than Python reads as one number too."""
    bare = digits.lstrip("0")
    return len(bare), bare
