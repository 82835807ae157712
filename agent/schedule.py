"""When is each probe due? Pure: a steady time comes in, a time goes out.

Every probe has its own place in the interval, given by its name, so that they do not all run
in the same second, and so that a feeder full of agents that wake up together does not report
together.
"""

import zlib
from dataclasses import dataclass, replace

# a failing check is looked at again so often, so far apart, before its verdict turns bad
RECHECKS = 2
RECHECK_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Turn:
    """The place of one probe in time: when it is due, and which recheck it is at."""

    every_s: float
    phase_s: float
    due: float
    rechecks: int = 0


def place(name: str, every_s: float) -> float:
    """0 to `every_s`: the same for the same name, spread evenly over names."""
    return zlib.crc32(name.encode()) / 2**32 * every_s


def first(name: str, every_s: float, now: float) -> Turn:
    """At start every probe runs at once."""
    return Turn(every_s, place(name, every_s), now)


def on_grid(phase_s: float, every_s: float, now: float) -> float:
    """The next time after `now` that this phase comes round; rounds missed are skipped."""
    wait_s = every_s - (now - phase_s) % every_s
    # a round that has just run lies a rounding error before its own time
    return now + (wait_s if wait_s > every_s / 100 else wait_s + every_s)


def after(turn: Turn, failed: bool, was_bad: bool, now: float) -> tuple[Turn, bool]:
    """The turn that follows an answer at `now`, and whether the answer counts.

    A failure of a check that was not bad counts only when the rechecks failed too.
    """
    if failed and not was_bad and turn.rechecks < RECHECKS:
        return replace(turn, due=now + RECHECK_AFTER_S, rechecks=turn.rechecks + 1), False
    return replace(skip(turn, now), rechecks=0), True


def skip(turn: Turn, now: float) -> Turn:
    """The turn moved to its next regular round: it is running, or was late."""
    return replace(turn, due=on_grid(turn.phase_s, turn.every_s, now))


def before_frame(turn: Turn, frame_phase_s: float, lead_s: float) -> Turn:
    """The same turn for a probe that only counts: shortly before the frame that carries it."""
    phase = frame_phase_s - lead_s * (0.5 + turn.phase_s / turn.every_s / 2)
    return replace(turn, phase_s=phase % turn.every_s)
