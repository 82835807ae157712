"""A threshold tried out by program: what the last 30 days would have been; nothing is kept."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from alerts.overrides import Override
from alerts.rehearsal import Told
from web import rule_lines, rules
from web.api.problems import No
from web.api.rules import NewOverride, RuleOverride, shown, why
from web.api.table import Call, Endpoint, Reply
from web.rules import MAY_TUNE, the_rule, the_try, try_out
from web.tongue import gettext
from web.tries import Try


class Looked(Struct, frozen=True):
    """How often, and for how long in all."""

    times: int
    seconds: float


class TriedSite(Struct, frozen=True):
    """One site: as the rule is, and as it would be."""

    site: str
    now: Looked
    wanted: Looked


class RuleTry(Struct, frozen=True):
    """What 30 days would have been; `over`: all is looked at, or the time for it is.

    `sites`: those where it fires or would, 50 at most, the loudest first.
    """

    id: str
    rule: str
    wanted: RuleOverride
    over: bool
    cut: bool
    broken: bool
    looked: int
    of: int
    now: Looked
    then: Looked
    failed: Annotated[int, Meta(description="sites whose history could not be asked")]
    sites: tuple[TriedSite, ...]


def _try(call: Call) -> Reply:
    rule, asked = the_rule(call.path["name"]), call.body
    rules.check_mine(asked.scope)
    wanted = Override(rule.name, asked.scope, asked.threshold, asked.for_s, asked.off)
    try:
        made = try_out(rule, wanted)
    except Refused as refused:
        raise why(refused) from None
    if made is None:
        raise No(409, gettext("Many rules are being tried. Try again in a minute."))
    return Reply(_tried(made), location=f"/tries/{made.id}")


def _look(call: Call) -> Reply:
    return Reply(_tried(the_try(call.path["try"])))


def _tried(made: Try) -> RuleTry:
    rows = rule_lines.told(made.found, {})
    return RuleTry(
        made.id,
        made.rule.name,
        shown(made.wanted),
        made.over,
        made.cut,
        made.broken,
        made.looked,
        len(made.sites),
        _looked(made.found.total("now")),
        _looked(made.found.total("wanted")),
        len(made.found.failed),
        tuple(TriedSite(one.code, _looked(one.now), _looked(one.wanted)) for one in rows),
    )


def _looked(one: Told) -> Looked:
    return Looked(one.times, one.seconds)


_SHARED: dict[str, Any] = {"group": "rules", "roles": MAY_TUNE}
ENDPOINTS = (
    Endpoint(
        "POST", "/rules/{name}/tries", "tryRule",
        about="Look what 30 days would have been; nothing is kept", do=_try, gives=RuleTry,
        takes=NewOverride, status=201, conflicts=True, **_SHARED,
    ),
    Endpoint("GET", "/tries/{try}", "showTry", about="How far the looking is, and what it found",
             do=_look, gives=RuleTry, **_SHARED),
)  # fmt: skip
