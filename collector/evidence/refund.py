"""What a provider owes for a month of a line, and by which outages. Pure, in whole numbers.

counted = outages - what is excluded - what is before the clock starts, each over `min_event_s`
pro_rata_all      fee x counted / month              ( /sla: / (month x sla) )
beyond_threshold  fee x (counted - held x (1 - sla)) / month
tier_table        fee x held / month x the step that (held - counted) / held falls in
`held` is the part of the month in which the contract holds: nobody pays, or promises, for more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from collector.evidence import faults, terms
from collector.evidence.faults import fault_of
from collector.evidence.spells import Spell
from collector.evidence.tally import Outage, outages
from collector.evidence.terms import Terms

# which exclusion a fault falls under; the provider's own and what nobody knows are under none
_UNDER = {
    faults.POWER: terms.POWER,
    faults.PLANNED: terms.PLANNED,
    faults.OTHERS: terms.FORCE,
    faults.VILLAGE: terms.VILLAGE,
    faults.PAYER: terms.VILLAGE,
    faults.OWNER: terms.VILLAGE,
    faults.REGENCY: terms.VILLAGE,
}
Span = tuple[int, int]


class Why(StrEnum):
    """Why an outage is counted, or is not."""

    COUNTED = "counted"
    EXCLUDED = "excluded"
    SHORT = "short"
    NO_TICKET = "no_ticket"
    LATE_TICKET = "ticket_after_the_end"
    NOT_YET = "outside_the_contract"


@dataclass(frozen=True, slots=True)
class Exempt:
    """A stretch that no provider answers for: force_majeure or planned, and why."""

    begin: int
    end: int
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """An incident from `begin` to `end`, for which the provider gave a ticket at a moment."""

    begin: int
    end: int
    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of an outage that does not count."""

    begin: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Counted:
    """One outage in a month: what of it lies there, what of that counts, and why not the rest."""

    outage: Outage
    why: Why
    cuts: tuple[Cut, ...]
    ticket: str
    seconds: int  # that count, in this month
    rounded_s: int  # as the contract rounds them


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed for one line: `month_s` seconds of the month, those of them that the contract
    holds, those that count, rupiah."""

    terms: Terms
    month_s: int
    held_s: int
    counted_s: int
    rupiah: int
    arithmetic: str
    events: tuple[Counted, ...]

    @property
    def availability(self) -> Fraction:
        return Fraction(self.held_s - self.counted_s, self.held_s) if self.held_s else Fraction(1)


def owed(
    told: Terms,
    spells: Sequence[Spell],
    month: Span,
    running: Span,
    exempt: Sequence[Exempt] = (),
    tickets: Sequence[Ticket] = (),
) -> Owed:
    """What a month comes to; `spells` reach beyond the month, so that an outage across its border
    is as long as it was. `running`: from when until when the contract holds."""
    events = tuple(
        _counted(outage, told, month, running, exempt, tickets)
        for outage in outages(spells)
        if outage.begin < month[1] and outage.end > month[0]
    )
    month_s, held_s = month[1] - month[0], sum(b - a for a, b in _clipped([month], running))
    counted_s = min(held_s, sum(event.rounded_s for event in events))
    amount, arithmetic = _amount(told, month_s, held_s, counted_s)
    # nobody pays back more than was paid
    paid = told.fee * held_s / month_s
    rupiah = min(_rounded(amount, told.round_rp), _rounded(paid, told.round_rp))
    return Owed(told, month_s, held_s, counted_s, rupiah, f"{arithmetic} = Rp {rupiah}", events)


def _counted(
    outage: Outage,
    told: Terms,
    month: Span,
    running: Span,
    exempt: Sequence[Exempt],
    tickets: Sequence[Ticket],
) -> Counted:
    start, ticket, missing = _start(outage, told, tickets)
    cuts = _cuts(outage, told, exempt)
    left = _without([(outage.begin, outage.end)], [(cut.begin, cut.end) for cut in cuts])
    after_clock = _clipped(left, (start, outage.end))
    within = _clipped(after_clock, running)
    total = sum(end - begin for begin, end in within)
    seconds = sum(end - begin for begin, end in _clipped(within, month))
    before = sum(end - begin for begin, end in _clipped(within, (outage.begin, month[0])))
    why = Why.COUNTED
    if not left:
        why = Why.EXCLUDED
    elif missing is not None:
        why = missing
    elif not within:
        why = Why.NOT_YET
    elif total <= told.min_event_s:
        why = Why.SHORT
    if why is not Why.COUNTED:
        seconds, before = 0, 0
    # what months make of an outage is together what the contract makes of the whole
    rounded_s = _round(before + seconds, told) - _round(before, told)
    return Counted(outage, why, cuts, ticket, seconds, rounded_s)


def _start(outage: Outage, told: Terms, tickets: Sequence[Ticket]) -> tuple[int, str, Why | None]:
    """When the clock starts, by which ticket; why it never does."""
    mine = [t for t in tickets if t.begin < outage.end and t.end > outage.begin]
    first = min(mine, key=lambda ticket: ticket.at, default=None)
    name = first.name if first is not None else ""
    if told.clock_start != terms.TICKET:
        return outage.begin, name, None
    if first is None:
        return outage.end, "", Why.NO_TICKET
    if first.at >= outage.end:
        return outage.end, name, Why.LATE_TICKET
    return max(outage.begin, first.at), name, None


def _cuts(outage: Outage, told: Terms, exempt: Sequence[Exempt]) -> tuple[Cut, ...]:
    """What is excluded of an outage: by causes, then by what was declared; without overlaps."""
    found = []
    for part in outage.parts:
        under = _UNDER.get(fault_of(part.cause))
        if under in told.exclusions:
            found.append(Cut(part.begin, part.end, f"{under}: {part.cause}"))
    for each in exempt:
        if each.kind not in told.exclusions:
            continue
        taken = [(cut.begin, cut.end) for cut in found]
        for begin, end in _without(_clipped([(each.begin, each.end)], _span(outage)), taken):
            found.append(Cut(begin, end, f"{each.kind}: {each.why}"))
    return tuple(sorted(found, key=lambda cut: cut.begin))


def _amount(told: Terms, month_s: int, held_s: int, counted_s: int) -> tuple[Fraction, str]:
    if told.formula == terms.TIERS:
        works = Fraction(held_s - counted_s, held_s) if held_s else Fraction(1)
        back = next(part for floor, part in terms.tiers_of(told.tiers) if works >= floor)
        share = terms.written(float(back * 100))
        paid = told.fee_rp if held_s == month_s else f"{told.fee_rp} x {held_s} / {month_s}"
        of = f"({held_s} - {counted_s}) / {held_s}"
        return told.fee * held_s / month_s * back, f"{paid} x {share} % for {of}"
    counted, line = Fraction(counted_s), str(counted_s)
    if told.formula.startswith(terms.BEYOND):
        allowed = held_s * (1 - told.promised)
        counted = max(Fraction(0), counted - allowed)
        line = f"max(0, {counted_s} - {held_s} x (1 - {told.sla} %))"
    over, below = Fraction(month_s), str(month_s)
    if told.formula.endswith(terms.BY_SLA):
        over, below = month_s * told.promised, f"({month_s} x {told.sla} %)"
    return told.fee * counted / over, f"{told.fee_rp} x {line} / {below}"


def _round(seconds: int, told: Terms) -> int:
    return rounded_time(seconds, told.round_time)


def rounded_time(seconds: int, how: str) -> int:
    """The seconds of one outage as a contract counts them."""
    unit = {"minute": 60, "hour": 3600}.get(how.partition("_")[0], 1)
    up = unit - 1 if how.endswith("_up") else 0
    return (seconds + up) // unit * unit


def _rounded(amount: Fraction, how: str) -> int:
    """Whole rupiah."""
    if how == "down":
        return amount.numerator // amount.denominator
    if how == "up":
        return -(-amount.numerator // amount.denominator)
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def _span(outage: Outage) -> Span:
    return outage.begin, outage.end


def _clipped(spans: Sequence[Span], to: Span) -> list[Span]:
    cut = [(max(begin, to[0]), min(end, to[1])) for begin, end in spans]
    return [(begin, end) for begin, end in cut if begin < end]


def _without(spans: Sequence[Span], gone: Sequence[Span]) -> list[Span]:
    """Spans without the parts that others cover."""
    left = list(spans)
    for begin, end in gone:
        before = [(a, min(b, begin)) for a, b in left]
        behind = [(max(a, end), b) for a, b in left]
        left = sorted((a, b) for a, b in {*before, *behind} if a < b)
    return left
