"""Numbers as Prometheus writes them."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

# looking a text up is quicker than writing it when each stands for so many, by a few of them
_REPEATED = 4
_EVERY = 8


def plain(value: float) -> str:
    """Shortest digits without an exponent: labels made of values."""
    special = _special(value)
    if special:
        return special
    text = np.format_float_positional(value, unique=True, trim="-")
    return "-0" if value == 0 and math.copysign(1, value) < 0 else text


def figure(value: float) -> str:
    """Shortest digits, with an exponent below 1e-6 and from 1e21 on: values in JSON."""
    special = _special(value)
    if special:
        return special
    text = repr(value)
    if "e" not in text:
        return text[:-2] if text.endswith(".0") else text
    if 1e-6 <= abs(value) < 1e21:
        return plain(value)
    digits, _, exponent = text.partition("e")
    sign = exponent[0] if exponent[0] in "+-" else "+"
    return f"{digits}e{sign}{exponent.lstrip('+-').lstrip('0')}"


def figures(values: NDArray[np.float64]) -> list[str]:
    """`figure` of each; numbers that come again and again are written once."""
    numbers = values.tolist()
    some = numbers[::_EVERY]
    if len(set(some)) * _REPEATED > len(some) or _has_negative_zero(values):
        return _all_of(numbers)
    return list(map(_Texts().__getitem__, numbers))


class _Texts(dict[float, str]):
    """`figure` of every number that is asked for."""

    def __missing__(self, number: float) -> str:
        text = self[number] = figure(number)
        return text


def _has_negative_zero(values: NDArray[np.float64]) -> bool:
    """As a key it would be the same as 0."""
    return bool((np.signbit(values) & (values == 0)).any())


def _all_of(numbers: list[float]) -> list[str]:
    """`figure` of each; what needs no exponent is written all at once."""
    if not numbers:
        return []
    text = msgspec.json.encode(numbers)[1:-1].decode()
    texts = f"{text},".replace(".0,", ",").split(",")[:-1]
    if "e" in text or "n" in text:
        for place, written in enumerate(texts):
            if "e" in written or "n" in written:
                texts[place] = figure(numbers[place])
    return texts


def short(value: float) -> str:
    """Go's %g, as in messages."""
    special = _special(value)
    if special:
        return special
    text = repr(value)
    if 1e-4 <= abs(value) < 1e21 or value == 0:
        return figure(value)
    return text


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return ""
