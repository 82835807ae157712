"""Does what is about to come fit what is there: places that are known, agents that can take it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from collector.db import meta_get
from collector.inventory import probes, recodes, serials
from collector.inventory.applying import OWN_SITE, Catalogue, Watched
from collector.inventory.store import Service, Site, area_names, services, site_rows, sites

# agents take 64 checks, some of which they always make
MOST_SERVICES = 50
# one that looks at central services and public names takes more
MOST_WATCHED = 400
_SITE_CHARS = len("35.10.12.2004")
_NAMING = ("code", "site", "vantage", "scope")
_OF_PLACES = ("uplinks", "devices", "services")


def known_places(connection: Connection) -> tuple[set[str], set[str]]:
    """The codes of all sites, and of all areas."""
    return {*site_rows(connection)}, {*area_names(connection)}


def strangers(
    connection: Connection,
    kind: str,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    codes: Collection[str],
    areas: Collection[str],
) -> Iterator[str]:
    """Places that rows name by a code of before, and those that nobody knows."""
    yield from _outdated(connection, rows)
    if kind not in _OF_PLACES:
        return
    # a row of services may speak of an area, a provider, a profile
    known = {*codes, *areas} if kind == "services" else codes
    for place, values in rows:
        for column, where in (("site", known), ("vantage", codes)):
            named = values.get(column) or ""
            if named[:1].isdigit() and named not in where:
                what = "area" if len(named) < _SITE_CHARS else "site"
                yield f"{place}, column {column}: no {what} {named}; import it first"


def _outdated(
    connection: Connection, rows: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[str]:
    known = recodes.aliases(connection)
    for place, values in rows if known else ():
        for column in _NAMING:
            if (new := known.get(values.get(column) or "")) is not None:
                yield f"{place}, column {column}: {values[column]} is {new} now"


def slips(
    connection: Connection,
    kind: str,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    codes: Collection[str],
    areas: Collection[str],
) -> Iterator[str]:
    """What is allowed but looks like a slip: contacts of places that nobody knows yet, serial
    numbers that stand elsewhere."""
    if kind == "devices":
        yield from serials.elsewhere(connection, rows)
    for place, values in rows if kind == "contacts" else ():
        scope = values["scope"]
        if scope[0].isdigit() and scope not in codes and scope not in areas:
            yield f"{place}, column scope: no site or area {scope} yet"


def crowded(connection: Connection) -> str:
    """Whose agents would have more to look at than they take, in words; "" for nobody's.

    An agent refuses a configuration with too many checks, all of it.
    """
    return crowd(services(connection), sites(connection), meta_get(connection, OWN_SITE))


def crowd(rows: Sequence[Service], there: Sequence[Site], own_site: str) -> str:
    """The same of services and sites that may not be in the inventory yet."""
    catalogue = Catalogue(rows)
    checks = {id(one): len(probes.checks_of(one)) for one in catalogue.everybody}
    counts = {
        site.code: sum(checks[id(one)] for one in catalogue.of(site).values()) for site in there
    }
    code, most = max(counts.items(), key=lambda item: item[1], default=("every site", 0))
    if most > MOST_SERVICES:
        return f"{code} would have {most} services to check, {MOST_SERVICES} at most"
    return _crowded_elsewhere(catalogue, Watched(own_site))


def _crowded_elsewhere(catalogue: Catalogue, watched: Watched) -> str:
    counts = Counter(watched.where(one) for one in (*catalogue.central.values(), *catalogue.public))
    del counts[""]
    code, most = max(counts.items(), key=lambda item: item[1], default=("", 0))
    if most <= MOST_WATCHED:
        return ""
    told = f"{code} would look at {most} central services and public names, {MOST_WATCHED} at most"
    return f"{told}; name another site in column vantage for some of them"
