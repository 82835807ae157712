"""Saved views: a reader gives the list as it stands a name, and finds it again."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import saved_views
from collector.db import reading, writing
from collector.saved_views import View
from web import asked, reasons
from web.context import centre, me, now
from web.sites import bp
from web.tongue import gettext


@dataclass(frozen=True, slots=True)
class Shown:
    """A view with its address; `here` when it is what the reader looks at."""

    name: str
    url: str
    here: bool


@bp.post("/views")
def save_view() -> Response:
    """Keep the list as it stands under a name."""
    wanted = asked.read(_args(request.form.get("query", "")))
    query = urlencode(wanted.query())
    view = View(request.form.get("name", ""), query)
    try:
        with writing(centre().store) as connection:
            saved_views.save(connection, _name(), view, now())
    except Refused as refused:
        flash(_because(refused), "bad")
    else:
        flash(gettext("The view is saved."))
    return redirect(url_for("sites.index", **wanted.query()), 303)


@bp.post("/views/forget")
def forget_view() -> Response:
    """Delete a view; one that is gone already is gone."""
    with writing(centre().store) as connection:
        saved_views.forget(connection, _name(), request.form.get("name", ""))
    flash(gettext("The view is deleted."))
    wanted = asked.read(_args(request.form.get("query", "")))
    return redirect(url_for("sites.index", **wanted.query()), 303)


def my_views() -> list[Shown]:
    """The reader's views."""
    with reading(centre().store) as connection:
        views = saved_views.of(connection, _name())
    here: dict[str, Any] = asked.read(request.args).query()
    shown = []
    for view in views:
        query = dict(parse_qsl(view.query))
        same = query == {key: str(value) for key, value in here.items()}
        url = f"{url_for('sites.index')}?{view.query}" if view.query else url_for("sites.index")
        shown.append(Shown(view.name, url, same))
    return shown


def _args(query: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(query[: saved_views.LONGEST_QUERY]))


def _name() -> str:
    user = me()
    assert user is not None, "pages of the list are behind a sign-in"
    return user.name


def _because(refused: Refused) -> str:
    return reasons.say(refused.problem)
