"""What each agent says it knows, kinds of checks and their keys; and which of them are scripts."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from collector.agents import change
from collector.schema import agents
from collector.withholding import in_lines, is_script

# made once: putting a statement together costs more than asking it
_OF_SITES = (
    agents.c.site.in_(bindparam("codes", expanding=True)),
    agents.c.state == "active",
)
_SAID = select(agents.c.site, agents.c.knows).where(*_OF_SITES).order_by(agents.c.id)


def tell(connection: Connection, agent: int, told: str) -> bool:
    """Remember what an agent said."""
    return change(connection, agent, knows=told)


def tell_form(connection: Connection, agent: int, lines: bool) -> bool:
    """Remember that it reports in lines, or that it does not."""
    query = select(agents.c.knows).where(agents.c.id == agent)
    told = connection.execute(query).scalar()
    return told is not None and tell(connection, agent, in_lines(told, lines))


def at(connection: Connection, site: str) -> list[str]:
    """What each active agent of this site said; "" of one that never did.

    Scripts pass over what they do not know: beside a program they keep nothing from it.
    """
    return at_all(connection, [site]).get(site, [])


def at_all(connection: Connection, sites: Sequence[str]) -> dict[str, list[str]]:
    """The same of many sites; those without an active agent are left out."""
    said: dict[str, list[str]] = {}
    for site, told in connection.execute(_SAID, {"codes": sites}):
        said.setdefault(site, []).append(told)
    return {
        site: [told for told in each if not is_script(told)] or each for site, each in said.items()
    }


def askable(connection: Connection, site: str) -> list[int]:
    """The active agents of a site that do what they are asked: programs; the oldest first."""
    query = select(agents.c.id, agents.c.knows).where(agents.c.site == site)
    rows = connection.execute(query.where(agents.c.state == "active").order_by(agents.c.id))
    return [row.id for row in rows if not is_script(row.knows)]


def counts(connection: Connection) -> dict[str, int]:
    """How many active agents said what; agents of one version say the same."""
    query = select(agents.c.knows, func.count()).where(agents.c.state == "active")
    return {told: count for told, count in connection.execute(query.group_by(agents.c.knows))}
