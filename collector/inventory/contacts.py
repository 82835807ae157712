"""People to tell: whom the inventory has for a site, an area, a provider, for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from collector import schema
from collector.inventory import places
from collector.inventory.scope import Scope
from collector.inventory.store import Site

# bound parameters a statement may have, with room to spare
_AT_ONCE = 500

# made once: putting a statement together costs as much as asking it
_CONTACTS = select(schema.contacts).where(
    schema.contacts.c.scope.in_(bindparam("scopes", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to tell, and the ways to reach them; an empty way is none."""

    scope: str
    name: str
    role: str
    order: int
    language: str
    whatsapp: str
    telegram: str
    sms: str
    email: str
    webhook: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """All ways to reach them; an empty one is none."""
        return (self.whatsapp, self.telegram, self.sms, self.email, self.webhook)


def contacts_for(connection: Connection, site: Site) -> list[Contact]:
    """Everybody with a part in this site, nearest first: its own, its areas', its ISPs', all's."""
    return contacts_of(connection, [site])[site.code]


def contacts_of(connection: Connection, sites: Sequence[Site]) -> dict[str, list[Contact]]:
    """The same for many sites, by code; each scope is asked for once."""
    scopes = {site.code: scopes_of(site) for site in sites}
    people = in_scopes(connection, {scope for found in scopes.values() for scope in found})
    return {
        code: [one for scope in found for one in people.get(scope, ())]
        for code, found in scopes.items()
    }


def scopes_of(site: Site) -> list[str]:
    """Scopes of contacts that cover a site, the nearest first."""
    code = site.code
    areas = [places.village(code), *reversed(places.parents(code))]
    return list(dict.fromkeys([code, *areas, *(f"isp:{isp}" for isp in site.isps), "*"]))


def in_scopes(connection: Connection, scopes: Iterable[str]) -> dict[str, list[Contact]]:
    """Contacts by scope, in their order."""
    wanted = sorted(scopes)
    found: dict[str, list[Contact]] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        these = {"scopes": wanted[begin : begin + _AT_ONCE]}
        for row in connection.execute(_CONTACTS, these):
            found.setdefault(row.scope, []).append(Contact(**row._mapping))
    for people in found.values():
        people.sort(key=lambda one: (one.order, one.name))
    return found


def contacts_named(connection: Connection, name: str) -> list[Contact]:
    """Everybody of this name; one person may stand in several scopes."""
    table = schema.contacts
    rows = connection.execute(select(table).where(table.c.name == name).order_by(table.c.scope))
    return [Contact(**row._mapping) for row in rows]


def of_roles(
    connection: Connection, roles: Sequence[str], inside: Scope, limit: int
) -> list[Contact]:
    """Everybody of these roles inside, by scope and order."""
    table = schema.contacts
    query = select(table).where(table.c.role.in_(list(roles)), inside.clause(table.c.scope))
    ordered = query.order_by(table.c.scope, table.c.order, table.c.name).limit(limit)
    return [Contact(**row._mapping) for row in connection.execute(ordered)]


def nocs(connection: Connection) -> list[Contact]:
    """Every contact of role noc, and everybody in charge of everything."""
    table = schema.contacts
    these = (table.c.role == "noc") | (table.c.scope == "*")
    rows = connection.execute(select(table).where(these).order_by(table.c.order, table.c.name))
    return [Contact(**row._mapping) for row in rows]
