"""Rules by program: what is watched, and other thresholds by place."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from agent.strict import Refused
from alerts import overrides, rule_rows
from alerts.overrides import Override
from alerts.rule_rows import Fired
from alerts.rules.rule import Rule
from alerts.rules.thresholds import threshold_of
from collector.db import reading, writing
from web import reasons, rule_lines, rules
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, sliced
from web.api.table import Call, Endpoint, Reply
from web.context import centre, now, scope
from web.inventory.desk import by
from web.rules import MAY_TUNE, seen_overrides, the_rule

_Code = Annotated[str, Meta(min_length=1, max_length=40, description="of a site or an area")]
_Number = Annotated[float, Meta(ge=-1e300, le=1e300, description="null: as the file says")] | None
_Seconds = (
    Annotated[float, Meta(ge=0, le=overrides.LONGEST_FOR_S, description="null: as the file says")]
    | None
)


class RuleOverride(Struct, frozen=True):
    """What one place wants of a rule; null: as the file says. `mine`: the token may change it."""

    scope: str
    threshold: float | None
    for_s: float | None
    off: bool
    mark: str
    mine: bool


class RuleShown(Struct, frozen=True):
    """A rule of this centre, and what it told in 30 days where the token sees."""

    name: str
    group: str
    file: str
    expr: str
    severity: str
    subject: str
    for_s: float
    keep_firing_for_s: float
    compares: Annotated[str | None, Meta(description="how with its threshold; null: with none")]
    threshold: float | None
    labels: dict[str, str]
    annotations: dict[str, str]
    fired: int
    open: int
    overrides: tuple[RuleOverride, ...]


class NewOverride(Struct, forbid_unknown_fields=True):
    scope: _Code
    threshold: _Number = None
    for_s: _Seconds = None
    off: bool = False


class ChangedOverride(Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    threshold: _Number | UnsetType = UNSET
    for_s: _Seconds | UnsetType = UNSET
    off: bool | UnsetType = UNSET


def _list(call: Call) -> Reply:
    with reading(centre().store) as connection:
        mine = seen_overrides(connection)
        fired = rule_rows.fired(connection, scope(), now())
    found = {rule.name: rule for rule in reversed(list(rules.all_rules())) if not rule.record}
    body = sliced(
        call, found.values(), lambda rule: _shown(rule, mine, fired), lambda rule: (rule.name,)
    )
    return Reply(body)


def _one(call: Call) -> Reply:
    rule = the_rule(call.path["name"])
    with reading(centre().store) as connection:
        mine = seen_overrides(connection)
        fired = rule_rows.fired(connection, scope(), now())
    return Reply(_shown(rule, mine, fired))


def _shown(rule: Rule, mine: list[Override], fired: dict[str, Fired]) -> RuleShown:
    compared, told = threshold_of(rule), fired.get(rule.name, Fired())
    return RuleShown(
        rule.name,
        rule.group,
        rule.file,
        rule.expr,
        rule.severity,
        rule.subject,
        rule.for_s,
        rule.keep_firing_for_s,
        None if compared is None else compared[1],
        None if compared is None else compared[2],
        dict(rule.labels),
        dict(rule.annotations),
        told.times,
        told.open,
        tuple(shown(one) for one in mine if one.rule == rule.name),
    )


def shown(one: Override) -> RuleOverride:
    """As it is told."""
    mine = scope().sees(one.scope)
    return RuleOverride(one.scope, one.threshold, one.for_s, one.off, rule_lines.seal(one), mine)


def _overrides(call: Call) -> Reply:
    rule = the_rule(call.path["name"])
    with reading(centre().store) as connection:
        found = [one for one in seen_overrides(connection) if one.rule == rule.name]
    return Reply(sliced(call, found, shown, lambda one: (one.scope,)))


def _show(call: Call) -> Reply:
    return _told(_there(call))


def _add(call: Call) -> Reply:
    rule, asked = the_rule(call.path["name"]), call.body
    wanted = Override(rule.name, asked.scope, asked.threshold, asked.for_s, asked.off)
    rules.check_mine(wanted.scope)
    with reading(centre().store) as connection:
        there = overrides.find(connection, rule.name, wanted.scope)
    if there is not None:
        said = "there is one already: change that"
        raise No(409, said, mark=rule_lines.seal(there), current=overrides.as_json(there))
    _keep(wanted, None)
    reply = _told(wanted)
    return Reply(reply.body, reply.mark, f"/rules/{rule.name}/overrides/{wanted.scope}")


def _change(call: Call) -> Reply:
    before, asked = _seen(call), call.body
    given = {n: v for n in asked.__struct_fields__ if (v := getattr(asked, n)) is not UNSET}
    same: dict[str, Any] = {n: getattr(before, n) for n in asked.__struct_fields__}
    wanted = Override(before.rule, before.scope, **(same | given))
    _keep(wanted, before)
    return _told(wanted)


def _remove(call: Call) -> Reply:
    before = _seen(call)
    try:
        with writing(centre().store) as connection:
            overrides.remove(connection, before, by(), now())
    except Refused:
        raise _stale(_there(call)) from None
    return Reply()


def _keep(wanted: Override, before: Override | None) -> None:
    try:
        rules.keep(wanted, before)
    except Refused as refused:
        raise why(refused, before is None) from None


def why(refused: Refused, new: bool = True) -> No:
    """Why it cannot be so."""
    said = reasons.say(refused.problem)
    if refused.place not in ("rule", "scope", "threshold", "for_s", "override"):
        return No(409 if new else 412, said)
    field = {"override": "threshold"}.get(refused.place, refused.place)
    return No(422, "", Wrong(field, said))


def _there(call: Call) -> Override:
    """That of a place the caller may know of; elsewhere there is nothing."""
    name, place = the_rule(call.path["name"]).name, call.path["place"]
    with reading(centre().store) as connection:
        known = seen_overrides(connection)
    found = next((one for one in known if (one.rule, one.scope) == (name, place)), None)
    if found is None:
        raise No(404)
    return found


def _seen(call: Call) -> Override:
    found = _there(call)
    # one that holds where the caller is, but of a wider area
    rules.check_mine(found.scope)
    if rule_lines.seal(found) != call.revision:
        raise _stale(found)
    return found


def _stale(found: Override) -> No:
    mark, current = rule_lines.seal(found), dict(overrides.as_json(found))
    return No(
        412,
        reasons.say("somebody changed it meanwhile; look at it again"),
        mark=mark,
        current=current,
    )


def _told(one: Override) -> Reply:
    return Reply(shown(one), rule_lines.seal(one))


_OVERRIDES = "/rules/{name}/overrides"
_SHARED: dict[str, Any] = {"group": "rules", "roles": MAY_TUNE}
ENDPOINTS = (
    Endpoint("GET", "/rules", "listRules", "rules", "What is watched, by name", _list,
             gives=Listed[RuleShown], query=params.NAMED),
    Endpoint("GET", "/rules/{name}", "showRule", "rules", "One rule", _one, gives=RuleShown),
    Endpoint("GET", _OVERRIDES, "listOverrides", "rules", "Where it differs, by place",
             _overrides, gives=Listed[RuleOverride], query=params.NAMED),
    Endpoint(
        "POST", _OVERRIDES, "addOverride", about="Another threshold or time at a place, or none",
        do=_add, gives=RuleOverride, takes=NewOverride, status=201, marked=True, conflicts=True,
        **_SHARED,
    ),
    Endpoint("GET", f"{_OVERRIDES}/{{place}}", "showOverride", "rules", "What one place wants",
             _show, gives=RuleOverride, marked=True),
    Endpoint(
        "PATCH", f"{_OVERRIDES}/{{place}}", "changeOverride", about="Another one there",
        do=_change, gives=RuleOverride, takes=ChangedOverride, marked=True, revised=True,
        **_SHARED,
    ),
    Endpoint("DELETE", f"{_OVERRIDES}/{{place}}", "removeOverride",
             about="As the file says again", do=_remove, revised=True, **_SHARED),
)  # fmt: skip
