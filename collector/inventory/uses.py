"""Who still needs a site or an area that an import had made?"""

from collections.abc import Collection, Iterable

from sqlalchemy import Column, Connection, select

from collector.inventory import places
from collector.inventory.changes import key_of
from collector.inventory.kinds import KINDS
from collector.inventory.store import area_names, rows_of, site_rows
from collector.schema import agents, members

AGENT = "an agent enrolled there"
INCIDENT = "an incident is about it"
NAMED = "something else in the inventory names it"

# what names one row of the inventory: its kind and its key
Key = tuple[str, tuple[str, ...]]
_AT_ONCE = 500
_NAMING = {"uplinks": "site", "devices": "site", "services": "site", "contacts": "scope"}


def needed(connection: Connection, going: Collection[Key]) -> dict[Key, str]:
    """Of sites and areas among the rows that are to go: those that must stay, and why."""
    codes = {key[0] for kind, key in going if kind in ("sites", "areas")}
    if not codes:
        return {}
    why = dict.fromkeys(_named(connection, codes, going), NAMED)
    why |= dict.fromkeys(_among(connection, members.c.site, codes), INCIDENT)
    why |= dict.fromkeys(_among(connection, agents.c.site, codes), AGENT)
    sites: dict[Key, str] = {("sites", (code,)): why[code] for code in codes if code in why}
    staying: set[Key] = {("sites", (code,)) for code in site_rows(connection)}
    staying -= {*going}
    staying |= {key for key in sites if key in going}
    around = {area for _, key in staying for area in _around(key[0])}
    found = {key: told for key, told in sites.items() if key in going}
    kept = {*area_names(connection)} - {key[0] for kind, key in going if kind == "areas"}
    around |= {area for code in kept for area in places.parents(code)}
    # the deepest first: an area that stays keeps those around it
    for code in sorted(codes, key=len, reverse=True):
        if ("areas", (code,)) in going and (code in around or why.get(code) == NAMED):
            found["areas", (code,)] = NAMED
            around |= {*places.parents(code)}
    return found


def _around(code: str) -> list[str]:
    return [*places.parents(code), places.village(code)]


def _named(connection: Connection, codes: Iterable[str], going: Collection[Key]) -> set[str]:
    found = set()
    for name, column in _NAMING.items():
        kind = KINDS[name]
        for these in _few(codes):
            for row in rows_of(connection, kind.table, kind.table.c[column].in_(these)):
                if (name, key_of(kind, row)) not in going:
                    found.add(row[column])
    return found


def _among(connection: Connection, column: Column[str], codes: Iterable[str]) -> set[str]:
    return {
        code
        for these in _few(codes)
        for (code,) in connection.execute(select(column).where(column.in_(these)).distinct())
    }


def _few(codes: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(codes)
    return (wanted[begin : begin + _AT_ONCE] for begin in range(0, len(wanted), _AT_ONCE))
