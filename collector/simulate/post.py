"""One report on its way: what it carries, and what becomes of it when the answer is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.simulate import reports
from collector.simulate.agents import Agents
from collector.simulate.client import Answer, Client
from collector.simulate.figures import Figures
from collector.simulate.spool import Finding, Run

PATH = "/api/v1/reports"


@dataclass(frozen=True, slots=True)
class Letter:
    """The entries of one report, and the spool they came from."""

    site: int
    spool: str
    runs: Sequence[Run]
    findings: Sequence[Finding]

    @property
    def entries(self) -> int:
        return sum(run.count for run in self.runs) + len(self.findings)


# the letter, the answer, and whether all its entries are safe now
Then = Callable[[Letter, Answer, bool], None]


class Post:
    """Sends reports; what does not arrive goes back to the spool it came from."""

    def __init__(self, agents: Agents, client: Client, figures: Figures) -> None:
        self.agents, self.client, self.figures = agents, client, figures
        self._letterhead = reports.Letterhead(client.host, client.base + PATH)

    def send(
        self,
        site: int,
        now: float,
        runs: Sequence[Run],
        findings: Sequence[Finding],
        then: Then,
        frames: Sequence[bytes] | None = None,
    ) -> bool:
        """Whether the report is on its way; `frames` when the caller has made them already."""
        letter = Letter(site, self.agents.spool_id(site), runs, findings)
        made = self.agents.frames_of(site, runs) if frames is None else frames
        body = self.agents.report(site, now, made, findings)
        request = self._letterhead.request(self.agents.fleet.tokens[site], body)
        if not self.client.send(request, lambda answer: self._answered(letter, answer, then)):
            self.figures.not_sent += 1
            self._back(letter)
            return False
        self.figures.reports_sent += 1
        return True

    def say_goodbye(self, site: int, now: float, done: Callable[[Answer], None]) -> bool:
        """An empty report that announces the agent's shutdown."""
        body = self.agents.report(site, now, ())
        token = self.agents.fleet.tokens[site]
        return self.client.send(self._letterhead.request(token, body, shutdown=True), done)

    def _answered(self, letter: Letter, answer: Answer, then: Then) -> None:
        safe = self.figures.count_answer(answer) and self._kept(letter, answer)
        if not safe:
            self._back(letter)
        then(letter, answer, safe)

    def _kept(self, letter: Letter, answer: Answer) -> bool:
        """Count what a 200 says; False when the centre wants the layout first."""
        try:
            kept = reports.read_answer(answer.body)
        except ValueError:
            self.figures.failures["200 with an answer that is none"] += 1
            return False
        site = letter.site
        self.agents.clock_known[site] = True
        if kept.need_layouts:
            self.agents.layout_known[site] = False
            return False
        self.agents.layout_known[site] = True
        self.figures.entries_rejected += len(kept.rejected)
        self.figures.entries_acked += letter.entries - len(kept.rejected)
        return True

    def _back(self, letter: Letter) -> None:
        if letter.spool != self.agents.spool_id(letter.site):
            self.figures.entries_lost += letter.entries
            return
        self.agents.spool(letter.site).put_back(letter.runs, letter.findings)
