"""Values of RouterOS's language: text, numbers, yes and no, spans of time, arrays, nothing."""

import re
from dataclasses import dataclass
from typing import Any

Value = Any
_SPAN = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$")
_CLOCK = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(\d+):(\d\d)(?::(\d\d))?(?:\.\d+)?$")


@dataclass(frozen=True, order=True)
class Span:
    """A span of time; printed as the console prints it."""

    s: float

    def __str__(self) -> str:
        whole = int(self.s)
        days, rest = divmod(whole, 86400)
        weeks, days = divmod(days, 7)
        text = (f"{weeks}w" if weeks else "") + (f"{days}d" if days else "")
        return f"{text}{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


@dataclass(frozen=True)
class Id:
    """The inner number of an item, as *1A."""

    number: int

    def __str__(self) -> str:
        return f"*{self.number:X}"


def span(text: str) -> Span | None:
    """A span of time as it is written, 1w2d03:04:05 or 1d2h3m4s; None for anything else."""
    if found := _CLOCK.match(text):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return Span(((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds)
    if text and (found := _SPAN.match(text)):
        weeks, days, hours, minutes, seconds, ms = (int(part or 0) for part in found.groups())
        return Span(((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds + ms / 1000)
    return None


def literal(text: str) -> Value:
    """A word without quotes as the value it is."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if text in ("yes", "true", "no", "false"):
        return text in ("yes", "true")
    if re.fullmatch(r"\*[0-9A-Fa-f]+", text):
        return Id(int(text[1:], 16))
    found = span(text)
    return text if found is None else found


def shown(value: Value) -> str:
    """As `:put` prints it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ";".join(f"{key}={shown(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ";".join(shown(each) for each in value)
    return str(value)


def listed(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else [value]


def changed(array: Value, at: Value, value: Value) -> Value:
    """The array with that part anew: by name, or by number up to its end; None where none fits."""
    if isinstance(array, dict) or (array == [] and isinstance(at, str)):
        return {**(array or {}), shown(at): value}
    if not isinstance(array, list) or not isinstance(at, int) or not 0 <= at <= len(array):
        return None
    return [*array[:at], value, *array[at + 1 :]]


def plain(value: Value) -> Value:
    """So that what was written with and without quotes can be compared."""
    return literal(value) if isinstance(value, str) else value


def same(one: Value, other: Value) -> bool:
    if one in (None, "") or other in (None, ""):
        return (one in (None, "")) and (other in (None, ""))
    one, other = plain(one), plain(other)
    return type(one) is type(other) and bool(one == other)


def true(value: Value) -> bool:
    return value is True or value == "yes" or value == "true"


def type_name(value: Value) -> str:
    names = {bool: "bool", int: "num", str: "str", Span: "time", Id: "id", type(None): "nothing"}
    return names.get(type(value), "array")
