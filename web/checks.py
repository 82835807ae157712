"""The checks of villages and groups of them: listed, edited, with what an edit changes first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory import editing, handwork
from collector.inventory.check_settings import SETTINGS
from collector.inventory.editing import Effect
from collector.inventory.handwork import MOST_ROWS
from collector.inventory.kinds import CADENCES, SERVICE_KINDS
from collector.inventory.places import AREA_CODE, SITE_CODE
from web import reasons, setting_words
from web.context import centre, facts, me, now, role_required, scope
from web.inventory.desk import skipped
from web.tongue import gettext

bp = Blueprint("checks", __name__)

EDITORS = ("noc", "admin")
SCOPES = ("desa", "kabupaten", "pusat")
FIRST = ("name", "scope", "site", "kind", "target", "public", "vantage", "depends_on", "owner")
MOST_SHOWN = 50
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Form:
    """One form as it stands: texts and problems by field; `key` and `mark` of what it is about."""

    cells: Mapping[str, str]
    key: tuple[str, str] = ("", "")
    mark: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    effects: list[Effect] | None = None
    removing: bool = False

    @property
    def further(self) -> list[str]:
        """Settings that its kind has."""
        return list(SETTINGS.get(self.cells.get("kind", ""), {}))


@bp.get("/checks")
@role_required(*EDITORS)
def listing() -> str:
    """Rows of checks that the reader may edit, by name, some at a time."""
    words, skip = request.args.get("q", "")[:100].strip(), skipped()
    areas, sites = scope().areas, scope().sites
    with reading(centre().store) as connection:
        page = handwork.page(connection, "services", words, areas, sites, skip)
    return render_template(
        "checks.html", page=page, words_asked=words, skip=skip, most=MOST_ROWS, keeper=_keeper()
    )


@bp.get("/checks/edit")
@role_required(*EDITORS)
def edit() -> str:
    """An empty form, or that of one row."""
    key = (request.args.get("name", ""), request.args.get("site", ""))
    with reading(centre().store) as connection:
        row = editing.find(connection, *key) if key[0] else None
    if key[0] and (row is None or not _mine(key[1])):
        abort(404)
    if row is None:
        kind = request.args.get("kind", "http")
        return _page(Form({"scope": "desa", "kind": kind, "site": request.args.get("place", "")}))
    cells = {name: str(row[name] or "") for name in editing.COLUMNS}
    return _page(Form(cells | row["settings"], key, editing.mark(row)))


@bp.post("/checks/edit")
@role_required(*EDITORS)
def change() -> str | Response | tuple[str, int]:
    """Show what it would change; save or remove what was shown."""
    form = _form()
    doing = request.form.get("do", "preview")
    if not _mine(form.key[1] if form.key[0] else form.cells.get("site", "")):
        abort(403, gettext("Your role does not allow this."))
    if doing == "kind":
        return _page(form)
    try:
        if doing == "remove":
            return _remove(form)
        return _save(form, confirmed=doing == "save")
    except Refused as refused:
        place = refused.place if refused.place in (*FIRST, *form.further) else "name"
        problem = reasons.say(refused.problem)
        return _page(Form(form.cells, form.key, form.mark, {place: problem})), 409


def _save(form: Form, confirmed: bool) -> str | Response | tuple[str, int]:
    names = [*editing.COLUMNS, *form.further]
    cells = {name: form.cells.get(name, "") for name in names}
    with reading(centre().store) as connection:
        draft = editing.read(connection, cells)
        problems = dict(draft.problems)
        if not problems and not _mine(draft.values.get("site", "")):
            problems["site"] = gettext("This place lies outside your areas.")
        vantage = draft.values.get("vantage", "")
        if not problems and vantage and not _mine(vantage):
            problems["vantage"] = gettext("This place lies outside your areas.")
        if problems:
            told = {name: reasons.say(text) for name, text in problems.items()}
            return _page(Form(form.cells, form.key, form.mark, told)), 422
        after = editing.service(draft.values)
        if not confirmed:
            found = editing.effects(connection, form.key, after)
            return _page(Form(form.cells, form.key, form.mark, effects=found))
    with writing(centre().store) as connection:
        editing.save(connection, form.key, form.mark, draft.values, now(), _by())
    flash(gettext("Saved. Agents follow with their next report."), "good")
    return redirect(url_for("checks.listing"), 303)


def _remove(form: Form) -> str | Response:
    if request.form.get("sure") != "1":
        with reading(centre().store) as connection:
            found = editing.effects(connection, form.key, None)
        return _page(Form(form.cells, form.key, form.mark, effects=found, removing=True))
    with writing(centre().store) as connection:
        editing.remove(connection, form.key, form.mark, now(), _by())
    flash(gettext("Removed. Agents follow with their next report."), "good")
    return redirect(url_for("checks.listing"), 303)


@bp.get("/checks/cadence")
@role_required(*EDITORS)
def cadence() -> str:
    """How often, and for how much, the agents of a place look and report."""
    return _cadence_page(Form({"place": request.args.get("place", "")}))


@bp.post("/checks/cadence")
@role_required(*EDITORS)
def set_cadence() -> str | Response | tuple[str, int]:
    """Show which sites it would change; then change them."""
    cells = {name: _text(name) for name in ("place", *editing.CADENCE)}
    place = cells["place"]
    values, problems = cadence_wanted(place, cells)
    with reading(centre().store) as connection:
        chosen = editing.sites_of(connection, place)
    if not chosen:
        problems["place"] = gettext("There is no site in this place.")
    if problems:
        return _cadence_page(Form(cells, problems=problems)), 422
    if request.form.get("do") != "save":
        mark = editing.mark(editing.cadence_of(chosen))
        shown = [Effect(site, "changed") for site in chosen]
        return _cadence_page(Form(cells, mark=mark, effects=shown))
    try:
        with writing(centre().store) as connection:
            editing.set_cadence(connection, place, _text("mark"), values, now(), _by())
    except Refused as refused:
        told = {"place": reasons.say(refused.problem)}
        return _cadence_page(Form(cells, problems=told)), 409
    flash(gettext("Saved. Agents follow with their next report."), "good")
    return redirect(url_for("checks.listing"), 303)


def cadence_wanted(
    place: str, cells: Mapping[str, str]
) -> tuple[Mapping[str, Any], dict[str, str]]:
    """What to set at a place that is one's own, and what is wrong by field."""
    if not _mine(place):
        abort(403, gettext("This place lies outside your areas."))
    draft = editing.read_cadence(cells)
    problems = {name: reasons.say(text) for name, text in draft.problems.items()}
    if not problems and not draft.values:
        problems["profile"] = gettext("Nothing to set.")
    return draft.values, problems


@bp.get("/sites/<code>/configuration")
def of_site(code: str) -> str:
    """What the agents of one site are told, and what they make of it."""
    if not scope().sees(code):
        abort(404)
    site = facts().site(code) or abort(404)
    settings = centre().settings
    return render_template(
        "configuration.html",
        site=site,
        told=facts().told(code, settings),
        editor=_editor(),
        settings=setting_words,
        zone=facts().zone(code, settings.timezone),
    )


def _keeper() -> bool:
    """May the reader keep passwords?"""
    user = me()
    return user is not None and user.role == "admin"


def _editor() -> bool:
    user = me()
    return user is not None and user.role in EDITORS


def _mine(place: str) -> bool:
    """Who sees everything edits everything; others what lies in their areas."""
    if scope().everything:
        return True
    inside = AREA_CODE.fullmatch(place) or SITE_CODE.fullmatch(place)
    return inside is not None and scope().sees(place)


def _form() -> Form:
    cells = {name: _text(name) for name in request.form if name in _KNOWN}
    cells.setdefault("kind", "http")
    return Form(cells, (_text("old_name"), _text("old_site")), _text("mark"))


_KNOWN = frozenset([*editing.COLUMNS, *(name for known in SETTINGS.values() for name in known)])


def _text(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST].strip()


def _by() -> str:
    user = me()
    return "" if user is None else user.name


def _page(form: Form) -> str:
    return render_template(
        "check.html",
        form=form,
        first=FIRST,
        kinds=SERVICE_KINDS,
        scopes=SCOPES,
        most=MOST_SHOWN,
        settings=setting_words,
    )


def _cadence_page(form: Form) -> str:
    return render_template("cadence.html", form=form, profiles=CADENCES, most=MOST_SHOWN)
