"""Who a person is in the rows: an account, rows of contacts, and the addresses that are theirs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from collector.inventory import people_rows, recodes
from collector.inventory.cells import phone
from collector.inventory.people_rows import Key
from collector.inventory.scope import Scope
from collector.schema import contacts

MOST_ADDRESSES = 10
# of these a person is known again; an address of a program may be everybody's
_OWN = ("whatsapp", "telegram", "sms", "email")


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of contacts that may be a person's."""

    scope: str
    name: str
    role: str
    ways: tuple[str, ...]
    # codes that the scope had before
    former: tuple[str, ...] = ()
    # scope and name of before somebody called the person otherwise
    before: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.scope}/{self.name}"

    @property
    def scopes(self) -> tuple[str, ...]:
        """The code of today and those of before, as older acts have them."""
        return (self.scope, *self.former)

    @property
    def places(self) -> set[str]:
        """All scopes that acts about the person may name."""
        return {*self.scopes, *(scope for scope, _ in self.before)}

    @property
    def keys(self) -> list[str]:
        now = [(scope, self.name) for scope in self.scopes]
        return [f"{scope}/{name}" for scope, name in (*now, *self.before)]

    @property
    def names(self) -> list[str]:
        """What the person is called, and was."""
        return list(dict.fromkeys([self.name, *(name for _, name in self.before)]))


@dataclass(frozen=True, slots=True)
class Person:
    """One person: `account` may be empty, `contacts` may be none."""

    account: str = ""
    contacts: tuple[Listed, ...] = ()
    addresses: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """What contacts of theirs are called."""
        return frozenset(name for one in self.contacts for name in one.names)

    @property
    def nobody(self) -> bool:
        return not self.account and not self.contacts and not self.addresses


def spelled(text: str) -> str:
    """An address as contacts have it: telephone numbers with their country, e-mail in small."""
    text = text.strip()
    if "@" in text:
        return text.lower()
    try:
        return phone(text)
    except ValueError:
        return text


def spelled_all(text: str) -> list[str]:
    """The addresses of a form, one a line or with commas between."""
    parts = text.replace(",", "\n").replace(";", "\n").splitlines()
    return list(dict.fromkeys(filter(None, map(spelled, parts))))[:MOST_ADDRESSES]


def found_by(connection: Connection, addresses: Iterable[str]) -> list[Listed]:
    """Rows of contacts with one of these addresses, by scope and name."""
    wanted = frozenset(addresses)
    if not wanted:
        return []
    everybody = all_listed(connection)
    return [one for one in everybody if wanted & {spelled(way) for way in one.ways}]


def all_listed(connection: Connection) -> list[Listed]:
    """Every row of contacts, by scope and name."""
    rows = connection.execute(select(contacts).order_by(contacts.c.scope, contacts.c.name))
    former: dict[str, list[str]] = {}
    for old, new in recodes.aliases(connection).items():
        former.setdefault(new, []).append(old)
    called = people_rows.called_before(connection)
    return [_listed(row._mapping, sorted(former.get(row.scope, ())), called) for row in rows]


def person(account: str, listed: Sequence[Listed], addresses: Iterable[str]) -> Person:
    """With all addresses that their rows have."""
    theirs = {way for one in listed for way in one.ways} | set(addresses)
    return Person(account, tuple(listed), frozenset(theirs))


def inside(listed: Sequence[Listed], scope: Scope) -> list[Listed]:
    """Those that somebody of this scope may see."""
    return [one for one in listed if scope.everything or (one.scope and scope.sees(one.scope))]


def _listed(
    row: Mapping[Any, Any], former: Sequence[str], called: Mapping[Key, Sequence[Key]]
) -> Listed:
    # acts of before a recoding have the codes of then
    mine = [(scope, row["name"]) for scope in (row["scope"], *former)]
    before = tuple(old for key in mine for old in called.get(key, ()))
    ways = tuple(row[name] for name in _OWN if row[name])
    return Listed(row["scope"], row["name"], row["role"], ways, tuple(former), before)
