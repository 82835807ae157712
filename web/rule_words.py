"""What a rule asks, in words and numbers that people read."""

from alerts.overrides import Override
from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of
from web import words
from web.tongue import gettext

_SIGNS = {">": ">", "<": "<", ">=": "≥", "<=": "≤"}


def condition(rule: Rule, override: Override | None = None) -> str:
    """`> 0,3`; empty where a rule compares with no number."""
    if override is not None and override.off:
        return gettext("switched off")
    found = threshold_of(rule)
    if found is None:
        return ""
    _, sign, number = found
    if override is not None and override.threshold is not None:
        number = override.threshold
    return f"{_SIGNS.get(sign, sign)} {figure(number)}"


def figure(number: float) -> str:
    """As many digits as it needs, six at most."""
    text = f"{number:.6f}".rstrip("0")
    return words.number(number, len(text.partition(".")[2]))


def hold(seconds: float) -> str:
    """`5 mnt`; at once where it need not last."""
    return words.lasted(seconds) if seconds else gettext("at once")
