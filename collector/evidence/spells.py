"""A timeline in whole seconds, without a hole: what holds, why, and how that is known. Pure.

Every boundary is rounded once, before anything is cut or added up: so the seconds of a stretch are
those of its parts, however it is divided.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from collector.availability import Interval, State
from collector.evidence.moments import whole

# the source of what nobody says anything about: the site did not count then
NONE = "none"
# lines of evidence that a sealed record keeps of one spell, and how long each may be
MOST_LINES, LONGEST_LINE = 6, 300


@dataclass(frozen=True, slots=True)
class Said:
    """A person said when why it was; beside it the guess that was there. Who and why: the act."""

    at: float
    cause: str = ""
    percent: int = 0
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spell:
    """One state from second `begin` to before `end`; `percent`: how sure the cause is."""

    begin: int
    end: int
    state: str
    cause: str = ""
    percent: int = 0
    source: str = "live"
    evidence: tuple[str, ...] = ()
    said: Said | None = None

    @property
    def seconds(self) -> int:
        return self.end - self.begin

    @property
    def counts(self) -> bool:
        """The site, or what it is about, counted then."""
        return self.source != NONE

    def like(self, other: "Spell") -> bool:
        return self._told() == other._told()

    def within(self, begin: int, end: int) -> "Spell":
        """The same from another second to another."""
        if begin == self.begin and end == self.end:
            return self
        # `replace` takes three times as long, and a month of a regency has a million of them
        return Spell(begin, end, *self._told())

    def _told(self) -> tuple[str, str, int, str, tuple[str, ...], Said | None]:
        return self.state, self.cause, self.percent, self.source, self.evidence, self.said


def hole(begin: int, end: int) -> Spell:
    """Nobody was to look then."""
    return Spell(begin, end, State.UNKNOWN, source=NONE)


def of(intervals: Iterable[Interval], begin: int, end: int, known: float) -> list[Spell]:
    """Intervals as spells of [begin, end); nothing holds beyond `known`, what the centre has seen.

    What they do not speak of is a hole; what lies beyond `known` is unknown.
    """
    made: list[Spell] = []
    seen = whole(min(known, end))
    for interval in intervals:
        first = whole(interval.since)
        last = seen if interval.until is None else whole(min(interval.until, known))
        spell = _spell(interval, max(first, begin), min(last, end))
        if spell.begin < spell.end:
            made.append(spell)
        if interval.until is None and spell.counts and first < end:
            beyond = max(seen, first, begin)
            made += [Spell(beyond, end, State.UNKNOWN)] if beyond < end else []
    return filled(made, begin, end)


def filled(spells: Iterable[Spell], begin: int, end: int) -> list[Spell]:
    """The part of sorted spells within [begin, end), with holes where there is none; merged."""
    made: list[Spell] = []
    at = begin
    for spell in spells:
        first, last = max(spell.begin, at), min(spell.end, end)
        if first < last:
            made += [hole(at, first)] if at < first else []
            made.append(spell.within(first, last))
            at = last
    made += [hole(at, end)] if at < end else []
    return merged(made)


def merged(spells: Iterable[Spell]) -> list[Spell]:
    """Neighbours that tell the same are one spell."""
    made: list[Spell] = []
    for spell in spells:
        if made and made[-1].end == spell.begin and made[-1].like(spell):
            made[-1] = spell.within(made[-1].begin, spell.end)
        else:
            made.append(spell)
    return made


def over(
    beneath: Sequence[Spell],
    above: Sequence[Spell],
    told: Callable[[Spell, Spell], Spell],
) -> list[Spell]:
    """Two timelines of one stretch as one: `told` says what holds where both do."""
    made: list[Spell] = []
    lower, upper = iter(beneath), iter(above)
    one, two = next(lower, None), next(upper, None)
    while one is not None and two is not None:
        begin, end = max(one.begin, two.begin), min(one.end, two.end)
        if begin < end:
            made.append(told(one, two).within(begin, end))
        one = next(lower, None) if one.end == end else one
        two = next(upper, None) if two.end == end else two
    return merged(made)


def _spell(interval: Interval, begin: int, end: int) -> Spell:
    word = interval.word
    said = None
    if word is not None and interval.state != State.MAINTENANCE:
        said = Said(word.at, word.cause, _percent(word.confidence), _lines(word.evidence))
    return Spell(
        begin,
        end,
        interval.state,
        interval.cause,
        _percent(interval.confidence),
        interval.source,
        # what people said names them, and a name must not be sealed where it cannot be taken out
        () if word is not None else _lines(interval.evidence or _reason(interval)),
        said,
    )


def _reason(interval: Interval) -> tuple[str, ...]:
    return () if interval.state == State.NORMAL or not interval.reason else (interval.reason,)


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line[:LONGEST_LINE] for line in lines)[:MOST_LINES]


def _percent(confidence: float) -> int:
    return round(confidence * 100)
