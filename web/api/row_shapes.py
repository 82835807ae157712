"""How rows of the inventory look in JSON: of each kind what comes out, and what may come in."""

from collections.abc import Mapping
from typing import Any

from collector.inventory.check_settings import FURTHER
from collector.inventory.exporting import text_of
from collector.inventory.kinds import Kind
from web.api.problems import No, Wrong
from web.api.table import Schema
from web.inventory.fields import CHOICES, DERIVED

SETTINGS = "settings"
_LONGEST = 2000
# what a cell may be: a text as in a file, a number, or null, which is its default
_VALUE = {"type": ["string", "number", "null"], "maxLength": _LONGEST}
_PYTHON = {str: "string", int: "integer", float: "number"}


def singular(kind: Kind) -> str:
    """`areas` -> Area."""
    return kind.name.removesuffix("s").capitalize()


def shown(kind: Kind) -> Schema:
    """A row as it is told."""
    columns = {name: _stored(kind, name) for name in kind.columns}
    more: dict[str, Any] = {
        "id": {"type": "string", "description": "of the row, for its path"},
        "mark": {"type": "string", "description": "of what it holds, for `If-Match`"},
    }
    if kind.further:
        more[SETTINGS] = {"type": "object", "additionalProperties": {"type": "string"}}
    properties = {**more, **columns}
    told = {"type": "object", "properties": properties, "required": list(properties)}
    return Schema(f"{singular(kind)}Row", told | {"description": f"A row of {kind.name}."})


def listed(kind: Kind) -> Schema:
    """A page of rows."""
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{singular(kind)}Row"}}
    next_ = {"type": ["string", "null"], "description": "the `cursor` of the next page"}
    told = {
        "type": "object",
        "properties": {"items": rows, "next": next_},
        "required": ["items", "next"],
    }
    return Schema(f"{singular(kind)}Rows", told)


def given(kind: Kind, whole: bool) -> Schema:
    """A new row, which has all it needs, or what is to change of one."""
    properties = {name: _wanted(kind, name) for name in columns(kind)}
    if kind.further:
        further = dict.fromkeys(FURTHER, {"type": ["string", "number", "boolean", "null"]})
        properties[SETTINGS] = {
            "type": "object", "properties": further, "additionalProperties": False,
        }  # fmt: skip
    told: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "description": "Texts as in a file; null is the default.",
    }
    if whole:
        told["required"] = list(kind.required)
    name = f"{'New' if whole else 'Changed'}{singular(kind)}Row"
    return Schema(name, told, dict[str, Any])


def columns(kind: Kind) -> list[str]:
    """What may come in: all but what the code itself says."""
    return [name for name in kind.columns if name not in DERIVED]


def cells(kind: Kind, body: Mapping[str, Any]) -> dict[str, str]:
    """A body as the texts of a form; every value that is none is told."""
    known = columns(kind)
    found = {k: v for k, v in body.items() if k in known}
    wrong = [
        Wrong(name, f"is no column; columns are {', '.join(known)}")
        for name in body
        if name not in found and not (kind.further and name == SETTINGS)
    ]
    settings = body.get(SETTINGS) or {} if kind.further else {}
    if not isinstance(settings, dict):
        wrong, settings = [*wrong, Wrong(SETTINGS, "must be an object")], {}
    wrong += [Wrong(f"{SETTINGS}.{n}", "is no setting") for n in settings if n not in FURTHER]
    wrong += [
        Wrong(name, "must be a text, a number or null")
        for name, value in (*found.items(), *settings.items())
        if not _sound(value, name in settings)
    ]
    if wrong:
        raise No(422, "the body has another shape", *wrong[:50])
    return {name: _text(value) for name, value in {**found, **settings}.items()}


def _sound(value: object, setting: bool) -> bool:
    if isinstance(value, bool):
        return setting
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return value is None or isinstance(value, int | float)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value)


def _stored(kind: Kind, name: str) -> dict[str, Any]:
    column = kind.table.c[name]
    word = _PYTHON[column.type.python_type]
    return {"type": [word, "null"] if column.nullable else word}


def _wanted(kind: Kind, name: str) -> dict[str, Any]:
    allowed = CHOICES.get((kind.name, name))
    return dict(_VALUE) if allowed is None else {"enum": [*allowed, None]}
