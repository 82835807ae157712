"""Does the centre's clock show the right time, as far as one can tell, and was it set lately?"""

from collections.abc import Sequence

from sqlalchemy import Engine

from collector.db import reading
from collector.evidence.moments import iso
from collector.finding import Finding
from collector.fold import setback
from collector.fold.commit import read_ticks
from collector.journal.framing import Record
from collector.silence import LEAP_S, SET_BACK_S

_RELEASED = 1_760_000_000  # no clock in order is before this software
_DAY_S = 86400.0
# a smaller step back is what NTP does after a bad night
_SMALL_S = 60.0


def look(tail: Sequence[Record], now: float, engine: Engine | None) -> Finding:
    """`tail`: the newest records of the journal; without `engine` nobody knows of before."""
    if now < _RELEASED:
        return Finding("clock", "before this software was written", "set it: timedatectl, NTP")
    newest = tail[-1].at if tail else now
    if newest - now > SET_BACK_S:
        words = f"{newest - now:.0f} s behind what it was when the last record came"
        return Finding("clock", words, "if it is wrong, set it: timedatectl, NTP")
    told = None if engine is None else _set(engine, now)
    return told or Finding("clock", "in order")


def _set(engine: Engine, now: float) -> Finding | None:
    """What the fold saw of it."""
    with reading(engine) as connection:
        ticks, step = read_ticks(connection), setback.last(connection)
    if ticks.leapt is not None and ticks.believed != ticks.newest:
        before, after = ticks.leapt
        words = (
            f"went ahead by {(after - before) / _DAY_S:.0f} days at {iso(after)};"
            f" no day is sealed and nothing is forgotten before {iso(after + LEAP_S)}"
        )
        return Finding("clock", words, "if it is wrong, set it: timedatectl, NTP")
    if step is None or not 0 <= now - step.at < _DAY_S:
        return None
    words = f"was set back by {step.by_s:.0f} s at {iso(step.at)}"
    why = "see why: the hardware clock in UTC, and systemd-time-wait-sync before the centre"
    return Finding("clock", words, why if step.by_s > _SMALL_S else "")
