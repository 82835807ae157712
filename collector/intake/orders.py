"""What people ask of agents: said once, with the agent's next answer.

An order is an act; what was asked before this process began is not asked again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector import acts
from collector.agents import find_agent
from collector.withholding import is_script

VERB = "ask"
# behind it the name of a device, as the agent's configuration has it
OPEN = "open_tunnel:"
KINDS = ("probe_now", "fetch_config", "rotate_token")
_MOST_AGENTS = 100_000


class Orders:
    """What waits for each agent's next answer."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[str]] = {}

    def put(self, bodies: Iterable[str]) -> None:
        """Take in the bodies of new acts of our verb."""
        for body in bodies:
            asked: Mapping[str, Any] = json.loads(body)
            waiting = self._waiting.setdefault(int(asked["agent"]), [])
            waiting += [kind for kind in asked["do"] if kind not in waiting]
        # an agent that never comes back must not hold its place for ever
        while len(self._waiting) > _MOST_AGENTS:
            del self._waiting[next(iter(self._waiting))]

    def take(self, agent: int) -> list[str]:
        """What to say now; it is said once."""
        return self._waiting.pop(agent, [])

    def forget(self, agent: int, kinds: Sequence[str]) -> None:
        """Another ingest has said these."""
        left = [kind for kind in self._waiting.pop(agent, []) if kind not in kinds]
        if left:
            self._waiting[agent] = left


def ask(connection: Connection, agent: int, do: Sequence[str], now: float, by: str) -> None:
    """Have an agent told with its next report what to do."""
    known = find_agent(connection, agent)
    if known is None or known.state != "active":
        raise Refused("agent", f"there is no active agent {agent}")
    if is_script(known.knows):
        raise Refused("agent", f"{agent} is a script: it takes no orders, and looks by itself")
    for kind in do:
        if kind not in KINDS and not kind.startswith(OPEN):
            raise Refused("do", f"{kind!r} is not one of {', '.join(KINDS)}")
    acts.record(connection, now, by, VERB, known.site, {"agent": agent, "do": list(do)})
