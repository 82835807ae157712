"""A trial message to the people of a place, by program, and who said that it came."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from alerts import rollcall
from alerts.rollcall import Asked, State
from collector.cli_common import iso
from collector.db import reading
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre
from web.inventory.desk import may
from web.inventory.rollcall import send


class TrialCall(Struct, frozen=True):
    """The newest trial of the caller's places: how many of those asked are how far."""

    id: int
    at: Time
    by: str
    asked: int
    states: Annotated[dict[str, int], Meta(description=", ".join(State))]


class Heard(Struct, frozen=True):
    """One person who was asked; `answer`: what the gateway said where it failed."""

    scope: str
    person: str
    state: Annotated[str, Meta(extra_json_schema={"enum": list(State)})]
    at: Time | None
    channel: str
    answer: str


class NewTrial(Struct, forbid_unknown_fields=True):
    area: Annotated[
        str, Meta(max_length=20, description="only there; left out: all of the caller's places")
    ] = ""


def _one(_call: Call) -> Reply:
    return Reply(_shown(_newest()))


def _people(call: Call) -> Reply:
    found = _newest().asked
    return Reply(sliced(call, found, _heard, lambda one: (one.scope, one.person)))


def _ask(call: Call) -> Reply:
    try:
        send(call.body.area.strip())
    except Refused as refused:
        said = reasons.say(refused.problem)
        field = "area" if refused.place == "contacts" else refused.place
        raise No(409, said, Wrong(field, said)) from None
    return Reply(_shown(_newest()), location="/trial")


def _newest() -> rollcall.Call:
    with reading(centre().store) as connection:
        found = rollcall.newest(connection, may)
    if found is None:
        raise No(404, "nobody was asked yet")
    return found


def _shown(one: rollcall.Call) -> TrialCall:
    states = {str(state): one.count(state) for state in State}
    return TrialCall(one.number, moment(one.at), one.by, len(one.asked), states)


def _heard(one: Asked) -> Heard:
    return Heard(one.scope, one.person, one.state, iso(one.at), one.channel, one.answer)


_SHARED: dict[str, Any] = {"group": "onboarding", "roles": EDITORS}
ENDPOINTS = (
    Endpoint("GET", "/trial", "showTrial", about="The newest trial message, and how far it is",
             do=_one, gives=TrialCall, found=True, **_SHARED),
    Endpoint(
        "POST", "/trial", "sendTrial", about="Send a trial message to everybody in a place",
        do=_ask, gives=TrialCall, takes=NewTrial, status=201, conflicts=True, **_SHARED,
    ),
    Endpoint(
        "GET", "/trial/people", "listTrialPeople", about="Everybody who was asked", do=_people,
        gives=Listed[Heard], query=params.PAIRED, found=True, **_SHARED,
    ),
)  # fmt: skip
