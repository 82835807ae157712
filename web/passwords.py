"""Passwords that checks name: kept, replaced, forgotten. No page ever shows one."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import passwords
from collector.db import reading, writing
from collector.inventory import binding
from collector.inventory.binding import Binding
from collector.inventory.bound import bindings
from collector.passwords import Kept
from collector.secret import load_secret
from web import reasons
from web.context import centre, home_zone, now, role_required
from web.inventory.desk import by, may
from web.tongue import gettext

bp = Blueprint("passwords", __name__)

_LONGEST = 500
_CELLS = ("name", "area", "targets")


@bp.get("/checks/passwords")
@role_required("admin")
def listing() -> str:
    """Their names, since when, by whom, and where they may go."""
    return _page({}, {key: request.args.get(key, "")[:_LONGEST] for key in _CELLS})


@bp.post("/checks/passwords")
@role_required("admin")
def change() -> Response | tuple[str, int]:
    """Keep one under a name, or let it go elsewhere, or forget it."""
    cells = {key: request.form.get(key, "").strip()[:_LONGEST] for key in _CELLS}
    try:
        if request.form.get("do") == "forget":
            forget(cells["name"])
        else:
            keep(cells, request.form.get("password", "")[:_LONGEST])
    except Refused as refused:
        place = refused.place if refused.place in ("password", *_CELLS) else "name"
        return _page({place: reasons.say(refused.problem)}, cells), 422
    flash(gettext("Saved. Agents follow with their next report."), "good")
    return redirect(url_for("passwords.listing"), 303)


def seen(connection: Connection) -> list[Kept]:
    """What may be shown of those that are kept for the reader's places, by name."""
    return [one for one in passwords.kept(connection) if may(one.bound.area)]


def keep(cells: Mapping[str, str], plain: str) -> None:
    """Keep one as these cells say; without `plain` one that is there goes elsewhere."""
    name, secret = cells["name"], load_secret(centre().settings.folder)
    with writing(centre().store) as connection:
        before = bindings(connection).get(name, Binding())
        bound = binding.read(cells["area"], cells["targets"], before)
        if plain:
            passwords.put(connection, secret, name, plain, now(), by(), bound, may)
        else:
            passwords.bind(connection, name, bound, now(), by(), may)


def forget(name: str) -> None:
    """Nothing is kept under this name any more."""
    with writing(centre().store) as connection:
        passwords.forget(connection, name, now(), by(), may)


def _page(problems: Mapping[str, str], cells: Mapping[str, str]) -> str:
    settings = centre().settings
    with reading(centre().store) as connection:
        kept = seen(connection)
        lost = passwords.unreadable(connection, load_secret(settings.folder))
    return render_template(
        "passwords.html",
        kept=kept,
        lost=lost,
        form={"problems": problems, "cells": cells},
        home_zone=home_zone(),
        now=now(),
    )
