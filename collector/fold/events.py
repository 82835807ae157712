"""What the records of a batch say, in their order, before anything is concluded from it."""

# not frozen: that would double what it costs to make the one or two that each report is
from dataclasses import dataclass
from functools import lru_cache

from agent.report import series
from collector import shortfall
from collector.fold.memory import Memory, Pulse
from collector.fold.shapes import Shape, Values
from collector.fold.sites import Site
from collector.intake.timing import AGREES_S, NEVER
from collector.intake.wire import Finding
from collector.judge import Code, Sign, falling, light_lately, slow_since
from collector.series.layouts import Layout

# share of an agent's beacons that did not come
BEACON_LOSS = "ronda_beacon_loss_ratio"

# what an agent's own clock said stays known: its time is ours plus the first of these
CLOCK_SERIES = ("ronda_host_clock_skew_seconds", "ronda_host_clock_uncertain_seconds")


@dataclass(slots=True, eq=False)
class Contact:
    """A report came in at `at`; `up` is the agent's uptime, if told."""

    memory: Memory
    at: float
    rev: int
    up: float | None
    rebooted: bool  # since its last report
    every_s: float | None = None  # how often it reports for now, by its own word


@dataclass(slots=True, eq=False)
class Sampled:
    """A live frame of `time`: the newest word of its agent, judged as `shape.codes[index]`."""

    memory: Memory
    at: float
    rev: int
    time: float
    before: float  # time of the live frame before it
    near_s: float  # how far apart frames may be to be neighbours
    shape: Shape
    index: int
    values: Values
    contracts: tuple[float, ...] = ()  # of its measured lines

    @property
    def code(self) -> int:
        code = self.shape.codes[self.index]
        lasted_s = self.time - self.memory.short_at
        short = code == Code.NORMAL and self.contracts and lasted_s >= shortfall.LASTS_S
        # with nothing short it has "lasted" since ever
        return Code.SLOW if short and self.memory.short_at > NEVER else code

    def remember(self) -> None:
        """What the agent's memory keeps of it."""
        memory = self.memory
        memory.carry(self.shape, self.time)
        memory.signs = int(self.shape.signs[self.index] | self._light())
        self._devices()
        self._measured()
        memory.slow_at = slow_since(self.code, self.time, memory.slow_at, self.before, self.near_s)

    def _light(self) -> int:
        levels = [v for place in self.shape.where.light if (v := self.values[place]) is not None]
        if not levels:
            return 0
        memory, level = self.memory, min(levels)
        passed_s = self.time - self.before if self.before > NEVER else 0.0
        memory.light = light_lately(memory.light, level, passed_s)
        return Sign.LIGHT_FALLING if falling(memory.light, level) else 0

    def _measured(self) -> None:
        where, part = self.shape.where, self.shape.limits.slow_contract_ratio
        short = bool(self.contracts) and (
            shortfall.short(self.values, where.measured, self.contracts, part) >= 0
        )
        memory = self.memory
        memory.short_at = shortfall.since(
            short, self.time, memory.short_at, self.before, self.near_s
        )

    def _devices(self) -> None:
        where = self.shape.where.uptimes
        if where and (known := [v for place in where if (v := self.values[place]) is not None]):
            self.memory.started = self.time - max(known), self.time - min(known), self.time


@dataclass(slots=True, eq=False)
class Past:
    """One late frame: where we placed it, what its own clock said, how wrong we may be."""

    time: float
    values: Values
    sent: float
    error_s: float

    @property
    def moved(self) -> bool:
        return self.error_s > 0 or abs(self.sent - self.time) > AGREES_S


@dataclass(slots=True, eq=False)
class Recalled:
    """Frames of the past, of one report and one layout, sorted by time."""

    memory: Memory
    at: float
    rev: int
    shape: Shape
    layout: Layout
    frames: list[Past]


@dataclass(slots=True, eq=False)
class Found:
    """A verdict changed at `time`; `site`: that it is about, None for one that nobody knows."""

    memory: Memory
    at: float
    rev: int
    time: float
    finding: Finding
    kind: str
    live: bool
    site: Site | None


@dataclass(slots=True, eq=False)
class Moved:
    """A live entry stands at `time` though its agent's clock said `sent`."""

    memory: Memory
    at: float
    rev: int
    time: float
    sent: float
    error_s: float


@dataclass(slots=True, eq=False)
class Farewell:
    """The agent announced that it is being switched off."""

    memory: Memory
    at: float
    rev: int


@dataclass(slots=True, eq=False)
class Clashed:
    """Two live agents used this agent's token."""

    memory: Memory
    at: float
    rev: int


@dataclass(slots=True, eq=False)
class Second:
    """A tick of the centre; `good` when it took reports and was not blind. `by` which ingest."""

    at: float
    rev: int
    good: bool
    by: str = ""


@dataclass(slots=True, eq=False)
class Heard:
    """What an ingest (`by`) told of beacons; `began`: it knows nothing of before."""

    at: float
    rev: int
    began: bool
    pulses: list[tuple[Memory, Pulse]]
    by: str = ""


@dataclass(slots=True, eq=False)
class Lossy:
    """So many of an agent's beacons did not come lately."""

    memory: Memory
    at: float
    rev: int
    ratio: float


Event = Contact | Sampled | Recalled | Found | Moved | Farewell | Clashed | Heard | Lossy | Second


@lru_cache(maxsize=4096)
def check_series(check: str, kind: str) -> str:
    """A finding is a sample of this series, too."""
    return series("ronda_check_up", {"check": check, "kind": kind})
