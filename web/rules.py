"""Pages of rules: what is watched, what a threshold would have told, other thresholds by place."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import overrides, rule_rows
from alerts.called import called
from alerts.overrides import Override
from alerts.rule_rows import Fired
from alerts.rules.rule import Rule, RuleSet
from alerts.rules.thresholds import threshold_of
from collector import inventory, roster
from collector.db import reading, writing
from collector.yaml_files import durations
from web import incident_words, rule_lines
from web.context import centre, me, now, role_required, scope
from web.rule_words import condition, hold
from web.tongue import gettext, lazy_gettext
from web.tries import Try

bp = Blueprint("rules", __name__, url_prefix="/rules")

MAY_TUNE = ("noc", "admin")
_WRONG = {
    "rule": lazy_gettext("There is no such rule."),
    "scope": lazy_gettext("Give the code of a site or area, such as 35.10.06."),
    "threshold": lazy_gettext(
        "The threshold must be a number, and the rule must compare with one."
    ),
    "for_s": lazy_gettext("The time must be like 30s, 5m or 1h, 7 days at most."),
    "override": lazy_gettext("Nothing was changed: give a threshold or a time, or switch it off."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One rule in the list."""

    rule: Rule
    condition: str
    hold: str
    here: Sequence[Override]
    fired: Fired


@bp.get("")
def index() -> str:
    """All rules, with what each told in the last 30 days, where the reader may look."""
    rules = [rule for rule in _rules() if not rule.record]
    with reading(centre().store) as connection:
        mine = _overrides(connection)
        fired = rule_rows.fired(connection, scope(), now())
    rows = [
        Row(
            rule,
            condition(rule),
            hold(rule.for_s),
            [one for one in mine if one.rule == rule.name],
            fired.get(rule.name, Fired()),
        )
        for rule in rules
    ]
    return render_template("rules.html", rows=rows, iw=incident_words, may_tune=_may_tune())


@bp.get("/<name>")
def show(name: str) -> str:
    """One rule: what it says, where it differs, and the form for another threshold."""
    rule = _rule(name)
    with reading(centre().store) as connection:
        mine = [one for one in _overrides(connection) if one.rule == rule.name]
        fired = rule_rows.fired(connection, scope(), now()).get(rule.name, Fired())
    row = Row(rule, condition(rule), hold(rule.for_s), mine, fired)
    return render_template(
        "rule.html",
        row=row,
        iw=incident_words,
        hold=hold,
        compared=threshold_of(rule),
        may_tune=_may_tune(),
        say_for=durations.say,
        say_condition=condition,
        seal=rule_lines.seal,
        place=request.args.get("scope", "")[:40],
    )


@bp.post("/<name>/try")
@role_required(*MAY_TUNE)
def begin(name: str) -> Response:
    """Look at the last 30 days with another threshold; nothing is saved."""
    rule = _rule(name)
    try:
        wanted = _wanted(rule)
        with reading(centre().store) as connection:
            overrides.check(connection, _rules(), wanted)
            before = overrides.find(connection, wanted.rule, wanted.scope)
            sites = [one.code for one in inventory.sites(connection, wanted.scope, "active")]
    except Refused as refused:
        return _again(rule, refused)
    user = me()
    made = centre().tries.begin(user.name if user else "", rule, wanted, before, sites)
    if made is None:
        flash(gettext("Many rules are being tried. Try again in a minute."), "bad")
        return redirect(url_for("rules.show", name=rule.name), 303)
    return redirect(url_for("rules.tried", number=made.id), 303)


@bp.get("/tries/<number>")
@role_required(*MAY_TUNE)
def tried(number: str) -> str:
    """What the last 30 days would have been; loads itself again until all is looked at."""
    found = _try(number)
    with reading(centre().store) as connection:
        names = roster.called(connection, list(found.found.wanted)[:5000])
        place = called(connection, [found.wanted.scope])[found.wanted.scope].said
    return render_template(
        "rule_try.html",
        found=found,
        iw=incident_words,
        place=place,
        rows=rule_lines.told(found.found, names),
        condition=condition(found.rule, found.wanted),
        before=condition(found.rule, found.before),
        hold=hold,
    )


@bp.post("/tries/<number>/save")
@role_required(*MAY_TUNE)
def save(number: str) -> Response:
    """Keep what was tried, where nobody has changed it since."""
    found = _try(number)
    user = me()
    by = user.name if user else ""
    try:
        with writing(centre().store) as connection:
            overrides.put(connection, _rules(), found.wanted, by, now(), found.before)
    except Refused as refused:
        changed = refused.place not in _WRONG
        flash(
            incident_words.changed() if changed else str(_WRONG[refused.place]),
            "bad",
        )
        return redirect(url_for("rules.show", name=found.rule.name), 303)
    flash(gettext("Saved. The rule follows within seconds."), "good")
    return redirect(url_for("rules.show", name=found.rule.name), 303)


@bp.post("/<name>/remove")
@role_required(*MAY_TUNE)
def remove(name: str) -> Response:
    """The rule is as its file says again, at one place."""
    rule, place = _rule(name), request.form.get("scope", "")
    user = me()
    if not place or not scope().sees(place):
        abort(403, gettext("This place lies outside your area."))
    try:
        with writing(centre().store) as connection:
            before = overrides.find(connection, rule.name, place)
            if before is None or not _same(before):
                raise Refused(place, "has changed")
            overrides.remove(connection, before, user.name if user else "", now())
    except Refused:
        flash(incident_words.changed(), "bad")
    return redirect(url_for("rules.show", name=rule.name), 303)


def _same(before: Override) -> bool:
    """Is it what the reader saw when they pressed?"""
    return request.form.get("was") == rule_lines.seal(before)


def _wanted(rule: Rule) -> Override:
    place = request.form.get("scope", "").strip()
    if place and not scope().sees(place):
        abort(403, gettext("This place lies outside your area."))
    off = bool(request.form.get("off"))
    threshold, length = (request.form.get(key, "").strip() for key in ("threshold", "for"))
    return Override(
        rule.name,
        place,
        None if off or not threshold else _number(threshold),
        None if off or not length else _length(length),
        off,
    )


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if len(text) > 30 or not math.isfinite(value):
        raise Refused("threshold", "is no number")
    return value


def _length(text: str) -> float:
    try:
        return durations.read(text) / 1000.0
    except Refused as refused:
        raise Refused("for_s", refused.problem) from None


def _again(rule: Rule, refused: Refused) -> Response:
    flash(str(_WRONG.get(refused.place, refused)), "bad")
    place = request.form.get("scope", "")[:40]
    return redirect(url_for("rules.show", name=rule.name, scope=place or None), 303)


def _rules() -> RuleSet:
    return centre().rules()


def _rule(name: str) -> Rule:
    return _rules().find(name) or abort(404)


def _try(number: str) -> Try:
    user = me()
    return centre().tries.find(number, user.name if user else "") or abort(
        404, gettext("This try is not kept any more. Look once more.")
    )


def _overrides(connection: Connection) -> list[Override]:
    """Those whose place the reader may see, or that hold where they are."""
    mine = scope()
    found = overrides.everything(connection)
    areas = mine.areas + mine.sites
    return [
        one
        for one in found
        if mine.sees(one.scope) or any(area.startswith(one.scope) for area in areas)
    ]


def _may_tune() -> bool:
    user = me()
    return user is not None and user.role in MAY_TUNE
