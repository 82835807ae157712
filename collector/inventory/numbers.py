"""Numbers that people search for: of contracts and of telephones, and whose they are."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from sqlalchemy import Column, Connection, select

from collector.schema import contacts, uplinks


class Line(NamedTuple):
    """An uplink with the numbers of its contract."""

    site: str
    name: str
    isp: str
    service_no: str
    contract_no: str

    @property
    def numbers(self) -> str:
        return f"{self.service_no} {self.contract_no}"


class Person(NamedTuple):
    """A contact with the numbers that reach them."""

    scope: str
    name: str
    role: str
    whatsapp: str
    sms: str
    telegram: str

    @property
    def phones(self) -> tuple[str, str, str]:
        return self.whatsapp, self.sms, self.telegram

    @property
    def numbers(self) -> str:
        return " ".join(self.phones)


def of_lines(connection: Connection) -> Iterable[tuple[str, str]]:
    """The site of every line that has a number, and its numbers."""
    t = uplinks.c
    return _told(connection, t.site, t.service_no, t.contract_no)


def of_people(connection: Connection) -> Iterable[tuple[str, str]]:
    """The scope of every contact that has a number, and those numbers."""
    t = contacts.c
    return _told(connection, t.scope, t.whatsapp, t.sms, t.telegram)


def lines(connection: Connection, sites: Sequence[str]) -> list[Line]:
    """The lines of a few sites, by site and name."""
    t = uplinks.c
    query = select(*(t[name] for name in Line._fields)).where(t.site.in_(sites))
    return sorted(Line._make(row) for row in connection.execute(query))


def people(connection: Connection, scopes: Sequence[str]) -> list[Person]:
    """The contacts of a few scopes, by scope and name."""
    t = contacts.c
    query = select(*(t[name] for name in Person._fields)).where(t.scope.in_(scopes))
    return sorted(Person._make(row) for row in connection.execute(query))


def _told(
    connection: Connection, owner: Column[str], first: Column[str], *further: Column[str]
) -> Iterable[tuple[str, str]]:
    text = reduce(lambda before, column: before + " " + column, further, first + "")
    found = connection.execute(select(owner, text)).all()
    return [(owner, text) for owner, text in found if not text.isspace()]
