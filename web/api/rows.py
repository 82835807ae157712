"""Rows of the inventory by program: listed, made, changed, removed, as pages do it by hand."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory import editing, handwork, keeping
from collector.inventory.changes import place_column, place_of
from collector.inventory.editing import Draft, mark
from collector.inventory.exporting import spread
from collector.inventory.handwork import REMOVABLE, Overtaken
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.sheet import clean
from web import reasons
from web.api import cursors, params, row_shapes, rowkeys
from web.api.problems import No, Wrong
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now, scope
from web.inventory.desk import by, may
from web.inventory.fields import DERIVED

_OUTSIDE = "lies outside your areas"
Row = Mapping[str, Any]


def _list(kind: Kind, call: Call) -> Reply:
    if kind.name == "holidays" and not scope().everything:
        return Reply({"items": [], "next": None})
    limit, words = call.limit, call.query.get("q", "")
    area, last = call.query.get("area", ""), call.query.get("cursor", ())
    with reading(centre().store) as connection:
        found = handwork.after(connection, kind.name, words, scope(), area, last, limit + 1)
    rows = [spread(row) if kind.further else row for row in found]
    more = len(rows) > limit
    key = [rows[limit - 1][column] for column in kind.key] if more else []
    following = cursors.write(*key) if more else None
    return Reply({"items": [_shown(kind, row) for row in rows[:limit]], "next": following})


def _one(kind: Kind, call: Call) -> Reply:
    with reading(centre().store) as connection:
        row = _there(connection, kind, call)
    return _told(kind, row)


def _make(kind: Kind, call: Call) -> Reply:
    row = _save(kind, None, fresh(kind, call.body))
    reply = _told(kind, row)
    place = f"/inventory/{kind.name}/{rowkeys.write(kind, row)}"
    return Reply(reply.body, reply.mark, place)


def _change(kind: Kind, call: Call) -> Reply:
    with reading(centre().store) as connection:
        row = _seen(connection, kind, call)
    return _told(kind, _save(kind, call, merged(kind, row, call.body)))


def _remove(kind: Kind, call: Call) -> Reply:
    key = _key(kind, call)
    with writing(centre().store) as connection:
        _seen(connection, kind, call)
        if kind.further:
            editing.remove(connection, (key[0], key[1]), call.revision, now(), by())
        else:
            handwork.remove(connection, kind.name, key, call.revision, now(), by())
    return Reply()


def fresh(kind: Kind, body: Mapping[str, Any]) -> Row:
    """The values of a new row; what is not named is as it usually is."""
    usual = {c: str(each.default or "") for c, each in kind.columns.items()}
    cells = row_shapes.cells(kind, body)
    return _read(kind, {**{c: usual[c] for c in row_shapes.columns(kind)}, **cells})


def merged(kind: Kind, row: Row, body: Mapping[str, Any]) -> Row:
    """The values of a row with others in it; what is not named stays."""
    cells, was = row_shapes.cells(kind, body), _cells_of(kind, row)
    if _other_profile(was, cells):
        # a new profile brings its cadence, unless one is asked for
        cells["report_every_s"] = ""
    whole = {**{c: was[c] for c in was if c not in cells}, **cells}
    return _read(kind, {c: text for c, text in whole.items() if c not in DERIVED})


def _read(kind: Kind, cells: Mapping[str, str]) -> Mapping[str, Any]:
    """Values as they are stored; every cell that cannot be is told."""
    _check_places(kind, cells)
    with reading(centre().store) as connection:
        draft: Draft = (
            editing.read(connection, cells)
            if kind.further
            else handwork.read(connection, kind.name, cells)
        )
    if draft.problems:
        told = (Wrong(name, reasons.say(text)) for name, text in draft.problems.items())
        raise No(422, "the row cannot be so", *told)
    return draft.values


def _check_places(kind: Kind, cells: Mapping[str, str]) -> None:
    """Outside of one's areas nothing is done, and nobody hears what is there."""
    column = place_column(kind.name)
    for name in filter(None, (column, "vantage" if kind.further and cells.get("vantage") else "")):
        try:
            text = clean(cells.get(name, ""))
            place = kind.columns[name].read(text) if text else ""
        except ValueError:
            # no place at all: that is told with all else
            continue
        if not may(place):
            raise No(403, _OUTSIDE, Wrong(name, _OUTSIDE))
    if not column and not may(""):
        raise No(403, _OUTSIDE)


def _save(kind: Kind, call: Call | None, values: Row) -> Row:
    """Put the row in the place of the one that was called for; none: a new one."""
    key, seen = ((), "") if call is None else (_key(kind, call), call.revision)
    try:
        with writing(centre().store) as connection:
            keeping.take_turns(connection)
            if call is not None:
                _seen(connection, kind, call)
            if kind.further:
                old = (key[0], key[1]) if key else ("", "")
                editing.save(connection, old, seen, values, now(), by())
            else:
                handwork.save(connection, kind.name, key, seen, values, now(), by())
            after = [str(values.get(column) or "") for column in kind.key]
            row = _find(connection, kind, after)
    except Overtaken as overtaken:
        raise _stale(kind, overtaken.now, overtaken) from None
    except Refused as refused:
        raise No(409, "", Wrong(refused.place, reasons.say(refused.problem))) from None
    assert row is not None
    return row


def _seen(connection: Connection, kind: Kind, call: Call) -> Row:
    """The row, if it is still as the caller saw it."""
    row = _there(connection, kind, call)
    if mark(row) != call.revision:
        raise _stale(kind, row, handwork.overtaken(connection, kind.name, row))
    return row


def _stale(kind: Kind, row: Row | None, overtaken: Overtaken) -> No:
    who = overtaken.act.by if overtaken.act else ""
    if row is None:
        return No(412, "somebody removed it meanwhile", changed_by=who)
    said = reasons.say(overtaken.problem)
    return No(412, said, mark=mark(row), changed_by=who, current=_shown(kind, row))


def _there(connection: Connection, kind: Kind, call: Call) -> Row:
    return there(connection, kind, call.path["id"])


def there(connection: Connection, kind: Kind, text: str) -> Row:
    """The row of this id; outside of one's areas there is nothing."""
    key = rowkeys.read(kind, text)
    row = None if key is None else _find(connection, kind, key)
    if row is None or not may(place_of(kind.name, row)):
        raise No(404)
    return row


def _find(connection: Connection, kind: Kind, key: Sequence[str]) -> dict[str, Any] | None:
    if kind.further:
        return editing.find(connection, key[0], key[1])
    return handwork.find(connection, kind.name, key)


def _key(kind: Kind, call: Call) -> list[str]:
    found = rowkeys.read(kind, call.path["id"])
    if found is None:
        raise No(404)
    return found


def _cells_of(kind: Kind, row: Row) -> dict[str, str]:
    cells = handwork.cells_of(kind.name, row)
    return cells | row["settings"] if kind.further else cells


def _other_profile(was: Mapping[str, str], cells: Mapping[str, str]) -> bool:
    other = "profile" in was and cells.get("profile", was["profile"]) != was["profile"]
    return other and "report_every_s" not in cells


def _told(kind: Kind, row: Row) -> Reply:
    return Reply(_shown(kind, row), mark(row))


def _shown(kind: Kind, row: Row) -> dict[str, Any]:
    names = [*kind.columns, *([row_shapes.SETTINGS] if kind.further else [])]
    return {"id": rowkeys.write(kind, row), "mark": mark(row), **{n: row[n] for n in names}}


def _of(kind: Kind) -> Iterator[Endpoint]:
    one, shown = row_shapes.singular(kind), row_shapes.shown(kind)
    path = f"/inventory/{kind.name}"
    key = {"id": f"{', '.join(kind.key)}; see `id` of a row"}
    place = () if kind.name == "holidays" else (params.AREA,)
    end = params.cursor(partial(cursors.words, len(kind.key)))
    query = (params.words("words in key or name"), *place, end, params.LIMIT)
    told: dict[str, Any] = {"group": "inventory", "roles": EDITORS, "about_path": key}
    yield Endpoint(
        "GET", path, f"list{one}Rows", about=f"Rows of {kind.name}, by key",
        do=partial(_list, kind), gives=row_shapes.listed(kind), query=query, **told,
    )  # fmt: skip
    yield Endpoint(
        "POST", path, f"add{one}Row", about=f"A new row of {kind.name}", do=partial(_make, kind),
        gives=shown, takes=row_shapes.given(kind, True), status=201, marked=True, conflicts=True,
        **told,
    )  # fmt: skip
    path += "/{id}"
    yield Endpoint(
        "GET", path, f"show{one}Row", about=f"One row of {kind.name}", do=partial(_one, kind),
        gives=shown, marked=True, **told,
    )  # fmt: skip
    yield Endpoint(
        "PATCH", path, f"change{one}Row", about="Other values; what is not named stays as it is",
        do=partial(_change, kind), gives=shown, takes=row_shapes.given(kind, False),
        revised=True, marked=True, conflicts=True, **told,
    )  # fmt: skip
    if kind.name in REMOVABLE or kind.further:
        yield Endpoint(
            "DELETE", path, f"remove{one}Row", about=f"A row of {kind.name} less",
            do=partial(_remove, kind), revised=True, **told,
        )  # fmt: skip


ENDPOINTS = tuple(endpoint for kind in KINDS.values() for endpoint in _of(kind))
