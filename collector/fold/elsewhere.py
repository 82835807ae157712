"""What an agent says of other sites than its own: central vantage points, devices polled from afar.

Such a check goes silent with the agent that looks, not with the site that it speaks of.
"""

from collections.abc import Iterable

from agent.report import Verdict
from collector.fold.events import Sampled
from collector.fold.findings import Findings
from collector.fold.memory import Memory
from collector.fold.sites import Sites

# as long as a check of the agent's own site may be missing
_RETIRED_AFTER_S = 900.0
WATCHER_SILENT = "who looks at it is silent"
_VERDICTS = {1.0: Verdict.GOOD, 0.0: Verdict.BAD}

Key = tuple[str, str]


class Elsewhere:
    """Checks by the agents that look at them from another site."""

    def __init__(self, sites: Sites, findings: Findings) -> None:
        self._sites = sites
        self._findings = findings
        # by site: checks that do not go with it, and the agent that looked at each last
        self._lookers: dict[str, dict[str, int]] = {}

    def recall(self, memories: Iterable[Memory]) -> None:
        """Agents as they are at a start."""
        for memory in memories:
            for site, check in memory.elsewhere:
                self._lookers.setdefault(site, {}).setdefault(check, memory.agent)

    def sampled(self, event: Sampled) -> None:
        """A live frame: verdicts that findings did not tell, checks that nobody looks at now."""
        memory, where = event.memory, event.shape.where
        values = event.values
        seen = tuple([values[place] for place, _, _, _ in where.elsewhere])
        if (event.shape, seen) != memory.seen_elsewhere:
            memory.seen_elsewhere = event.shape, seen
            for (_, site, check, kind), value in zip(where.elsewhere, seen, strict=True):
                self._lookers.setdefault(site, {})[check] = memory.agent
                if self._sites.get(site) is not None:
                    told = None if value is None else _VERDICTS.get(value)
                    verdict = told or Verdict.UNKNOWN
                    self._findings.seen(site, check, kind, verdict, event.time, event.rev)
        self._retire(event)

    def lose(
        self, site: str, agents: Iterable[Memory], since: float, rev: int, reason: str
    ) -> None:
        """A site and its agents are silent: nobody knows how what they looked at is."""
        self._findings.lose(site, since, rev, reason, self._lookers.get(site, ()))
        for memory in agents:
            memory.seen_elsewhere = None
            for key in memory.elsewhere:
                if self._looks(memory, key):
                    self._findings.lose_one(*key, since, rev, WATCHER_SILENT)

    def _looks(self, memory: Memory, key: Key) -> bool:
        """False where another agent has looked since, as when a vantage point was moved."""
        site, check = key
        return self._lookers.get(site, {}).get(check) == memory.agent

    def _retire(self, event: Sampled) -> None:
        memory, time = event.memory, event.time
        here = {(site, check) for _, site, check, _ in event.shape.where.elsewhere}
        missing = memory.missing_elsewhere
        for key in [key for key in missing if key in here]:
            del missing[key]
        for key in [key for key in memory.elsewhere if key not in here]:
            if time - missing.setdefault(key, time) >= _RETIRED_AFTER_S:
                del missing[key], memory.elsewhere[key]
                self._forget(memory, key, event)

    def _forget(self, memory: Memory, key: Key, event: Sampled) -> None:
        if self._looks(memory, key):
            site, check = key
            del self._lookers[site][check]
            self._findings.retire(site, check, event.time, event.rev)
