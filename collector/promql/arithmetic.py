"""Operators on plain numbers, and on a vector with a number."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from collector.promql.segments import Floats
from collector.promql.vectors import Scalar, Vector

COMPARISONS: dict[str, Callable[[Floats, Floats], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
ARITHMETIC: dict[str, Callable[[Floats, Floats], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}


def numbers(op: str, left: Scalar, right: Scalar) -> Scalar:
    """Two numbers; a comparison gives 1 or 0."""
    function = COMPARISONS.get(op) or ARITHMETIC[op]
    return Scalar(function(left.values, right.values).astype(np.float64))


def with_number(op: str, vector: Vector, number: Scalar, swapped: bool, bools: bool) -> Vector:
    """Each series with a number; `swapped`: the number stands on the left."""
    other = np.broadcast_to(number.values, vector.values.shape)
    left, right = (other, vector.values) if swapped else (vector.values, other)
    if op in ARITHMETIC:
        return vector.valued(ARITHMETIC[op](left, right))
    holds = COMPARISONS[op](left, right)
    if bools:
        return vector.valued(holds.astype(np.float64))
    return replace(vector, present=vector.present & holds, stamps=None)


def negated(value: Vector | Scalar) -> Vector | Scalar:
    if isinstance(value, Scalar):
        return Scalar(-value.values)
    return value.valued(-value.values)
