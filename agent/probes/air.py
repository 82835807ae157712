"""How busy is a channel and how loud its noise? From counters of radios that slip, reset and lie.

Pure: what cannot be is unknown.
"""

from dataclasses import dataclass, field, replace

_LOUDEST_DBM, _QUIETEST_DBM = -20.0, -120.0
# what drivers say that never measured
_PLACEHOLDER_DBM = -95.0
# some drivers count from zero at each reading: after a fall so many rises are wanted
_STEADY_ROUNDS = 10
# the least part of the time between two looks that a channel in use is listened to
_LEAST_LISTENED = 0.2
_MOST_MS = 2**63


@dataclass(frozen=True, slots=True)
class Air:
    """What one source says of a radio's channel; None where it does not say."""

    noise_dbm: float | None = None
    mhz: int = 0
    active_ms: float | None = None
    busy_ms: float | None = None
    # some say the share itself
    busy_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Counters of a channel as they were last seen, and how many rounds they have been rising."""

    mhz: int
    active_ms: float
    busy_ms: float
    at_s: float
    rounds: int = field(default=_STEADY_ROUNDS)


def noise_of(value: object) -> float | None:
    """dBm; None for 0, for the placeholder -95 and for what no receiver hears."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # a signed number that was printed as an unsigned one of 32 or of 8 bits
    dbm = float(value - 2**32 if value >= 2**31 else value - 256 if 100 <= value <= 255 else value)
    fine = _QUIETEST_DBM <= dbm <= _LOUDEST_DBM and dbm != _PLACEHOLDER_DBM
    return dbm if fine else None


def busy_part(
    before: Counted | None, air: Air, now_s: float
) -> tuple[Counted | None, float | None]:
    """What to remember for the next look, and the busy part of the time since the last.

    At the first look it is the part since the radio began. None when the counters began again, when
    they stood still, or when they say what cannot be.
    """
    active, busy = air.active_ms, air.busy_ms
    if active is None or busy is None or not (0 < active < _MOST_MS and 0 <= busy < _MOST_MS):
        return None, None
    now = Counted(air.mhz, active, busy, now_s)
    if before is None:
        return now, _part(busy, active)
    if before.mhz != air.mhz:
        return now, None
    if active < before.active_ms or busy < before.busy_ms:
        return replace(now, rounds=0), None
    now = replace(now, rounds=before.rounds + 1)
    listened_ms = active - before.active_ms
    steady = before.rounds >= _STEADY_ROUNDS
    if not steady or listened_ms < _LEAST_LISTENED * 1000 * (now_s - before.at_s):
        return now, None
    return now, _part(busy - before.busy_ms, listened_ms)


def _part(busy_ms: float, active_ms: float) -> float | None:
    if active_ms <= 0 or busy_ms > active_ms:
        return None
    return busy_ms / active_ms
