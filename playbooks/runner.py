"""One playbook on one device, from the first precheck to the net being taken away.

Each step is written down before it is done and again after. Once the net is armed only two ends
are left: it is stopped, after everything was proved; or the device undoes the change, because we
told it to or because its own time came. Which of both it was is read from the device.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.strict import Refused
from playbooks import outcomes, quoting
from playbooks.diary import Diary, Ending
from playbooks.guards.guard import Guard, Net, state_of
from playbooks.hosts import Host
from playbooks.looks import Looks
from playbooks.model import Command, Look, Platform, Put
from playbooks.plan import Guarding, Part, Plan, Planned
from playbooks.session import Output, Session, Unreachable
from playbooks.settling import WayBack, clear, clear_away
from playbooks.states import HostState, StepState
from playbooks.talk import Talk
from playbooks.times import Times

# a net is not stopped when so little of its time is left
LAST_S = 30.0
# a proof is looked for again after so long
LOOK_EVERY_S = 2.0
# how long a device may take over one try of a command that proves something
ONE_TRY_S = 30.0
# a device that was cut off by what was done may come back within so long
BACK_S = 120.0
MOST_ARCHIVE = 32 << 20


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done: `values` holds every parameter, secrets included."""

    run: int
    playbook: str
    host: Host
    plan: Plan
    values: Mapping[str, str]


def _nothing(work: Work, source: str) -> bytes:
    raise Refused("put", f"there is no {source}")


@dataclass(frozen=True, slots=True)
class Runner:
    """`connect` opens a session or raises Unreachable; `keep` stores an archive; `bring` gives the
    file of a source, or raises Refused."""

    connect: Callable[[Host], Session]
    guards: Mapping[Platform, Guard]
    looks: Looks
    times: Times
    keep: Callable[[Work, bytes], str]
    bring: Callable[[Work, str], bytes] = _nothing

    def go(self, work: Work, diary: Diary) -> Ending:
        """Run the plan to its end. Interrupted passes through: the rows then tell the rest."""
        course = _Course(self, work, diary, self.talk(work.host), dict(work.values))
        try:
            return course.run()
        finally:
            course.talk.close()

    def settle(self, back: Callable[[Guard, Talk], WayBack], host: Host, why: str) -> Ending:
        """What became of a run that nobody led to its end; `back` is its way back."""
        talk = self.talk(host)
        try:
            return back(self.guards[host.platform], talk).go(why)
        finally:
            talk.close()

    def clear(self, run: int, host: Host, diary: Diary, number: int) -> None:
        """Take away what a run that was cut off before its net left on its device."""
        talk = self.talk(host)
        try:
            clear_away(run, self.guards[host.platform], talk, diary, number)
        finally:
            talk.close()

    def talk(self, host: Host) -> Talk:
        return Talk(host, self.connect, self.times)


class StepFailed(Exception):
    """A step did not come to what it should; `reason` says what came instead."""

    def __init__(self, reason: str, output: Output | None = None) -> None:
        super().__init__(reason)
        self.reason, self.output = reason, output


@dataclass(slots=True)
class _Course:
    """`prepared`: there is something of ours on the device; `until`: the net is armed, until then,
    in ticks; `acted`: the change has begun; `since`: what was measured after it proves something,
    by the collector's clock; None: no proof has begun."""

    runner: Runner
    work: Work
    diary: Diary
    talk: Talk
    values: dict[str, str]
    prepared: bool = field(default=False, init=False)
    until: float | None = field(default=None, init=False)
    acted: bool = field(default=False, init=False)
    since: float | None = field(default=None, init=False)

    def run(self) -> Ending:
        for step in self.work.plan.steps:
            why = self._written(step)
            if why:
                return self._failed(f"step {step.number}: {why}")
        return Ending(HostState.DONE)

    def _written(self, step: Planned) -> str:
        """Do a step between its two lines in the diary; why it failed, "" where it did not."""
        self.diary.begin(step)
        try:
            output = self._done(step)
        except StepFailed as failed:
            why, output = failed.reason, failed.output
        except Refused as refused:
            why, output = str(refused), None
        except Unreachable as lost:
            why, output = lost.reason, None
        else:
            self.diary.end(step, StepState.DONE, output)
            return ""
        self.diary.end(step, StepState.FAILED, output, why)
        return why

    def _failed(self, why: str) -> Ending:
        number = len(self.work.plan.steps) + 1
        if self.until is None:
            if self.prepared:
                clear_away(self.work.run, self._guard, self.talk, self.diary, number)
            left = "; what was done stays" if self.acted and self.work.plan.changes else ""
            return Ending(HostState.FAILED, why + left)
        return WayBack(
            self.work.run, self._guard, self.talk, self.diary, self.until, self.acted, number
        ).go(why)

    def _ticks(self) -> float:
        return self.runner.times.ticks()

    @property
    def _guard(self) -> Guard:
        return self.runner.guards[self.work.plan.platform]

    def _done(self, step: Planned) -> Output | None:
        if step.part is Part.VERIFY and self.since is None:
            self._counts_from_now()
            if self.until is not None:
                # a connection of before may live on where nobody could come in any more
                self.talk.close()
        if isinstance(step.does, Guarding):
            return self._net(step.does)
        if isinstance(step.does, Look):
            return self._looked_for(step.does)
        if isinstance(step.does, Put):
            return self._laid(step.does)
        if step.part is Part.VERIFY:
            return self._proved(step.does)
        if step.part is Part.DO:
            return self._acted(step.does)
        return self._ran(step.does)

    # --- commands ---------------------------------------------------------------------------

    def _text(self, command: Command) -> str:
        return quoting.filled(self.work.plan.platform, command.text, self.values)

    def _ran(self, command: Command) -> Output:
        """A command that must succeed at once; a line that was lost before is opened again."""
        text, by = self._text(command), self._ticks() + BACK_S
        if command.archive:
            return self._archived(command, text)
        # what is done while the device takes all back, or after it, would stay, and without a net
        ends = LAST_S + command.limit_s
        last = float("inf") if self.until is None else self.until - ends
        return self._judged(command, self.talk.run_by(text, command.limit_s, by, last))

    def _judged(self, command: Command, output: Output) -> Output:
        why = outcomes.why_failed(command, output)
        if why:
            raise StepFailed(why, output)
        if command.keep is not None:
            self.values[command.keep.name] = outcomes.kept(command.keep, output.text)
        return output

    def _archived(self, command: Command, text: str) -> Output:
        began = self._ticks()
        data = self.talk.fetch(text, command.limit_s, MOST_ARCHIVE)
        told = self.runner.keep(self.work, data)
        return Output(told, 0, self._ticks() - began)

    def _laid(self, put: Put) -> Output:
        """A file of the centre's, in the run's folder on the device."""
        data = self.runner.bring(self.work, quoting.plain(put.source, self.values))
        place, by = quoting.plain(put.place, self.values), self._ticks() + BACK_S
        output = self.talk.put_by(data, place, put.limit_s, by)
        why = outcomes.why_failed(Command("", put.line), output)
        if why:
            raise StepFailed(why, output)
        sent = f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"
        return replace(output, text=sent)

    def _acted(self, command: Command) -> Output | None:
        """A command that changes something. It may cut the line it came by: then what follows
        must prove that it did what it should, and that the line is back."""
        if not self.acted:
            self.acted = True
            self.values["begin"] = str(math.ceil(self.runner.times.now()))
        try:
            return self._ran(command)
        except Unreachable as lost:
            if not lost.sent:
                raise
            return Output(f"(the line was lost while it ran: {lost.reason})", None, 0.0)

    # --- proofs -----------------------------------------------------------------------------

    def _counts_from_now(self) -> None:
        """What was measured before proves nothing: an act may begin a moment after it was told to,
        and a device that still has to restart reports as ever."""
        self.since = self.runner.times.now()
        self.values["begin"] = str(math.ceil(self.since))

    def _proved(self, command: Command) -> Output:
        """A command that is tried until it succeeds or its time is over; to have a tunnel opened
        again, once, is no part of that time."""
        text, began, opened_s = self._text(command), self._ticks(), self.talk.opening_s
        while True:
            left = command.limit_s - self._spent(began, opened_s)
            why, output = "", None
            try:
                output = self.talk.run(text, max(1.0, min(ONE_TRY_S, left)))
                good = self._judged(command, output)
                self._counts_from_now()
                return good
            except StepFailed as failed:
                why = failed.reason
            except Unreachable as lost:
                why = lost.reason
            if self._spent(began, opened_s) + LOOK_EVERY_S > command.limit_s:
                raise StepFailed(why, output)
            self.runner.times.pause(LOOK_EVERY_S)

    def _spent(self, began: float, opened_s: float) -> float:
        """How much of a proof's time is over."""
        opening_s = min(self.talk.opening_s - opened_s, self.work.host.reach_s)
        return self._ticks() - began - opening_s

    def _looked_for(self, look: Look) -> Output:
        """What the collector must see by itself."""
        times, began = self.runner.times, self._ticks()
        since = times.now() if self.since is None else self.since
        question = replace(look, subject=quoting.plain(look.subject, self.values))
        site = self.work.host.site
        self.runner.looks.begin(question, site, times.now())
        while True:
            seen = self.runner.looks.seen(question, site, since, times.now())
            took = self._ticks() - began
            if seen.good:
                return Output(seen.reason, 0, took)
            if took + LOOK_EVERY_S > look.within_s:
                raise StepFailed(seen.reason)
            times.pause(LOOK_EVERY_S)

    # --- the net ----------------------------------------------------------------------------

    def _net(self, does: Guarding) -> Output | None:
        run = self.work.run
        match does:
            case Guarding.PROVE:
                return self._all(self._guard.prove(run))
            case Guarding.PREPARE:
                self.prepared = True
                return self._all(self._guard.prepare(run))
            case Guarding.ARM:
                return self._arm()
            case Guarding.DISARM:
                return self._disarm()
        command = self._guard.clear(run)
        _, output, lost = clear(self.talk, command.text, command.limit_s)
        # the change is proved and stays; what lies on the device harms nobody, and is told
        return output or Output(f"(what the net left stays on the device: {lost})", None, 0.0)

    def _all(self, commands: Sequence[Command]) -> Output | None:
        output = None
        for command in commands:
            by = self._ticks() + command.limit_s
            output = self._judged(command, self.talk.run_by(command.text, command.limit_s, by))
        return output

    def _arm(self) -> Output | None:
        undo = [self._text(command) for command in self.work.plan.recipe.undo]
        # before the device hears of it: a centre that dies now must not forget the net
        guard_s = self.work.plan.guard_s
        self.until = self._ticks() + guard_s
        self.diary.guarded(self.runner.times.now() + guard_s)
        output = self._all(self._guard.arm(self.work.run, undo, int(guard_s)))
        net = None if output is None else state_of(output.text)
        if net is not Net.ARMED:
            raise StepFailed("the device does not say that its net is armed", output)
        return output

    def _disarm(self) -> Output:
        assert self.until is not None
        if self._ticks() > self.until - LAST_S:
            raise StepFailed("the proof came too late: the device is about to undo it by itself")
        command = self._guard.disarm(self.work.run)
        output = self.talk.run_by(command.text, command.limit_s, self.until - LAST_S)
        net = state_of(output.text)
        if net is not Net.DISARMED:
            raise StepFailed(f"the net could not be stopped: {net or 'no answer'}", output)
        return output
