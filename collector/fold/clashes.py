"""Two live agents with one token: bad from the first clash until there has been none for long."""

from agent.report import Verdict
from collector.fold.events import Clashed, Second, check_series
from collector.fold.findings import Findings
from collector.fold.memory import Memory
from collector.fold.numbers import Numbers
from collector.fold.sites import Sites
from collector.intake.timing import NEVER
from collector.states import Change

# the check that tells of clones, and how long after the last clash it is good again
AGENT_CHECK = "agent"
CLASH_OVER_S = 600.0


class Clashes:
    """Sites whose agents clash, and since when they did last."""

    def __init__(self, sites: Sites, findings: Findings, numbers: Numbers) -> None:
        self._sites, self._findings, self._numbers = sites, findings, numbers
        self._clashing: dict[str, float] = {}

    def recall(self, memory: Memory, newest: float | None) -> None:
        """An agent as it was when the newest tick came."""
        if newest is not None and newest - memory.clash_at <= CLASH_OVER_S:
            clash = max(memory.clash_at, self._clashing.get(memory.site, NEVER))
            self._clashing[memory.site] = clash

    def clashed(self, event: Clashed) -> None:
        """A clone or a stolen token: bad until nobody has clashed for a while."""
        self._clashing[event.memory.site] = event.at
        self._tell(event.memory.site, event, Verdict.BAD, "two agents report with one token")
        self._show(event.memory.site, event.at, 0.0)

    def _tell(self, code: str, event: Clashed | Second, verdict: Verdict, why: str) -> None:
        change = Change(code, AGENT_CHECK, event.at, verdict, why, True, event.rev)
        if self._findings.verdict(code, AGENT_CHECK) != verdict:
            self._findings.tell(change, AGENT_CHECK)

    def look(self, event: Second) -> None:
        """End those that are over; the others are a sample a minute, as rules want it."""
        for code, at in list(self._clashing.items()):
            if event.at - at > CLASH_OVER_S:
                del self._clashing[code]
                self._tell(code, event, Verdict.GOOD, "")
                self._show(code, event.at, 1.0)
            elif int(event.at) % 60 == 0:
                self._show(code, event.at, 0.0)

    def _show(self, code: str, at: float, value: float) -> None:
        site = self._sites.get(code)
        if site is not None:
            self._numbers.sample(site.row, at, (check_series(AGENT_CHECK, AGENT_CHECK),), (value,))
