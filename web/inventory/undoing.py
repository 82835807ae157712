"""An import undone in the browser: what would go back is shown, then it goes back."""

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory import drafts, previewing, undoing
from collector.inventory.drafts import Draft
from collector.inventory.undoing import Undoing
from web import reasons
from web.context import centre, now, role_required
from web.inventory import fields
from web.inventory.desk import EDITORS, MOST_SHOWN, TITLES, bp, by, may, shown, value
from web.inventory.importing import the_import
from web.tongue import gettext, ngettext


@bp.get("/imports/<int:number>/undo")
@role_required(*EDITORS)
def look_back(number: int) -> str:
    """Which rows would be as before, and which stay because somebody changed them since."""
    return _page(undoable(number))


@bp.post("/imports/<int:number>/undo")
@role_required(*EDITORS)
def take_back(number: int) -> str | Response | tuple[str, int]:
    """Put back what was shown."""
    draft = undoable(number)
    try:
        done = undo(number, request.form.get("mark", ""))
    except Refused as refused:
        return _page(draft, reasons.say(refused.problem)), 409
    told = ngettext("Undone: %(num)s row.", "Undone: %(num)s rows.", len(done.back))
    flash(told, "good")
    return redirect(url_for("inventory.one_import", number=number), 303)


def undo(number: int, mark: str) -> Undoing:
    """Put back what was shown with this mark; Refused when it is not that any more."""
    with writing(centre().store) as connection:
        changes = drafts.changes(connection, number)
        done = undoing.undo(connection, changes, mark, may, now(), by(), number)
        if not done.back or not drafts.undone(connection, number, now(), by()):
            raise Refused("import", previewing.STALE)
    return done


def look(draft: Draft) -> Undoing:
    """What undoing an import would do now."""
    with reading(centre().store) as connection:
        return undoing.look(connection, drafts.changes(connection, draft.id), may)


def undoable(number: int) -> Draft:
    """An import that the reader may undo."""
    draft = the_import(number)
    if not draft.undoable:
        abort(404, gettext("This import cannot be undone any more."))
    return draft


def _page(draft: Draft, problem: str = "") -> str:
    found = look(draft)
    return render_template(
        "inventory/undo.html",
        draft=draft,
        undoing=found,
        problem=problem,
        titles=TITLES,
        fields=fields,
        most=MOST_SHOWN,
        say=reasons.say,
        shown=shown,
        value=value,
    )
