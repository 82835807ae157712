"""What pages for everybody ask of the tables: checks that people would name, services, contacts.

A store file. Reasons, targets and settings are not asked for at all.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from collector.schema import checks, contacts, services, sites
from collector.states import RETIRED

HOTSPOT_KINDS = ("journey", "wifi")
# what people open by themselves; a database or a port is nothing that they would miss by its name
APP_KINDS = ("http", "web", "opensid", "sideka", "nextcloud", "webdav", "smtp", "imap")
KINDS = (*HOTSPOT_KINDS, *APP_KINDS)
MOST = 20_000
_AT_ONCE = 500


class Check(NamedTuple):
    """A check as of now."""

    site: str
    name: str
    kind: str
    verdict: str
    since: float


class Listed(NamedTuple):
    """A row of services: what it is called, whose it is, on what it depends."""

    name: str
    site: str
    scope: str
    owner: str
    depends_on: str
    kind: str
    public: str


class Office(NamedTuple):
    """A contact that bears the name of the agency that answers for a service."""

    service: str
    name: str
    phones: tuple[str, ...]
    email: str


def checks_of(
    connection: Connection, codes: Sequence[str], kinds: Sequence[str] = KINDS
) -> list[Check]:
    """The checks of these kinds at these sites, by site and name."""
    columns = [checks.c[name] for name in Check._fields]
    wanted = (checks.c.kind.in_(kinds), checks.c.reason != RETIRED)
    found: list[Check] = []
    for begin in range(0, len(codes), _AT_ONCE):
        here = checks.c.site.in_(codes[begin : begin + _AT_ONCE])
        query = select(*columns).where(here, *wanted).order_by(checks.c.site, checks.c.name)
        found += [Check(*row) for row in connection.execute(query.limit(MOST))]
    return found


def services_of(connection: Connection, kinds: Sequence[str] = APP_KINDS) -> list[Listed]:
    """Every service of these kinds, by name and place."""
    columns = [services.c[name] for name in Listed._fields]
    query = select(*columns).where(services.c.kind.in_(list(kinds)))
    query = query.order_by(services.c.name, services.c.site).limit(MOST)
    return [Listed(*row) for row in connection.execute(query)]


def offices(connection: Connection) -> list[Office]:
    """Contacts of services that bear their owner's name: whoever else answers is a person."""
    c = contacts.c
    query = select(c.scope, c.name, c.sms, c.whatsapp, c.email).where(
        c.role == "agency", c.scope.startswith("service:", autoescape=True)
    )
    found = []
    for row in connection.execute(query.order_by(c.scope, c.order, c.name).limit(MOST)):
        service = row.scope.partition(":")[2]
        found.append(Office(service, row.name, (row.sms, row.whatsapp), row.email))
    return found


def on_upstream(connection: Connection, name: str) -> list[str]:
    """The sites on one upstream, by code."""
    listed = sites.c.upstream.contains(name, autoescape=True)
    query = select(sites.c.code, sites.c.upstream).where(listed).order_by(sites.c.code).limit(MOST)
    return [code for code, text in connection.execute(query) if name in text.split("|")]
