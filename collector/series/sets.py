"""Lists of columns by number: what stands in which place of a cell of the window.

The file only grows: a count, then that many column ids, list after list, numbered from 1.
"""

import os
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collector.series.frames import Ids

_CACHED = 512


class ColumnSets:
    """The lists of one window, written by one process and followed by others."""

    def __init__(self, path: Path, write: bool = False) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._sets: list[Ids] = [np.zeros(0, np.int32)]
        self._numbers: dict[bytes, int] = {}
        self._read_to = 0
        self._places: dict[int, NDArray[np.int32]] = {}
        # pages and dashboards ask for the same again and again
        self._chosen: dict[tuple[int, bytes], tuple[Ids, NDArray[np.int64]]] = {}
        self._flat = _flatten(self._sets)
        if write:
            path.touch(0o600)
        self.refresh()
        if write:
            # a list cut short by a crash: no cell can name it yet
            os.truncate(path, self._read_to)

    def __len__(self) -> int:
        return len(self._sets)

    def refresh(self) -> None:
        """Read the lists that the writer added."""
        with self._lock:
            self._follow()

    def number(self, columns: Ids) -> int:
        """The number of this list, given at its first use; only for the writer."""
        key = columns.tobytes()
        if key not in self._numbers:
            record = np.concatenate([np.array([len(columns)], np.int32), columns])
            with self._path.open("ab", buffering=0) as file:
                file.write(record.astype(np.int32).tobytes())
            self._read_to += record.size * 4
            self._add(columns.astype(np.int32))
        return self._numbers[key]

    def columns(self, number: int) -> Ids:
        """The list; asked for right after it was written, it is read first."""
        if number >= len(self._sets):
            self.refresh()
        return self._sets[number]

    def choose(self, number: int, wanted: Ids | None) -> tuple[Ids, NDArray[np.int64]]:
        """The wanted columns (ascending; None: all) that the list has, and their places in it."""
        columns = self.columns(number)
        if wanted is None:
            return columns, np.arange(len(columns))
        key = (number, wanted.tobytes())
        known = self._chosen.get(key)
        if known is None:
            places = np.flatnonzero(np.isin(columns, wanted, assume_unique=True))
            known = columns[places], places
            if len(self._chosen) >= _CACHED:
                self._chosen.clear()
            self._chosen[key] = known
        return known

    def widths(self) -> NDArray[np.int64]:
        """How long each list is, by number."""
        return np.array([len(ids) for ids in self._sets], np.int64)

    def places(self, column: int) -> NDArray[np.int32]:
        """By number of a list: where in it the column stands, -1 where it does not."""
        known = self._places.get(column)
        if known is not None and len(known) == len(self._sets):
            return known
        if self._flat[3] != len(self._sets):
            self._flat = _flatten(self._sets)
        columns, numbers, places, count = self._flat
        hits = np.flatnonzero(columns == column)
        found = np.full(count, -1, np.int32)
        found[numbers[hits]] = places[hits]
        if len(self._places) >= _CACHED:
            self._places.clear()
        self._places[column] = found
        return found

    def _follow(self) -> None:
        if os.stat(self._path).st_size - self._read_to < 4:
            return
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            new = file.read()
        data = np.frombuffer(new[: len(new) // 4 * 4], np.int32)
        at = 0
        while at < len(data) and at + 1 + data[at] <= len(data):
            self._add(data[at + 1 : at + 1 + data[at]])
            at += 1 + int(data[at])
        self._read_to += at * 4

    def _add(self, columns: Ids) -> None:
        self._numbers[columns.tobytes()] = len(self._sets)
        self._sets.append(columns)


def _flatten(sets: list[Ids]) -> tuple[Ids, NDArray[np.int32], NDArray[np.int32], int]:
    count = len(sets)
    lengths = np.array([len(ids) for ids in sets])
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    numbers = np.repeat(np.arange(count, dtype=np.int32), lengths)
    places = (np.arange(lengths.sum()) - starts).astype(np.int32)
    return np.concatenate(sets), numbers, places, count
