"""How much of the day's bytes is used, and what that leaves room for.

FREE --80 %--> SAVING --100 %--> SPENT --125 %--> SHUT, and FREE again when the site's day begins.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Thrift(IntEnum):
    """What may go: all; less often; findings and a word each half hour; a word each hour."""

    FREE = 0
    SAVING = 1
    SPENT = 2
    SHUT = 3


_FROM = ((1.25, Thrift.SHUT), (1.0, Thrift.SPENT), (0.8, Thrift.SAVING))
# the past may have this much of a day: what is new today comes first
BACKLOG_PART = 0.5
_WORD_S = {Thrift.SPENT: 1800.0, Thrift.SHUT: 3600.0}
# a sample holds for so long at the centre, or for so many intervals
_HOLDS_S, _HOLDS_INTERVALS = 300.0, 2.5
_SLOWER = 4.0
# the centre believes nobody who says that it reports less often
_LONGEST_S = 3600.0
# the count is told this often
_TOLD_EVERY_S = 3600.0


def thrift(used: int, most: int | None) -> Thrift:
    """What is left for the day."""
    if most is None:
        return Thrift.FREE
    return next((state for part, state in _FROM if used >= most * part), Thrift.FREE)


def every_s(state: Thrift, planned_s: float) -> float:
    """How often the centre hears from us in this state, where it planned `planned_s`.

    Frames come only so much later that their numbers still hold until the next.
    """
    if state is Thrift.FREE:
        return planned_s
    if state is Thrift.SAVING:
        holds_s = max(_HOLDS_S, _HOLDS_INTERVALS * planned_s)
        return max(planned_s, min(_SLOWER * planned_s, 0.8 * holds_s, _LONGEST_S))
    return max(planned_s, _WORD_S[state])


@dataclass(slots=True)
class Count:
    """Bytes of the day and of the month so far, by the site's calendar."""

    day: str = ""
    today: int = 0
    month: int = 0

    def turn(self, day: str, undated: int) -> None:
        """It is this day; `undated` bytes of the count went before that was known."""
        if day != self.day:
            # the count of a month goes on over its days
            if day[:7] != self.day[:7]:
                self.month = undated
            self.day, self.today = day, undated


class Allowance:
    """`meter` gives the bytes of this run; what earlier runs had stands in `notes`.

    A day only turns by the collector's clock: one that woke up in 1970 forgives nothing.
    """

    def __init__(
        self, meter: Callable[[], int], true: Callable[[], float | None], notes: dict[str, Any]
    ) -> None:
        self.most: int | None = None
        self.offset_s = 0
        self.planned_s = 60.0
        self.count = _recall(notes.get("bytes"))
        self._meter, self._true, self._notes = meter, true, notes
        self._seen, self._undated = meter(), 0
        self._told: tuple[float, Thrift] | None = None

    def look(self) -> Thrift:
        """Count what has gone since the last look; the state that leaves."""
        now = self._meter()
        more, self._seen = now - self._seen, now
        true = self._true()
        if true is not None:
            self.count.turn(_day(true + self.offset_s), self._undated)
        self._undated = self._undated + more if true is None else 0
        self.count.today += more
        self.count.month += more
        self._notes["bytes"] = [self.count.day, self.count.today, self.count.month]
        return self.state

    @property
    def state(self) -> Thrift:
        return thrift(self.count.today, self.most)

    @property
    def every_s(self) -> float:
        return every_s(self.state, self.planned_s)

    @property
    def stretch(self) -> float:
        """How much less often than planned frames are made."""
        return every_s(min(self.state, Thrift.SAVING), self.planned_s) / self.planned_s

    @property
    def spares_backlog(self) -> bool:
        """The past waits for another day."""
        return self.most is not None and self.count.today >= self.most * BACKLOG_PART

    def words(self, steady: float) -> dict[str, Any]:
        """What a report has to say of it: the interval where it is not the planned one, and now
        and then the count."""
        said: dict[str, Any] = {}
        if self.state is not Thrift.FREE:
            said["every_s"] = self.every_s
        told = self._told
        if self.count.day and (
            told is None or told[1] != self.state or steady - told[0] >= _TOLD_EVERY_S
        ):
            count = self.count
            said["used"] = {"day": count.day, "today": count.today, "month": count.month}
            if self.most is not None:
                said["used"]["most"] = self.most
        return said

    def told(self, said: Mapping[str, Any], steady: float) -> None:
        """The centre has it."""
        if "used" in said:
            self._told = steady, self.state

    def status(self) -> dict[str, Any]:
        """For people."""
        return {
            "day": self.count.day,
            "today": self.count.today,
            "month": self.count.month,
            "most_a_day": self.most,
            "state": self.state.name.lower(),
            "report_every_s": self.every_s,
        }


def _day(local: float) -> str:
    when = time.gmtime(local)
    return f"{when.tm_year:04}-{when.tm_mon:02}-{when.tm_mday:02}"


def _recall(kept: object) -> Count:
    match kept:
        case [str(day), int(today), int(month)]:
            return Count(day, max(0, today), max(0, month))
    return Count()
