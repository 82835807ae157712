"""What the fold puts aside for receivers, as bytes and back: samples where history has them.

A parcel is one record of the bag: a head, then entries in their order, msgpack and snappy.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import cramjam
import msgspec
import numpy as np
from numpy.typing import NDArray

from collector.availability import State
from collector.foreign.carrying import Line
from collector.journal.framing import MAX_PAYLOAD

# a state is its place in here
STATES = tuple(str(state) for state in State)

# journal position that was folded by then, samples put before it, samples in it
_HEAD = struct.Struct("<QQI")


class Numbers(msgspec.Struct, array_like=True, tag="n", gc=False):
    """Samples of sites: `values[n, c]` of `rows[n]` at `times[n]` and of `columns[c]`."""

    rows: bytes
    times: bytes
    columns: bytes
    values: bytes
    late: bool = False


class Others(msgspec.Struct, array_like=True, tag="o", gc=False):
    """Series that other programs sent, with their labels."""

    lines: list[Line]


class Ended(msgspec.Struct, array_like=True, tag="e", gc=False):
    """Nothing is known of a site from this time on."""

    row: int
    at: float


class Standing(msgspec.Struct, array_like=True, tag="s", gc=False):
    """The state of each site at a full minute, and when it last reported (0: never)."""

    at: float
    rows: bytes
    states: bytes
    reports: bytes


Entry = Numbers | Others | Ended | Standing
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Entry]).decode


@dataclass(frozen=True, slots=True)
class Parcel:
    """`journal`: what was folded by then; `before`: samples put into the bag before these."""

    journal: int
    before: int
    samples: int
    entries: bytes

    @property
    def after(self) -> int:
        return self.before + self.samples

    def unpack(self) -> list[Entry]:
        """ValueError for bytes that are none."""
        try:
            if cramjam.snappy.decompress_raw_len(self.entries) > 8 * MAX_PAYLOAD:
                raise ValueError("a parcel that is too large")
            return _decode(cramjam.snappy.decompress_raw(self.entries))
        except (cramjam.DecompressionError, msgspec.MsgspecError) as error:
            raise ValueError(f"not a parcel: {error}") from None


def pack(journal: int, before: int, samples: int, entries: Sequence[Entry]) -> bytes:
    """A payload for the bag."""
    body = bytes(cramjam.snappy.compress_raw(_encode(entries)))
    return _HEAD.pack(journal, before, samples) + body


def look(payload: bytes) -> Parcel:
    """The head of a payload; ValueError for what has none."""
    if len(payload) < _HEAD.size:
        raise ValueError("not a parcel: too short")
    journal, before, samples = _HEAD.unpack_from(payload)
    return Parcel(journal, before, samples, payload[_HEAD.size :])


def frames(
    rows: NDArray[np.int32],
    times: NDArray[np.float64],
    columns: NDArray[np.int32],
    values: NDArray[np.float64],
    late: bool,
) -> Numbers:
    """Frames as an entry."""
    told = np.ascontiguousarray(values, "<f8").tobytes()
    return Numbers(
        rows.astype("<i4").tobytes(),
        times.astype("<f8").tobytes(),
        columns.astype("<i4").tobytes(),
        told,
        late,
    )
