"""Passwords that checks name: kept, replaced, forgotten. No page ever shows one."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import passwords
from collector.db import reading, writing
from collector.secret import load_secret
from web import reasons
from web.context import centre, home_zone, me, now, role_required, scope
from web.tongue import gettext

bp = Blueprint("passwords", __name__)

_LONGEST = 500


@bp.get("/checks/passwords")
@role_required("admin")
def listing() -> str:
    """Their names, since when, by whom."""
    return _page({})


@bp.post("/checks/passwords")
@role_required("admin")
def change() -> Response | tuple[str, int]:
    """Keep one under a name, or forget it."""
    if not scope().everything:
        abort(403, gettext("Your role does not allow this."))
    name = request.form.get("name", "").strip()[:_LONGEST]
    user = me()
    by = user.name if user else ""
    try:
        with writing(centre().store) as connection:
            if request.form.get("do") == "forget":
                passwords.forget(connection, name, now(), by)
            else:
                plain = request.form.get("password", "")[:_LONGEST]
                secret = load_secret(centre().settings.folder)
                passwords.put(connection, secret, name, plain, now(), by)
    except Refused as refused:
        place = "password" if refused.place == "password" else "name"
        return _page({place: reasons.say(refused.problem)}, name), 422
    flash(gettext("Saved. Agents follow with their next report."), "good")
    return redirect(url_for("passwords.listing"), 303)


def _page(problems: Mapping[str, str], name: str = "") -> str:
    settings = centre().settings
    with reading(centre().store) as connection:
        kept = passwords.kept(connection)
        lost = passwords.unreadable(connection, load_secret(settings.folder))
    return render_template(
        "passwords.html",
        kept=kept,
        lost=lost,
        form={"problems": problems, "cells": {"name": name}},
        home_zone=home_zone(),
        now=now(),
    )
