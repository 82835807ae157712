"""The way back: the net on the device is asked to undo the change, and tells how it ended.

Taken after a step that failed, and after a centre that died in the middle of a run. What the
device says counts; a device that cannot be asked has its own time, and is asked again after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from playbooks.diary import Diary, Ending
from playbooks.guards.guard import Guard, Net, state_of
from playbooks.plan import Guarding, Part, Planned
from playbooks.session import Output, Unreachable
from playbooks.states import HostState, StepState
from playbooks.talk import RETRY_S, Talk

# after its time, or after we began to ask, a device gets so long to have undone the change, and to
# be reachable again
SETTLE_S = 180.0


@dataclass(frozen=True, slots=True)
class WayBack:
    """`until`: the device undoes by itself then, in ticks; `acted`: the change may have begun;
    `number`: of the next step to be written down; `told`: how the net ended, where the device has
    said so."""

    run: int
    guard: Guard
    talk: Talk
    diary: Diary
    until: float
    acted: bool
    number: int
    told: Net | None = None

    def go(self, why: str) -> Ending:
        """Undo, and say how the device stands; `why` is what went wrong before."""
        step = Planned(self.number, Part.UNDO, Guarding.FIRE, Guarding.FIRE.value)
        self.diary.begin(step)
        net, output, lost = self._fired()
        good = net in (Net.UNDONE, Net.DISARMED, Net.ABSENT)
        reason = "" if good else lost or (f"the net says {net}" if net else "the net is silent")
        self.diary.end(step, StepState.DONE if good else StepState.FAILED, output, reason)
        if net in (Net.UNDONE, Net.DISARMED, Net.ABSENT):
            self._clear()
        # a net that has ended may have been taken away already
        return self._ending(self.told if net is Net.ABSENT and self.told else net, why, lost)

    def _fired(self) -> tuple[Net | None, Output | None, str]:
        """What the net says, once it has ended or its time and some more are over."""
        times, lost = self.talk.times, ""
        last = max(self.until, times.ticks()) + SETTLE_S + self.talk.host.reach_s
        # After its time the device has acted by itself, and what it failed to undo may have been
        # repaired by somebody since: it is asked before it is told.
        late = times.ticks() > self.until
        command = self.guard.read(self.run) if late else self.guard.fire(self.run)
        output = None
        while True:
            try:
                output = self.talk.run(command.text, command.limit_s)
                net = state_of(output.text)
                if net not in (None, Net.ARMED, Net.UNDOING):
                    return net, output, ""
                # told to undo, it is on its way: from now on it is only asked
                slept = late and net is not None
                command = self.guard.fire(self.run) if slept else self.guard.read(self.run)
                late = False
            except Unreachable as away:
                lost = away.reason
                net = None
            if times.ticks() + RETRY_S > last:
                return net, output, lost
            times.pause(RETRY_S)

    def _ending(self, net: Net | None, why: str, lost: str) -> Ending:
        match net:
            case Net.UNDONE if self.acted:
                return Ending(HostState.ROLLED_BACK, why)
            case Net.UNDONE:
                return Ending(HostState.FAILED, f"{why}; nothing was changed")
            case Net.DISARMED:
                # the answer to stopping it was lost, or nobody was there to hear it
                return Ending(HostState.DONE, "proved; its last answer was not heard")
            case Net.ABSENT if not self.acted:
                return Ending(HostState.FAILED, f"{why}; nothing was changed")
            case Net.FAILED:
                return Ending(HostState.FAILED, f"{why}; undoing it failed")
        told = lost or "the device does not say how its net stands"
        return Ending(HostState.UNKNOWN, f"{why}; not known whether it was undone: {told}")

    def _clear(self) -> None:
        clear_away(self.run, self.guard, self.talk, self.diary, self.number + 1)


def clear_away(run: int, guard: Guard, talk: Talk, diary: Diary, number: int) -> None:
    """Take away what a run has on its device, as a step of its own; a net that is out stays."""
    command = guard.clear(run)
    step = Planned(number, Part.UNDO, Guarding.CLEAR, Guarding.CLEAR.value)
    diary.begin(step)
    diary.end(step, *clear(talk, command.text, command.limit_s))


def clear(talk: Talk, text: str, limit_s: float) -> tuple[StepState, Output | None, str]:
    """Take away what a net left; what cannot be taken away is told, and harms nobody."""
    try:
        output = talk.run(text, limit_s)
    except Unreachable as lost:
        return StepState.FAILED, None, lost.reason
    return (StepState.DONE if output.exit == 0 else StepState.FAILED), output, ""


def last_told(steps: Iterable[tuple[str, str]]) -> Net | None:
    """How a net ended, by the steps that were written down, each as what it did and what the device
    printed; None where it has not said so."""
    net = None
    for shown, output in steps:
        if shown in (Guarding.DISARM, Guarding.FIRE):
            said = state_of(output)
            net = said if said in (Net.DISARMED, Net.UNDONE) else net
    return net
