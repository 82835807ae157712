"""What a rule asks, in words and numbers that people read."""

from typing import Any

from alerts.overrides import Override
from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of
from web import words
from web.tongue import gettext, lazy_gettext

# by what stands in the expression, the first that fits
_UNITS: tuple[tuple[str, Any], ...] = (
    ("changes(", lazy_gettext("times")),
    ("resets(", lazy_gettext("times")),
    ("/ 86400", lazy_gettext("days")),
    ("_dbm", "dBm"),
    ("_celsius", "°C"),
    ("_seconds", "s"),
    ("_clients", lazy_gettext("people")),
    ("_sessions", lazy_gettext("people")),
)
_SIGNS = {">": ">", "<": "<", ">=": "≥", "<=": "≤"}


def condition(rule: Rule, override: Override | None = None) -> str:
    """`> 0,9 (90%)`, `< 14 hari`; empty where a rule compares with no number."""
    if override is not None and override.off:
        return gettext("switched off")
    found = threshold_of(rule)
    if found is None:
        return ""
    _, sign, number = found
    if override is not None and override.threshold is not None:
        number = override.threshold
    return f"{_SIGNS.get(sign, sign)} {_with_unit(rule.expr, number)}"


def _with_unit(expr: str, number: float) -> str:
    if "_ratio" in expr or expr.count("_bits_per_second") > 1:
        return f"{figure(number)} ({figure(number * 100)}%)"
    unit = next((str(unit) for text, unit in _UNITS if text in expr), "")
    return f"{figure(number)} {unit}".strip()


def figure(number: float) -> str:
    """As many digits as it needs, six at most."""
    text = f"{number:.6f}".rstrip("0")
    return words.number(number, len(text.partition(".")[2]))


def hold(seconds: float) -> str:
    """`5 mnt`; at once where it need not last."""
    return words.lasted(seconds) if seconds else gettext("at once")
