"""What else is known of one site: its states of the past, and what its agents are told to do."""

from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from collector import states
from collector.availability import Interval
from collector.configured import Configured, Part, Running
from collector.db import reading
from collector.inventory import recodes
from web.api import cursors, params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, page, sliced
from web.api.table import Call, Endpoint, Param, Reply
from web.context import centre, facts, now, scope
from web.sites import the_site

_DAY_S = 86400.0
LONGEST_S = 400 * _DAY_S


class Spell(Struct, frozen=True):
    """A state, from when to when (null: it still holds), and how it is known."""

    since: Time
    until: Time | None
    state: str
    reason: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    source: Annotated[str, Meta(description="live, backlog, person")]


class ToldCheck(Struct, frozen=True):
    """One check that agents get; `of`: the place its row names, null for a standard one."""

    name: str
    kind: str
    of: str | None
    site: Annotated[str, Meta(description="another site that it speaks of")]
    settings: dict[str, Any]
    withheld: Annotated[str, Meta(description="why the agents do not get it")]


class RunningAgent(Struct, frozen=True):
    """How far one agent is with it."""

    agent: int
    name: str
    state: Annotated[str, Meta(description="current, waiting, refused, untold")]
    runs: str
    reason: str
    since: Time | None


class Configuration(Struct, frozen=True):
    """What a site's agents are told to do; passwords stand in it by their names."""

    tag: str
    cadences: dict[str, Any]
    checks: tuple[ToldCheck, ...]
    off: Annotated[tuple[str, ...], Meta(description="services that are not checked here")]
    agents: tuple[RunningAgent, ...]


class Alias(Struct, frozen=True):
    """A code of before, and the one it leads to."""

    old: str
    new: str


def _states(call: Call) -> Reply:
    site = the_site(call.path["code"])
    start, end = call.query.get("from", now() - 90 * _DAY_S), call.query.get("to", now())
    if not 0 < end - start <= LONGEST_S:
        raise No(422, "", Wrong("to", "must be after `from`, 400 days at most"))
    with reading(centre().store) as connection:
        spells = states.timeline(connection, site.code, start, end)
    after = call.query.get("cursor")
    rest = [one for one in spells if after is None or one.since > after[0]]
    return Reply(page(rest, call.limit, _stretch, lambda one: cursors.write(one.since)))


def _stretch(one: Interval) -> Spell:
    until = None if one.until is None else moment(one.until)
    said = (one.state, one.reason, one.cause, one.confidence, one.evidence, one.source)
    return Spell(moment(one.since), until, *said)


def _configuration(call: Call) -> Reply:
    code = the_site(call.path["code"]).code
    return Reply(_configured(facts().told(code, centre().settings)))


def _configured(found: Configured) -> Configuration:
    checks, agents = map(_part, found.checks), map(_running, found.agents)
    return Configuration(found.etag, dict(found.cadences), tuple(checks), found.off, tuple(agents))


def _part(one: Part) -> ToldCheck:
    return ToldCheck(one.name, one.kind, one.of, one.site, dict(one.settings), one.withheld)


def _running(one: Running) -> RunningAgent:
    since = None if one.since is None else moment(one.since)
    return RunningAgent(one.agent, one.name, one.state, one.runs, one.reason, since)


def _aliases(call: Call) -> Reply:
    found = sorted(_known().items())
    return Reply(sliced(call, found, lambda one: Alias(*one), lambda one: (one[0],)))


def _alias(call: Call) -> Reply:
    new = _known().get(call.path["old"])
    if new is None:
        raise No(404)
    return Reply(Alias(call.path["old"], new))


def _known() -> dict[str, str]:
    """Old codes that lead to where the caller may look."""
    with reading(centre().store) as connection:
        found = recodes.aliases(connection)
    return {old: new for old, new in found.items() if scope().sees(new)}


def _at(text: str) -> float:
    try:
        told = datetime.fromisoformat(text)
        at = told.replace(tzinfo=told.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        at = -1.0
    if not 0 <= at <= 1e11:
        raise ValueError("must be a time such as 2026-11-29T08:00:00Z")
    return at


def _time(name: str, about: str) -> Param:
    return Param(name, about, _at, {"type": "string", "format": "date-time"})


ENDPOINTS = (
    Endpoint(
        "GET", "/sites/{code}/states", "listStates", "sites",
        "Its states over time with their causes, the oldest first", _states,
        gives=Listed[Spell],
        query=(_time("from", "left out: 90 days ago"), _time("to", "left out: now"),
               *params.NUMBERED),
    ),
    Endpoint(
        "GET", "/sites/{code}/configuration", "showConfiguration", "sites",
        "What its agents are told to do, and how far they are", _configuration,
        gives=Configuration,
    ),
    Endpoint(
        "GET", "/aliases", "listAliases", "sites", "Codes of before a split, by old code",
        _aliases, gives=Listed[Alias], query=params.NAMED,
    ),
    Endpoint("GET", "/aliases/{old}", "showAlias", "sites", "Where an old code leads", _alias,
             gives=Alias),
)  # fmt: skip
