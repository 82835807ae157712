"""A playbook: what may be done to a device, how it is proved, and how it is undone.

A file of `playbooks/library` or of DATA/playbooks becomes one of these, or is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Platform = StrEnum("Platform", "ROUTEROS OPENWRT DEBIAN")


class Level(StrEnum):
    """Who may run it: the village itself; a technician; a technician with a second person."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Phase(StrEnum):
    """The parts of a recipe, in the order they run; UNDO runs only on the way back."""

    PRECHECK = "precheck"
    SNAPSHOT = "snapshot"
    DO = "do"
    VERIFY = "verify"
    PERSIST = "persist"
    UNDO = "undo"


class Kind(StrEnum):
    """Types of values that a command may hold."""

    IP = "ip"
    CIDR = "cidr"
    HOSTNAME = "hostname"
    INTERFACE = "interface"
    IDENTIFIER = "identifier"
    ENUM = "enum"
    INT = "int"
    SECRET = "secret"
    ARCHIVE = "archive"


class Proof(StrEnum):
    """What the collector can see for itself once something was done."""

    HEARTBEAT = "heartbeat"
    CHECK = "check"
    HOLDS = "holds"

    @property
    def takes_subject(self) -> bool:
        return self is not Proof.HEARTBEAT


Words = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that whoever runs the playbook gives; `choices` of an enum, bounds of an int."""

    name: str
    kind: Kind
    title: Words
    line: int = 1
    default: str | None = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """A value read from what a command prints: all of it, or the first group of `match` (RE2)."""

    name: str
    kind: Kind
    match: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command on the device; `text` holds parameters as @{name}.

    It succeeds when it ends with one of `exits`, its output has `expect` in it and not `refuse`
    (both RE2). `archive`: the output is a file to be kept, not words to be shown.
    """

    text: str
    line: int
    expect: str = ""
    refuse: str = ""
    exits: tuple[int, ...] = (0,)
    limit_s: float = 30.0
    keep: Keep | None = None
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """One of the centre's own files, laid into the run's folder on the device before the act.

    `source`: AGENT, or @{name} of a parameter of type `archive`; `place` begins with @{guard}/.
    """

    source: str
    place: str
    line: int
    limit_s: float = 300.0


# the single-file agent, as a source of Put
AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Look:
    """One proof from the collector's side, which must come within `within_s` of the act.

    `heartbeat`: a report measured after it. `check`: that check good, probed after it. `holds`:
    the PromQL in `subject`, asked of this site alone, answers something.
    """

    proof: Proof
    line: int
    within_s: float
    subject: str = ""


Step = Command | Look | Put


def words_of(step: Step) -> str:
    """All of a step in which parameters may stand."""
    match step:
        case Command():
            return step.text
        case Look():
            return step.subject
    return f"{step.source} {step.place}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a playbook does on one platform."""

    precheck: tuple[Command, ...] = ()
    snapshot: tuple[Command | Put, ...] = ()
    do: tuple[Command, ...] = ()
    verify: tuple[Command | Look, ...] = ()
    persist: tuple[Command, ...] = ()
    undo: tuple[Command, ...] = ()
    line: int = 1

    def phases(self) -> Iterator[tuple[Phase, tuple[Step, ...]]]:
        """Each phase with its steps, in the order they are written down."""
        yield Phase.PRECHECK, self.precheck
        yield Phase.SNAPSHOT, self.snapshot
        yield Phase.DO, self.do
        yield Phase.VERIFY, self.verify
        yield Phase.PERSIST, self.persist
        yield Phase.UNDO, self.undo

    @property
    def guarded(self) -> bool:
        """Is there something a device must be able to take back by itself?"""
        return bool(self.undo)

    @property
    def proof_s(self) -> float:
        """The longest that proving may take."""
        return sum(
            step.limit_s if isinstance(step, Command) else step.within_s for step in self.verify
        )


@dataclass(frozen=True, slots=True)
class Playbook:
    """`changes`: it changes the device. `cannot_undo`: why nothing takes its changes back."""

    name: str
    title: Words
    level: Level
    file: str
    recipes: Mapping[Platform, Recipe]
    params: tuple[Parameter, ...] = ()
    blocked_when: tuple[str, ...] = ()
    changes: bool = True
    cannot_undo: Words = field(default_factory=dict)
    danger: Words = field(default_factory=dict)
