"""What each agent says it knows: kinds of checks, and their keys."""

from sqlalchemy import Connection, select

from collector.agents import change
from collector.schema import agents


def tell(connection: Connection, agent: int, told: str) -> bool:
    """Remember what an agent said."""
    return change(connection, agent, knows=told)


def at(connection: Connection, site: str) -> list[str]:
    """What each active agent of this site said; "" of one that never did."""
    query = select(agents.c.knows).where(agents.c.site == site, agents.c.state == "active")
    return list(connection.execute(query.order_by(agents.c.id)).scalars())
