"""Durations as Prometheus writes them: 5m, 1h30m, 1d12h."""

import re

from agent.strict import Refused

_UNITS = (
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
)
_SPAN = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit, _ in _UNITS))
# counted in nanoseconds, in 64 bits
_LONGEST_MS = (2**63 - 1) // 1_000_000


def read(text: str) -> int:
    """Milliseconds; Refused says what is wrong."""
    if text == "0":
        return 0
    if not text:
        raise Refused("", "a duration is missing: expected something like 5m or 1h30m")
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Refused("", f"not a duration: {text[:60]!r}; expected something like 5m or 1h30m")
    numbers = zip(found.groups("0"), _UNITS, strict=True)
    if any(len(number) > 20 for number in found.groups("0")):
        raise Refused("", f"the duration is too long: {text[:60]!r}")
    total = sum(int(number) * size for number, (_, size) in numbers)
    if total > _LONGEST_MS:
        raise Refused("", f"the duration is too long: {text[:60]!r}")
    return total


def say(seconds: float) -> str:
    """The same the other way round: 0s, 5m, 1h30m."""
    left, parts = round(seconds * 1000), []
    for unit, size in _UNITS[2:]:
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
