"""Numbers as Prometheus writes them."""

import math

import numpy as np


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
