"""Numbers that people search for: of contracts and of telephones, and whose they are."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Row, Select, select

from collector.schema import contacts, uplinks

_AT_ONCE = 500


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


def lines(connection: Connection, of: Iterable[str] | None = None) -> list[Line]:
    """Lines that have a number, by site and name; of these sites, where given."""
    t = uplinks.c
    told = (t.service_no != "") | (t.contract_no != "")
    query = select(*(t[name] for name in Line._fields)).where(told)
    return sorted(Line._make(row) for row in _rows(connection, query, t.site, of))


def people(connection: Connection, of: Iterable[str] | None = None) -> list[Person]:
    """Contacts that have a number, by scope and name; of these scopes, where given."""
    t = contacts.c
    told = (t.whatsapp != "") | (t.sms != "") | (t.telegram != "")
    query = select(*(t[name] for name in Person._fields)).where(told)
    return sorted(Person._make(row) for row in _rows(connection, query, t.scope, of))


def _rows(
    connection: Connection, query: Select[Any], key: Column[Any], of: Iterable[str] | None
) -> Sequence[Row[Any]]:
    if of is None:
        return connection.execute(query).all()
    wanted, found = list(of), list[Row[Any]]()
    for at in range(0, len(wanted), _AT_ONCE):
        found += connection.execute(query.where(key.in_(wanted[at : at + _AT_ONCE]))).all()
    return found
