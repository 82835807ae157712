"""Series written by hand, as tests have them: `up{a="b"} 1 2+3x4 _ stale NaN`."""

import re
from dataclasses import dataclass

from agent.strict import Refused
from collector.promql.plan import Selector, plan
from collector.promql.vectors import STALE

_DIGITS = r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|(?i:inf|nan))"
# among points 0x10 is 0 and ten times the same
_NUMBER = rf"[+-]?{_DIGITS}"
_ITEM = re.compile(rf"({_NUMBER})(?:([+-]{_DIGITS})?x(\d+))?")
_BLANK = re.compile(r"_(?:x(\d+))?")
_NATIVE = re.compile(r"\{\{")
_SINGLE = re.compile(rf"[+-]?0[xX][0-9a-fA-F]+|{_NUMBER}")
_LONGEST = 1_000_000

# units from the largest to the smallest, each once
_SPAN = re.compile("".join(rf"(?:(\d+){unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms")))
_SPAN_MS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)


@dataclass(frozen=True, slots=True)
class Written:
    """Labels and points (None: no sample); `native`: the points are histograms."""

    labels: dict[str, str]
    points: list[float | None]
    native: bool = False


def read_series(line: str) -> Written:
    """One series; Refused says what cannot be read."""
    name, rest = _split(line.strip())
    labels = read_labels(name)
    if _NATIVE.search(rest):
        return Written(labels, [], native=True)
    points: list[float | None] = []
    for item in rest.split():
        points += _points(item)
        if len(points) > _LONGEST:
            raise Refused("series", f"more than {_LONGEST:,} points")
    return Written(labels, points)


def read_labels(text: str) -> dict[str, str]:
    """`up{a="b"}` or `{__name__="up",a="b"}` as labels."""
    if text in ("", "{}"):
        return {}
    tree = plan(text)
    if not isinstance(tree, Selector):
        raise Refused("series", f"expected a name and labels, got {text!r}")
    return {matcher.label: matcher.value for matcher in tree.matchers if matcher.value}


def read_number(text: str) -> float | None:
    """A number alone, or None."""
    return _value(text) if _SINGLE.fullmatch(text) else None


def read_span(text: str) -> int:
    """A duration (`1h30m`, or seconds without a unit) in ms."""
    sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    try:
        if bare[:1] not in ("+", "-"):
            return sign * round(float(bare) * 1000)
    except ValueError:
        pass
    found = _SPAN.fullmatch(bare)
    if found is None or not bare:
        raise Refused("duration", f"expected something like 1h30m, got {text!r}")
    return sign * sum(int(n or 0) * ms for n, ms in zip(found.groups(), _SPAN_MS, strict=True))


def _split(line: str) -> tuple[str, str]:
    """The series' name with its labels, and the points after it."""
    inside, quoted = 0, ""
    for place, c in enumerate(line):
        if quoted:
            if c == quoted and line[place - 1] != "\\":
                quoted = ""
        elif c in "\"'`":
            quoted = c
        elif c in "{}":
            inside += 1 if c == "{" else -1
        elif c.isspace() and not inside:
            return line[:place], line[place:]
    return line, ""


def _points(item: str) -> list[float | None]:
    if item == "stale":
        return [STALE]
    if blank := _BLANK.fullmatch(item):
        return [None] * int(blank[1] or 1)
    found = _ITEM.fullmatch(item)
    if found is None:
        raise Refused("series", f"expected a value such as 1, 1+2x3, _ or stale, got {item!r}")
    first, step, times = _value(found[1]), found[2], found[3]
    if times is None:
        return [first]
    if int(times) > _LONGEST:
        raise Refused("series", f"more than {_LONGEST:,} points")
    points: list[float | None] = []
    for _ in range(int(times) + 1):
        points.append(first)
        first += _value(step) if step else 0.0
    return points


def _value(text: str) -> float:
    return float(int(text, 16)) if "x" in text.lower() else float(text)
