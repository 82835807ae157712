"""A report comes in: judged, written down, and only then answered."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from agent.strict import Refused
from collector.agents import AgentRow
from collector.intake.body import Problem
from collector.intake.clash import began, older_goes_on
from collector.intake.commit import GroupCommit, JournalFailed, JournalFull, JournalTooLarge
from collector.intake.configs import Configs
from collector.intake.known import Known, Memory
from collector.intake.orders import Orders
from collector.intake.peers import Peers
from collector.intake.ration import Ration
from collector.intake.scrutiny import inspect, parse
from collector.intake.validate import Judged, Sender, glance
from collector.intake.watch import Centre
from collector.intake.wire import Answer, Report, read_report, write
from collector.journal.framing import Kind

# the fold gives what is fresh a start before more of the past is let in
BACKLOG_LAG_S = 1.0
# so many frames of the past are let in before the fold tells again how far it is: it tells once
# a second, and all who were sent away come back together
BACKLOG_FRAMES = 12_000
BACKLOG_RETRY_S = 2
FULL_RETRY_S = 30
BUSY_RETRY_S = 3
# bodies larger than this are journalled in canonical form: it may be shorter
_AS_IT_CAME_BYTES = 64 << 10
# judging more would keep all others waiting
_AT_ONCE_BYTES = 256 << 10
_CLASH_EVERY_S = 60.0


@dataclass(slots=True)
class Counts:
    """Since the start of the process."""

    kept: int = 0
    rejected: int = 0
    clashes: int = 0


class Reports:
    """Takes reports of authenticated agents."""

    def __init__(
        self,
        commit: GroupCommit,
        known: Known,
        configs: Configs,
        centre: Centre,
        clock: Callable[[], float],
        orders: Orders,
        peers: Peers,
    ) -> None:
        self._commit = commit
        self._known = known
        self._configs = configs
        self._centre = centre
        self._clock = clock
        self._orders = orders
        self._peers = peers
        self._clash_told: dict[int, float] = {}
        self._ration = Ration()
        self._past, self._past_since = 0, float("-inf")
        self.counts = Counts()

    async def take(self, agent: AgentRow, body: bytes, bye: bool = False) -> Answer:
        """Keep what can be kept of a JSON report; Problem when nothing of it is."""
        memory, sender = self._known.of(agent.id), self.sender(agent)
        if len(body) <= _AT_ONCE_BYTES:
            judged, as_it_came = _judge(body, sender)
        else:
            judged, as_it_came = await asyncio.to_thread(_judge, body, sender)
        judged.report.bye = bye
        noted = await self._note_kinds(agent, judged.report)
        whole = as_it_came and not bye and not noted
        payload = body if whole else write(judged.report)
        now = self._clock()
        await self._refuse_clash(agent, memory, judged.report, now)
        answer = await self.keep(agent, judged, payload)
        seen = began(judged.report, now)
        if seen is not None and memory.note(judged.report.spool, seen):
            self._peers.tell_spool(agent.id, judged.report.spool, seen)
        return answer

    async def _note_kinds(self, agent: AgentRow, report: Report) -> bool:
        """Say of each finding which kind of check the configuration has it for; any to be told?

        By the configuration of who looks, else of the site that is looked at; else empty.
        """
        if not report.findings:
            return False
        noted, home = False, agent.site
        mine = await self._configs.kinds(home)
        for finding in report.findings:
            elsewhere = "" if finding.site == home else finding.site
            kind = mine.get((elsewhere, finding.check), "")
            if elsewhere and not kind:
                kind = (await self._configs.kinds(elsewhere)).get(("", finding.check), "")
            noted = noted or bool(kind or finding.kind)
            finding.kind = kind
        return noted

    async def keep(
        self, agent: AgentRow, judged: Judged, payload: bytes, asks: bool = True
    ) -> Answer:
        """Write a judged report down and answer; `payload` is its canonical form.

        Without `asks` nothing is asked of the agent: it would not hear it.
        """
        now = self._clock()
        report = judged.report
        self._refuse_backlog(agent, report, now)
        self._ration.take(agent.id, len(payload), now)
        await self._append(Kind.REPORT, now, agent.id, payload)
        memory = self._known.of(agent.id)
        memory.use(report.frames, now)
        memory.learn(judged.fresh, now)
        kept = len(report.frames) + len(report.findings)
        self.counts.kept += kept
        self.counts.rejected += len(judged.rejected)
        etag = self._configs.known(agent.site)
        if etag is None:
            etag = await self._configs.etag(agent.site, agent.config_etag)
        return Answer(
            kept=kept,
            rejected=judged.rejected,
            need_layouts=judged.need_layouts,
            config=etag,
            epoch=self._centre.epoch,
            time=self._clock(),
            do=self._ask(agent.id) if asks else [],
        )

    def _ask(self, agent: int) -> list[str]:
        asked = self._orders.take(agent)
        self._peers.tell_asked(agent, asked)
        return asked

    def sender(self, agent: AgentRow) -> Sender:
        """What judging needs to know of this agent now."""
        memory = self._known.of(agent.id)
        unused = memory.unused(self._clock())
        return Sender(agent.sites, memory.layouts, self._known.names, unused)

    async def _refuse_clash(
        self, agent: AgentRow, memory: Memory, report: Report, now: float
    ) -> None:
        others = memory.spools
        if not others or (len(others) == 1 and report.spool in others):
            return
        mine = others.get(report.spool) or began(report, now)
        newer = mine and older_goes_on(report, mine, others, now)
        if not newer:
            return
        self.counts.clashes += 1
        # a clock that was set back owes nobody that time
        if not 0 <= now - self._clash_told.get(agent.id, float("-inf")) < _CLASH_EVERY_S:
            self._clash_told[agent.id] = now
            told = msgspec.json.encode({"spool": report.spool, "newer": newer})
            await self._append(Kind.CLASH, now, agent.id, told)
        raise Problem(409, "two_agents")

    def _refuse_backlog(self, agent: AgentRow, report: Report, now: float) -> None:
        lag_s = self._centre.lag_s(now)
        if self._commit.full:
            # the fold waits for room as well, and what is told is why: 503
            return
        if not carries_backlog(report, agent.report_every_s):
            return
        told_at = self._centre.fold_at
        if told_at is not None and told_at != self._past_since:
            self._past, self._past_since = 0, told_at
        if lag_s > BACKLOG_LAG_S or self._past >= BACKLOG_FRAMES:
            problem = "the centre is catching up; the past can wait"
            wait_s = max(5, int(lag_s)) if lag_s > BACKLOG_LAG_S else BACKLOG_RETRY_S
            raise Problem(429, problem, retry_s=min(60, wait_s))
        if told_at is not None:
            self._past += len(report.frames)

    async def _append(self, kind: Kind, now: float, agent: int, payload: bytes) -> None:
        try:
            await self._commit.append(kind, now, agent, payload)
        except JournalTooLarge as error:
            raise Problem(413, str(error)) from None
        except JournalFull as error:
            raise Problem(503, str(error), FULL_RETRY_S) from None
        except JournalFailed as error:
            raise Problem(503, str(error), BUSY_RETRY_S) from None


def carries_backlog(report: Report, interval_s: float) -> bool:
    """A frame in it is older than two and a half report intervals."""
    reach_s = 2.5 * interval_s
    for frame in report.frames:
        if report.up is not None and frame.up is not None:
            age_s = report.up - frame.up
        else:
            age_s = report.sent_at - frame.at
        if age_s > reach_s:
            return True
    return False


def _judge(body: bytes, sender: Sender) -> tuple[Judged, bool]:
    """The report, and whether it may be journalled as it came."""
    judged = _read_and_glance(body, sender)
    if judged is not None:
        return judged, len(body) <= _AS_IT_CAME_BYTES
    try:
        return inspect(parse(body), sender), False
    except Refused as refused:
        raise Problem(400, str(refused)) from None


def _read_and_glance(body: bytes, sender: Sender) -> Judged | None:
    try:
        report = read_report(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return glance(report, sender)
