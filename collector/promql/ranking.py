"""Some series of each group: the largest, the smallest, the first, a share; and quantiles, counts.

A cell is a series at a step that has a value; cells are ranked within (group, step).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.promql.aggregating import grouped_labels
from collector.promql.figures import plain, short
from collector.promql.labels import Ids, groups, quote, say
from collector.promql.limits import Failed
from collector.promql.notes import Notes
from collector.promql.segments import Floats, quantiles, sizes_of
from collector.promql.vectors import Vector, empty

_MOST = float(2**63 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Each present value: its series, its step, the number of its (group, step)."""

    row: Ids
    step: Ids
    key: Ids


def chosen(op: str, vector: Vector, param: Floats, names: tuple[str, ...], without: bool) -> Vector:
    """topk, bottomk, limitk: at most `param[step]` series of each group."""
    if np.isnan(param).any():
        raise Failed("Parameter value is NaN")
    for value in param[(param >= _MOST) | (param <= -_MOST)]:
        way = "overflows" if value > 0 else "underflows"
        raise Failed(f"Scalar value {short(value)} {way} int64")
    if not len(vector):
        return vector
    cells = _cells(vector, _ids(vector, names, without))
    x = vector.values[cells.row, cells.step]
    # NaN is the last to be taken, whichever end is wanted
    size = {"topk": -x, "bottomk": x, "limitk": np.zeros_like(x)}[op]
    nan = np.isnan(size) if op != "limitk" else np.zeros(len(x), bool)
    order = np.lexsort((cells.row, np.where(nan, 0.0, size), nan, cells.key))
    starts = np.flatnonzero(np.diff(cells.key[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(starts, sizes_of(starts, len(order)))
    taken = order[place < np.trunc(param)[cells.step[order]]]
    result = _only(vector, cells.row[taken], cells.step[taken])
    if vector.values.shape[1] > 1 or op == "limitk":
        return result.take(result.rows())
    return result.take(cells.row[taken])  # an instant answer comes in the order of its values


def shared(vector: Vector, param: Floats, notes: Notes, position: int) -> Vector:
    """limit_ratio: the series whose hash lies in the share; a negative one takes the rest."""
    if np.isnan(param).any():
        raise Failed("Ratio value is NaN")
    for value in np.unique(param[(param > 1) | (param < -1)]).tolist():
        capped = "1" if value > 0 else "-1"
        text = f"ratio value should be between -1 and 1, got {short(value)}, capping to {capped}"
        notes.warn(text, position)
    share = np.clip(param, -1.0, 1.0)[None, :]
    where = np.array([_hash(vector, row) for row in range(len(vector))])[:, None]
    within = np.where(share >= 0, where < share, where >= 1.0 + share)
    # a hash of almost 1 is 1.0 as a float, and still belongs to the whole
    within |= np.abs(share) == 1.0
    result = _only(vector, *np.nonzero(vector.present & within))
    return result.take(result.rows())


def quantile(vector: Vector, q: Floats, names: tuple[str, ...], without: bool) -> Vector:
    """The q[step]-quantile of each group."""
    kept = grouped_labels(vector.labels, names, without)
    steps = vector.values.shape[1]
    if not len(vector):
        return empty(kept, steps)
    ids, first = groups(kept)
    cells = _cells(vector, ids)
    order = np.argsort(cells.key, kind="stable")
    key = cells.key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    x = vector.values[cells.row, cells.step][order]
    group, step = np.divmod(key[starts], steps)
    values, present = np.zeros((len(first), steps)), np.zeros((len(first), steps), bool)
    values[group, step] = quantiles(q[step], x, starts, sizes_of(starts, len(x)))
    present[group, step] = True
    dropped = np.zeros(len(first), bool)
    np.logical_or.at(dropped, ids, vector.dropped)
    return Vector(kept.take(first), values, present, dropped)


def counted(vector: Vector, label: str, names: tuple[str, ...], without: bool) -> Vector:
    """count_values: how many series of each group have which value, the value as a label."""
    if not label or "�" in label or any(0x10FF00 <= ord(c) <= 0x10FFFF for c in label):
        raise Failed(f"invalid label name {_shown(label)}")
    steps = vector.values.shape[1]
    if not len(vector):
        return empty(vector.labels, steps)
    row, step = np.nonzero(vector.present)
    values = np.where(np.isnan(vector.values[row, step]), np.nan, vector.values[row, step])
    # as bits: 0 and -0 are equal, and are written differently
    distinct, which = np.unique(values.view(np.int64), return_inverse=True)
    words = vector.labels.words.give_all(map(plain, distinct.view(np.float64).tolist()))
    labels = vector.labels.take(row).put(label, words[which])
    kept = grouped_labels(labels, names if without else (*names, label), without)
    ids, first = groups(kept)
    counts = np.zeros((len(first), steps))
    np.add.at(counts, (ids, step), 1.0)
    dropped = np.zeros(len(first), bool)
    np.logical_or.at(dropped, ids, vector.dropped[row])
    return Vector(kept.take(first), counts, counts > 0, dropped)


def _shown(label: str) -> str:
    known = "".join(f"\\x{ord(c) & 0xFF:02x}" if ord(c) >= 0x10FF00 else c for c in label)
    return f'"{known}"' if known != label else quote(label)


def _ids(vector: Vector, names: tuple[str, ...], without: bool) -> Ids:
    return groups(grouped_labels(vector.labels, names, without))[0]


def _cells(vector: Vector, ids: Ids) -> Cells:
    row, step = np.nonzero(vector.present)
    return Cells(row, step, ids[row] * vector.values.shape[1] + step)


def _only(vector: Vector, rows: NDArray[np.int64], steps: NDArray[np.int64]) -> Vector:
    present = np.zeros_like(vector.present)
    present[rows, steps] = True
    return Vector(vector.labels, vector.values, present, vector.dropped)


def _hash(vector: Vector, row: int) -> float:
    text = say(vector.labels.row(row))
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return float(int.from_bytes(digest, "big") / 2**64)
