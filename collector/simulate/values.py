"""The numbers of a village at a moment: a pure function of seed, site, series and time.

So nothing need be remembered: a spool of the past is worked out when it is sent, and the same
seed tells the same story twice. Shapes: k moments (of one or many sites) by the series.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from collector.simulate.catalogue import Nature, Series
from collector.simulate.scenario import Kind
from collector.simulate.troubles import Troubles

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_DAY_S = 86_400.0
_TURN = 2 * np.pi / _DAY_S
_SWING = 0.75  # of the daily cycle around its mean of 1
_PEAK_AT = 13.0 * 3600 - 7.0 * 3600  # early afternoon in Jakarta, as UTC seconds of the day
_CUT_DBM = -40.0  # what an ONT shows when the fiber is dark
_NONE = np.zeros(1)


@dataclass(frozen=True)
class Moments:
    """k samplings: which site, when (true time), since when it runs, and what befalls it."""

    sites: Ints
    times: Floats
    boots: Floats
    cut: Bools  # the uplink carries nothing
    failing: Mapping[str, Bools] = field(default_factory=dict)  # by check: found bad
    degrees: Mapping[Kind, Floats] = field(default_factory=dict)  # how bad other troubles are


@dataclass(frozen=True)
class _Draw:
    """What a nature makes its numbers of, for its own columns; drawn when asked for."""

    at: Moments
    step_s: float
    base: Floats  # 0 to 1, the same for ever for a site's series
    fresh: Words  # new for each sampling
    tens: Words  # new every ten minutes
    day: Floats  # the daily cycle, k by 1
    scale: Floats

    @property
    def noise(self) -> Floats:
        """About normal, sd 0.58, new for each sampling."""
        return _normal(self.fresh)

    @property
    def luck(self) -> Floats:
        """0 to 1, new for each sampling."""
        return _unit(self.fresh * np.uint64(0xD6E8FEB86659FD93))

    @property
    def slow(self) -> Floats:
        """About normal, new every ten minutes."""
        return _normal(self.tens)


class Values:
    """The numbers of one list of series; `step_s` is the time between two samplings."""

    def __init__(self, listed: list[Series], seed: int, step_s: float) -> None:
        self._step_s = step_s
        self._troubles = Troubles(listed)
        self._seed = np.uint64(seed * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
        self._names = _mix(np.arange(1, len(listed) + 1, dtype=np.uint64))
        self._scale = np.array([s.scale for s in listed])
        self._columns = {
            nature: np.array(found)
            for nature in Nature
            if (found := [i for i, s in enumerate(listed) if s.nature is nature])
        }
        self._far_flags = _where(listed, _is_far_flag)
        self._far_loss = _where(listed, lambda s: s.far and s.nature is Nature.LOSS)
        timed = (Nature.RTT, Nature.JITTER, Nature.DURATION)
        self._far_timed = _where(listed, lambda s: s.far and s.nature in timed)
        self._content = _where(listed, lambda s: s.name == "ronda_uplink_content_ok")
        self._optical = _where(listed, lambda s: s.optical)
        self._check_flags = {
            check: _where(listed, partial(_is_flag_of, check))
            for check in {s.check for s in listed if s.check}
        }

    def at(self, moments: Moments) -> Floats:
        """Numbers (k, series); NaN is "could not be measured"."""
        out = np.empty((len(moments.times), len(self._names)))
        site = _mix(moments.sites.astype(np.uint64) + self._seed)[:, None] + self._names[None, :]
        fresh = _mix(site ^ _mix(np.floor(moments.times / self._step_s).astype(np.uint64))[:, None])
        tens = _mix(site ^ _mix(np.floor(moments.times / 600.0).astype(np.uint64))[:, None])
        base = _unit(_mix(site))
        day = daily(moments.times)[:, None]
        for nature, columns in self._columns.items():
            draw = _Draw(
                at=moments,
                step_s=self._step_s,
                base=base[:, columns],
                fresh=fresh[:, columns],
                tens=tens[:, columns],
                day=day,
                scale=self._scale[columns],
            )
            out[:, columns] = _NATURES[nature](draw)
        self._befall(out, moments)
        return out

    def _befall(self, out: Floats, moments: Moments) -> None:
        self._troubles.change(out, moments.times, moments.degrees)
        if moments.cut.any():
            rows = np.flatnonzero(moments.cut)
            out[np.ix_(rows, self._far_flags)] = 0.0
            out[np.ix_(rows, self._far_loss)] = 1.0
            out[np.ix_(rows, self._far_timed)] = np.nan
            out[np.ix_(rows, self._content)] = np.nan
            dark = moments.cut & ~(moments.degrees.get(Kind.POP_DOWN, _NONE) > 0)
            out[np.ix_(dark, self._optical)] = _CUT_DBM
        for check, failing in moments.failing.items():
            if check in self._check_flags and failing.any():
                out[np.ix_(np.flatnonzero(failing), self._check_flags[check])] = 0.0


def daily(times: Floats) -> Floats:
    """The daily cycle: 1 on average, 0.25 in the small hours, 1.75 after noon."""
    cycle: Floats = 1 + _SWING * np.cos(_TURN * (times - _PEAK_AT))
    return cycle


def _daily_sum(times: Floats) -> Floats:
    """The integral of `daily`."""
    total: Floats = times + _SWING / _TURN * np.sin(_TURN * (times - _PEAK_AT))
    return total


def _rtt(d: _Draw) -> Floats:
    usual = (0.004 + 0.06 * d.base) * d.scale
    luck = d.luck
    seconds = usual * (1 + 0.1 * d.noise + 0.1 * d.day) + (luck < 0.02) * luck * 2 * d.scale
    return _to(np.maximum(seconds, 0.0002), 1e5)


def _jitter(d: _Draw) -> Floats:
    return _to((0.0003 + 0.004 * d.base) * d.scale * (1 + d.luck), 1e5)


def _loss(d: _Draw) -> Floats:
    # five packets a round: only fifths can be lost
    luck = d.luck
    return np.where(luck < 0.005, 0.2 + 0.2 * (luck < 0.0015), 0.0)


def _counter(d: _Draw) -> Floats:
    rate = 2000 * np.exp(4.6 * d.base) * d.scale
    grown = (_daily_sum(d.at.times) - _daily_sum(d.at.boots))[:, None]
    # the noise stays under one step's growth: a counter never falls
    return np.floor(rate * (grown + 0.8 * d.step_s * d.day * d.luck))


def _rare_counter(d: _Draw) -> Floats:
    return np.floor((d.at.times - d.at.boots)[:, None] * d.base / 20_000.0)


def _clients(d: _Draw) -> Floats:
    return np.floor(np.maximum(0.0, (2 + 25 * d.base) * d.scale * d.day / 1.75 + 3 * d.luck))


def _dbm(d: _Draw) -> Floats:
    return _to(-(18 + 6 * d.base) * d.scale + 0.15 * d.noise, 1e2)


def _flag(d: _Draw) -> Floats:
    return np.ones_like(d.base)


def _zero(d: _Draw) -> Floats:
    return np.zeros_like(d.base)


def _share(d: _Draw) -> Floats:
    return _to(np.clip(0.05 + 0.35 * d.base * d.day + 0.05 * d.noise, 0.0, 1.0), 1e3)


def _slow_share(d: _Draw) -> Floats:
    return _to(np.clip(0.2 + 0.5 * d.base + 0.01 * d.slow, 0.0, 1.0), 1e3)


def _load(d: _Draw) -> Floats:
    return _to(np.maximum(0.0, 0.6 * d.base * d.day + 0.2 * d.noise), 1e2)


def _celsius(d: _Draw) -> Floats:
    return _to(38 + 12 * d.base + 4 * d.day + d.slow + 0.2 * d.noise, 1e1)


def _duration(d: _Draw) -> Floats:
    return _to((0.02 + 0.3 * d.base) * d.scale * (1 + 0.3 * d.luck), 1e4)


def _speed(d: _Draw) -> Floats:
    return np.where(d.base < 0.3, 1e8, 1e9)


def _measured(d: _Draw) -> Floats:
    return _to(d.scale * (0.8 + 0.15 * d.base + 0.02 * d.noise), 1e-3)


def _pages(d: _Draw) -> Floats:
    return 4096 * np.floor(3800 + 300 * d.base + 20 * d.slow)


def _boot(d: _Draw) -> Floats:
    return np.floor(d.at.boots)[:, None] + np.zeros_like(d.base)


def _uptime(d: _Draw) -> Floats:
    return _to((d.at.times - d.at.boots)[:, None] + 60 * np.floor(d.base * 9), 1e2)


_NATURES: Mapping[Nature, Callable[[_Draw], Floats]] = {
    Nature.RTT: _rtt,
    Nature.JITTER: _jitter,
    Nature.LOSS: _loss,
    Nature.COUNTER: _counter,
    Nature.RARE_COUNTER: _rare_counter,
    Nature.CLIENTS: _clients,
    Nature.DBM: _dbm,
    Nature.FLAG: _flag,
    Nature.ZERO: _zero,
    Nature.SHARE: _share,
    Nature.SLOW_SHARE: _slow_share,
    Nature.LOAD: _load,
    Nature.CELSIUS: _celsius,
    Nature.DURATION: _duration,
    Nature.SPEED: _speed,
    Nature.MEASURED: _measured,
    Nature.PAGES: _pages,
    Nature.BOOT: _boot,
    Nature.UPTIME: _uptime,
}


def _to(numbers: Floats, per_unit: float) -> Floats:
    """Rounded as the device rounds; a division, so that the decimals come out short."""
    rounded: Floats = np.rint(numbers * per_unit) / per_unit
    return rounded


def _where(listed: list[Series], wanted: Callable[[Series], bool]) -> Ints:
    return np.array([i for i, s in enumerate(listed) if wanted(s)], dtype=np.int64)


def _is_far_flag(one: Series) -> bool:
    # what a check says changes when the check has seen it, told by `failing`
    return one.far and one.nature is Nature.FLAG and not one.check


def _is_flag_of(check: str, one: Series) -> bool:
    return one.check == check and one.nature is Nature.FLAG


def _mix(words: Words) -> Words:
    """splitmix64's finisher: neighbouring numbers in, unrelated numbers out."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _unit(words: Words) -> Floats:
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _normal(words: Words) -> Floats:
    """The sum of four sixteenths of the word, less its mean: a bell of sd 0.58."""
    part = np.uint64(0xFFFF)
    total = words & part
    for shift in (16, 32, 48):
        total = total + ((words >> np.uint64(shift)) & part)
    return total.astype(np.float64) / 65_536.0 - 2.0
