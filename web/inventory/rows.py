"""Rows of the inventory by hand: found, added, edited by two people at once without a loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory import handwork
from collector.inventory.changes import Moved, place_of
from collector.inventory.editing import mark
from collector.inventory.handwork import EDITED, MOST_ROWS, Overtaken
from collector.inventory.kinds import KINDS, Kind
from web import reasons
from web.context import centre, now, role_required, scope
from web.inventory import complaints, fields
from web.inventory.desk import EDITORS, TITLES, bp, by, may, skipped, value
from web.tongue import gettext

_LONGEST = 500
Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """One row as it stands on the page; `shown` the texts it was shown with, `key` of which row."""

    kind: Kind
    cells: Mapping[str, str]
    key: Sequence[str] = ()
    mark: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    overtaken: Sequence[Moved] = ()
    other: str = ""
    removing: bool = False

    @property
    def fixed(self) -> bool:
        """Whether its key cannot be changed."""
        return bool(self.key) and self.kind.name not in handwork.REMOVABLE

    @property
    def removable(self) -> bool:
        return bool(self.key) and self.kind.name in handwork.REMOVABLE


@bp.get("/rows/<kind>")
@role_required(*EDITORS)
def rows(kind: str) -> str:
    """Rows of one kind in the reader's areas, some at a time."""
    of = _kind(kind)
    words, skip = request.args.get("q", "")[:100].strip(), skipped()
    areas, sites = scope().areas, scope().sites
    with reading(centre().store) as connection:
        if kind == "holidays" and not scope().everything:
            page = handwork.Page([], 0)
        else:
            page = handwork.page(connection, kind, words, areas, sites, skip)
    return render_template(
        "inventory/rows.html",
        kind=of,
        page=page,
        words_asked=words,
        skip=skip,
        most=MOST_ROWS,
        titles=TITLES,
        fields=fields,
        value=value,
        row_key=_key,
    )


def _key(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: row[column] for column in kind.key}


@bp.get("/rows/<kind>/edit")
@role_required(*EDITORS)
def edit(kind: str) -> str:
    """An empty form, or that of one row."""
    of = _kind(kind)
    key = [request.args.get(column, "") for column in of.key]
    if not request.args.get("new") and any(key):
        return _page(_stored(of, key))
    given = {column: request.args.get(column, "")[:_LONGEST] for column in of.columns}
    defaults = {c: str(each.default or "") for c, each in of.columns.items()}
    return _page(Form(of, {c: given[c] or defaults[c] for c in of.columns}))


@bp.post("/rows/<kind>/edit")
@role_required(*EDITORS)
def change(kind: str) -> Answer:
    """Save what was typed, or remove what was shown."""
    form = _typed(_kind(kind))
    if form.key:
        # outside of one's areas there is nothing
        _stored(form.kind, form.key, gone_too=True)
    try:
        if request.form.get("do") == "remove":
            return _remove(form)
        return _save(form)
    except Overtaken as overtaken:
        return _overtaken(form, overtaken)
    except Refused as refused:
        place = refused.place if refused.place in form.kind.columns else form.kind.key[0]
        return _page(_again(form, {place: reasons.say(refused.problem)})), 409


def _save(form: Form) -> Answer:
    cells = {c: form.cells.get(c, "") for c in fields.columns(form.kind.name)}
    if _other_profile(form):
        # a new profile brings its cadence, unless somebody typed one
        cells["report_every_s"] = ""
    with reading(centre().store) as connection:
        draft = handwork.read(connection, form.kind.name, cells)
    problems = {name: reasons.say(text) for name, text in draft.problems.items()}
    if not problems and not may(place_of(form.kind.name, draft.values)):
        problems[form.kind.key[0]] = gettext("This place lies outside your areas.")
    if problems:
        return _page(_again(form, problems)), 422
    with writing(centre().store) as connection:
        doubts = handwork.doubts(connection, form.kind.name, draft.values)
        handwork.save(connection, form.kind.name, form.key, form.mark, draft.values, now(), by())
    flash(gettext("Saved."), "good")
    for doubt in doubts:
        flash(complaints.read(doubt).text, "warn")
    return redirect(url_for("inventory.rows", kind=form.kind.name), 303)


def _other_profile(form: Form) -> bool:
    typed, shown = form.cells, form.shown
    same = typed.get("report_every_s") == shown.get("report_every_s")
    return "profile" in typed and typed["profile"] != shown.get("profile") and same


def _remove(form: Form) -> Answer:
    if request.form.get("sure") != "1" or not form.removable:
        return _page(_again(form, {}, removing=form.removable))
    with writing(centre().store) as connection:
        handwork.remove(connection, form.kind.name, form.key, form.mark, now(), by())
    flash(gettext("Removed."), "good")
    return redirect(url_for("inventory.rows", kind=form.kind.name), 303)


def _overtaken(form: Form, overtaken: Overtaken) -> Answer:
    """Tell what somebody else changed; keep what was typed; nothing is written."""
    who = overtaken.act.by if overtaken.act else ""
    there = overtaken.now
    if there is None:
        again = Form(form.kind, form.cells, other=who, overtaken=[Moved("", "", "")])
        return _page(again), 409
    name = form.kind.name
    return _page(
        Form(
            form.kind,
            handwork.merged(name, form.shown, form.cells, there),
            form.key or [str(there[column]) for column in form.kind.key],
            mark(there),
            handwork.cells_of(name, there),
            overtaken=handwork.overtaking(name, form.shown, there),
            other=who,
        )
    ), 409


def _stored(kind: Kind, key: Sequence[str], gone_too: bool = False) -> Form:
    with reading(centre().store) as connection:
        row = handwork.find(connection, kind.name, key)
    place = place_of(kind.name, row or dict(zip(kind.key, key, strict=True)))
    if not may(place) or (row is None and not gone_too):
        abort(404)
    cells = {} if row is None else handwork.cells_of(kind.name, row)
    return Form(kind, cells, key, mark(row), cells)


def _typed(kind: Kind) -> Form:
    names = fields.columns(kind.name)
    cells = {name: _text(name) for name in names}
    shown = {name: _text(f"was.{name}") for name in names}
    key = [_text(f"key.{column}") for column in kind.key]
    return Form(kind, cells, key if any(key) else (), _text("mark"), shown)


def _again(form: Form, problems: Mapping[str, str], removing: bool = False) -> Form:
    return Form(form.kind, form.cells, form.key, form.mark, form.shown, problems, removing=removing)


def _kind(name: str) -> Kind:
    return KINDS[name] if name in EDITED else abort(404)


def _text(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST].strip()


def _page(form: Form) -> str:
    told: dict[str, Any] = {"titles": TITLES, "fields": fields, "value": value}
    return render_template("inventory/row.html", form=form, **told)
