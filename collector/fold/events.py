"""What the records of a batch say, in their order, before anything is concluded from it."""

from dataclasses import dataclass

from collector.fold.memory import Memory
from collector.fold.shapes import Shape, Values
from collector.intake.wire import Finding


@dataclass(frozen=True, slots=True)
class Contact:
    """A report came in at `at`; `up` is the agent's uptime, `boot_before` that of its last one."""

    memory: Memory
    at: float
    rev: int
    up: float | None
    boot_before: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """A live frame of `time`: the newest word of its agent, judged as `shape.codes[index]`."""

    memory: Memory
    at: float
    rev: int
    time: float
    shape: Shape
    index: int
    values: Values


@dataclass(frozen=True, slots=True)
class Recalled:
    """Frames of the past, of one report and one list of series; sorted by time."""

    memory: Memory
    at: float
    rev: int
    shape: Shape
    times: list[float]
    values: list[Values]


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict changed at `time`."""

    memory: Memory
    at: float
    rev: int
    time: float
    finding: Finding
    live: bool


@dataclass(frozen=True, slots=True)
class Farewell:
    """The agent announced that it is being switched off."""

    memory: Memory
    at: float
    rev: int


@dataclass(frozen=True, slots=True)
class Second:
    """A tick of the centre; `good` when it took reports and was not blind."""

    at: float
    rev: int
    good: bool


Event = Contact | Sampled | Recalled | Found | Farewell | Second
