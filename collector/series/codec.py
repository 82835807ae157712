"""Numbers of a site as few bytes, and back to the last bit.

Most of what agents report is decimal with few places: a column is kept as whole numbers of its
quantum (0.00214 s is 214 of 0.00001), less their least or as differences, without a common
factor, in as many bits as nearly all of them need; the few that need more stand behind. What is
not decimal goes the same way, with the bits of the floats as its numbers.
A column is cut into runs of at most RUN samples, each on its own.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from collector.series.frames import Times, Values
from collector.series.runs import DELTA, Run, read, values_of, write
from collector.series.runs import skip as skip_run

# a place in a run is one byte, and the best width is that of near neighbours
RUN = 96


def encode(times: Times, values: Values) -> bytes:
    """Times[n] and values[n, c] in one piece that `decode` reads without knowing more."""
    n, c = values.shape
    head = varint(n) + varint(c)
    return head + b"".join(encode_columns(np.column_stack([times, values])))


def decode(data: bytes) -> tuple[Times, Values]:
    """What `encode` was given, bit for bit."""
    n, at = read_varint(data, 0)
    c, at = read_varint(data, at)
    found = []
    for _ in range(c + 1):
        runs, at = parse(data, at, n)
        found.append(runs)
    columns = decode_columns(found)
    return columns[0], np.column_stack(columns[1:]) if c else np.zeros((n, 0))


def encode_columns(values: Values) -> list[bytes]:
    """Each column of values[n, c] as its runs, one after the other."""
    done: list[list[bytes]] = [[] for _ in range(values.shape[1])]
    at = 0
    for n in _cuts(len(values)):
        for runs, run in zip(done, write(values[at : at + n]), strict=True):
            runs.append(run)
        at += n
    return [b"".join(runs) for runs in done]


def parse(data: bytes, at: int, n: int) -> tuple[list[Run], int]:
    """The runs of a column of n samples that begins at `at`, and where the next column begins."""
    runs = []
    for length in _cuts(n):
        run = read(data, at, length)
        runs.append(run)
        at = run.end
    return runs, at


def skip(data: bytes, at: int, n: int) -> int:
    """Where the column of n samples that begins at `at` ends."""
    for length in _cuts(n):
        at = skip_run(data, at, length)
    return at


def decode_columns(columns: Sequence[Sequence[Run]]) -> list[Values]:
    """The samples of each column; many at once cost little more than one."""
    flat = [run for runs in columns for run in runs]
    decoded: list[Values] = [np.zeros(0)] * len(flat)
    alike: dict[tuple[int, int, int], list[int]] = {}
    for place, run in enumerate(flat):
        alike.setdefault((run.n, run.width, run.flags & DELTA), []).append(place)
    for places in alike.values():
        for place, values in zip(places, values_of([flat[p] for p in places]), strict=True):
            decoded[place] = values
    found, at = [], 0
    for runs in columns:
        pieces = decoded[at : at + len(runs)]
        found.append(pieces[0] if len(pieces) == 1 else np.concatenate([np.zeros(0), *pieces]))
        at += len(runs)
    return found


def varint(number: int) -> bytes:
    """A whole number from 0, seven bits a byte, the low ones first."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where what follows it begins."""
    number = shift = 0
    while data[at] > 127:
        number |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
    return number | data[at] << shift, at + 1


@lru_cache
def _cuts(n: int) -> tuple[int, ...]:
    """The lengths of the runs of a column of n samples: equal, the last may be shorter."""
    if n == 0:
        return ()
    length = -(-n // -(-n // RUN))
    return (length,) * (n // length) + ((n % length,) if n % length else ())
