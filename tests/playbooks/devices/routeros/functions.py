"""Operators and functions of RouterOS's language, as they are with odd values, too."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.playbooks.devices.routeros import values
from tests.playbooks.devices.routeros.scanning import Fault
from tests.playbooks.devices.routeros.values import Span, Value, same, shown, true

if TYPE_CHECKING:
    from tests.playbooks.devices.routeros.running import Run


class Returned(Exception):
    """`:return` in a function."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def seconds(value: Value) -> float:
    value = values.plain(value)
    return float(value.s if isinstance(value, Span) else value)


def _number(value: Value) -> Any:
    value = values.plain(value)
    if isinstance(value, (int, Span)) and not isinstance(value, bool):
        return value
    raise Fault(f"cannot use {values.type_name(value)} in arithmetics")


def _counted(how: Callable[[float, float], float]) -> Callable[[Value, Value], Value]:
    def count(one: Value, other: Value) -> Value:
        one, other = _number(0 if one is None else one), _number(other)
        spans = isinstance(one, Span) or isinstance(other, Span)
        a, b = (each.s if isinstance(each, Span) else each for each in (one, other))
        try:
            return Span(how(a, b)) if spans else int(how(a, b))
        except ZeroDivisionError:
            raise Fault("division by zero") from None

    return count


def _compared(how: Callable[[Any, Any], bool]) -> Callable[[Value, Value], Value]:
    def compare(one: Value, other: Value) -> Value:
        if one is None or other is None:
            return False
        one, other = values.plain(one), values.plain(other)
        if isinstance(one, Span) and isinstance(other, int):
            other = Span(other)
        if type(one) is not type(other):
            one, other = shown(one), shown(other)
        return how(one, other)

    return compare


def _entry(one: Value, other: Value) -> Value:
    if isinstance(one, dict):
        return one.get(shown(other))
    found = values.listed(one)
    return found[other] if isinstance(other, int) and other < len(found) else None


OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": _counted(lambda a, b: a + b),
    "-": _counted(lambda a, b: a - b),
    "*": _counted(lambda a, b: a * b),
    "/": _counted(lambda a, b: a // b),
    "%": _counted(lambda a, b: a % b),
    ".": lambda a, b: shown(a) + shown(b),
    ",": lambda a, b: [*values.listed(a), *values.listed(b)],
    "=": same,
    "!=": lambda a, b: not same(a, b),
    "<": _compared(lambda a, b: a < b),
    ">": _compared(lambda a, b: a > b),
    "<=": _compared(lambda a, b: a <= b),
    ">=": _compared(lambda a, b: a >= b),
    "~": lambda a, b: bool(re.search(shown(b), shown(a))),
    "in": lambda a, b: any(same(a, each) for each in values.listed(b)),
    "->": _entry,
    "and": lambda a, b: true(b),
    "or": lambda a, b: true(b),
}


def _failed(run: "Run", message: Value = "") -> Value:
    raise Fault(shown(message))


def _returned(run: "Run", value: Value = None) -> Value:
    raise Returned(value)


def _tonum(run: "Run", value: Value) -> Value:
    value = values.plain(value)
    if isinstance(value, Span):
        return int(value.s)
    return value if isinstance(value, int) else None


def _totime(run: "Run", value: Value) -> Value:
    value = values.plain(value)
    return Span(value) if isinstance(value, int) else value if isinstance(value, Span) else None


def _length(run: "Run", value: Value) -> Value:
    if value is None:
        return 0
    return len(value) if isinstance(value, (list, dict)) else len(shown(value))


def _pick(run: "Run", value: Value, start: int, end: int | None = None) -> Value:
    last = start + 1 if end is None else end
    if isinstance(value, list):
        return value[start] if end is None else value[start:last]
    return shown(value)[start:last]


def _sought(run: "Run", value: Value, sought: Value, after: int = -1) -> Value:
    if isinstance(value, list):
        return next((at for at, each in enumerate(value) if same(each, sought)), None)
    at = shown(value).find(shown(sought), max(after + 1, 0))
    return None if at < 0 else at


def _logged(run: "Run", topic: Value, message: Value = "") -> Value:
    run.box.note(f"script,{topic}", shown(message))
    return None


def _toarray(run: "Run", value: Value) -> Value:
    if isinstance(value, (list, dict)):
        return value
    return shown(value).split(",") if shown(value) else []


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "error": _failed,
    "return": _returned,
    "tonum": _tonum,
    "totime": _totime,
    "len": _length,
    "pick": _pick,
    "find": _sought,
    "log": _logged,
    "toarray": _toarray,
    "tostr": lambda run, value: shown(value),
    "toip": lambda run, value: value if re.fullmatch(r"[\d.]+", shown(value)) else None,
    "tobool": lambda run, value: true(value),
    "typeof": lambda run, value: values.type_name(value),
    "resolve": lambda run, name, **_: run.box.resolve(shown(name)),
    "nothing": lambda run: None,
    "beep": lambda run, **_: None,
    "environment": lambda run, *_: None,
    "time": lambda run, code: Span(0),
}
