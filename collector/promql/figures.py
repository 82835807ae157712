"""Numbers as Prometheus writes them."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from collector.promql.segments import Floats

# most measurements are whole numbers of one of these
_QUANTA = (1.0, 10.0, 100.0, 1e3, 1e4)
# a table of so many texts for each number is quicker than writing every number
_ROOM = 4
_SOME = 64
# fewer are written sooner than looked at
_SHORT = 200


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


def figures(values: Floats) -> list[str]:
    """`figure` of each; numbers that come again and again are written once."""
    if len(values) < _SHORT:
        return _all_of(values.tolist())
    bits = np.ascontiguousarray(values).view(np.int64)
    if (bits == bits[0]).all():
        return [figure(float(values[0]))] * len(values)
    coded = _coded(values)
    if coded is None:
        return _all_of(values.tolist())
    places, size = coded
    numbers = np.full(size, np.nan)
    numbers[places] = values
    distinct = np.flatnonzero(numbers == numbers)
    table = np.empty(size, object)
    table[distinct] = _all_of(numbers[distinct].tolist())
    texts: list[str] = table.take(places).tolist()
    return texts


def _coded(values: Floats) -> tuple[NDArray[np.int64], int] | None:
    """Equal numbers as equal places in a small table; None where that would not be small."""
    room = _ROOM * len(values)
    with np.errstate(over="ignore", invalid="ignore"):
        whole = _whole(values)
        if whole is None:
            return None
        above = whole - whole.min()
        # neither infinite nor rounded
        if not above.max() < 2.0**53 or (whole.min() <= 0 and _has_negative_zero(values)):
            return None
    places = above.astype(np.int64)
    if above.max() >= room:
        # bytes come in pages
        places //= max(int(np.gcd.reduce(places)), 1)
    size = int(places.max()) + 1
    return (places, size) if size <= room else None


def _whole(values: Floats) -> Floats | None:
    """As whole numbers of the largest quantum that fits; None if none does."""
    # a few of them mostly tell
    few = values[:: len(values) // _SOME + 1]
    for quantum in _QUANTA:
        if (np.rint(few * quantum) / quantum == few).all():
            whole: Floats = np.rint(values * quantum)
            if len(values) and (whole / quantum == values).all():
                return whole
    return None


def _has_negative_zero(values: Floats) -> bool:
    """It would have the place of 0."""
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
