"""A device that is a few fields, its net, and a clock that stands still unless somebody waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from playbooks.diary import Interrupted
from playbooks.guards.guard import Net
from playbooks.hosts import Host, Login
from playbooks.looks import Seen
from playbooks.model import Command, Look, Platform
from playbooks.plan import Planned
from playbooks.session import Output, Unreachable
from playbooks.states import StepState
from playbooks.times import Times

HOST = Host("35.10.01.2001", "router", Platform.OPENWRT, "192.0.2.1", 22, Login("root", "pw"), ())


@dataclass(slots=True)
class Clock:
    """`dies_at`: from then on whoever waits is told that the centre stops."""

    now: float = 1000.0
    dies_at: float = float("inf")

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self.dies_at:
            raise Interrupted

    @property
    def times(self) -> Times:
        """One clock for everything."""
        return Times(self, self, self.pause)


@dataclass
class Device:
    """`answers`: what each command prints and its exit; `cut`: commands that cut the line until
    the undo has run; `lost`: the answer is lost once, the command done all the same."""

    clock: Clock
    answers: dict[str, tuple[str, int]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    away: bool = False
    undo_fails: bool = False
    net: Net = Net.ABSENT
    fires_at: float = float("inf")
    ran: list[str] = field(default_factory=list)
    opened: int = 0
    files: dict[str, bytes] = field(default_factory=dict)

    def connect(self, _: Host) -> "Device":
        self.look()
        if self.away:
            raise Unreachable("no route to it")
        self.opened += 1
        return self

    def look(self) -> None:
        """Let what was due by now have happened."""
        if self.net is Net.ARMED and self.clock.now >= self.fires_at:
            self.undo()

    def undo(self) -> None:
        self.net = Net.FAILED if self.undo_fails else Net.UNDONE
        self.away = False

    def run(self, text: str, limit_s: float) -> Output:
        self.look()
        if self.away:
            raise Unreachable("no route to it")
        self.ran.append(text)
        output = self._net_command(text) or Output(*self.answers.get(text, ("", 0)), 0.0)
        if text in self.cut:
            self.away = True
            raise Unreachable("the line went dead", sent=True)
        if text in self.lost:
            self.lost.discard(text)
            raise Unreachable("the answer was lost", sent=True)
        return output

    def _net_command(self, text: str) -> Output | None:
        word, _, rest = text.partition(" ")
        if word == "arm":
            self.net, self.fires_at = Net.ARMED, self.clock.now + float(rest)
        elif word == "disarm" and self.net is Net.ARMED:
            self.net = Net.DISARMED
        elif word == "fire" and self.net is Net.ARMED:
            self.undo()
        elif word == "clear":
            self.net = Net.ABSENT
        elif word not in ("disarm", "fire", "read"):
            return None
        return Output(f"ronda-guard {self.net}\n", 0, 0.0)

    def fetch(self, text: str, limit_s: float, most: int) -> bytes:
        return self.run(text, limit_s).text.encode()

    def put(self, data: bytes, place: str, limit_s: float) -> Output:
        output = self.run(f"put {place}", limit_s)
        self.files[place] = data
        return output

    def close(self) -> None:
        pass


class WordGuard:
    """A guard whose commands are single words."""

    def prove(self, run: int) -> Sequence[Command]:
        return [_command("prove")]

    def prepare(self, run: int) -> Sequence[Command]:
        return [_command("prepare")]

    def arm(self, run: int, undo: Sequence[str], after_s: int) -> Sequence[Command]:
        return [_command(f"arm {after_s}")]

    def disarm(self, run: int) -> Command:
        return _command("disarm")

    def fire(self, run: int) -> Command:
        return _command("fire")

    def read(self, run: int) -> Command:
        return _command("read")

    def clear(self, run: int) -> Command:
        return _command("clear")

    def folder(self, run: int) -> str:
        return f"/guard/{run}"


def _command(text: str) -> Command:
    return Command(text, 0)


@dataclass(slots=True)
class Eyes:
    """Sees a proof from `good_at` on."""

    good_at: float = 0.0
    asked: list[Look] = field(default_factory=list)

    def begin(self, look: Look, site: str, now: float) -> None:
        self.asked.append(look)

    def seen(self, look: Look, site: str, since: float, now: float) -> Seen:
        return Seen(True, "seen") if now >= self.good_at else Seen(False, "has not reported since")


@dataclass(slots=True)
class Notes:
    """A diary in memory; `after`: called when a step has been begun, with its number."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)
    until: float | None = None
    after: Callable[[int], None] = lambda _: None

    def begin(self, step: Planned) -> None:
        self.lines.append((step.number, step.shown, "running"))
        self.after(step.number)

    def end(
        self, step: Planned, state: StepState, output: Output | None = None, reason: str = ""
    ) -> None:
        assert self.lines[-1][:1] == (step.number,)
        self.lines[-1] = (step.number, step.shown, state.value)

    def guarded(self, until: float) -> None:
        self.until = until

    @property
    def shown(self) -> list[str]:
        return [f"{shown} {state}" for _, shown, state in self.lines]
