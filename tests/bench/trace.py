"""A village's numbers as they come in life: 60 series a minute, noise, bursts and daily cycles."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def _rtt(rng: np.random.Generator, at: Series) -> Series:
    """Seconds, kept to 0.01 ms; now and then a late answer."""
    ms = rng.uniform(5, 65) + 3 * _noise(rng, len(at))
    ms += np.where(rng.random(len(at)) < 1 / 50, 40 * rng.random(len(at)), 0)
    return np.round(np.maximum(ms, 0.3) / 1000, 5)


def _loss(rng: np.random.Generator, at: Series) -> Series:
    lossy = rng.random(len(at)) < 1 / 200
    return np.where(lossy, np.round(0.3 * rng.random(len(at)), 2), 0.0)


def _up(rng: np.random.Generator, at: Series) -> Series:
    return np.where(rng.random(len(at)) < 1 / 5000, 0.0, 1.0)


def _octets(rng: np.random.Generator, at: Series) -> Series:
    step = np.floor(60 * (2000 + 200_000 * _day(at) * rng.random(len(at))))
    return math.floor(rng.uniform(0, 1e12)) + np.cumsum(step)


def _clients(rng: np.random.Generator, at: Series) -> Series:
    return np.floor(rng.uniform(5, 65) * _day(at) / 2 + 3 * rng.random(len(at)))


def _dbm(rng: np.random.Generator, at: Series) -> Series:
    return np.round(-rng.uniform(18, 26) - 0.15 * _noise(rng, len(at)), 2)


def _ratio(rng: np.random.Generator, at: Series) -> Series:
    return np.round(np.clip(rng.uniform(10, 70) + 5 * _noise(rng, len(at)), 0, 100) / 100, 3)


def _memory(rng: np.random.Generator, at: Series) -> Series:
    steps = np.cumsum(np.floor(8 * _noise(rng, len(at))))
    pages: Series = math.floor(rng.uniform(0, 4000)) + steps
    return np.maximum(1e7, 65536 * pages)


def _load(rng: np.random.Generator, at: Series) -> Series:
    asked: Series = rng.uniform(0.05, 0.65) + 0.2 * _noise(rng, len(at))
    return np.round(asked.clip(min=0.0), 2)


def _celsius(rng: np.random.Generator, at: Series) -> Series:
    return np.round(rng.uniform(35, 50) + _noise(rng, len(at)), 1)


def _uptime(rng: np.random.Generator, at: Series) -> Series:
    return math.floor(rng.uniform(0, 1e6)) + 60.0 * np.arange(len(at), dtype=np.float64)


KINDS: dict[str, Callable[[np.random.Generator, Series], Series]] = {
    "rtt": _rtt,
    "loss": _loss,
    "up": _up,
    "counter": _octets,
    "clients": _clients,
    "dbm": _dbm,
    "ratio": _ratio,
    "bytes": _memory,
    "load": _load,
    "celsius": _celsius,
    "uptime": _uptime,
}
COLUMNS = (
    ["rtt", "loss", "up", "rtt"] * 5
    + ["counter", "counter", "loss", "up"] * 4
    + ["clients", "dbm"] * 2
    + ["dbm", "dbm", "celsius"]
    + ["up"] * 8
    + ["bytes", "ratio", "load", "ratio", "celsius", "uptime", "ratio", "up", "clients"]
)


def trace(minutes: int, seed: int, start: float = 1_790_000_000.0) -> tuple[Series, Series]:
    """Times[n] to the millisecond, a few late, and values[n, 60] of one village."""
    rng = np.random.default_rng(seed)
    late = np.abs(rng.normal(0, 0.004, minutes))
    times = np.round(start + rng.uniform(0, 59) + 60 * np.arange(minutes) + late, 3)
    return times, np.column_stack([KINDS[kind](rng, times) for kind in COLUMNS])


def _noise(rng: np.random.Generator, n: int) -> Series:
    drawn: Series = rng.random((4, n)).sum(axis=0) - 2
    return drawn


def _day(at: Series) -> Series:
    return 1 + np.sin((at % 86400) / 86400 * 2 * np.pi - 2)
