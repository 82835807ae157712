"""Which site somebody means who writes its name or its code."""

from sqlalchemy import Connection, func, select

from collector import inventory
from collector.inventory import Site
from collector.inventory.places import SITE_CODE
from collector.schema import sites

_MOST = 10
_ACTIVE = "active"


def find(connection: Connection, words: str) -> list[Site]:
    """Sites in service of this code or name; several have one name: `Sukamaju Genteng` with its
    district behind."""
    if SITE_CODE.fullmatch(words):
        return [one for one in inventory.sites(connection, only=[words]) if _serves(one)]
    words = " ".join(words.lower().split())
    if len(words) < 3 or len(words) > 80:
        return []
    name = func.lower(sites.c.name)
    for called in (name, name.op("||")(" ").op("||")(func.lower(sites.c.district))):
        plain = (called, func.replace(called, "desa ", ""), func.replace(called, "kelurahan ", ""))
        wanted = plain[0] == words
        for each in plain[1:]:
            wanted |= each == words
        query = select(sites.c.code).where(wanted, sites.c.lifecycle == _ACTIVE)
        codes = list(connection.execute(query.order_by(sites.c.code).limit(_MOST)).scalars())
        if codes:
            return inventory.sites(connection, only=codes)
    return []


def _serves(site: Site) -> bool:
    return site.lifecycle == _ACTIVE
