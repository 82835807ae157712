"""The same numbers as requests of remote_write and as reports of our agents, made beforehand."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cramjam
import numpy as np
from numpy.typing import NDArray

from agent.report import layout_id
from tests.bench.ingest import NAMES

LAYOUT = layout_id(NAMES)
# bytes of one sample in protobuf: a double, and milliseconds of our century as a varint of six
_SAMPLE = bytes([0x12, 16, 0x09, *bytes(8), 0x10, *bytes(6)])
_AT_VALUE, _AT_TIME = 3, 12


@dataclass(frozen=True, slots=True)
class Load:
    """Numbers of so many sites by minute: `values` has axes minute, site, series."""

    start: float
    values: NDArray[np.float64]

    @property
    def minutes(self) -> int:
        return int(self.values.shape[0])

    @property
    def sites(self) -> int:
        return int(self.values.shape[1])

    @property
    def samples(self) -> int:
        return self.values.size

    def at(self, minute: int) -> float:
        return self.start + minute * 60


def made(sites: int, minutes: int, start: float) -> Load:
    """Each series wanders about a level of its own, with three decimals or six."""
    some = np.random.default_rng(1)
    level = some.lognormal(-4, 1, (1, sites, len(NAMES)))
    wander = some.normal(0, 0.05, (minutes, sites, len(NAMES))).cumsum(axis=0)
    return Load(start, np.round(level * np.exp(np.clip(wander, -3, 3)), 6))


def remote_writes(load: Load) -> Iterator[list[bytes]]:
    """By minute: a compressed body for each site."""
    forms = [_Form(f"35.10.{site // 90 + 1:02d}.{2001 + site % 90}") for site in range(load.sites)]
    for minute in range(load.minutes):
        ms = round(load.at(minute) * 1000)
        values = load.values[minute]
        yield [form.filled(values[site], ms) for site, form in enumerate(forms)]


class _Form:
    """One site's request with room for numbers and times."""

    def __init__(self, site: str) -> None:
        self._bytes = bytearray()
        at_values, at_times = [], []
        for name in NAMES:
            series = b"".join(_label(key, value) for key, value in labels(name, site)) + _SAMPLE
            self._bytes += b"\x0a" + _varint(len(series)) + series
            begun = len(self._bytes) - len(_SAMPLE)
            at_values.append(begun + _AT_VALUE)
            at_times.append(begun + _AT_TIME)
        self._values = np.add.outer(at_values, np.arange(8))
        self._times = np.add.outer(at_times, np.arange(6))

    def filled(self, values: NDArray[np.float64], ms: int) -> bytes:
        whole = np.frombuffer(self._bytes, np.uint8).copy()
        whole[self._values] = values.astype("<f8").view(np.uint8).reshape(-1, 8)
        whole[self._times] = np.frombuffer(_varint(ms), np.uint8)
        return bytes(cramjam.snappy.compress_raw(whole.tobytes()))


def labels(name: str, site: str) -> list[tuple[str, str]]:
    """In the order of their names, as remote_write wants them."""
    metric, _, rest = name.rstrip("}").partition("{")
    own = [tuple(part.split("=", 1)) for part in rest.split(",") if part]
    found = [("__name__", metric), ("site", site), *((k, v.strip('"')) for k, v in own)]
    return sorted(found)


def _label(key: str, value: str) -> bytes:
    pair = _text(1, key) + _text(2, value)
    return b"\x0a" + _varint(len(pair)) + pair


def _text(field: int, words: str) -> bytes:
    packed = words.encode()
    return bytes([field << 3 | 2]) + _varint(len(packed)) + packed


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def frames(load: Load, boots: Sequence[float]) -> Iterator[list[bytes]]:
    """By minute: the rest of each site's report, from its frames on; `boots`: when it began."""
    for minute in range(load.minutes):
        at, rows = load.at(minute), load.values[minute].tolist()
        yield [
            json.dumps(
                {
                    "layouts": {} if minute else {LAYOUT: NAMES},
                    "frames": [
                        {
                            "n": minute + 1,
                            "at": at,
                            "up": at - boots[site],
                            "layout": LAYOUT,
                            "values": row,
                        }
                    ],
                    "findings": [],
                    "dropped": 0,
                },
                separators=(",", ":"),
            ).encode()
            for site, row in enumerate(rows)
        ]
