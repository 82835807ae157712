"""When may a line be measured, and what came of it? Pure: the time comes in, a step goes out.

At most one run a night and one on request a day; a run is three samples some minutes apart. The
best of them counts: what others use of the line can only make a sample smaller.
"""

import math
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from agent.schedule import place
from agent.strict import Refused, build

DAY_S = 86400
SAMPLES = 3
# three samples span more than the five minutes for which a line must be slow to be called so
APART_S = 170.0
# after a sample that could not be had
AGAIN_S = 45.0
_MOST_TRIES = 12
_ASKED_WITHIN_S = 1800.0
_ASKED_EVERY_S = 20 * 3600.0
# a run that begins so late could not end
_NEEDS_S = 600.0
# a result speaks until the night after it is over
_SPEAKS_S = 30 * 3600.0


class Missed(StrEnum):
    """Why a night brought no number."""

    BUSY = "busy"  # people used the line, or the centre was
    FAILED = "failed"
    METERED = "metered"  # each byte is paid for, or those of a day are bounded


class Step(StrEnum):
    """What to do in this round."""

    REST = "rest"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours: seconds of the day in the site's zone, which is `offset_s` ahead of UTC."""

    begins_s: int
    ends_s: int
    offset_s: int = 0

    @property
    def length_s(self) -> int:
        return (self.ends_s - self.begins_s) % DAY_S or DAY_S

    def night(self, now: float) -> float:
        """When the quiet hours that are on, or were last, began."""
        passed_s = (now + self.offset_s - self.begins_s) % DAY_S
        return now - passed_s

    def own_turn(self, now: float, name: str) -> float:
        """When this one's turn is in that night: spread evenly over names."""
        room_s = max(0.0, self.length_s - max(_NEEDS_S, self.length_s / 10))
        return self.night(now) + place(name, room_s)


def read_hours(text: str, offset_s: int) -> Hours:
    """`02.00-04.00` as hours; ValueError when it is none."""
    begins, dash, ends = text.partition("-")
    made = Hours(_of_day(begins), _of_day(ends), offset_s)
    if not dash or not 1800 <= made.length_s <= DAY_S // 2:
        raise ValueError("must be 30 minutes to 12 hours")
    return made


@dataclass(frozen=True, slots=True)
class Sample:
    """Bits per second down and up (0: not measured); `floor`: what else was the limit."""

    down: float
    up: float = 0.0
    floor: str = ""

    def check(self) -> None:
        _finite(self)


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of earlier rounds; it outlasts a restart."""

    night: float = 0.0  # the newest one that was taken up
    asked_at: float = 0.0
    until: float = 0.0  # end of the run that is on; 0: none is
    next_at: float = 0.0
    tries: int = 0
    samples: tuple[Sample, ...] = ()
    ended_at: float = 0.0  # of the last run
    result: Sample | None = None
    why: str = ""  # there is no result, or what keeps the run from its next sample
    busy: bool = False  # what keeps it is that others use the line
    measured: int = 0  # nights that brought a number
    # nights that brought none, by why
    missed: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        _finite(self)
        if len(self.samples) > SAMPLES:
            raise Refused("samples", f"{len(self.samples)}, {SAMPLES} at most")

    @property
    def running(self) -> bool:
        return self.until > 0


def plan(book: Book, hours: Hours, name: str, now: float, asked: bool) -> Book:
    """The book at `now`: a run begun when it is time, ended when its time is over."""
    if book.running and (now >= book.until or book.tries >= _MOST_TRIES):
        book = _end(book, now)
    if not book.running and asked and now - book.asked_at >= _ASKED_EVERY_S:
        return _begin(replace(book, asked_at=now), now + _ASKED_WITHIN_S)
    night = hours.night(now)
    ends = night + hours.length_s
    due = hours.own_turn(now, name) <= now < ends - _NEEDS_S / 2
    if not book.running and due and abs(book.night - night) > DAY_S / 2:
        return _begin(replace(book, night=night), ends)
    return book


def step(book: Book, now: float, busy: str) -> tuple[Step, Book]:
    """Whether to take a sample now; `busy` says why the line is not free."""
    if not book.running or now < book.next_at:
        return Step.REST, book
    if busy:
        return Step.REST, replace(book, why=busy, busy=True)
    return Step.MEASURE, replace(book, why="", busy=False, tries=book.tries + 1)


def passed_over(book: Book, hours: Hours, name: str, now: float) -> Book:
    """The book of a line that is never measured: each night is counted when its turn comes."""
    night = hours.night(now)
    if hours.own_turn(now, name) > now or abs(book.night - night) <= DAY_S / 2:
        return book
    return replace(book, night=night, missed=_one_more(book, Missed.METERED))


def took(book: Book, sample: Sample, now: float) -> Book:
    """After a sample; the third ends the run."""
    book = replace(book, samples=(*book.samples, sample), next_at=now + APART_S)
    return _end(book, now) if len(book.samples) >= SAMPLES else book


def missed(book: Book, why: str, now: float, after_s: float = AGAIN_S, busy: bool = False) -> Book:
    """A sample could not be had; `busy`: because others were served."""
    return replace(book, why=why, busy=busy, next_at=now + max(after_s, AGAIN_S))


def speaks(book: Book, now: float) -> bool:
    """Does the last run still say how the line is?"""
    return book.ended_at > 0 and -DAY_S < now - book.ended_at < _SPEAKS_S


def best(samples: tuple[Sample, ...]) -> Sample:
    """The most that came through; a floor stays one only where the best was one."""
    top = max(samples, key=lambda sample: sample.down)
    return replace(top, up=max(sample.up for sample in samples))


def _begin(book: Book, until: float) -> Book:
    return replace(book, until=until, next_at=0.0, tries=0, samples=(), why="")


def _end(book: Book, now: float) -> Book:
    whole = len(book.samples) >= SAMPLES
    why = "" if whole else book.why or "the time was too short for three samples"
    result = best(book.samples) if whole else None
    book = replace(book, until=0.0, samples=(), ended_at=now, result=result, why=why)
    if whole:
        return replace(book, measured=book.measured + 1)
    return replace(book, missed=_one_more(book, Missed.BUSY if book.busy else Missed.FAILED))


def _one_more(book: Book, why: Missed) -> dict[str, int]:
    return {**book.missed, why.value: book.missed.get(why.value, 0) + 1}


def _finite(row: Sample | Book) -> None:
    for one in fields(row):
        value = getattr(row, one.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(one.name, f"{value} is no number")


def as_table(book: Book) -> dict[str, Any]:
    return asdict(book)


def from_table(table: object, now: float) -> Book:
    """A book that was kept; Refused when it is none, or speaks of days to come."""
    book = build(Book, table)
    for name in ("night", "asked_at", "until", "next_at", "ended_at"):
        if getattr(book, name) > now + 2 * DAY_S:
            raise Refused(name, "lies in the future")
    unknown = sorted(set(book.missed) - {*Missed})
    if unknown:
        raise Refused("missed", f"{unknown[0]!r} is not one of {', '.join(Missed)}")
    return book


def _of_day(text: str) -> int:
    hour, dot, minute = text.strip().replace(":", ".").partition(".")
    if not (hour.isdigit() and minute.isdigit() and dot) or int(hour) > 24 or int(minute) > 59:
        raise ValueError(f"expected 02.00-04.00, got {text[:20]!r}")
    return (int(hour) * 3600 + int(minute) * 60) % DAY_S
