"""Who of the accounts mends things at a place. A store file."""

from sqlalchemy import Connection, or_, select

from collector.inventory import places
from collector.schema import users

ROLES = ("technician", "noc", "admin")


def at(connection: Connection, site: str, most: int, name: str = "") -> list[str]:
    """Accounts by name: of this site (none given: of any place), of this name (none: of any)."""
    query = select(users.c.name).where(users.c.role.in_(ROLES)).order_by(users.c.name)
    if site:
        around = dict.fromkeys([*places.parents(site), places.village(site), site])
        listed = (users.c.areas.contains(f'"{code}"', autoescape=True) for code in around)
        query = query.where(or_(users.c.areas == "[]", *listed))
    if name:
        query = query.where(users.c.name == name)
    return list(connection.execute(query.limit(most)).scalars())
