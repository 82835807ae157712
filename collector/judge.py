"""How is a site by its own agent's word: normal, slow or down, and why?

The thresholds are settings; rules only alert. Values stand in columns of a layout, one row a
frame, NaN for what could not be measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

from agent.report import parse_series
from collector import shortfall

Values = NDArray[np.float64]


class Code(IntEnum):
    """What one frame says of its site; the worse the larger."""

    NORMAL = 0
    SLOW = 1
    DOWN = 2


class Sign(IntFlag):
    """What else a frame says that tells causes apart."""

    ON_BATTERY = 1
    LINK_LOST = 2  # no carrier on an uplink interface
    LINK_KEPT = 4
    WRONG_CONTENT = 8
    NO_LIGHT = 16  # an optical receiver below what any fiber in order gives
    UPLINK_LOST = 32
    LIGHT_FALLING = 64  # what it receives has become less than it was
    NO_DNS = 128  # names are not found though an uplink works
    ON_MAINS = 256


# no signal reads about -40 dBm; a fiber in order is above -28
_NO_LIGHT_DBM = -35.0
# so much less than before is no weather: a bend, a bad joint, a cable that is being dug up
_FALLEN_DB = 3.0
# what "before" was fades, so that a fiber mended with a worse joint is in order after a day
_FADES_DB_PER_S = 3.0 / 86400


@dataclass(frozen=True, slots=True)
class Thresholds:
    slow_loss_ratio: float = 0.1
    slow_rtt_s: float = 0.3
    slow_contract_ratio: float = 0.5


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the series that judge a site stand in a layout."""

    uplinks: tuple[int, ...] = ()
    uplink_names: tuple[str, ...] = ()
    main: int = -1  # the main uplink's place in `uplinks`, when there is another
    loss: tuple[int, ...] = ()
    rtt: tuple[int, ...] = ()
    links: tuple[int, ...] = ()
    content: tuple[int, ...] = ()
    light: tuple[int, ...] = ()
    mains: tuple[int, ...] = ()
    dns: tuple[int, ...] = ()
    uptimes: tuple[int, ...] = ()  # of devices
    measured: tuple[int, ...] = ()  # speeds down
    measured_uplinks: tuple[str, ...] = ()
    checks: tuple[int, ...] = ()
    check_names: tuple[tuple[str, str], ...] = field(default=())  # (check, kind)
    # checks of other sites: place, site, check, kind
    elsewhere: tuple[tuple[int, str, str, str], ...] = field(default=())


def columns(names: Sequence[str]) -> Columns:
    """Find them by name; series with a site label speak of another site and do not count."""
    found: dict[str, list[int]] = {}
    labels: dict[int, dict[str, str]] = {}
    elsewhere: list[tuple[int, str, str, str]] = []
    for index, text in enumerate(names):
        if text.startswith("ronda_"):
            name, given = parse_series(text)
            if "site" not in given:
                found.setdefault(name, []).append(index)
                labels[index] = given
            elif name == "ronda_check_up":
                check, kind = given.get("check", ""), given.get("kind", "other")
                elsewhere.append((index, given["site"], check, kind))
    uplinks = found.get("ronda_uplink_up", [])
    uplink_names = tuple(labels[i].get("uplink", "main") for i in uplinks)
    several = len(uplinks) > 1 and "main" in uplink_names
    checks = found.get("ronda_check_up", [])
    measured, measured_uplinks = shortfall.places(names)
    return Columns(
        measured=measured,
        measured_uplinks=measured_uplinks,
        uplinks=tuple(uplinks),
        uplink_names=uplink_names,
        main=uplink_names.index("main") if several else -1,
        loss=_beyond_gateway(found.get("ronda_uplink_loss_ratio", []), labels),
        rtt=_beyond_gateway(found.get("ronda_uplink_rtt_seconds", []), labels),
        links=tuple(found.get("ronda_uplink_link_up", [])),
        content=tuple(found.get("ronda_uplink_content_ok", [])),
        light=tuple(found.get("ronda_uplink_optical_rx_dbm", [])),
        mains=tuple(found.get("ronda_power_on_mains", [])),
        dns=tuple(found.get("ronda_uplink_dns_up", [])),
        uptimes=tuple(found.get("ronda_device_uptime_seconds", [])),
        checks=tuple(checks),
        check_names=tuple(
            (labels[i].get("check", ""), labels[i].get("kind", "other")) for i in checks
        ),
        elsewhere=tuple(elsewhere),
    )


def _beyond_gateway(found: list[int], labels: dict[int, dict[str, str]]) -> tuple[int, ...]:
    # the gateway stands in the same room: it counts only where nothing farther is pinged
    beyond = [i for i in found if labels[i].get("target") != "gateway"]
    return tuple(beyond or found)


def judge(values: Values, where: Columns, limits: Thresholds) -> NDArray[np.int8]:
    """A Code for each row of `values`."""
    down = _all_zero(values, where.uplinks)
    lost = _least(values, where.loss)
    slow = lost > limits.slow_loss_ratio
    # a target that answers nothing while an uplink works refuses pings: it says nothing of speed
    slow &= ~((lost == 1) & (values[:, where.uplinks] == 1).any(axis=1))
    slow |= _least(values, where.rtt) > limits.slow_rtt_s
    if where.main >= 0:
        others = [i for place, i in enumerate(where.uplinks) if place != where.main]
        on_backup = (values[:, others] == 1).any(axis=1)
        slow |= (values[:, where.uplinks[where.main]] == 0) & on_backup
    codes = slow.astype(np.int8)
    codes[down] = Code.DOWN
    return codes


def signs(values: Values, where: Columns) -> NDArray[np.int64]:
    """The Signs of each row of `values`."""
    made = np.zeros(len(values), dtype=np.int64)
    for sign, places, what in (
        (Sign.ON_BATTERY, where.mains, 0.0),
        (Sign.LINK_KEPT, where.links, 1.0),
        (Sign.WRONG_CONTENT, where.content, 0.0),
    ):
        if places:
            made[(values[:, places] == what).any(axis=1)] |= sign
    if where.mains:
        made[(_least(values, where.mains) > 0)] |= Sign.ON_MAINS
    if where.dns and where.uplinks:
        works = (values[:, where.uplinks] == 1).any(axis=1)
        made[_all_zero(values, where.dns) & works] |= Sign.NO_DNS
    made[_all_zero(values, where.links)] |= Sign.LINK_LOST
    made[_all_zero(values, where.uplinks)] |= Sign.UPLINK_LOST
    made[_least(values, where.light) < _NO_LIGHT_DBM] |= Sign.NO_LIGHT
    return made


def light_lately(known: float | None, level: float, passed_s: float) -> float:
    """What the light of a fiber is compared with: the best there was, fading as time passes."""
    if known is None or level >= known:
        return level
    return max(level, known - _FADES_DB_PER_S * max(0.0, passed_s))


def falling(lately: float, level: float) -> bool:
    """Is it receiving clearly less light than it did?"""
    return lately - level >= _FALLEN_DB


def slow_since(code: int, time: float, since: float, before: float, near_s: float) -> float:
    """When the slow frames that the newest one ends began; -inf when it is not slow.

    `since` is the answer for the frame before it, of time `before`.
    """
    if code != Code.SLOW:
        return float("-inf")
    return time if since == float("-inf") or time - before > near_s else since


def explain(
    row: Sequence[float | None],
    where: Columns,
    limits: Thresholds,
    contracts: Sequence[float] = (),
) -> str:
    """Why one frame was not judged normal, in plain words; empty when it was.

    `contracts`: what is paid for on the measured lines, in bits per second.
    """
    lost = [
        name
        for name, index in zip(where.uplink_names, where.uplinks, strict=True)
        if row[index] == 0
    ]
    known = [row[i] for i in where.uplinks if row[i] is not None]
    if lost and len(lost) == len(known):
        several = f": {', '.join(sorted(lost))}" if len(lost) > 1 else ""
        return f"no uplink works{several}"
    loss = min((v for i in where.loss if (v := row[i]) is not None), default=0.0)
    refuses = loss == 1 and any(row[i] == 1 for i in where.uplinks)
    if loss > limits.slow_loss_ratio and not refuses:
        return f"{loss:.0%} of packets are lost"
    rtt_s = min((v for i in where.rtt if (v := row[i]) is not None), default=0.0)
    if rtt_s > limits.slow_rtt_s:
        return f"answers take {rtt_s * 1000:.0f} ms"
    if "main" in lost:
        return "on the backup uplink"
    return shortfall.explain(row, where.measured, contracts, limits.slow_contract_ratio)


def _least(values: Values, places: tuple[int, ...]) -> Values:
    """The best of several targets; NaN where none was measured."""
    if not places:
        return np.full(len(values), np.nan)
    least: Values = np.fmin.reduce(values[:, places], axis=1)
    return least


def _all_zero(values: Values, places: tuple[int, ...]) -> NDArray[np.bool_]:
    """Of those that were measured all are 0, and one was measured."""
    if not places:
        return np.zeros(len(values), dtype=np.bool_)
    # NaN is no measurement: fmax passes over it
    worst = np.fmax.reduce(values[:, places], axis=1)
    return np.asarray(worst == 0)
