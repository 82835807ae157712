"""What Prometheus's API is asked with: times, durations, matchers, limits, as text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from agent.strict import Refused
from collector.promql.notation import read_span
from collector.promql.plan import Matcher, Selector, plan

Params = Mapping[str, Sequence[str]]

# the farthest times anybody means (year 9999); promtool asks from the beginning of all time
_FARTHEST_S = 253_402_300_799.0
# more digits than Python would read are no number either
_WHOLE = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_ms` to `end_ms`."""

    start_ms: int
    end_ms: int


def read(*texts: str) -> Params:
    """The parameters of a query string and of a form, in this order."""
    found: dict[str, list[str]] = {}
    for text in filter(None, texts):
        for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
            found.setdefault(name, []).append(value)
    return found


def one(params: Params, name: str, default: str = "") -> str:
    """The first value of a parameter."""
    values = params.get(name, ())
    return values[0] if values else default


def time_ms(params: Params, name: str, default_s: float | None) -> int:
    """A time as seconds or RFC 3339; Refused says which parameter cannot be read."""
    text = one(params, name)
    if not text:
        if default_s is None:
            raise bad(name, 'cannot parse "" to a valid timestamp')
        return round(default_s * 1000)
    try:
        seconds = float(text)
    except ValueError:
        seconds = _date(name, text)
    if seconds != seconds:
        raise bad(name, f'cannot parse "{text}" to a valid timestamp')
    return round(min(max(seconds, -_FARTHEST_S), _FARTHEST_S) * 1000)


def step_ms(params: Params) -> int:
    """The resolution of a range query."""
    text = one(params, "step")
    try:
        step = read_span(text)
    except (Refused, OverflowError):
        raise bad("step", f'cannot parse "{text}" to a valid duration') from None
    if step <= 0:
        raise bad(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a "
            "positive integer",
        )
    return step


def seconds(params: Params, name: str, most: float) -> float:
    """A duration in seconds, at most `most`."""
    text = one(params, name)
    if not text:
        return most
    try:
        return min(most, read_span(text) / 1000)
    except (Refused, OverflowError):
        raise bad(name, f'cannot parse "{text}" to a valid duration') from None


def limit(params: Params, name: str = "limit") -> int:
    """How many results at most; 0 for all."""
    text = one(params, name) or "0"
    if not _WHOLE.fullmatch(text):
        raise bad(name, f"{text[:40]!r} is not a whole number")
    return int(text)


def stretch(params: Params, now: float, longest_s: float) -> Stretch:
    """The time that metadata is asked about: by default the last day."""
    # promtool and Grafana ask far into the future
    end = min(time_ms(params, "end", now), round((now + 3600) * 1000))
    start = time_ms(params, "start", end / 1000 - 86_400)
    if end < start:
        raise bad("end", "end timestamp must not be before start time")
    return Stretch(max(start, end - round(longest_s * 1000)), end)


def selections(params: Params) -> list[tuple[Matcher, ...]]:
    """The matchers of every `match[]`."""
    found = []
    for text in params.get("match[]", ()):
        try:
            tree = plan(text)
        except Refused as refused:
            raise bad("match[]", refused.problem) from None
        if not isinstance(tree, Selector) or tree.range_ms or tree.offset_ms or tree.at:
            raise bad("match[]", f"expected a series selector, got {text!r}")
        found.append(tree.matchers)
    return found


def bad(name: str, problem: str) -> Refused:
    return Refused(f'invalid parameter "{name}"', problem)


def _date(name: str, text: str) -> float:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        if text.startswith(("-", "+")):
            return -_FARTHEST_S if text.startswith("-") else _FARTHEST_S
        raise bad(name, f'cannot parse "{text}" to a valid timestamp') from None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
