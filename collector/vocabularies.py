"""What each agent says it knows: kinds of checks, and their keys."""

from sqlalchemy import Connection, func, select

from collector.agents import change
from collector.schema import agents


def tell(connection: Connection, agent: int, told: str) -> bool:
    """Remember what an agent said."""
    return change(connection, agent, knows=told)


def at(connection: Connection, site: str) -> list[str]:
    """What each active agent of this site said; "" of one that never did."""
    query = select(agents.c.knows).where(agents.c.site == site, agents.c.state == "active")
    return list(connection.execute(query.order_by(agents.c.id)).scalars())


def counts(connection: Connection) -> dict[str, int]:
    """How many active agents said what; agents of one version say the same."""
    query = select(agents.c.knows, func.count()).where(agents.c.state == "active")
    return {told: count for told, count in connection.execute(query.group_by(agents.c.knows))}
