"""Values as Go writes them: what {{ }} shows, and printf."""

import re
from collections.abc import Sequence
from typing import Any

from agent.strict import Refused
from collector.promql.figures import short
from collector.promql.labels import quote

_WIDEST = 200
_VERB = re.compile(r"%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(.)?", re.DOTALL)
_KINDS = {str: "string", bool: "bool", int: "int", float: "float64"}


def show(value: Any) -> str:
    """A value as %v has it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return short(value)
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{show(value[k])}" for k in sorted(value)) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(show, value)) + "]"
    return str(value)


def printf(form: str, values: Sequence[Any]) -> str:
    """Go's Sprintf, for the values that templates have."""
    left = list(values)
    told = _VERB.sub(lambda found: _verb(found, left), form)
    if left:
        rest = ", ".join(f"{kind_of(value)}={show(value)}" for value in left)
        return f"{told}%!(EXTRA {rest})"
    return told


def kind_of(value: Any) -> str:
    """The name of a value's type in Go."""
    return "<nil>" if value is None else _KINDS.get(type(value), "map[string]string")


def significant(value: float, digits: int = 4) -> str:
    """%.4g"""
    return f"%.{digits}g" % value if abs(value) < float("inf") else short(value)


def _verb(found: re.Match[str], left: list[Any]) -> str:
    flags, width, precision, verb = found[1], found[2], found[3], found[4]
    if verb == "%":
        return "%"
    if verb is None:
        return "%!(NOVERB)"
    if width == "*" or precision == "*":
        raise Refused("", "printf: a * is not supported; write the number")
    if max(int(width or 0), int(precision or 0)) > _WIDEST:
        raise Refused("", f"printf: wider than {_WIDEST}")
    if not left:
        return f"%!{verb}(MISSING)"
    value = left.pop(0)
    exact = None if "." not in found[0] else int(precision or 0)
    told = _formatted(verb, flags, exact, value)
    if told is None:
        return f"%!{verb}({kind_of(value)}={show(value)})"
    return _padded(told, flags, int(width or 0), isinstance(value, int | float))


def _formatted(verb: str, flags: str, exact: int | None, value: Any) -> str | None:
    """The value without its padding; None where the verb is not for it."""
    if isinstance(value, bool):
        return show(value) if verb in "tv" else None
    if isinstance(value, int):
        return _whole(verb, flags, value)
    if isinstance(value, float):
        return _real(verb, flags, exact, value)
    if verb in "sv":
        told = show(value)
        return told if exact is None else told[:exact]
    if verb == "q" and isinstance(value, str):
        return quote(value)
    if verb in "xX" and isinstance(value, str):
        return f"{value.encode().hex()}" if verb == "x" else value.encode().hex().upper()
    return None


def _whole(verb: str, flags: str, value: int) -> str | None:
    forms = {"d": "d", "v": "d", "x": "x", "X": "X", "o": "o", "b": "b"}
    if verb == "c":
        return chr(value) if 0 <= value < 0x110000 else "\ufffd"
    return _signed(format(value, forms[verb]), flags) if verb in forms else None


def _real(verb: str, flags: str, exact: int | None, value: float) -> str | None:
    if verb not in "eEfFgGv":
        return None
    if abs(value) == float("inf") or value != value:
        return _signed(short(value).lstrip("+"), flags if value == value else "")
    if verb in "gGv" and exact is None:
        told = short(value)
    else:
        told = f"%.{6 if exact is None else exact}{verb.replace('v', 'g')}" % value
    return _signed(told, flags)


def _signed(told: str, flags: str) -> str:
    if told[:1] == "-":
        return told
    return f"+{told}" if "+" in flags else f" {told}" if " " in flags else told


def _padded(told: str, flags: str, width: int, number: bool) -> str:
    if "-" in flags:
        return told.ljust(width)
    if "0" in flags and number and told.lstrip("+- ")[:1].isdigit():
        return told.zfill(width)
    return told.rjust(width)
