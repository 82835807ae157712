"""Villages set to work by program: how far each is, codes to enrol with."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from collector import inventory, onboarding
from collector.authority import code_suffix
from collector.db import reading, writing
from web.api import cursors, params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, page
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, facts, now, scope
from web.inventory.desk import by

_DAY_S = 86400.0


class Readiness(Struct, frozen=True):
    """One site with the steps that it has taken."""

    site: str
    name: str
    steps: tuple[str, ...]
    ready: bool


class Target(Struct, forbid_unknown_fields=True):
    """The day by which all should be ready; null: none."""

    day: Annotated[date | None, Meta(description="2026-12-31")]


class Wish(Struct, forbid_unknown_fields=True):
    """Sites that a code is wanted for."""

    sites: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=400)]
    approval: Annotated[bool, Meta(description="the agent waits until somebody lets it in")] = False
    activate: Annotated[bool, Meta(description="a planned site is in operation now")] = False
    swap: Annotated[
        bool, Meta(description="sites may have an agent: another box comes in its place")
    ] = False


class Code(Struct, frozen=True):
    """A code; it is told this once."""

    site: str
    code: str
    expires_at: Time


def _readiness(call: Call) -> Reply:
    limit, after = call.limit, call.after("")
    area = call.query.get("area", "")
    with reading(centre().store) as connection:
        there = sorted(inventory.sites(connection, area=area), key=lambda site: site.code)
        chosen = [s for s in there if s.watched and scope().sees(s.code)]
        some = [site for site in chosen if site.code > after][: limit + 1]
        last = facts().numbers.last_reports().tolist()
        heard = {row: at for row, at in enumerate(last) if at > 0}
        steps = onboarding.ladder(connection, some, heard, now()) if some else {}
    body = page(
        some, limit, lambda site: _ready(site.code, site.name, steps[site.code]),
        lambda site: cursors.write(site.code),
    )  # fmt: skip
    return Reply(body)


def _ready(code: str, name: str, steps: frozenset[str]) -> Readiness:
    took = tuple(step for step in onboarding.STEPS if step in steps)
    return Readiness(code, name, took, len(took) == len(onboarding.STEPS))


def _target(_call: Call) -> Reply:
    with reading(centre().store) as connection:
        return Reply(Target(onboarding.target(connection)))


def _set_target(call: Call) -> Reply:
    with writing(centre().store) as connection:
        onboarding.set_target(connection, call.body.day, now(), by())
    return Reply(call.body)


def _codes(call: Call) -> Reply:
    wish: Wish = call.body
    settings = centre().settings
    days = float(settings.code_days)
    with writing(centre().store) as connection:
        open_to = onboarding.to_equip if wish.swap else onboarding.without_agent
        free = {s.code: s for s in open_to(connection) if scope().sees(s.code)}
        wrong = [
            Wrong(f"sites[{place}]", "is no site without an agent")
            for place, code in enumerate(wish.sites)
            if code not in free
        ]
        if wrong:
            raise No(422, "no code was made", *wrong)
        chosen = [free[code] for code in dict.fromkeys(wish.sites)]
        made = onboarding.hand_out(
            connection, chosen, days, wish.approval, wish.activate, now(), by()
        )
    suffix, until = code_suffix(settings), moment(now() + days * _DAY_S)
    return Reply(Listed([Code(site.code, code + suffix, until) for site, code in made], None))


_CODE = params.cursor(lambda text: cursors.words(1, text))
ENDPOINTS = (
    Endpoint(
        "GET", "/readiness", "listReadiness", "onboarding",
        "Sites not retired, with the steps each has taken", _readiness, gives=Listed[Readiness],
        roles=EDITORS, query=(params.AREA, _CODE, params.LIMIT),
    ),
    Endpoint(
        "GET", "/readiness/target", "showTarget", "onboarding",
        "The day by which all should be ready", _target, gives=Target, roles=EDITORS,
    ),
    Endpoint(
        "PUT", "/readiness/target", "setTarget", "onboarding", "Another day, or none",
        _set_target, gives=Target, takes=Target, roles=("admin",), everywhere=True,
    ),
    Endpoint(
        "POST", "/codes", "addCodes", "onboarding",
        "New codes to enrol with, for sites without an agent; nobody can show them again", _codes,
        gives=Listed[Code], takes=Wish, roles=EDITORS, status=201,
    ),
)  # fmt: skip
