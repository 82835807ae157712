"""Which rows of checks name a password that is not given to them?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from collector.db import meta_get
from collector.inventory.applying import OWN_SITE, VILLAGE
from collector.inventory.binding import NAMING, Binding, needed_by, split, whys
from collector.inventory.further import settings_in
from collector.inventory.probes import checks_of
from collector.inventory.store import Service
from collector.schema import passwords

Placed = tuple[str, Mapping[str, Any]]


def bindings(connection: Connection) -> dict[str, Binding]:
    """Where each kept password may go, by its name."""
    t = passwords.c
    rows = connection.execute(select(t.name, t.area, t.targets))
    return {row.name: Binding(row.area, split(row.targets)) for row in rows}


def refusals(connection: Connection, rows: Iterable[Placed]) -> Iterator[str]:
    """Why whole rows of services may not name the passwords they do, each with place and column."""
    naming = [(place, _service(row)) for place, row in rows if _names(row)]
    if not naming:
        return
    kept, own = bindings(connection), meta_get(connection, OWN_SITE)
    for place, service in naming:
        for column, why in _of(service, kept, own):
            yield f"{place}, column {column}: {why}"


def refused(connection: Connection, services: Iterable[Service]) -> Iterator[tuple[Service, str]]:
    """The rows that are in the inventory and whose passwords are kept from their agents."""
    kept, own = bindings(connection), meta_get(connection, OWN_SITE)
    for service in services:
        if needed_by(service.settings) and (why := next(iter(_of(service, kept, own)), None)):
            yield service, why[1]


def _of(service: Service, kept: Mapping[str, Binding], own: str) -> list[tuple[str, str]]:
    central = service.vantage or own
    asking = service.site if service.scope == VILLAGE else central
    return [
        told for check in checks_of(service) for told in whys(check, kept, service.site, asking)
    ]


def _names(row: Mapping[str, Any]) -> bool:
    return any(f'"{key}"' in row["settings"] for key in NAMING)


def _service(row: Mapping[str, Any]) -> Service:
    return Service(**{**row, "settings": settings_in(row["settings"])})
