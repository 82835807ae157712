"""What a change of a check would do, before it is made: which agents would look otherwise."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from collector.db import reading
from collector.inventory import editing
from collector.inventory.editing import Effect as Stored
from collector.inventory.kinds import KINDS
from web.api import params, row_shapes, rows
from web.api.problems import No, Wrong
from web.api.shapes import Listed, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply, Schema
from web.context import centre

_KIND = KINDS["services"]


class Effect(Struct, frozen=True):
    """At one site; `outside`: to who looks at it from elsewhere."""

    site: str
    name: str
    what: Annotated[str, Meta(extra_json_schema={"enum": ["added", "changed", "removed"]})]
    outside: bool


def _look(call: Call) -> Reply:
    number, row = _asked(call.body)
    with reading(centre().store) as connection:
        before = rows.there(connection, _KIND, number) if number else None
    key = ("", "") if before is None else (before["name"], before["site"])
    after = None if row is None else editing.service(_values(before, row))
    with reading(centre().store) as connection:
        found = editing.effects(connection, key, after)
    return Reply(sliced(call, found, _shown, lambda one: (one.site.code,)))


def _values(before: rows.Row | None, row: Mapping[str, Any]) -> rows.Row:
    return rows.fresh(_KIND, row) if before is None else rows.merged(_KIND, before, row)


def _asked(body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """The id of a row, and what is to change of it; one of them at least."""
    number, row = body.get("id") or "", body.get("row")
    wrong = [Wrong(name, "is not known; known are id, row") for name in body.keys() - {"id", "row"}]
    if not isinstance(number, str):
        wrong.append(Wrong("id", "must be a text or null"))
    if row is not None and not isinstance(row, dict):
        wrong.append(Wrong("row", "must be an object or null"))
    if not wrong and not number and row is None:
        wrong.append(Wrong("row", "is needed where no row is named"))
    if wrong:
        raise No(422, "the body has another shape", *wrong[:50])
    return number, row


def _shown(one: Stored) -> Effect:
    return Effect(one.site.code, one.site.name, one.what, one.outside)


_ROW = row_shapes.given(_KIND, False)
_WANTED = Schema(
    "WantedCheck",
    {
        "type": "object",
        "properties": {
            "id": {"type": ["string", "null"], "description": "of the row; null: a new one"},
            "row": {
                "anyOf": [dict(_ROW.told), {"type": "null"}],
                "description": "what it shall say; null: it is taken away",
            },
        },
        "additionalProperties": False,
    },
    dict[str, Any],
)  # fmt: skip
ENDPOINTS = (
    Endpoint(
        "POST", "/inventory/effects", "previewCheck", "inventory",
        "What a change of a check would do at which sites; nothing is changed", _look,
        gives=Listed[Effect], takes=_WANTED, roles=EDITORS, query=params.NAMED, found=True,
    ),
)  # fmt: skip
