"""Planned work and mutes: what is kept quiet, until when, by whom; to plan, cancel and lift."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import mutes, planned, windows
from alerts.called import called
from alerts.planned import MODES, Mute, Window
from alerts.spans import Span
from collector import inventory
from collector.db import reading, writing
from web import act_words, reach
from web.context import centre, me, now, role_required, scope
from web.incidents import MUTE_HOURS
from web.tongue import gettext, lazy_gettext

bp = Blueprint("plans", __name__, url_prefix="/plans")

Act = Callable[[Connection, str], int | bool]
MAY_PLAN = ("technician", "noc", "admin")
_AHEAD = 6
_WRONG = {
    "scope": lazy_gettext("Give a place such as site:35.10.06.2005 or area:35.10.06."),
    "title": lazy_gettext("Say what is done."),
    "begins": lazy_gettext("Give a day and time that is not over yet."),
    "minutes": lazy_gettext("Give a length of 1 minute to 14 days."),
    "mode": lazy_gettext("Choose what is kept quiet."),
    "repeats": lazy_gettext("This repetition never comes."),
    "last_day": lazy_gettext("The last day is none, or before the first."),
    "for": lazy_gettext("Choose a time of the list."),
    "why": lazy_gettext("Say why, in 200 characters at most."),
    "mutes": lazy_gettext("Too many mutes are in force: lift some first."),
    "windows": lazy_gettext("Too much work is planned: cancel some first."),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One planned work with its next stretches; `on`: it goes on now."""

    window: Window
    next: Sequence[Span]
    on: bool
    zone: ZoneInfo
    mine: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """A mute in force; `mine`: the reader may end it."""

    mute: Mute
    mine: bool


@bp.get("")
def index() -> str:
    """The calendar of planned work, and the mutes in force."""
    with reading(centre().store) as connection:
        work, quiet = seen_work(connection), seen_mutes(connection)
        scopes = {one.window.scope for one in work} | {one.mute.scope for one in quiet}
        things = called(connection, scopes)
    return render_template(
        "plans.html",
        work=work,
        quiet=quiet,
        things=things,
        told=act_words,
        modes=MODES,
        mute_hours=MUTE_HOURS,
        may=_role() in MAY_PLAN,
        place=request.args.get("scope", "")[:100],
    )


def seen_work(connection: Connection) -> list[Planned]:
    """What is planned where the reader is, the next first."""
    found = (_planned(connection, window) for window in windows.standing(connection))
    work = [one for one in found if one is not None]
    return sorted(work, key=lambda one: (one.next[0].begins, one.window.id))


def seen_mutes(connection: Connection) -> list[Quiet]:
    """The mutes that hold where the reader is."""
    return [
        Quiet(mute, reach.may(connection, scope(), mute.scope))
        for mute in mutes.in_force(connection, now())
        if reach.told(connection, scope(), mute.scope)
    ]


@bp.post("/windows")
@role_required(*MAY_PLAN)
def plan() -> Response:
    """Plan work."""
    return _do(lambda connection, by: add_work(connection, by, request.form))


def add_work(connection: Connection, by: str, words: Mapping[str, str]) -> int:
    """Work as these words say; its number. Refused names the word that cannot be."""
    return windows.add(connection, _window(connection, by, words), now())


@bp.post("/windows/<int:number>/cancel")
@role_required(*MAY_PLAN)
def cancel(number: int) -> Response:
    """No more of it; what goes on now ends."""

    def act(connection: Connection, by: str) -> bool:
        found = next((w for w in windows.standing(connection) if w.id == number), None)
        _check_mine(connection, found.scope if found is not None else "")
        return found is not None and windows.cancel(connection, number, by, now())

    return _do(act)


@bp.post("/mutes")
@role_required("noc", "admin")
def mute() -> Response:
    """Tell nobody of what a place or rule covers, for a while."""

    return _do(lambda connection, by: add_mute(connection, by, request.form))


def add_mute(connection: Connection, by: str, words: Mapping[str, str]) -> int:
    """Silence as these words say; its number. Refused names the word that cannot be."""
    about, hours = _scope(connection, words), words.get("hours", "")
    if hours not in map(str, MUTE_HOURS):
        raise Refused("for", "is none of the list")
    ends = now() + int(hours) * 3600.0
    return mutes.add(connection, about, words.get("why", "")[:200], by, now(), ends)


@bp.post("/mutes/<int:number>/lift")
@role_required("noc", "admin")
def lift(number: int) -> Response:
    """End a mute before its time."""

    def act(connection: Connection, by: str) -> bool:
        found = next((m for m in mutes.in_force(connection, now()) if m.id == number), None)
        _check_mine(connection, found.scope if found is not None else "")
        return found is not None and mutes.lift(connection, number, by, now())

    return _do(act)


def _do(act: Act) -> Response:
    user = me()
    try:
        with writing(centre().store) as connection:
            done = act(connection, user.name if user else "")
    except Refused as refused:
        flash(str(_WRONG.get(refused.place, refused)), "bad")
        return redirect(url_for("plans.index", scope=request.form.get("scope") or None), 303)
    if done is False:
        flash(gettext("It was over or taken back already."), "bad")
    return redirect(url_for("plans.index"), 303)


def _window(connection: Connection, by: str, form: Mapping[str, str]) -> Window:
    about = _scope(connection, form)
    kind, name = planned.scope(about)
    home = centre().settings.timezone
    zone = inventory.zone(name, home).key if kind in reach.OF_PLACE else home
    text = form.get("minutes", "")
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return Window(
        0,
        about,
        form.get("title", "")[:200],
        form.get("mode", ""),
        form.get("begins", "")[:30],
        minutes,
        _repeats(form),
        zone,
        form.get("last_day", "")[:10],
        by,
    )


def _repeats(form: Mapping[str, str]) -> str:
    """daily, weekly on the day it begins, monthly on its day; as the form says."""
    kind, begins = form.get("repeats", ""), form.get("begins", "")
    if kind not in ("weekly", "monthly"):
        return "daily" if kind == "daily" else ""
    try:
        first = datetime.fromisoformat(begins)
    except ValueError:
        raise Refused("begins", "is no time") from None
    return f"weekly:{first.isoweekday()}" if kind == "weekly" else f"monthly:{first.day}"


def _scope(connection: Connection, form: Mapping[str, str]) -> str:
    """The scope asked for: a bare code is a site's or an area's."""
    text = form.get("scope", "").strip()[:210]
    if text and ":" not in text:
        text = f"site:{text}" if text.count(".") == 3 else f"area:{text}"
    planned.scope(text)
    _check_mine(connection, text)
    return text


def _check_mine(connection: Connection, about: str) -> None:
    if about and not reach.may(connection, scope(), about):
        abort(403, gettext("This place lies outside your area."))


def _planned(connection: Connection, window: Window) -> Planned | None:
    """With its next stretches; None: it is over, or not to be seen."""
    held, spans, at = window.at(now()), [], now()
    if held is not None:
        spans.append(held)
    while len(spans) < _AHEAD and (span := window.after(at)) is not None:
        spans.append(span)
        at = span.begins + 1.0
    if not spans or not reach.told(connection, scope(), window.scope):
        return None
    mine = reach.may(connection, scope(), window.scope)
    return Planned(window, spans, held is not None, ZoneInfo(window.zone), mine)


def _role() -> str:
    user = me()
    return user.role if user is not None else ""
