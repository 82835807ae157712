"""Who is on duty now and this week, and what the next shift must know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import duty, handover, handover_text
from alerts.called import called
from alerts.channels.config import load
from alerts.duty import Shift
from collector import inventory
from collector.db import reading, writing
from web import act_words
from web.context import centre, me, now, role_required, scope
from web.tongue import gettext, lazy_gettext, spoken

bp = Blueprint("duty", __name__, url_prefix="/duty")

MAY_SET = ("noc", "admin")
MAY_READ = ("technician", *MAY_SET)
HOURS = (8, 12, 24)
_MOST_NAMES = 200
WEEK = (
    lazy_gettext("Monday"),
    lazy_gettext("Tuesday"),
    lazy_gettext("Wednesday"),
    lazy_gettext("Thursday"),
    lazy_gettext("Friday"),
    lazy_gettext("Saturday"),
    lazy_gettext("Sunday"),
)
_WRONG = {
    "person": lazy_gettext("Choose somebody of the list."),
    "days": lazy_gettext("Choose days of the week."),
    "begins": lazy_gettext("Give times such as 07:00."),
    "ends": lazy_gettext("Give times such as 07:00."),
    "first_day": lazy_gettext("A day is written like 2026-11-28."),
    "last_day": lazy_gettext("The last day is none, or before the first."),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift; `on`: its person is on duty now."""

    shift: Shift
    on: bool
    days: Sequence[int]
    mine: bool


@bp.get("")
def index() -> str:
    """The rota by scope, and who is on duty now."""
    with reading(centre().store) as connection:
        turns = seen_turns(connection)
        things = called(connection, {one.shift.scope for one in turns})
        people = inventory.of_roles(connection, ("noc", "district"), scope(), _MOST_NAMES)
    return render_template(
        "duty.html",
        turns=turns,
        things=things,
        told=act_words,
        people=people,
        week=WEEK,
        may=_may_set(),
        hours=HOURS,
    )


def seen_turns(connection: Connection) -> list[Turn]:
    """The shifts that the reader may know of."""
    home = centre().settings.timezone
    return [
        Turn(one, duty.on_duty([one], now(), home), _days(one), mine(one.scope))
        for one in duty.rota(connection)
        if seen(one.scope)
    ]


@bp.post("")
@role_required(*MAY_SET)
def put() -> Response:
    """Put somebody on duty."""
    try:
        add(request.form, request.form.getlist("day"))
    except Refused as refused:
        flash(str(_WRONG.get(refused.place, refused)), "bad")
    return redirect(url_for("duty.index"), 303)


def add(words: Mapping[str, str], chosen: Iterable[str]) -> int:
    """A shift as these words say; its number. Refused names the word that cannot be."""
    about, person = (words.get(key, "").strip()[:200] for key in ("scope", "person"))
    check_mine(about)
    days = ",".join(sorted({d for d in chosen if d in "1234567" and d}))
    begins, ends, first, last = (
        words.get(key, "").strip()[:20] for key in ("begins", "ends", "first_day", "last_day")
    )
    shift = Shift(about, person, days, begins, ends, first, last)
    with writing(centre().store) as connection:
        return duty.put(connection, shift, now(), _by())


@bp.post("/<int:number>/drop")
@role_required(*MAY_SET)
def drop(number: int) -> Response:
    """Take a shift out of the rota."""
    with writing(centre().store) as connection:
        found = next((one for one in duty.rota(connection) if one.id == number), None)
        if found is not None:
            check_mine(found.scope)
        done = found is not None and duty.drop(connection, number, now(), _by())
    if not done:
        flash(gettext("This shift is not there any more."), "bad")
    return redirect(url_for("duty.index"), 303)


@bp.get("/handover")
def show_handover() -> str:
    """What the next shift must know; for those who see everything."""
    user = me()
    if user is None or user.role not in MAY_READ or not scope().everything:
        abort(403, gettext("The handover is about all areas: only the control room reads it."))
    text = request.args.get("hours", str(HOURS[0]))
    if text not in {str(hours) for hours in HOURS}:
        abort(400, gettext("Choose a time of the list."))
    zone = ZoneInfo(centre().settings.timezone)
    note = handover_text.text(note_of(int(text)), zone, spoken())
    return render_template("handover.html", lines=note.splitlines(), hours=HOURS, chosen=int(text))


def note_of(hours: int) -> dict[str, Any]:
    """What the next shift must know of the last hours, as data."""
    settings = centre().settings
    names = [line.name for line in load(settings)]
    with reading(centre().store) as connection:
        return handover.note(connection, settings, now(), float(hours), names)


def _days(shift: Shift) -> list[int]:
    return [int(d) for d in shift.days.split(",") if d.strip().isdigit()] or list(range(1, 8))


def _may_set() -> bool:
    user = me()
    return user is not None and user.role in MAY_SET


def _by() -> str:
    user = me()
    return user.name if user is not None else ""


def check_mine(about: str) -> None:
    """Ends the request where somebody is about more than the reader's areas."""
    if not mine(about):
        abort(403, gettext("This place lies outside your area."))


def mine(about: str) -> bool:
    """Scopes of people that are no place are for those who see everything."""
    place = about[:1].isdigit()
    return scope().everything or (place and scope().sees(about))


def seen(about: str) -> bool:
    """May the reader know of somebody of this scope?"""
    return mine(about) or about == "*"
