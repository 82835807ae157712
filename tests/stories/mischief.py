"""What goes wrong in villages, at random: checks turn bad and good, a site says nothing for a
while. Each fault knows when it was, so that it can be compared with what the centre made of it."""

import random
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.stories.witness import Witness

GOOD, BAD = "good", "bad"
# twice within half an hour is four changes: it goes up and down, and is told as that
_AGAIN_S = 1900.0
_MOST_BAD, _MOST_SILENT = 4, 3
# parts of the looks at which something new goes wrong, and of faults that do not wait to be seen
_BEGINS, _SILENCE, _BRIEF = 0.7, 0.15, 0.2


@dataclass
class Fault:
    """A check that was bad, or a site that said nothing (no check); `brief`: it may be over before
    anybody could see it."""

    witness: Witness
    check: str = ""
    brief: bool = False
    began: float | None = None
    ended: float | None = None
    # when it is to end, once it is seen; of the clock that only goes forward
    due: float = float("inf")
    over: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.witness.site, self.check

    def at(self, when: float) -> None:
        """Its agent tells that it is bad, and later that it is good."""
        if self.began is None:
            self.began = when
        else:
            self.ended = when

    def begin(self) -> None:
        if self.check:
            self.witness.orders.append((self.check, BAD, self.at))
        else:
            self.witness.asleep.set()

    def end(self) -> None:
        self.over = True
        if self.check:
            self.witness.orders.append((self.check, GOOD, self.at))
        else:
            self.witness.asleep.clear()


class Mischief:
    """Begins and ends faults, whenever it is asked to; a fault ends only after it was seen, or it
    is a brief one."""

    def __init__(
        self, talkers: Sequence[Witness], sleepers: Sequence[Witness], chance: random.Random
    ) -> None:
        self._talkers, self._sleepers, self._chance = talkers, sleepers, chance
        self._slept: dict[str, float] = {}  # when each fell silent
        self.faults: list[Fault] = []

    def standing(self, silent: bool) -> list[Fault]:
        """Faults that are not over: of whole sites that are `silent`, or of checks."""
        return [f for f in self.faults if not f.over and (not f.check) is silent]

    def go_on(self, seen: Collection[tuple[str, str]]) -> None:
        """End what is due; `seen` are the faults of which there is an open incident."""
        now = time.monotonic()
        for fault in self.faults:
            if fault.over:
                continue
            if fault.due == float("inf") and fault.key in seen:
                fault.due = now + self._chance.uniform(0.0, 4.0)
            if fault.due <= now:
                fault.end()

    def begin_some(self) -> None:
        """Perhaps something new goes wrong."""
        if self._chance.random() > _BEGINS:
            return
        if self._chance.random() < _SILENCE:
            self._fall_silent()
        elif len(self.standing(silent=False)) < _MOST_BAD:
            witness = self._chance.choice(self._talkers)
            brief = self._chance.random() < _BRIEF
            fault = Fault(witness, f"app-{len(self.faults)}", brief)
            if brief:
                fault.due = time.monotonic() + self._chance.uniform(0.1, 3.0)
            self._begin(fault)

    def _fall_silent(self) -> None:
        now = time.monotonic()
        free = [
            w for w in self._sleepers if now - self._slept.get(w.site, float("-inf")) >= _AGAIN_S
        ]
        if free and len(self.standing(silent=True)) < _MOST_SILENT:
            fault = Fault(self._chance.choice(free))
            self._slept[fault.witness.site] = now
            self._begin(fault)

    def _begin(self, fault: Fault) -> None:
        self.faults.append(fault)
        fault.begin()
