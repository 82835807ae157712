"""What waits to be reported: a frame of numbers or a finding, numbered by the spool."""

from array import array
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """All numbers of one moment, in the order of the layout; NaN is null.

    `at` is the wall clock as it was, right or wrong, `up` the seconds since boot.
    """

    n: int
    at: float
    up: float
    layout: str
    values: "array[float]"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check changed its verdict, and why; `site` is "" for the agent's own."""

    n: int
    at: float
    up: float
    check: str
    verdict: str
    reason: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one spool (one run of the agent on one boot) to go in one report."""

    spool: str
    boot: str
    frames: tuple[Frame, ...] = ()
    findings: tuple[Finding, ...] = ()
    layouts: dict[str, Names] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        return sorted([*(f.n for f in self.frames), *(f.n for f in self.findings)])

    def __len__(self) -> int:
        return len(self.frames) + len(self.findings)

    def first(self, count: int) -> "Batch":
        """The batch cut to its first `count` entries in the order of their numbers."""
        return self.only(self.numbers[:count])

    def without(self, numbers: Container[int]) -> "Batch":
        return self.only([n for n in self.numbers if n not in numbers])

    def only(self, numbers: Iterable[int]) -> "Batch":
        """The batch with these entries, and the layouts they need."""
        kept = set(numbers)
        frames = tuple(f for f in self.frames if f.n in kept)
        findings = tuple(f for f in self.findings if f.n in kept)
        used = {f.layout for f in frames}
        layouts = {key: names for key, names in self.layouts.items() if key in used}
        return Batch(self.spool, self.boot, frames, findings, layouts)


class Ranges:
    """A set of whole numbers that mostly follow each other, kept as ranges."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._pairs: list[tuple[int, int]] = []
        for first, last in pairs:
            self.add(first, last)

    def add(self, first: int, last: int) -> None:
        """Take in all from `first` to `last`, both included."""
        before = [p for p in self._pairs if p[1] < first - 1]
        after = [p for p in self._pairs if p[0] > last + 1]
        for low, high in self._pairs[len(before) : len(self._pairs) - len(after)]:
            first, last = min(first, low), max(last, high)
        self._pairs = [*before, (first, last), *after]

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        return any(first <= number <= last for first, last in self._pairs)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        """How many ranges, not how many numbers."""
        return len(self._pairs)
