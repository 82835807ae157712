"""Accounts by program: what an administrator may do on the page of people, within their areas."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from flask import request
from msgspec import Meta, Struct

from agent.strict import Refused
from web import account_powers, accounts, people, reasons
from web.api import cursors, params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, page
from web.api.table import Call, Endpoint, Reply
from web.context import centre, me, now
from web.people import ROLES, User

_ADMINS = ("admin",)
_AREAS = Annotated[
    list[Annotated[str, Meta(max_length=20)]],
    Meta(max_length=100, description="codes; none: all that the giver has"),
]
_Role = Annotated[str, Meta(extra_json_schema={"enum": list(ROLES)})]


class Person(Struct, frozen=True):
    """One account; no areas: everywhere."""

    name: str
    role: str
    areas: tuple[str, ...]
    language: str
    state: Annotated[str, Meta(description="active, locked, or waiting for its link to be used")]
    mark: str


class Invited(Struct, frozen=True):
    """An account, and the link that lets its owner set a password; it is told this once."""

    person: Person
    link: str


class Invitation(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2, max_length=60)]
    role: _Role
    areas: _AREAS = []


class Change(Struct, forbid_unknown_fields=True):
    role: _Role
    areas: _AREAS


def _list(call: Call) -> Reply:
    limit, after = call.query.get("limit", params.USUAL), call.query.get("cursor", ("",))[0]
    words = call.query.get("q", "").casefold()
    found = [
        one
        for one in sorted(people.all_users(centre().store), key=lambda one: one.name)
        if one.name > after
        and account_powers.sees(_admin(), one)
        and words in f"{one.name} {' '.join(one.areas)}"
    ]
    return Reply(page(found, limit, _person, lambda one: cursors.write(one.name)))


def _one(call: Call) -> Reply:
    return _told(_known(call))


def _invite(call: Call) -> Reply:
    asked: Invitation = call.body
    areas = asked.areas or list(_admin().areas)
    try:
        path = accounts.add(centre().store, _admin(), asked.name, asked.role, areas, now())
    except Refused as refused:
        raise _why(refused) from None
    person = _named(people.checked_name(asked.name))
    reply = _link(path, person)
    return Reply(reply.body, reply.mark, f"/people/{person.name}")


def _change(call: Call) -> Reply:
    before, asked = _known(call), call.body
    areas = asked.areas or list(_admin().areas)
    return _done(
        before,
        call,
        lambda: accounts.change(
            centre().store, _admin(), before.name, asked.role, areas, now(), before.rev
        ),
    )


def _reset(call: Call) -> Reply:
    before, made = _not_oneself("reset", call), list[str]()
    store = centre().store
    _done(
        before,
        call,
        lambda: made.append(accounts.reset(store, _admin(), before.name, now(), before.rev)),
    )
    return _link(made[0], _named(before.name))


def _act(verb: str, call: Call) -> Reply:
    before = _not_oneself(verb, call)
    does: Callable[..., None] = getattr(accounts, verb)
    return _done(
        before, call, lambda: does(centre().store, _admin(), before.name, now(), before.rev)
    )


def _not_oneself(verb: str, call: Call) -> User:
    found = _known(call)
    if found.name == _admin().name and verb in account_powers.NOT_TO_ONESELF:
        raise No(409, "not to oneself: ask another administrator")
    return found


def _done(before: User, call: Call, does: Callable[[], object]) -> Reply:
    """Do it to the account as the caller saw it, and show what it is now."""
    if call.revision != str(before.rev):
        told = {"name": before.name, "role": before.role, "areas": list(before.areas)}
        said = reasons.say("somebody changed this account meanwhile")
        raise No(412, said, mark=str(before.rev), current=told)
    try:
        does()
    except Refused as refused:
        raise _why(refused) from None
    return _told(_named(before.name))


def _why(refused: Refused) -> No:
    said = reasons.say(refused.problem)
    if refused.place == "rev":
        return No(412, said)
    taken = refused.problem.endswith(" is taken") or refused.place in ("last", "locked")
    field = {"area": "areas"}.get(refused.place, refused.place)
    return No(409 if taken else 422, said, Wrong(field, said))


def _known(call: Call) -> User:
    """An account that this administrator may know of; there is no other."""
    name = call.path["name"]
    found = people.user(centre().store, name) if people.is_name(name) else None
    if found is None or not account_powers.sees(_admin(), found):
        raise No(404)
    return found


def _named(name: str) -> User:
    found = people.user(centre().store, name)
    if found is None:
        raise No(404)
    return found


def _admin() -> User:
    user = me()
    assert user is not None
    return user


def _person(one: User) -> Person:
    return Person(one.name, one.role, one.areas, one.language, one.state(now()), str(one.rev))


def _told(one: User) -> Reply:
    return Reply(_person(one), str(one.rev))


def _link(path: str, one: User) -> Reply:
    address = (centre().settings.public_url or request.host_url).rstrip("/") + path
    return Reply(Invited(_person(one), address), str(one.rev))


_SHARED: dict[str, Any] = {"group": "people", "roles": _ADMINS, "marked": True}
_CHANGES: dict[str, Any] = _SHARED | {"revised": True, "conflicts": True, "gives": Person}


def _verb(verb: str, about: str) -> Endpoint:
    path = f"/people/{{name}}/{verb.replace('_', '-')}"
    name = f"{verb.replace('_', ' ').title().replace(' ', '')}Person"
    do = partial(_act, verb)
    return Endpoint("POST", path, name[0].lower() + name[1:], about=about, do=do, **_CHANGES)


ENDPOINTS = (
    Endpoint(
        "GET", "/people", "listPeople", about="Accounts within the administrator's areas",
        do=_list, gives=Listed[Person], query=(
            params.words("words in name or areas"),
            params.cursor(lambda text: cursors.words(1, text)), params.LIMIT,
        ), **(_SHARED | {"marked": False}),
    ),
    Endpoint(
        "POST", "/people", "invitePerson", about="A new account, and the link that opens it",
        do=_invite, gives=Invited, takes=Invitation, status=201, conflicts=True, **_SHARED,
    ),
    Endpoint("GET", "/people/{name}", "showPerson", about="One account", do=_one, gives=Person,
             **_SHARED),
    Endpoint(
        "PATCH", "/people/{name}", "changePerson",
        about="Another role or other areas; sessions end", do=_change, takes=Change, **_CHANGES,
    ),
    Endpoint(
        "POST", "/people/{name}/reset", "resetPerson",
        about="End password and sessions; the link to set a new one", do=_reset,
        **(_CHANGES | {"gives": Invited}),
    ),
    _verb("lock", "Nobody enters by it until it is unlocked"),
    _verb("unlock", "Let it in again"),
    _verb("sign_out", "End its sessions on every device"),
)  # fmt: skip
