"""A run by the product's own hands, in process: only what the collector sees is played."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playbooks import quoting, values
from playbooks.diary import Ending
from playbooks.guards.table import GUARDS
from playbooks.hosts import Host
from playbooks.looks import Seen
from playbooks.model import Look, Playbook
from playbooks.plan import Planned, plan
from playbooks.runner import Runner, Work
from playbooks.session import Output, Session
from playbooks.states import StepState
from playbooks.times import Times
from playbooks.transport.connecting import connect
from tests.playbooks.books import books

RUN = 7
NOC = "198.51.100.1"
BOOKS = books()
# so much faster than ours goes the time of a stand-in, and with it that of who waits for it
SPEED = 4


class Clock:
    """Goes as ours, and further when somebody does not wait to the end."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def pause(self, seconds: float) -> None:
        short = seconds / (5 * SPEED)
        time.sleep(short)
        self.ahead += seconds - short


@dataclass
class Watcher:
    """Sees every proof at once, or none, and then the whole time for it is over."""

    good: bool
    clock: Clock
    asked: list[Look] = field(default_factory=list)

    def begin(self, look: Look, site: str, now: float) -> None:
        self.asked.append(look)

    def seen(self, look: Look, site: str, since: float, now: float) -> Seen:
        if not self.good:
            self.clock.ahead += look.within_s
        return Seen(self.good, "seen" if self.good else "has not reported since")


@dataclass
class Record:
    """A diary in memory: each step with how it ended."""

    steps: list[tuple[str, StepState, str, str]] = field(default_factory=list)
    until: float | None = None

    def begin(self, step: Planned) -> None:
        self.steps.append((step.shown, StepState.RUNNING, "", ""))

    def end(
        self, step: Planned, state: StepState, output: Output | None = None, reason: str = ""
    ) -> None:
        self.steps[-1] = (step.shown, state, "" if output is None else output.text, reason)

    def guarded(self, until: float) -> None:
        self.until = until

    @property
    def printed(self) -> str:
        return "\n".join(text for _, _, text, _ in self.steps)


@dataclass
class Tried:
    """How a run ended, and what is known of it at the centre."""

    ending: Ending
    record: Record
    archives: list[bytes]
    watcher: Watcher


def ready(host: Host, playbook: Playbook, given: Mapping[str, str], run: int) -> dict[str, str]:
    """All that the recipe of this platform names."""
    needed = quoting.named(playbook.recipes[host.platform])
    chosen = values.accepted(playbook.params, given, needed)
    guard = GUARDS[host.platform].folder(run) or "none"
    return {**chosen, "run": str(run), "site": host.site, "noc": NOC, "guard": guard}


def runner(watcher: Watcher, keep: Callable[[bytes], None]) -> Runner:
    def kept(_: Work, data: bytes) -> str:
        keep(data)
        return f"{len(data)} bytes are kept"

    def opened(host: Host) -> Session:
        return connect(host)

    clock = watcher.clock
    return Runner(opened, GUARDS, watcher, Times(clock, clock, clock.pause), kept)


def tried(host: Host, name: str, given: Mapping[str, str], good: bool) -> Tried:
    """One run on one device, to its end."""
    playbook = BOOKS[name]
    known = ready(host, playbook, given, RUN)
    work = Work(RUN, name, host, plan(playbook, host.platform, known), known)
    archives: list[bytes] = []
    watcher, record = Watcher(good, Clock()), Record()
    ending = runner(watcher, archives.append).go(work, record)
    return Tried(ending, record, archives, watcher)
