"""Delivers the spool: the newest first, then what is owed, oldest first and not too fast.

`step` does one thing (a report, a configuration, a rotation) and says when it wants to be
called again; `run` calls it until told to stop.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent import diary, envelope
from agent.allowance import Allowance, Thrift
from agent.clock import Clock
from agent.entries import Batch
from agent.envelope import Answer, Moment
from agent.orders import Orders
from agent.post import Post, Response
from agent.spool import Spool
from agent.wire import WireError

BATCH = 60
_FINDING_S = 5.0
_EAGER_TRIES = 3
_REFUSED_S = 600.0
_BUSY_S = 30.0
_MOST_BUSY_S = 3600.0
# the next word comes well within the interval that was told
_WORD_PART = 0.95
NEVER = float("inf")


@dataclass(slots=True)
class Pace:
    """How fast to send; taken from the configuration in use."""

    report_every_s: float = 60.0
    backlog_per_s: float = 8.0


@dataclass(slots=True)
class Told:
    """What there is to say of the sending, for `status`."""

    last_report_at: float | None = None
    trouble: str = ""
    skew_s: float | None = None
    reports: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0


class Sender:
    """`steady` only goes forward; `chance` gives 0 to 1."""

    def __init__(
        self,
        post: Post,
        spool: Spool,
        clock: Clock,
        orders: Orders,
        steady: Callable[[], float],
        chance: Callable[[], float],
        allowance: Allowance | None = None,
    ) -> None:
        self.pace, self.told = Pace(), Told()
        self._post, self._spool, self._clock, self._orders = post, spool, clock, orders
        self._steady, self._chance = steady, chance
        self._known: set[str] = set()
        self._batch = BATCH
        self._not_before = self._backlog_due = 0.0
        self._failures = 0
        # a wait that new findings may cut short: the network failed, nobody told us to wait
        self._may_hurry = False
        self.allowance = allowance or Allowance(lambda: post.total_bytes, clock.true, spool.notes)
        self._thrift = Thrift.FREE
        # where little may go: when the next word is due
        self._word_due = 0.0
        # echoes of beacons are missing: what was sent last, told with every report
        self.unanswered: int | None = None
        # the collector must hear that there are no beacons, lest it miss them
        self.no_beacons = False
        # the collector's time in its first answer to this run
        self.began: float | None = None
        self._confirm = False
        # our token is not known: the next report says who we are
        self._introduced = False
        self._call = threading.Event()
        self._stopped = False

    def wake(self) -> None:
        """Something new is in the spool."""
        self._call.set()

    def stop(self) -> None:
        self._stopped = True
        self._call.set()

    def run(self) -> None:
        """Deliver until `stop`."""
        while not self._stopped:
            try:
                wait_s = self.step() - self._steady()
            except Exception as error:
                # a mistake in here must not end reporting for good: nobody restarts a thread
                import traceback

                diary.say_once("mistake sender", traceback.format_exc())
                self._wait(_BUSY_S, f"{type(error).__name__}: {error}")
                continue
            self._call.wait(None if wait_s == NEVER else max(0.0, wait_s))
            self._call.clear()
        self._post.close()

    def hurry(self) -> None:
        """A finding came: a wait for a lost network is cut to a random part of five seconds."""
        if self._may_hurry:
            now = self._steady()
            self._not_before = min(self._not_before, now + _FINDING_S * self._chance())
        self._call.set()

    def confirm(self) -> None:
        """Beacons go unanswered: one short report at once, also while we wait for the network."""
        self._confirm = True
        if self._may_hurry:
            self._not_before = min(self._not_before, self._steady())
        self._call.set()

    def step(self) -> float:
        """Send what is due; returns the steady time at which there is more to do."""
        now = self._steady()
        if now < self._not_before:
            return self._not_before
        self._look(now)
        try:
            if self._orders.pending():
                self._orders.carry_out(self._post)
                return now
            batch = self._next(now)
            if batch is None:
                return self._next_due()
            self._deliver(batch)
        except WireError as error:
            self._lost(str(error))
        except ValueError as error:
            # a billing page, a captive portal, another program at this address
            self._lost(f"what answers is no collector: {error}")
        return max(self._not_before, self._steady())

    def farewell(self) -> None:
        """The last short report: this agent is switched off, it did not fall silent."""
        batch = self._spool.fresh() or self._empty()
        try:
            self._send(batch, {"X-Ronda-Shutdown": "1"})
        except (WireError, ValueError) as error:
            diary.say(f"could not say goodbye: {error}")

    def _look(self, now: float) -> None:
        """Where less may go from now on, the collector must hear of it before it goes."""
        thrift = self.allowance.look()
        if thrift != self._thrift:
            self._thrift = thrift
            diary.say(f"bytes of the day: {thrift.name.lower()}")
            self._word_due = min(self._word_due, now)

    def _next_due(self) -> float:
        due = self._backlog_due if self._spool.entries else NEVER
        if self._thrift < Thrift.SPENT:
            return due if not self.allowance.spares_backlog else NEVER
        return self._word_due

    def _sparing(self, now: float) -> Batch | None:
        """Findings at once; over the hard bound they wait for the next word. No frames."""
        fresh = self._spool.fresh()
        urgent = [finding.n for finding in fresh.findings] if fresh else []
        if now >= self._word_due or self._confirm:
            return fresh.only(urgent).first(self._batch) if fresh else self._empty()
        if urgent and self._thrift is Thrift.SPENT:
            assert fresh is not None
            return fresh.only(urgent).first(self._batch)
        return None

    def _empty(self) -> Batch:
        return Batch(self._spool.spool, self._spool.boot)

    def _next(self, now: float) -> Batch | None:
        if self._thrift >= Thrift.SPENT:
            return self._sparing(now)
        fresh = self._spool.fresh()
        if fresh is not None:
            return fresh.first(self._batch)
        if self._confirm:
            return self._empty()
        if now < self._backlog_due or self.allowance.spares_backlog:
            return None
        batch = self._spool.backlog(self._batch)
        if batch is not None:
            apart_s = len(batch) / self.pace.backlog_per_s
            self._backlog_due = now + apart_s * (0.75 + self._chance() / 2)
        return batch

    def _deliver(self, batch: Batch) -> None:
        answer = self._send(batch, {**self._orders.headers(), **self._beacon(), **self._name()})
        if answer.status == 200:
            self._accepted(batch, envelope.read_answer(answer.body))
        elif answer.status in (400, 413):
            self._too_much(batch, answer)
        elif answer.status == 401:
            self._unknown_token()
        elif answer.status == 409:
            self._wait(
                _REFUSED_S, "two agents report with this token (409): enrol one of them anew"
            )
        elif answer.status in (429, 503):
            self._wait(_retry_after_s(answer), f"the collector asks to wait ({answer.status})")
        else:
            self._lost(f"the collector answers {answer.status}")

    def _beacon(self) -> dict[str, str]:
        """The collector takes what is told here for the newest counter, whatever it remembers."""
        if self.no_beacons:
            return {"X-Ronda-Beacon": "off"}
        return {} if self.unanswered is None else {"X-Ronda-Beacon": str(self.unanswered)}

    def _name(self) -> dict[str, str]:
        """A centre restored from a backup does not know who was enrolled since."""
        me = self._post.identity
        fit = self._introduced and me.agent and me.site.isascii()
        return {"X-Ronda-Agent": f"{me.agent} {me.site}"} if fit else {}

    def _send(self, batch: Batch, headers: dict[str, str]) -> Response:
        moment = Moment(self._clock.wall(), self._clock.up(), self._clock.boot)
        dropped = self._spool.dropped_untold
        said = self.allowance.words(self._steady())
        body = envelope.gzip(envelope.report(batch, moment, self._known, dropped, said))
        answer = self._post.report(body, headers)
        if answer.status == 200:
            self.allowance.told(said, self._steady())
            self._word_due = self._steady() + self.allowance.every_s * _WORD_PART
            self._spool.told_dropped(dropped)
        self.told.sent_bytes, self.told.received_bytes = self._post.sent, self._post.received
        return answer

    def _accepted(self, batch: Batch, answer: Answer) -> None:
        self._failures, self._may_hurry, self._batch = 0, False, BATCH
        self._introduced = False
        self._confirm = self.no_beacons = False
        self._learn(answer)
        wanted = set(answer.need_layouts)
        repeated = wanted & set(batch.layouts) - self._known
        self._known = (self._known | set(batch.layouts)) - wanted
        waiting = {f.n for f in batch.frames if f.layout in wanted}
        refused = [n for n in batch.numbers if n in answer.rejected]
        self._spool.drop(batch.spool, refused)
        for n in refused:
            diary.say_once("refused", f"the collector refuses entries: {answer.rejected[n]}")
        done = [n for n in batch.numbers if n not in waiting and n not in answer.rejected]
        self._spool.settle(batch.spool, done)
        if repeated:
            self._wait(_BUSY_S, "the collector asks for a layout it has just been given")
        else:
            self._say("")

    def _learn(self, answer: Answer) -> None:
        now = self._clock.wall()
        self.told.last_report_at, self.told.reports = now, self.told.reports + 1
        if answer.time is not None:
            self.told.skew_s = now - answer.time
            self._clock.tell(answer.time)
            self.began = answer.time if self.began is None else self.began
            self._spool.notes["time"] = answer.time
        before = self._spool.notes.get("epoch")
        if answer.epoch and answer.epoch != before:
            if before:
                diary.say("the collector was restored from a backup: offering everything again")
                self._known.clear()
                # before the epoch is noted: the patrol may write both to flash in between
                self._spool.offer_again()
            self._spool.notes["epoch"] = answer.epoch
        self._orders.take(answer.orders, answer.config, self._post.trusted)

    def _too_much(self, batch: Batch, answer: Response) -> None:
        """Half of it next time; a single entry that is still too much is given up."""
        why = answer.body[:200].decode("utf-8", "replace")
        if len(batch) > 1:
            self._batch = max(1, len(batch) // 2)
            return
        self._spool.drop(batch.spool, batch.numbers)
        diary.say(f"the collector cannot take an entry ({answer.status}): {why}")

    def _unknown_token(self) -> None:
        self._known.clear()
        if self._post.other_token():
            return
        if not self._introduced:
            self._introduced = True
        else:
            self._post.elsewhere()
            self._wait(
                _REFUSED_S, "the collector does not know this agent's token (401): enrol again"
            )

    def _lost(self, why: str) -> None:
        """No collector to be had: again in a random part of an interval, elsewhere if we can."""
        self._post.elsewhere()
        self._failures += 1
        eager = self._spool.has_findings() and self._failures <= _EAGER_TRIES
        within_s = min(_FINDING_S, self.pace.report_every_s) if eager else self.pace.report_every_s
        self._not_before = self._steady() + within_s * self._chance()
        self._may_hurry = True
        self._say(why)

    def _wait(self, wait_s: float, why: str) -> None:
        self._not_before = self._steady() + wait_s * (1 + self._chance() / 4)
        self._may_hurry = False
        self._say(why)

    def _say(self, trouble: str) -> None:
        if self.told.trouble and not trouble:
            diary.say("reports arrive again")
        self.told.trouble = trouble
        diary.say_once("sender", trouble)


def _retry_after_s(answer: Response) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), _MOST_BUSY_S) if text.isdigit() else _BUSY_S
