"""A table from a file or the wire becomes a frozen dataclass, or is refused with its place."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class Refused(ValueError):
    """Input that cannot be used; `str()` is one line that says where and what."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem


def build(kind: type[T], table: object, place: str = "") -> T:
    """Make a `kind` (a dataclass) from `table`: unknown keys, missing keys and wrong types refused.

    A `check(self) -> None` method of the class, if any, may raise Refused("field", "why");
    the place of the table is put before it.
    """
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind) if f.init}
    given = _known_keys(known, table, place)
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, spec in known.items():
        if name in given:
            values[name] = convert(hints[name], given[name], _join(place, name))
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise Refused(_join(place, name), "missing")
    made = kind(**values)
    check = getattr(made, "check", None)
    if check is not None:
        try:
            check()
        except Refused as refused:
            raise Refused(_join(place, refused.place), refused.problem) from None
    return made


def _known_keys(known: Mapping[str, object], table: object, place: str) -> Mapping[str, Any]:
    if not isinstance(table, Mapping):
        raise Refused(place, f"expected a table, got {_say(table)}")
    for key in table:
        if key not in known:
            raise Refused(_join(place, str(key)), f"unknown key; known are {', '.join(known)}")
    return table


def convert(hint: Any, value: object, place: str) -> Any:
    """`value` as the type `hint`, or Refused; a whole number will do for a float."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _convert_optional(hint, value, place)
    if origin in (tuple, list):
        return _convert_list(hint, value, place)
    if origin is dict:
        return _convert_dict(hint, value, place)
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, value, place)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _convert_enum(hint, value, place)
    return _convert_plain(hint, value, place)


def _convert_optional(hint: Any, value: object, place: str) -> Any:
    inner = [a for a in get_args(hint) if a is not type(None)]
    if value is None and len(inner) < len(get_args(hint)):
        return None
    if len(inner) == 1:
        return convert(inner[0], value, place)
    for candidate in inner:
        try:
            return convert(candidate, value, place)
        except Refused:
            continue
    raise Refused(place, f"{_say(value)} is none of {', '.join(map(_name, inner))}")


def _convert_list(hint: Any, value: object, place: str) -> Any:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise Refused(place, f"expected a list, got {_say(value)}")
    item = get_args(hint)[0]
    made = [convert(item, v, f"{place}[{i}]") for i, v in enumerate(value)]
    return tuple(made) if get_origin(hint) is tuple else made


def _convert_dict(hint: Any, value: object, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise Refused(place, f"expected a table, got {_say(value)}")
    item = get_args(hint)[1]
    return {str(k): convert(item, v, _join(place, str(k))) for k, v in value.items()}


def _convert_enum(hint: type[Enum], value: object, place: str) -> Any:
    try:
        return hint(value)
    except ValueError:
        allowed = ", ".join(str(m.value) for m in hint)
        raise Refused(place, f"{_say(value)} is not one of {allowed}") from None


def _convert_plain(hint: Any, value: object, place: str) -> Any:
    if hint is Any or hint is object:
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    # bool is an int to Python, but `count = true` is a slip
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise Refused(place, f"expected {_name(hint)}, got {_say(value)}")
    return value


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place and key else place or key


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _name(hint: Any) -> str:
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))


def _say(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
