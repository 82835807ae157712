"""The round: starts probes when they are due, makes frames and findings, keeps the spool.

One thread; probes and sender have their own. It never waits for either.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from agent import diary, schedule
from agent.around import Around
from agent.board import COUNTING, Board, Shape
from agent.clock import Clock
from agent.config import Check, Config
from agent.report import Verdict
from agent.runner import Answer, Runner
from agent.schedule import Turn
from agent.spool import News, Spool

# the first frame waits for all probes, but not so long that its report comes after 10 s
FIRST_FRAME_S = 9.0
# "probe now" as often as anybody likes, but not in a loop
_PROBE_AGAIN_S = 5.0
# probes that only count run shortly before the frame that carries their numbers
_LEAD_S = 3.0
_LONGEST_WAIT_S = 60.0


class Carrier(Protocol):
    """Who is told that there is something to deliver."""

    def wake(self) -> None: ...

    def hurry(self) -> None: ...


class Patrol:
    """`who` spreads agents over the interval; `own` gives the agent's series on itself."""

    def __init__(
        self,
        config: Config,
        spool: Spool,
        clock: Clock,
        runner: Runner,
        carrier: Carrier,
        who: str,
        own: Callable[[], Mapping[str, float | None]],
    ) -> None:
        self.config, self.board = config, Board(())
        # what is known beside the checks, for kinds that look around
        self.around: Callable[[], Around] = Around
        # how much less often than planned frames are made, and what costs bytes is looked at
        self.stretch: Callable[[], float] = lambda: 1.0
        self._spool, self._clock, self._runner, self._carrier = spool, clock, runner, carrier
        self._who, self._own = who, own
        self._shape = Shape()
        self._turns: dict[str, Turn] = {}
        self._checks: dict[str, Check] = {}
        self._waited_for: set[str] = set()
        self._first_due = True
        # the numbers of the newest frame by series
        self.latest: Mapping[str, float | None] = {}
        self._frame_due = self._adopted = 0.0
        # the first report waits for all probes, and their first findings go with it
        self._told = False
        self._news: list[News] = []
        self._inbox: deque[Config | None] = deque()
        self._asked: set[str] = set()

    def use(self, config: Config | None) -> None:
        """From any thread: this configuration from the next round on; None: probe all now."""
        self._inbox.append(config)

    def begin(self, now: float) -> None:
        """Every probe at once; the first frame when all have answered."""
        self._adopt(self.config, now)

    def round(self, now: float) -> float:
        """All that is due; returns the steady time of the next thing to do."""
        while self._inbox:
            config = self._inbox.popleft()
            if config is None and now >= self._adopted + _PROBE_AGAIN_S:
                self._asked = {check.key for check in self.config.checks if looks_around(check)}
                self._adopt(self.config, now)
            # the same under another tag is nothing new
            elif config and (config.plan, config.checks) != (self.config.plan, self.config.checks):
                self._adopt(config, now)
        self._take(now)
        self._start_due(now)
        if now >= self._frame_due or (self._first_due and not self._waited_for):
            self._frame(now)
        if now >= self._spool.flush_due():
            self._spool.flush(now)
            diary.say_once("spool", self._spool.trouble)
        return min(
            self._frame_due,
            self._spool.flush_due(),
            self._runner.next_limit(),
            now + _LONGEST_WAIT_S,
            *self._waiting(),
        )

    def _waiting(self) -> Iterator[float]:
        """When checks are due that could be started."""
        if not self._runner.full:
            busy = self._runner.busy
            yield from (turn.due for key, turn in self._turns.items() if not busy(key))

    def _adopt(self, config: Config, now: float) -> None:
        if config.checks != self.config.checks:
            self._shape = Shape()
        self.config, self._adopted = config, now
        self._checks = {check.key: check for check in config.checks}
        self.board.replace(config.checks)
        self._runner.keep(config.checks)
        self._turns = {check.key: self._first_turn(check, now) for check in config.checks}
        self._waited_for, self._first_due = set(self._checks), True
        self._frame_due = now + min(FIRST_FRAME_S, self.config.plan.report_every_s)

    def _first_turn(self, check: Check, now: float) -> Turn:
        plan = self.config.plan
        if check.kind not in COUNTING:
            return schedule.first(check.key, check.every_s or plan.check_every_s, now)
        turn = schedule.first(check.key, check.every_s or plan.report_every_s, now)
        if check.every_s is not None:
            return turn
        lead_s = min(_LEAD_S, plan.report_every_s / 4)
        return schedule.before_frame(turn, self._frame_phase(), lead_s)

    def _frame_phase(self) -> float:
        return schedule.place(self._who, self.config.plan.report_every_s)

    def _take(self, now: float) -> None:
        """Answers to the board; what changed is told at once."""
        moved, mains = False, self.board.mains()
        for answer in self._runner.answers(now):
            if not self._counts(answer, now):
                continue
            self._waited_for.discard(answer.check)
            change = self.board.take(answer.check, answer.reading, answer.duration_s)
            if change is not None:
                at, up = self._clock.wall(), self._clock.up()
                verdict, reason = change.verdict.value, change.reason
                self._news.append((at, up, change.check, verdict, reason, change.site))
                moved = moved or change.uplink
        gone = mains and self.board.mains() != mains
        if self._told:
            self._tell(now)
            if (moved or gone) and not self._first_due:
                self._write_frame(now)
                # a battery may not last until the next report
                self._carrier.hurry()

    def _tell(self, now: float) -> None:
        """Findings to flash and on their way."""
        if self._news:
            self._spool.append_findings(now, self._news)
            self._news = []
            diary.say_once("spool", self._spool.trouble)
            self._carrier.hurry()

    def _counts(self, answer: Answer, now: float) -> bool:
        """False while rechecks have to confirm a failure."""
        turn = self._turns.get(answer.check)
        if turn is None:
            return False
        failed = answer.reading.verdict is Verdict.BAD
        was_bad = self.board.verdict(answer.check) is Verdict.BAD
        turn, counts = schedule.after(turn, failed, was_bad, now)
        if counts and turn.every_s >= self.config.plan.report_every_s:
            # those that cost bytes on the line are looked at no more often than it is reported
            turn = replace(turn, due=turn.due + turn.every_s * (self.stretch() - 1))
        self._turns[answer.check] = turn
        return counts

    def _start_due(self, now: float) -> None:
        for name, turn in self._turns.items():
            if now < turn.due:
                continue
            if self._runner.busy(name):
                # late rounds are skipped, never queued
                self._turns[name] = schedule.skip(turn, now)
            elif not self._runner.full:
                self._runner.start(self._checks[name], self._here(self._checks[name]))

    def _here(self, check: Check) -> Around | None:
        if not looks_around(check):
            return None
        asked = check.key in self._asked
        self._asked.discard(check.key)
        return replace(self.around(), asked=asked, values=self.board.values())

    def _frame(self, now: float) -> None:
        every_s = self.config.plan.report_every_s
        self._frame_due = schedule.on_grid(self._frame_phase(), every_s, now)
        self._frame_due += every_s * (self.stretch() - 1)
        self._told, self._first_due = True, False
        self._tell(now)
        self._write_frame(now)

    def _write_frame(self, now: float) -> None:
        self.latest = {**self.board.values(), **self._own()}
        values = self._shape.form(self.latest)
        at, up = self._clock.wall(), self._clock.up()
        self._spool.append_frame(now, at, up, self._shape.layout, self._shape.names, values)
        self._carrier.wake()


def looks_around(check: Check) -> bool:
    """Does its kind go by more than its settings?"""
    return getattr(check.probe, "looks_around", False)
