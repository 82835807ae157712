"""Is a run meant to mend this incident? Only one that is, or was, of a site of the run."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from agent.strict import Refused
from collector.schema import incidents, members

# what the databases take as its number
_MOST = 2**31 - 1


def check(connection: Connection, number: int, sites: Sequence[str]) -> None:
    """Refused in the same words for one that there is not and one of elsewhere: whoever may run
    something at a site sees the incidents of that site, and is told nothing of others."""
    there = _sites_of(connection, number) if 0 < number <= _MOST else set()
    if there.isdisjoint(sites):
        raise Refused("incident", f"no incident {number} is of these sites: name one that is")


def _sites_of(connection: Connection, number: int) -> set[str]:
    own = select(incidents.c.site).where(incidents.c.id == number)
    joined = select(members.c.site).where(members.c.incident == number)
    return {site for site in connection.execute(own.union(joined)).scalars() if site}
