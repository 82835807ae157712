"""Sites as they are now: state, since when, why, and what is bad there."""

from bisect import bisect_right
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct

from alerts import incidents
from collector import standing, states
from collector.availability import Word
from collector.db import reading
from collector.standing import Standing
from collector.states import SiteState
from web.api import cursors, params
from web.api.problems import No
from web.api.shapes import Listed, Time, moment, page
from web.api.table import Call, Endpoint, Reply
from web.asked import LIFECYCLES, SILENCES, Asked
from web.context import centre, facts, now, scope
from web.labels import CAUSES, STATES

_MOST_INCIDENTS = 20


class Check(Struct, frozen=True):
    """The present verdict of one check."""

    name: str
    kind: str
    verdict: str
    reason: str
    since: Time


class Site(Struct, frozen=True):
    """One site as `ronda sites list --json` tells it."""

    code: str
    name: str
    district: str
    regency: str
    isp: str
    upstream: str
    lifecycle: str
    state: str
    since: Time | None
    cause: str
    last_report_age_s: float | None
    checks: tuple[Check, ...]


class Corrected(Struct, frozen=True):
    """The cause as a person knows it, beside what was guessed."""

    by: str
    at: Time
    why: str
    guess: str


class WholeSite(Site, frozen=True):
    """One site with what its state is known by."""

    reason: str
    confidence: float | None
    evidence: tuple[str, ...]
    source: Annotated[str, Meta(description="live, or the backlog that told it")]
    corrected: Corrected | None
    incidents: Annotated[tuple[int, ...], Meta(description="the open ones, the newest first")]


def _list(call: Call) -> Reply:
    asked, directory = _asked(call), facts().directory()
    chosen = directory.choose(asked, scope(), facts().numbers.last_reports(), now())
    places = np.sort(chosen.places)
    after = bisect_right(directory.codes, call.after(""))
    places = places[np.searchsorted(places, after) :]
    codes = [directory.codes[place] for place in places[: call.limit + 1].tolist()]
    with reading(centre().store) as connection:
        found = standing.of(connection, codes)
    body = page(found, call.limit, _site, lambda one: cursors.write(one.site.code))
    return Reply(body)


def _asked(call: Call) -> Asked:
    named = ("q", "state", "area", "isp", "cause", "silent")
    given = {name: call.query.get(name, "") for name in named}
    return Asked(**given, lifecycle=call.query.get("lifecycle", "active"), sort="area")


def _one(call: Call) -> Reply:
    code = call.path["code"]
    with reading(centre().store) as connection:
        found = standing.of(connection, [code]) if scope().sees(code) else []
        if not found:
            raise No(404)
        held = next(iter(states.current(connection, [code])), None)
        near = incidents.of_site(connection, code, _MOST_INCIDENTS)
    still = tuple(one.id for one in near if not one.over)
    told = _told(found[0])
    return Reply(WholeSite(**told, **_why(found[0], held), incidents=still))


def _why(one: Standing, held: SiteState | None) -> dict[str, Any]:
    if held is None:
        nothing = {"confidence": None, "evidence": (), "source": "", "corrected": None}
        return {"reason": one.reason, **nothing}
    word = held.word
    return {
        "reason": held.reason,
        "confidence": held.confidence if held.cause else None,
        "evidence": held.evidence,
        "source": held.source,
        "corrected": None if word is None else _word(word),
    }


def _word(word: Word) -> Corrected:
    return Corrected(word.by, moment(word.at), word.note, word.cause)


def _site(one: Standing) -> Site:
    return Site(**_told(one))


def _told(one: Standing) -> dict[str, Any]:
    told = one.as_json(facts().numbers.last_report(one.site.row), now())
    return told | {"checks": tuple(Check(**check) for check in told["checks"])}


_FILTERS = (
    params.words("words in name, code, district or provider"),
    params.AREA,
    params.choice("state", "only those in this state", STATES),
    params.choice("cause", "only those of this cause", CAUSES),
    params.text("isp", "only those of this provider"),
    params.choice("lifecycle", "planned, in operation, retired", LIFECYCLES, "active"),
    params.choice("silent", "not heard for so long", tuple(SILENCES)),
    params.cursor(lambda text: cursors.words(1, text)),
    params.LIMIT,
)
ENDPOINTS = (
    Endpoint(
        "GET", "/sites", "listSites", "sites", "Sites as they are now, by code", _list,
        gives=Listed[Site], query=_FILTERS,
    ),
    Endpoint(
        "GET", "/sites/{code}", "showSite", "sites", "One site, and how its state is known", _one,
        gives=WholeSite,
    ),
)  # fmt: skip
