"""What a timeline came to: seconds by state, cause and fault, outages, how long they were. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from collector.availability import State
from collector.evidence.faults import fault_of
from collector.evidence.schedule import Span
from collector.evidence.spells import Spell

STATES = tuple(str(state) for state in State)


@dataclass(slots=True)
class Tally:
    """Sums over one thing or many; `period_s` is exactly the sum of the five states.

    `begun`: outages that began within; `carried`: those that were there before.
    """

    period_s: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    not_counted_s: int = 0  # of the unknown ones
    corrected_s: int = 0  # of which a person said why
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)  # by state and cause
    faults: Counter[str] = field(default_factory=Counter)  # of the seconds down
    begun: int = 0
    carried: int = 0
    longest_s: int = 0

    def add(self, other: "Tally") -> None:
        """Take in what another one came to."""
        self.period_s += other.period_s
        self.seconds.update(other.seconds)
        self.not_counted_s += other.not_counted_s
        self.corrected_s += other.corrected_s
        self.causes.update(other.causes)
        self.faults.update(other.faults)
        self.begun += other.begun
        self.carried += other.carried
        self.longest_s = max(self.longest_s, other.longest_s)

    @property
    def outages(self) -> int:
        return self.begun + self.carried

    @property
    def known_s(self) -> int:
        """What is judged: neither unknown nor worked on."""
        return sum(self.seconds[state] for state in (State.NORMAL, State.SLOW, State.DOWN))

    @property
    def mttr_s(self) -> int | None:
        """How long an outage lasts, on the average, in whole seconds; None: there was none."""
        return _mean(self.seconds[State.DOWN], self.outages)

    @property
    def mtbf_s(self) -> int | None:
        """How long it works between outages, likewise."""
        return _mean(self.seconds[State.NORMAL] + self.seconds[State.SLOW], self.outages)

    def share(self, *states: str) -> Fraction | None:
        """The part of what is judged that these states are, exactly; None: nothing is."""
        spent = sum(self.seconds[state] for state in states)
        return Fraction(spent, self.known_s) if self.known_s else None


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch without any second that is not down: its spells, each with its cause."""

    parts: tuple[Spell, ...]

    @property
    def begin(self) -> int:
        return self.parts[0].begin

    @property
    def end(self) -> int:
        return self.parts[-1].end

    @property
    def seconds(self) -> int:
        return self.end - self.begin


def tally(spells: Sequence[Spell], spans: Sequence[Span], begin: int) -> Tally:
    """Sums of what lies within `spans`; an outage that began before `begin` was carried in."""
    made = Tally(period_s=sum(end - start for start, end in spans))
    for spell, seconds in _within(spells, spans):
        made.seconds[spell.state] += seconds
        made.not_counted_s += 0 if spell.counts else seconds
        made.corrected_s += seconds if spell.said is not None else 0
        if spell.state != State.NORMAL and spell.counts:
            made.causes[spell.state, spell.cause] += seconds
        if spell.state == State.DOWN:
            made.faults[fault_of(spell.cause)] += seconds
    for outage in outages(spells):
        inside = sum(seconds for _, seconds in _within(outage.parts, spans))
        if inside:
            made.begun += outage.begin >= begin
            made.carried += outage.begin < begin
            made.longest_s = max(made.longest_s, inside)
    return made


def outages(spells: Iterable[Spell]) -> Iterator[Outage]:
    """The outages of a timeline, whole, in order."""
    parts: list[Spell] = []
    for spell in spells:
        if parts and (spell.state != State.DOWN or spell.begin != parts[-1].end):
            yield Outage(tuple(parts))
            parts = []
        if spell.state == State.DOWN:
            parts.append(spell)
    if parts:
        yield Outage(tuple(parts))


def _within(spells: Sequence[Spell], spans: Sequence[Span]) -> Iterator[tuple[Spell, int]]:
    """Each spell with the seconds of it in the spans; both are sorted."""
    place = 0
    for spell in spells:
        while place < len(spans) and spans[place][1] <= spell.begin:
            place += 1
        inside, at = 0, place
        while at < len(spans) and spans[at][0] < spell.end:
            inside += min(spell.end, spans[at][1]) - max(spell.begin, spans[at][0])
            at += 1
        if inside:
            yield spell, inside


def _mean(total: int, count: int) -> int | None:
    # half up, in whole numbers
    return (2 * total + count) // (2 * count) if count else None
