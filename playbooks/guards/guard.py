"""The net under a run: armed on the device before anything changes, it undoes the change by itself
after a time and after a restart, unless somebody proved the change good and stopped it.

Two triggers, a timer and one after a restart, begin the undo; stopping it and beginning it start
with the same atomic rename, so that one of them wins, and the device says which.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from playbooks.model import Command


class Net(StrEnum):
    """How the net of a run stands, in the device's own words."""

    ARMED = "armed"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"  # the undo ran and did not end well
    DISARMED = "disarmed"
    ABSENT = "absent"


class Guard(Protocol):
    """The commands of one platform; every text is ready to be run, `run` is the number of the run.

    `read`, `disarm` and `fire` print the state as a line `ronda-guard STATE`.
    """

    def prove(self, run: int) -> Sequence[Command]:
        """Show that both triggers work here; they change nothing and leave nothing."""

    def prepare(self, run: int) -> Sequence[Command]:
        """Make the folder of a run, for snapshots, where the platform has a place."""

    def arm(self, run: int, undo: Sequence[str], after_s: int) -> Sequence[Command]:
        """Lay the net: `undo` is run by the device `after_s` from now, or after a restart."""

    def disarm(self, run: int) -> Command:
        """Stop it, unless the undo has begun."""

    def fire(self, run: int) -> Command:
        """Undo now, unless it was stopped; returns once the undo has ended."""

    def read(self, run: int) -> Command:
        """How it stands; changes nothing."""

    def clear(self, run: int) -> Command:
        """Take away what a net that has ended left on the device."""

    def folder(self, run: int) -> str:
        """Where a snapshot may lie until the net has ended; "" where the platform has no place."""


def state_of(text: str) -> Net | None:
    """The state a device printed; None where it printed none."""
    for line in reversed(text.splitlines()):
        word, _, state = line.strip().partition(" ")
        if word == "ronda-guard" and state in set(Net):
            return Net(state)
    return None
