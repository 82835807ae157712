"""Webhooks by program: addresses, such as of a ticket system, that hear of incidents."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from agent.strict import Refused
from alerts import webhooks
from alerts.webhooks import LONGEST_SECRET, Wanted, Webhook
from collector.db import reading, writing
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import Call, Endpoint, Reply
from web.context import centre, now
from web.inventory.desk import by
from web.webhooks import OUTSIDE, bare, key, mine, tried, within

_ADMINS = ("admin",)
_Areas = Annotated[
    list[Annotated[str, Meta(max_length=60)]],
    Meta(max_length=100, description="codes; none: all that the token has"),
]
_Secret = Annotated[
    str, Meta(max_length=LONGEST_SECRET, description="16 characters or more; empty: a new one")
]
_Name = Annotated[str, Meta(min_length=1, max_length=60)]
_Url = Annotated[str, Meta(min_length=1, max_length=2000, description="http:// or https://")]


class Hook(Struct, frozen=True):
    """One address that hears; `readable`: its secret can be opened by this centre."""

    id: int
    name: str
    url: Annotated[str, Meta(description="without a password that stands in it")]
    areas: tuple[str, ...]
    active: bool
    readable: bool
    by: str
    created_at: Time


class Made(Struct, frozen=True):
    """A webhook with its secret, which is told this once."""

    webhook: Hook
    secret: str


class NewHook(Struct, forbid_unknown_fields=True):
    name: _Name
    url: _Url
    areas: _Areas = []
    secret: _Secret = ""


class ChangedHook(Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: _Name | UnsetType = UNSET
    url: _Url | UnsetType = UNSET
    areas: _Areas | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    secret: _Secret | UnsetType = UNSET


class Trial(Struct, frozen=True):
    """Whether a trial message was taken, and what the other side said."""

    taken: bool
    said: str


def _list(call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = [one for one in webhooks.listing(connection) if mine(one)]
    return Reply(sliced(call, found, _shown, lambda one: (one.name,)))


def _one(call: Call) -> Reply:
    return _told(_there(call))


def _add(call: Call) -> Reply:
    asked: NewHook = call.body
    wanted = Wanted(asked.name, asked.url, _areas(asked.areas), secret=asked.secret)
    try:
        with writing(centre().store) as connection:
            number, secret = webhooks.add(connection, key(), wanted, now(), by())
            made = webhooks.find(connection, number)
    except Refused as refused:
        raise _why(refused) from None
    assert made is not None
    return Reply(Made(_shown(made), secret), str(made.rev), f"/webhooks/{number}")


def _change(call: Call) -> Reply:
    before = _seen(call)
    given = {n: v for n in call.body.__struct_fields__ if (v := getattr(call.body, n)) is not UNSET}
    if "areas" in given:
        given["areas"] = _areas(given["areas"])
    same: dict[str, Any] = {n: getattr(before, n) for n in ("name", "url", "areas", "active")}
    try:
        with writing(centre().store) as connection:
            wanted = Wanted(**(same | given))
            if not webhooks.change(connection, key(), before, wanted, now(), by()):
                raise _stale(_there(call))
    except Refused as refused:
        raise _why(refused) from None
    return _told(_there(call))


def _remove(call: Call) -> Reply:
    before = _seen(call)
    with writing(centre().store) as connection:
        if not webhooks.remove(connection, before, now(), by()):
            raise _stale(_there(call))
    return Reply()


def _try(call: Call) -> Reply:
    return Reply(Trial(*tried(_there(call))))


def _areas(asked: list[str]) -> tuple[str, ...]:
    """Within the token's own; none are all of them."""
    try:
        return within(asked)
    except Refused as refused:
        if refused.problem == OUTSIDE:
            raise No(403, OUTSIDE, Wrong("areas", OUTSIDE)) from None
        raise No(422, "", Wrong(refused.place, refused.problem)) from None


def _there(call: Call) -> Webhook:
    with reading(centre().store) as connection:
        found = webhooks.find(connection, call.path["number"])
    if found is None or not mine(found):
        raise No(404)
    return found


def _seen(call: Call) -> Webhook:
    found = _there(call)
    if str(found.rev) != call.revision:
        raise _stale(found)
    return found


def _stale(found: Webhook) -> No:
    told = {"name": found.name, "areas": list(found.areas), "active": found.active}
    return No(412, "somebody changed it meanwhile", mark=str(found.rev), current=told)


def _why(refused: Refused) -> No:
    said = reasons.say(refused.problem)
    there = refused.place == "most" or refused.problem.endswith(" is there already")
    return No(409 if there else 422, said, Wrong(refused.place, said))


def _shown(one: Webhook) -> Hook:
    told = (one.id, one.name, bare(one.url), one.areas, one.active)
    return Hook(*told, one.secret(key()) is not None, one.by, moment(one.created_at))


def _told(one: Webhook) -> Reply:
    return Reply(_shown(one), str(one.rev))


_SHARED: dict[str, Any] = {"group": "webhooks", "roles": _ADMINS}
ENDPOINTS = (
    Endpoint("GET", "/webhooks", "listWebhooks", about="Addresses that hear of incidents",
             do=_list, gives=Listed[Hook], query=params.NAMED, **_SHARED),
    Endpoint(
        "POST", "/webhooks", "addWebhook", about="A new address; its secret is told this once",
        do=_add, gives=Made, takes=NewHook, status=201, marked=True, conflicts=True, **_SHARED,
    ),
    Endpoint("GET", "/webhooks/{number}", "showWebhook", about="One address", do=_one, gives=Hook,
             marked=True, **_SHARED),
    Endpoint(
        "PATCH", "/webhooks/{number}", "changeWebhook", about="Another address, areas, secret; off",
        do=_change, gives=Hook, takes=ChangedHook, revised=True, marked=True, conflicts=True,
        **_SHARED,
    ),
    Endpoint("DELETE", "/webhooks/{number}", "removeWebhook", about="It hears nothing any more",
             do=_remove, revised=True, **_SHARED),
    Endpoint("POST", "/webhooks/{number}/test", "tryWebhook", about="Send a trial now", do=_try,
             gives=Trial, **_SHARED),
)  # fmt: skip
