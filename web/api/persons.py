"""A person's data by program (UU 27/2022): found, given as a file, erased as it was planned."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from collector import erasing
from collector.db import reading
from collector.persons import Listed as ContactOf
from collector.persons import Person
from web import persons
from web.api.problems import No, Wrong
from web.api.table import Call, Endpoint, Reply, Schema
from web.context import centre

_Name = Annotated[str, Meta(max_length=100, description="of an account; empty: of none")]
_Addresses = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=200)]],
    Meta(max_length=20, description="telephone numbers, chats, e-mail"),
]
_Contacts = Annotated[
    list[Annotated[str, Meta(max_length=300)]],
    Meta(max_length=200, description="keys of `find`: those that are this person's"),
]


class Sought(Struct, forbid_unknown_fields=True):
    """An account, addresses, or both."""

    account: _Name = ""
    addresses: _Addresses = []


class Chosen(Struct, forbid_unknown_fields=True):
    """The same, with those rows of contacts that are this person's."""

    contacts: _Contacts
    account: _Name = ""
    addresses: _Addresses = []


class Erased(Struct, forbid_unknown_fields=True):
    """The same once more, with what `plan` said has to be written."""

    contacts: _Contacts
    confirm: Annotated[str, Meta(min_length=1, max_length=300)]
    account: _Name = ""
    addresses: _Addresses = []


class ContactFound(Struct, frozen=True):
    """A row of contacts that may be theirs."""

    key: str
    scope: str
    name: str
    role: str
    ways: tuple[str, ...]


class PersonFound(Struct, frozen=True):
    """Who is known by this."""

    account: str
    addresses: tuple[str, ...]
    contacts: tuple[ContactFound, ...]


class ErasurePlan(Struct, frozen=True):
    """What erasing would do: rows that go, rows that keep a pseudonym; `confirm`: to be written."""

    confirm: str
    goes: dict[str, int]
    stays: dict[str, int]
    alone: Annotated[tuple[str, ...], Meta(description="places without a contact after it")]
    undoable: Annotated[int, Meta(description="imports that can be undone no more")]


class ErasureDone(Struct, frozen=True):
    """What they are called in what stays; `problem`: what a restore might bring back."""

    pseudonym: str
    problem: str


def _find(call: Call) -> Reply:
    asked: Sought = call.body
    person, listed = _sought(asked.account, asked.addresses, None)
    found = tuple(_contact(one) for one in listed)
    return Reply(PersonFound(person.account, tuple(sorted(person.addresses)), found))


def _give(call: Call) -> Reply:
    return Reply(persons.given(_chosen(call)).encode())


def _plan(call: Call) -> Reply:
    person = _chosen(call)
    with reading(centre().store) as connection:
        found = erasing.plan(connection, person)
    told = (dict(found.goes), dict(found.stays), found.alone, found.undoable)
    return Reply(ErasurePlan(persons.confirmation(person), *told))


def _erase(call: Call) -> Reply:
    person = _chosen(call)
    if call.body.confirm.strip() != persons.confirmation(person):
        raise No(422, "nothing was erased", Wrong("confirm", "is not what `plan` said"))
    try:
        return Reply(ErasureDone(*persons.erase(person)))
    except Refused as refused:
        raise No(409, persons.why(refused)) from None


def _chosen(call: Call) -> Person:
    asked: Chosen | Erased = call.body
    person, listed = _sought(asked.account, asked.addresses, frozenset(asked.contacts))
    known = {one.key for one in listed}
    wrong = [
        Wrong(f"contacts[{place}]", "is no row of this person's")
        for place, key in enumerate(asked.contacts)
        if key not in known
    ]
    if wrong:
        raise No(422, "", *wrong)
    return person


def _sought(
    account: str, addresses: list[str], chosen: frozenset[str] | None
) -> tuple[Person, list[ContactOf]]:
    try:
        person, listed = persons.sought(account, "\n".join(addresses), chosen)
    except Refused as refused:
        raise No(422, persons.why(refused), Wrong("account", persons.why(refused))) from None
    if person.nobody:
        raise No(422, "nobody is known by this")
    return person, listed


def _contact(one: ContactOf) -> ContactFound:
    return ContactFound(one.key, one.scope, one.name, one.role, one.ways)


_FILE = Schema("PersonFile", {"type": "object", "required": ["form", "person", "held"]})
_SHARED: dict[str, Any] = {"group": "persons", "roles": ("admin",)}
ENDPOINTS = (
    Endpoint("POST", "/persons/find", "findPerson", about="Who is known by this, within one's "
             "areas", do=_find, gives=PersonFound, takes=Sought, **_SHARED),
    Endpoint("POST", "/persons/file", "givePersonFile", about="Everything held about them as one "
             "file", do=_give, gives=_FILE, takes=Chosen, **_SHARED),
    Endpoint("POST", "/persons/plan", "planErasure", about="What erasing them would do",
             do=_plan, gives=ErasurePlan, takes=Chosen, **_SHARED),
    Endpoint("POST", "/persons/erase", "erasePerson", about="Erase them, for ever", do=_erase,
             gives=ErasureDone, takes=Erased, conflicts=True, **_SHARED),
)  # fmt: skip
