"""The values of RouterOS are texts with or without units; these are the numbers in them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"\s*([-+]?\d{1,20}(?:\.\d{1,9})?)\s*([A-Za-z%]*)\s*")
_UNITS = {
    "": 1, "%": 1, "dBm": 1, "dB": 1, "C": 1, "V": 1, "W": 1, "s": 1,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
    "bps": 1, "kbps": 1e3, "Kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9,
}  # fmt: skip
_TIME = re.compile(
    r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?"
    r"(?:(\d{1,2}):(\d{2}):(\d{2})|(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?(?:\d{1,6}ms)?)"
)
_SECONDS = (7 * 86400, 86400, 3600, 60, 1, 3600, 60, 1)

# a line of a menu, by name of the property
Row = Mapping[str, Any]


def number(value: object, least: float = float("-inf"), most: float = float("inf")) -> float | None:
    """The number that a value means, in the base unit; None for what is none or cannot be."""
    match = _NUMBER.fullmatch(str(value))
    if match is None or match[2] not in _UNITS:
        return None
    found = float(match[1]) * _UNITS[match[2]]
    return found if least <= found <= most else None


def seconds(value: object) -> float | None:
    """A length of time: 6w5d11h55m45s, 2d20:12:20."""
    text = str(value).strip()
    match = _TIME.fullmatch(text)
    if match is None or not text:
        return None
    parts = zip(match.groups(), _SECONDS, strict=True)
    return float(sum(int(part) * unit for part, unit in parts if part))


def yes(value: object) -> bool:
    """REST says true where the terminal says yes."""
    return str(value).strip().lower() in ("true", "yes")


def text(value: object) -> str:
    """Without characters that no name of ours may have."""
    return "" if value is None else "".join(c for c in str(value) if c.isprintable())[:100]
