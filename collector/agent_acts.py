"""What people decide about agents that report: sent away, let speak for others; each an act."""

from collections.abc import Iterable

from sqlalchemy import Connection

from agent.strict import Refused
from collector import acts, agents, granted


def revoke(connection: Connection, agent: int, now: float, by: str) -> None:
    """Its token is void at once; Refused where there is none."""
    known = agents.find_agent(connection, agent)
    if known is None or not agents.revoke(connection, agent):
        raise Refused("agent", f"there is no agent {agent}")
    acts.record(connection, now, by, "revoke", known.site, {"agent": agent})


def grant(connection: Connection, agent: int, scopes: Iterable[str], now: float, by: str) -> None:
    """Let it speak for these places besides its own site, and for no others."""
    given = sorted(set(scopes))
    granted.check(given)
    known = agents.find_agent(connection, agent)
    if known is None or known.state == "revoked":
        raise Refused("agent", f"there is no agent {agent}")
    agents.grant(connection, agent, given)
    acts.record(connection, now, by, agents.GRANT, known.site, {"agent": agent, "scopes": given})
