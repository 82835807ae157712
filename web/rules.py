"""Pages of rules: what is watched, what a threshold would have told, other thresholds by place."""

import math
from collections.abc import Mapping, Sequence
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
from web.inventory.desk import by
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
    rules = [rule for rule in all_rules() if not rule.record]
    with reading(centre().store) as connection:
        mine = seen_overrides(connection)
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
    return render_template("rules.html", rows=rows, may_tune=_may_tune())


@bp.get("/<name>")
def show(name: str) -> str:
    """One rule: what it says, where it differs, and the form for another threshold."""
    rule = the_rule(name)
    with reading(centre().store) as connection:
        mine = [one for one in seen_overrides(connection) if one.rule == rule.name]
        fired = rule_rows.fired(connection, scope(), now()).get(rule.name, Fired())
    row = Row(rule, condition(rule), hold(rule.for_s), mine, fired)
    return render_template(
        "rule.html",
        row=row,
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
    rule = the_rule(name)
    try:
        made = try_out(rule, wanted(rule, request.form))
    except Refused as refused:
        return _again(rule, refused)
    if made is None:
        flash(gettext("Many rules are being tried. Try again in a minute."), "bad")
        return redirect(url_for("rules.show", name=rule.name), 303)
    return redirect(url_for("rules.tried", number=made.id), 303)


def try_out(rule: Rule, override: Override) -> Try | None:
    """Begin to look at the past with it; None while too many wait. Refused: it cannot be."""
    with reading(centre().store) as connection:
        overrides.check(connection, all_rules(), override)
        before = overrides.find(connection, override.rule, override.scope)
        sites = [one.code for one in inventory.sites(connection, override.scope, "active")]
    return centre().tries.begin(by(), rule, override, before, sites)


@bp.get("/tries/<number>")
@role_required(*MAY_TUNE)
def tried(number: str) -> str:
    """What the last 30 days would have been; loads itself again until all is looked at."""
    found = the_try(number)
    with reading(centre().store) as connection:
        names = roster.called(connection, list(found.found.wanted)[:5000])
        place = called(connection, [found.wanted.scope])[found.wanted.scope].said
    return render_template(
        "rule_try.html",
        found=found,
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
    found = the_try(number)
    try:
        keep(found.wanted, found.before)
    except Refused as refused:
        changed = refused.place not in _WRONG
        flash(
            incident_words.changed() if changed else str(_WRONG[refused.place]),
            "bad",
        )
        return redirect(url_for("rules.show", name=found.rule.name), 303)
    flash(gettext("Saved. The rule follows within seconds."), "good")
    return redirect(url_for("rules.show", name=found.rule.name), 303)


def keep(override: Override, before: Override | None) -> None:
    """Let it hold, where `before` is still what holds; Refused says why not."""
    with writing(centre().store) as connection:
        overrides.put(connection, all_rules(), override, by(), now(), before)


@bp.post("/<name>/remove")
@role_required(*MAY_TUNE)
def remove(name: str) -> Response:
    """The rule is as its file says again, at one place."""
    rule, place = the_rule(name), request.form.get("scope", "")
    check_mine(place)
    try:
        with writing(centre().store) as connection:
            before = overrides.find(connection, rule.name, place)
            if before is None or not _same(before):
                raise Refused(place, "has changed")
            overrides.remove(connection, before, by(), now())
    except Refused:
        flash(incident_words.changed(), "bad")
    return redirect(url_for("rules.show", name=rule.name), 303)


def _same(before: Override) -> bool:
    """Is it what the reader saw when they pressed?"""
    return request.form.get("was") == rule_lines.seal(before)


def check_mine(place: str) -> None:
    """Ends the request where a place lies elsewhere."""
    if not place or not scope().sees(place):
        abort(403, gettext("This place lies outside your area."))


def wanted(rule: Rule, told: Mapping[str, str]) -> Override:
    """An override as these words say; Refused names the word that cannot be."""
    place = told.get("scope", "").strip()
    if place:
        check_mine(place)
    off = bool(told.get("off"))
    threshold, length = (told.get(key, "").strip() for key in ("threshold", "for"))
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


def all_rules() -> RuleSet:
    """What this centre runs."""
    return centre().rules()


def the_rule(name: str) -> Rule:
    """An alert that there is."""
    return all_rules().find(name) or abort(404)


def the_try(number: str) -> Try:
    """One of the reader's own."""
    return centre().tries.find(number, by()) or abort(
        404, gettext("This try is not kept any more. Look once more.")
    )


def seen_overrides(connection: Connection) -> list[Override]:
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
