"""Imports by program: files are kept, shown what they would change, taken in, taken back."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from agent.strict import Refused
from collector.cli_common import iso
from collector.db import reading, writing
from collector.inventory import drafts, previewing
from collector.inventory.changes import Change
from collector.inventory.drafts import Draft
from collector.inventory.exporting import BOUNDARIES, boundaries, export
from collector.inventory.kinds import KINDS
from collector.inventory.previewing import Part, Preview
from collector.inventory.undoing import OUTSIDE, Step, Undoing
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply, Schema
from web.context import centre, now
from web.inventory import importing, undoing
from web.inventory.desk import MOST_SHOWN, by, may, shown
from web.inventory.uploading import MOST_FILES

Cell = str | int | float | None


class Moved(Struct, frozen=True):
    """One column: what is there, and what would be."""

    column: str
    old: Cell
    new: Cell


class Row(Struct, frozen=True):
    """One row that comes, changes or goes back; `why`: it stays as it is, because."""

    kind: str
    key: str
    moved: tuple[Moved, ...]
    why: str = ""


class Counts(Struct, frozen=True):
    """What a file would do; of its rows the first 50 that come or change."""

    kind: str
    file: str
    new: int
    changed: int
    same: int
    areas_made: int
    problems: tuple[str, ...]
    doubts: tuple[str, ...]
    rows: tuple[Row, ...]


class Import(Struct, frozen=True):
    """One import; `preview` while it waits, `done` (rows by kind) once it was taken."""

    id: int
    state: str
    at: Time
    by: str
    files: tuple[str, ...]
    applied_at: Time | None
    undone_at: Time | None
    undoable: bool
    done: dict[str, dict[str, int]]
    preview: tuple[Counts, ...] | None = None


class Undo(Struct, frozen=True):
    """What taking an import back would do: rows that go back, rows that stay, 50 of each."""

    back: int
    staying: int
    rows: tuple[Row, ...]


class File(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(min_length=1, description="CSV, or GeoJSON of areas")]


class NewImport(Struct, forbid_unknown_fields=True):
    files: Annotated[list[File], Meta(min_length=1, max_length=MOST_FILES)]
    kind: Annotated[
        str,
        Meta(extra_json_schema={"enum": ["", *KINDS]}, description="empty: by the columns"),
    ] = ""
    plan: Annotated[bool, Meta(description="villages in it become planned sites")] = False


def _list(call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = importing.all_mine(connection)
    return Reply(sliced(call, found, _import, lambda one: (-one.id,)))


def _add(call: Call) -> Reply:
    asked: NewImport = call.body
    if asked.kind and asked.kind not in KINDS:
        raise No(422, "", Wrong("kind", f"must be one of {', '.join(KINDS)}, or empty"))
    sent = [(one.name, one.text.encode()) for one in asked.files]
    files, problems = importing.fitting(sent, asked.kind, asked.plan)
    if problems:
        raise No(422, "", *(Wrong("files", text) for text in problems))
    with writing(centre().store) as connection:
        number = drafts.begin(connection, files, now(), by())
    reply = _shown(number)
    return Reply(reply.body, reply.mark, f"/imports/{number}")


def _one(call: Call) -> Reply:
    return _shown(call.path["number"])


def _apply(call: Call) -> Reply:
    draft = _waiting(call)
    try:
        importing.take(draft, call.revision)
    except Refused as refused:
        raise _why(refused) from None
    return _shown(draft.id)


def _drop(call: Call) -> Reply:
    draft = _waiting(call)
    with writing(centre().store) as connection:
        if not drafts.drop(connection, draft.id):
            raise No(409)
    return Reply()


def _look_back(call: Call) -> Reply:
    found = undoing.look(undoing.undoable(call.path["number"]))
    return Reply(_undo(found), found.mark)


def _take_back(call: Call) -> Reply:
    draft = undoing.undoable(call.path["number"])
    try:
        undoing.undo(draft.id, call.revision)
    except Refused as refused:
        raise _why(refused) from None
    return _shown(draft.id)


def _file(call: Call) -> Reply:
    name = call.path["kind"]
    if name not in KINDS:
        raise No(404)
    with reading(centre().store) as connection:
        return Reply(export(connection, name, may).encode())


def _boundaries(_call: Call) -> Reply:
    with reading(centre().store) as connection:
        return Reply(boundaries(connection, may).encode())


def _waiting(call: Call) -> Draft:
    draft = importing.the_import(call.path["number"])
    if draft.state != "waiting":
        raise No(409, "this import was taken already")
    return draft


def _why(refused: Refused) -> No:
    said = reasons.say(refused.problem)
    return No(412 if refused.problem == previewing.STALE else 409, said)


def _shown(number: int) -> Reply:
    draft = importing.the_import(number)
    if draft.state != "waiting":
        return Reply(_import(draft))
    preview = importing.look(draft)
    return Reply(_import(draft, preview), preview.mark)


def _import(draft: Draft, preview: Preview | None = None) -> Import:
    parts = None if preview is None else tuple(_counts(part) for part in preview.parts)
    return Import(
        draft.id,
        draft.state,
        moment(draft.at),
        draft.by,
        tuple(str(one["name"]) for one in draft.told.get("files", ())),
        iso(draft.applied_at),
        iso(draft.undone_at),
        draft.undoable,
        draft.told.get("kinds", {}),
        parts,
    )


def _counts(part: Part) -> Counts:
    rows = [*part.new, *part.changed][:MOST_SHOWN]
    return Counts(
        part.kind,
        part.file,
        len(part.new),
        len(part.changed),
        part.same,
        len(part.made),
        tuple(map(reasons.say, part.problems)),
        tuple(map(reasons.say, part.doubts)),
        tuple(_row(change) for change in rows),
    )


def _row(change: Change, why: str = "") -> Row:
    moved = tuple(Moved(m.column, _cell(m.old), _cell(m.new)) for m in shown(change))
    return Row(change.kind, change.name, moved, reasons.say(why) if why else "")


def _undo(found: Undoing) -> Undo:
    steps = [*found.back[:MOST_SHOWN], *found.staying[:MOST_SHOWN]]
    rows = tuple(_step(step) for step in steps)
    return Undo(len(found.back), len(found.staying), rows)


def _step(step: Step) -> Row:
    row = _row(step.change, step.why)
    # the import may have been taken by who sees more
    return structs.replace(row, moved=()) if step.why == OUTSIDE else row


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | int | float) or value is None else str(value)


_CSV = Schema("Csv", {"type": "string", "contentMediaType": "text/csv"})
_GEOJSON = Schema("Boundaries", {"type": "object", "required": ["type", "features"]})
_SHARED: Mapping[str, Any] = {"group": "imports", "roles": EDITORS}
_ALL: Iterable[Endpoint] = (
    Endpoint("GET", "/imports", "listImports", about="One's own imports of late", do=_list,
             gives=Listed[Import], query=params.NUMBERED, **_SHARED),
    Endpoint(
        "POST", "/imports", "addImport", about="Keep files, and say what they would change",
        do=_add, gives=Import, takes=NewImport, status=201, marked=True, **_SHARED,
    ),
    Endpoint(
        "GET", "/imports/{number}", "showImport", about="What it would change, or has changed",
        do=_one, gives=Import, marked=True, **_SHARED,
    ),
    Endpoint(
        "POST", "/imports/{number}/apply", "applyImport", about="Take in what was shown",
        do=_apply, gives=Import, revised=True, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "DELETE", "/imports/{number}", "dropImport", about="Throw away an import that waits",
        do=_drop, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "GET", "/imports/{number}/undo", "showUndo", about="What taking it back would do",
        do=_look_back, gives=Undo, marked=True, **_SHARED,
    ),
    Endpoint(
        "POST", "/imports/{number}/undo", "undoImport", about="Take back what was shown",
        do=_take_back, gives=Import, revised=True, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "GET", "/exports/{kind}", "exportKind", about="All rows of a kind as CSV", do=_file,
        gives=_CSV, media="text/csv", about_path={"kind": ", ".join(KINDS)}, **_SHARED,
    ),
    Endpoint(
        "GET", f"/exports/{BOUNDARIES}", "exportBoundaries", about="Boundaries as GeoJSON",
        do=_boundaries, gives=_GEOJSON, media="application/geo+json", **_SHARED,
    ),
)  # fmt: skip
ENDPOINTS = tuple(_ALL)
