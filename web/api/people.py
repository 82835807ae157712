"""Accounts by program: what an administrator may do on the page of people, within their areas."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from flask import request
from msgspec import Meta, Struct
from sqlalchemy import Connection

from agent.strict import Refused
from collector import api_tokens, second_steps
from collector.cli_common import iso
from collector.db import reading
from web import account_powers, accounts, people, peoplepage, reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, sliced
from web.api.table import Call, Endpoint, Param, Reply
from web.context import centre, me, now
from web.people import ROLES, User

_ADMINS = ("admin",)
_AREAS = Annotated[
    list[Annotated[str, Meta(max_length=60)]],
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
    email: Annotated[str, Meta(description="by which a provider knows the person")]
    local: Annotated[bool, Meta(description="a password opens it, too")]
    second_step: Annotated[bool, Meta(description="a code is asked for after the password")]
    signed_in_at: Time | None
    tokens: Annotated[int, Meta(description="how many of its tokens were not revoked or over")]
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


class Identity(Struct, forbid_unknown_fields=True):
    """By what a provider knows them; another address ends the binding to a person there."""

    email: Annotated[str, Meta(max_length=accounts.MOST_EMAIL)]
    local: bool = True


def _list(call: Call) -> Reply:
    words = call.query.get("q", "").casefold()
    found = [
        one
        for one in people.all_users(centre().store)
        if account_powers.sees(_admin(), one) and words in f"{one.name} {' '.join(one.areas)}"
    ]
    with reading(centre().store) as connection:
        known = _Beside.of(connection)
    return Reply(sliced(call, found, known.person, lambda one: (one.name,)))


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
    asked = (centre().store, _admin(), before.name, now(), before.rev)
    _done(before, call, lambda: made.append(accounts.reset(*asked, tokens=_ending(call, "revoke"))))
    return _link(made[0], _named(before.name))


def _lock(call: Call) -> Reply:
    before = _not_oneself("lock", call)
    asked = (centre().store, _admin(), before.name, now(), before.rev)
    return _done(before, call, lambda: accounts.lock(*asked, tokens=_ending(call, "keep")))


def _sign_out(call: Call) -> Reply:
    before = _known(call)
    asked = (centre().store, _admin(), before.name, now(), before.rev)
    return _done(before, call, lambda: accounts.sign_out(*asked, tokens=_ending(call, "revoke")))


def _ending(call: Call, usual: str) -> bool:
    found: str = call.query.get("tokens", usual)
    return found == "revoke"


def _identify(call: Call) -> Reply:
    before, asked = _known(call), call.body
    return _done(
        before,
        call,
        lambda: peoplepage.identify(_admin(), before.name, asked.email, asked.local, before.rev),
    )


def _remove_step(call: Call) -> Reply:
    before = _not_oneself("no_step", call)
    asked = (centre().store, _admin(), before.name, now(), before.rev)
    return _done(before, call, lambda: accounts.remove_step(*asked))


def _unlock(call: Call) -> Reply:
    before = _known(call)
    asked = (centre().store, _admin(), before.name, now(), before.rev)
    return _done(before, call, lambda: accounts.unlock(*asked))


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


@dataclass(frozen=True, slots=True)
class _Beside:
    """What accounts have beside their rows: how many tokens, and whose sign-in has two steps."""

    tokens: Mapping[str, int]
    steps: frozenset[str]

    @classmethod
    def of(cls, connection: Connection) -> Self:
        return cls(api_tokens.counts(connection, now()), second_steps.names(connection))

    def person(self, one: User) -> Person:
        told = (one.name, one.role, one.areas, one.language, one.state(now()))
        door = (one.email, one.local, one.name in self.steps, iso(one.signed_in_at))
        return Person(*told, *door, self.tokens.get(one.name, 0), str(one.rev))


def _person(one: User) -> Person:
    with reading(centre().store) as connection:
        return _Beside.of(connection).person(one)


def _told(one: User) -> Reply:
    return Reply(_person(one), str(one.rev))


def _link(path: str, one: User) -> Reply:
    address = (centre().settings.public_url or request.host_url).rstrip("/") + path
    return Reply(Invited(_person(one), address), str(one.rev))


_SHARED: dict[str, Any] = {"group": "people", "roles": _ADMINS, "marked": True}
_CHANGES: dict[str, Any] = _SHARED | {"revised": True, "conflicts": True, "gives": Person}


def _tokens(usual: str) -> tuple[Param, ...]:
    about = "what becomes of the account's tokens"
    return (params.choice("tokens", about, ("revoke", "keep"), usual),)


ENDPOINTS = (
    Endpoint(
        "GET", "/people", "listPeople", about="Accounts within the administrator's areas",
        do=_list, gives=Listed[Person], query=(
            params.words("words in name or areas"), *params.NAMED,
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
        about="End password and sessions, and tokens; the link to set a new one", do=_reset,
        query=_tokens("revoke"), **(_CHANGES | {"gives": Invited}),
    ),
    Endpoint(
        "POST", "/people/{name}/lock", "lockPerson",
        about="Nobody enters by it, and its tokens open nothing, until it is unlocked", do=_lock,
        query=_tokens("keep"), **_CHANGES,
    ),
    Endpoint("POST", "/people/{name}/unlock", "unlockPerson", about="Let it in again",
             do=_unlock, **_CHANGES),
    Endpoint(
        "POST", "/people/{name}/sign-out", "signOutPerson",
        about="End its sessions on every device, and its tokens", do=_sign_out,
        query=_tokens("revoke"), **_CHANGES,
    ),
    Endpoint(
        "POST", "/people/{name}/identify", "identifyPerson",
        about="By what a provider knows them, and whether a password opens it, too",
        do=_identify, takes=Identity, **_CHANGES,
    ),
    Endpoint(
        "POST", "/people/{name}/remove-step", "removePersonStep",
        about="It signs in without a second step; its sessions end", do=_remove_step, **_CHANGES,
    ),
)  # fmt: skip
