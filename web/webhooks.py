"""Webhooks: addresses, such as of a ticket system, that hear of incidents; their page."""

from collections.abc import Iterable, Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import announcing, subscribers, webhooks
from alerts.channels import NotifyFailed
from alerts.webhooks import MOST, Wanted, Webhook
from collector.cli_common import iso
from collector.db import reading, writing
from collector.secret import load_secret
from web import reasons
from web.account_powers import covers
from web.context import centre, home_zone, now, role_required, scope
from web.inventory.desk import by
from web.people import check_area
from web.tongue import gettext

bp = Blueprint("webhooks", __name__)

OUTSIDE = "lies outside your areas"
_CELLS = ("name", "url", "areas")
_LONGEST = 2000


def mine(one: Webhook) -> bool:
    """May the reader see and change it?"""
    return covers(scope(), one.areas)


def bare(url: str) -> str:
    """An address without a password that stands in it."""
    scheme, _, rest = url.partition("://")
    begun, slash, path = rest.partition("/")
    return f"{scheme}://{begun.rpartition('@')[2]}{slash}{path}"


def key() -> bytes:
    """What secrets are sealed with."""
    return load_secret(centre().settings.folder)


def within(asked: Iterable[str]) -> tuple[str, ...]:
    """Areas within the reader's own; none are all of them. Refused names the place of one."""
    areas = tuple(dict.fromkeys(asked)) or scope().areas
    for place, area in enumerate(areas):
        try:
            check_area(area)
        except Refused as refused:
            raise Refused(f"areas[{place}]", refused.problem) from None
    if not covers(scope(), areas):
        raise Refused("areas", OUTSIDE)
    return areas


def tried(one: Webhook) -> tuple[bool, str]:
    """Was a trial taken, and what did the other side say?"""
    told = {"event": announcing.TRIAL, "at": iso(now()), "incident": None, "notice": 0}
    try:
        return True, subscribers.channel(centre().settings, centre().store).send(str(one.id), told)
    except NotifyFailed as failed:
        return False, failed.reason


@bp.get("/centre/webhooks")
@role_required("admin")
def listing() -> str:
    """Those of the reader's areas, and the form for another."""
    return _page({}, {})


@bp.post("/centre/webhooks")
@role_required("admin")
def add() -> str | tuple[str, int]:
    """Another one; its secret is shown this once."""
    cells = {name: request.form.get(name, "").strip()[:_LONGEST] for name in _CELLS}
    asked = [area.strip() for area in cells["areas"].split("|") if area.strip()]
    try:
        wanted = Wanted(cells["name"], cells["url"], within(asked))
        with writing(centre().store) as connection:
            _, secret = webhooks.add(connection, key(), wanted, now(), by())
    except Refused as refused:
        place = refused.place.partition("[")[0]
        place = place if place in _CELLS else "name"
        outside = gettext("This place lies outside your areas.")
        said = outside if refused.problem == OUTSIDE else reasons.say(refused.problem)
        return _page({place: said}, cells), 422
    return _page({}, {}, wanted.name, secret)


@bp.post("/centre/webhooks/<int:number>")
@role_required("admin")
def change(number: int) -> Response:
    """Try it, switch it off or on, or take it away."""
    do = request.form.get("do", "")
    if do == "try":
        with reading(centre().store) as connection:
            one = _there(connection, number)
        taken, said = tried(one)
        words = {"name": one.name, "said": said}
        if taken:
            flash(gettext("%(name)s took it: %(said)s") % words, "good")
        else:
            flash(gettext("%(name)s did not take it: %(said)s") % words, "bad")
        return redirect(url_for("webhooks.listing"), 303)
    try:
        with writing(centre().store) as connection:
            done = _change(connection, _there(connection, number), do)
    except Refused as refused:
        flash(reasons.say(refused.problem), "bad")
    else:
        saved = gettext("Saved.") if done else gettext("Somebody else changed it meanwhile.")
        flash(saved, "good" if done else "bad")
    return redirect(url_for("webhooks.listing"), 303)


def _change(connection: Connection, one: Webhook, do: str) -> bool:
    if str(one.rev) != request.form.get("rev"):
        return False
    if do == "remove":
        return webhooks.remove(connection, one, now(), by())
    if do not in ("on", "off"):
        abort(400)
    wanted = Wanted(one.name, one.url, one.areas, do == "on")
    return webhooks.change(connection, key(), one, wanted, now(), by())


def _there(connection: Connection, number: int) -> Webhook:
    found = webhooks.find(connection, number) if number < 2**63 else None
    return found if found is not None and mine(found) else abort(404)


def _page(
    problems: Mapping[str, str], cells: Mapping[str, str], name: str = "", secret: str = ""
) -> str:
    sealed_by = key()
    with reading(centre().store) as connection:
        found = [one for one in webhooks.listing(connection) if mine(one)]
    return render_template(
        "webhooks.html",
        found=found,
        lost={one.id for one in found if one.secret(sealed_by) is None},
        bare=bare,
        form={"problems": problems, "cells": cells},
        made=name,
        secret=secret,
        full=len(found) >= MOST,
        zone=home_zone(),
        now=now(),
    )
