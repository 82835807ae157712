"""Agents by program: which there are, who waits, who is sent away, what is asked of one."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Connection

from agent.strict import Refused
from collector import agent_acts, agents, onboarding
from collector.cli_common import iso
from collector.db import reading, writing
from collector.granted import EVERY
from collector.intake import orders
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now, scope
from web.inventory.desk import by, may

_STATES = ("waiting", "active", "revoked")
_OUTSIDE = "lies outside your areas"


class Agent(Struct, frozen=True):
    """An agent as the console knows it; `grants`: for which places it speaks besides its own;
    `script`: it reports in lines, and nothing can be asked of it."""

    id: int
    site: str
    name: str
    release: str
    script: bool
    state: str
    enrolled_at: Time | None
    config_error: str
    grants: tuple[str, ...]


class Grants(Struct, forbid_unknown_fields=True):
    """Sites, areas, or * for every site; none: its own alone."""

    scopes: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=100)]


class Orders(Struct, forbid_unknown_fields=True):
    """Said to it with its next report."""

    do: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"enum": list(orders.KINDS)})]],
        Meta(min_length=1, max_length=len(orders.KINDS)),
    ]


def _list(call: Call) -> Reply:
    state = call.query.get("state", "")
    with reading(centre().store) as connection:
        known = agents.list_agents(connection)
    found = [one for one in known if scope().sees(one["site"]) and state in ("", one["state"])]
    return Reply(sliced(call, found, _shown, lambda one: (one["id"],)))


def _one(call: Call) -> Reply:
    with reading(centre().store) as connection:
        return _told(connection, _there(connection, call))


def _decide(call: Call, let_in: bool) -> Reply:
    with writing(centre().store) as connection:
        number = _there(connection, call)
        try:
            onboarding.decide(connection, number, let_in, now(), by())
        except Refused as refused:
            raise No(409, reasons.say(refused.problem)) from None
        return _told(connection, number)


def _approve(call: Call) -> Reply:
    return _decide(call, True)


def _send_away(call: Call) -> Reply:
    return _decide(call, False)


def _revoke(call: Call) -> Reply:
    with writing(centre().store) as connection:
        number = _there(connection, call)
        agent_acts.revoke(connection, number, now(), by())
        return _told(connection, number)


def _grant(call: Call) -> Reply:
    scopes = call.body.scopes
    with writing(centre().store) as connection:
        number = _there(connection, call)
        wrong = [
            Wrong(f"scopes[{place}]", _OUTSIDE)
            for place, one in enumerate(scopes)
            if not may("" if one == EVERY else one)
        ]
        if wrong:
            raise No(403, _OUTSIDE, *wrong)
        try:
            agent_acts.grant(connection, number, scopes, now(), by())
        except Refused as refused:
            gone = refused.place == "agent"
            raise No(409 if gone else 422, "", Wrong("scopes", refused.problem)) from None
        return _told(connection, number)


def _ask(call: Call) -> Reply:
    with writing(centre().store) as connection:
        number = _there(connection, call)
        try:
            orders.ask(connection, number, list(dict.fromkeys(call.body.do)), now(), by())
        except Refused as refused:
            gone = refused.place == "agent"
            raise No(409 if gone else 422, "", Wrong(refused.place, refused.problem)) from None
        return _told(connection, number)


def _there(connection: Connection, call: Call) -> int:
    number: int = call.path["number"]
    known = agents.find_agent(connection, number)
    if known is None or not scope().sees(known.site):
        raise No(404)
    return number


def _told(connection: Connection, number: int) -> Reply:
    known = agents.find_agent(connection, number)
    rows = agents.list_agents(connection, known.site if known else "")
    return Reply(_shown(next(one for one in rows if one["id"] == number)))


def _shown(one: Mapping[str, Any]) -> Agent:
    told = (one["id"], one["site"], one["name"], one["release"], one["script"], one["state"])
    seen = (iso(one["enrolled_at"]), one["config_error"], tuple(one["grants"]))
    return Agent(*told, *seen)


_SHARED: dict[str, Any] = {"group": "onboarding", "gives": Agent}
ENDPOINTS = (
    Endpoint(
        "GET", "/agents", "listAgents", "onboarding", "Agents, the first enrolled first", _list,
        gives=Listed[Agent], roles=EDITORS,
        query=(params.choice("state", "only those in this state", _STATES), *params.NUMBERED),
    ),
    Endpoint("GET", "/agents/{number}", "showAgent", about="One agent", do=_one, roles=EDITORS,
             **_SHARED),
    Endpoint(
        "POST", "/agents/{number}/approve", "approveAgent", about="Let an agent in that waits",
        do=_approve, roles=EDITORS, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "POST", "/agents/{number}/refuse", "refuseAgent", about="Send an agent away that waits",
        do=_send_away, roles=EDITORS, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "POST", "/agents/{number}/revoke", "revokeAgent", about="End it: its token is void at once",
        do=_revoke, roles=("admin",), **_SHARED,
    ),
    Endpoint(
        "PUT", "/agents/{number}/grants", "grantAgent",
        about="For which places it may speak besides its own site", do=_grant, takes=Grants,
        roles=("admin",), conflicts=True, **_SHARED,
    ),
    Endpoint(
        "POST", "/agents/{number}/ask", "askAgent", about="Have it do something with its next "
        "report", do=_ask, takes=Orders, roles=EDITORS, conflicts=True, **_SHARED,
    ),
)  # fmt: skip
