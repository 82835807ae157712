"""Does the inventory know an area or a site? Who mistypes a code is told what lies near it."""

from difflib import SequenceMatcher

from sqlalchemy import Connection, Select, func, or_, select

from agent.strict import Refused
from collector.inventory import places
from collector.schema import areas, sites

NO_AREA = " is no area of the inventory"
_MOST_LOOKED_AT, _MOST_NAMED = 1000, 5


def check(connection: Connection, code: str) -> None:
    """Refused, by its place `area`, what the inventory does not know; an empty one knows nothing
    yet, and takes all."""
    if known(connection, code) or not _some(connection, select(areas.c.code)):
        return
    found = [f"{code} {name}".strip() for code, name in near(connection, code)]
    raise Refused("area", f"{code}{NO_AREA}; near it are {', '.join(found)}")


def known(connection: Connection, code: str) -> bool:
    """Whether it is an area or a site, or a site lies in it."""
    if _some(connection, select(areas.c.code).where(areas.c.code == code)):
        return True
    s = sites.c.code
    # a village is no area by itself, but the sites in it are there
    inside = or_(s == code, *(s.startswith(f"{code}{mark}", autoescape=True) for mark in ".-"))
    return _some(connection, select(s).where(inside))


def near(connection: Connection, code: str) -> list[tuple[str, str]]:
    """Codes and names of the same level in the narrowest area that has any, the most alike first;
    where there is none of that level, of any."""
    found: list[tuple[str, str]] = []
    for area in (*reversed(places.parents(code)), ""):
        found = found or _in(connection, area, places.village(code).count("."))
    for dots in range(places.SITE_DOTS):
        found = found or _in(connection, "", dots)
    found.sort(key=lambda row: (-SequenceMatcher(None, row[0], code).ratio(), row[0]))
    return found[:_MOST_NAMED]


def _in(connection: Connection, area: str, dots: int) -> list[tuple[str, str]]:
    """What of a level lies in an area: sites where one is looked for, else areas."""
    table = sites if dots == places.SITE_DOTS else areas
    inside = table.c.code.startswith(f"{area}." if area else "", autoescape=True)
    plain = func.replace(table.c.code, ".", "")
    of_level = func.length(table.c.code) - func.length(plain) == dots
    query = select(table.c.code, table.c.name).where(inside, of_level).order_by(table.c.code)
    rows = connection.execute(query.limit(_MOST_LOOKED_AT)).all()
    depth = {row.code: places.village(row.code).count(".") for row in rows}
    return [(row.code, row.name) for row in rows if depth[row.code] == dots]


def _some(connection: Connection, query: Select[tuple[str]]) -> bool:
    return connection.execute(query.limit(1)).first() is not None
