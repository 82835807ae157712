"""Playbooks that are run again and again: listed, set and ended, within the reader's areas."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts.called import Thing, called
from collector.db import reading, writing
from collector.inventory.places import AREA_CODE, SITE_CODE, zone
from playbooks import asking, schedules, timetable
from playbooks.model import Kind, Playbook
from playbooks.schedules import Schedule
from web import act_words, reach
from web.context import centre, facts, now, role_required, scope
from web.duty import WEEK
from web.playbooks import powers, told
from web.playbooks.desk import bp, reader, the_playbook
from web.playbooks.shelf import shelf
from web.tongue import gettext, lazy_gettext

_PARAM = "p."
_LONGEST = 255
_WRONG = {
    "scope": lazy_gettext("Give the code of a site or area, such as 35.10.06."),
    "place": lazy_gettext("There is no site or area with this code."),
    "at": lazy_gettext("Give a time such as 02.30."),
    "days": lazy_gettext("Choose days of the week."),
    "schedules": lazy_gettext("Too many schedules stand: cancel some first."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`playbook`: None when its file is gone; `mine`: the reader may end it."""

    schedule: Schedule
    playbook: Playbook | None
    next_at: float
    mine: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What was given for a new one; `wrong` by field."""

    playbook: Playbook | None
    scope: str = ""
    at: str = ""
    days: frozenset[str] = frozenset()
    params: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


@bp.get("/schedules")
@role_required(*powers.ARRANGES)
def repeating() -> str:
    """What stands; with `playbook` the form of a new one."""
    return _page(_form(request.args))


@bp.post("/schedules")
@role_required(*powers.ARRANGES)
def repeat() -> Response | tuple[str, int]:
    """Have it run again and again."""
    form = _form(request.form)
    one = form.playbook or abort(404)
    if _code(form.scope) and not scope().sees(form.scope):
        abort(403, told.refusal(powers.No.OUTSIDE))
    try:
        with writing(centre().store) as connection:
            _check_place(form.scope)
            asking.check_for_later(one, form.params)
            schedules.add(connection, _wanted(one, form), now())
    except Refused as refused:
        said = str(_WRONG.get(refused.place) or told.reason(refused.problem))
        place = "scope" if refused.place == "place" else refused.place
        return _page(_form(request.form, {place: said})), 422
    flash(gettext("It runs again and again from now on."), "good")
    return redirect(url_for("playbooks.repeating"), 303)


@bp.post("/schedules/<int:number>/cancel")
@role_required(*powers.ARRANGES)
def repeat_no_more(number: int) -> Response:
    """It is not begun any more; a run that goes on goes to its end."""
    with writing(centre().store) as connection:
        standing = schedules.standing(connection)
        found = next((one for one in standing if one.id == number), None)
        if found is not None and not scope().sees(found.scope):
            abort(403 if _told(connection, found) else 404)
        done = found is not None and schedules.cancel(connection, number, reader().name, now())
    if done:
        flash(gettext("Cancelled: it is not begun any more."), "good")
    else:
        flash(gettext("It was over or taken back already."), "bad")
    return redirect(url_for("playbooks.repeating"), 303)


def may_repeat(one: Playbook) -> bool:
    """Secrets are given by a person, each time."""
    return all(each.kind is not Kind.SECRET for each in one.params)


def _wanted(one: Playbook, form: Form) -> Schedule:
    here = zone(form.scope, centre().settings.timezone).key
    # every day is what no day means
    days = "" if len(form.days) == len(WEEK) else ",".join(sorted(form.days))
    return Schedule(one.name, form.params, form.scope, form.at, here, reader().name, days)


def _form(source: MultiDict[str, str], wrong: Mapping[str, str] | None = None) -> Form:
    name = source.get("playbook", "")
    one = the_playbook(name) if name else None
    if one is not None and not may_repeat(one):
        abort(404)
    given = {
        each.name: source.get(_PARAM + each.name, "").strip()[: _LONGEST + 1]
        for each in (one.params if one else ())
    }
    return Form(
        one,
        source.get("scope", "").strip()[:_LONGEST],
        # browsers send 02:30
        source.get("at", "").strip()[:20].replace(":", "."),
        frozenset(source.getlist("day")) & frozenset("1234567"),
        {name: text for name, text in given.items() if text},
        wrong or {},
    )


def _code(text: str) -> bool:
    return bool(AREA_CODE.fullmatch(text) or SITE_CODE.fullmatch(text))


def _check_place(code: str) -> None:
    """Where nothing of the reader's is, nothing would ever begin."""
    directory = facts().directory()
    if not _code(code):
        raise Refused("scope", "is no code")
    if directory.place(code) is None and not directory.seen_by(scope(), code).any():
        raise Refused("place", "nothing is there")


def _about(one: Schedule) -> str:
    return f"{'site' if SITE_CODE.fullmatch(one.scope) else 'area'}:{one.scope}"


def _told(connection: Connection, one: Schedule) -> bool:
    return reach.told(connection, scope(), _about(one))


def _page(form: Form) -> str:
    library = shelf().playbooks
    with reading(centre().store) as connection:
        lines = [
            Line(
                one,
                library.get(one.playbook),
                timetable.due_at(one, now()),
                scope().sees(one.scope),
            )
            for one in schedules.standing(connection)
            if _told(connection, one)
        ]
        things: Mapping[str, Thing] = called(connection, {_about(one.schedule) for one in lines})
    return render_template(
        "playbooks/schedules.html",
        lines=sorted(lines, key=lambda line: line.next_at),
        form=form,
        choices=[one for one in library.values() if may_repeat(one)],
        about=_about,
        things=things,
        act_words=act_words,
        week=WEEK,
        told=told,
    )
