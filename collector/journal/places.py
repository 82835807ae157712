"""Positions in a stream: the sequence of a message, and which of its records.

A message holds a group of records, so its sequence alone does not name one of them. `base` is
added to all: a stream that is made anew, or lost its newest messages, goes on behind whatever was
given out before, and positions still only grow.
"""

import re
from dataclasses import dataclass

# records of a message lie this far apart: between two of them is room for what people did
_STEP_BITS = 2
_MESSAGE_BITS = 14
MOST_RECORDS = 1 << (_MESSAGE_BITS - _STEP_BITS)

_TOLD = re.compile(r"ronda journal, positions from (-?[0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Places:
    """How one stream counts."""

    base: int

    def position(self, sequence: int, record: int = 0) -> int:
        """Where this record of a message stands."""
        return self.base + (sequence << _MESSAGE_BITS) + (record << _STEP_BITS)

    def sequence(self, position: int) -> int:
        """The message in which this position lies; 1 or less: before the first."""
        return (position - self.base) >> _MESSAGE_BITS

    def told(self) -> str:
        """What the stream says of itself, so that every reader counts alike."""
        return f"ronda journal, positions from {self.base}"


def beginning(sequence: int, at_least: int) -> Places:
    """Places by which message `sequence` stands at `at_least` or right behind it."""
    whole = -(-at_least >> _MESSAGE_BITS) << _MESSAGE_BITS
    return Places(whole - (sequence << _MESSAGE_BITS))


def read_places(text: str | None) -> Places | None:
    """What a stream says of itself; None: it is none of ours."""
    found = _TOLD.fullmatch(text or "")
    return Places(int(found[1])) if found else None
