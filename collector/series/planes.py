"""The window's arrays for 4096 sites, mapped from files that writer and readers share.

`values` has an axis for the place in the list of columns, then one for the cell; a cell is
(minute slot, row). Neighbours in memory are sites, so that a minute of a fleet dirties few pages
and a page is written to disk for a minute or two, not for as long as the window reaches back.
"""

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROWS = 4096
# Places are added in steps of this many; a hole in the file costs nothing.
_STEP = 16


class Planes:
    """One group of 4096 rows. A value, then its time, then its list number: in that order a cell
    is written, and the number is 0 in between, so a reader that finds time and number unchanged
    after reading a value has the right one.
    """

    def __init__(self, folder: Path, number: int, minutes: int, write: bool = False) -> None:
        self._write = write
        self._cells = minutes * ROWS
        self._path = value_path(folder, number)
        size = ROWS * 8 + self._cells * 12
        if write:
            _make(self._path, 0)
            _make(head_path(folder, number), size)
        shared = _map(head_path(folder, number), size, write)
        self.seen: NDArray[np.float64] = np.frombuffer(shared, np.float64, ROWS)
        self.times: NDArray[np.float64] = np.frombuffer(shared, np.float64, self._cells, ROWS * 8)
        self.lists: NDArray[np.uint32] = np.frombuffer(
            shared, np.uint32, self._cells, ROWS * 8 + self._cells * 8
        )
        self.values: NDArray[np.float64] = np.zeros((0, self._cells))
        self.catch_up()

    def catch_up(self) -> None:
        """Map places that were added since."""
        places = os.stat(self._path).st_size // (self._cells * 8)
        if places > len(self.values):
            shared = _map(self._path, places * self._cells * 8, self._write)
            self.values = np.frombuffer(shared, np.float64).reshape(places, self._cells)

    def widen(self, places: int) -> None:
        """Make room for lists of this many columns; only for the writer."""
        if places > len(self.values):
            steps = -(-places // _STEP)
            _make(self._path, steps * _STEP * self._cells * 8)
            self.catch_up()


def head_path(folder: Path, number: int) -> Path:
    return folder / f"{number:04x}.heads"


def value_path(folder: Path, number: int) -> Path:
    return folder / f"{number:04x}.values"


def _make(path: Path, size: int) -> None:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(file).st_size < size:
            os.ftruncate(file, size)
    finally:
        os.close(file)


def _map(path: Path, size: int, write: bool) -> mmap.mmap:
    file = os.open(path, (os.O_RDWR if write else os.O_RDONLY) | os.O_CLOEXEC)
    try:
        return mmap.mmap(file, size, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
    finally:
        os.close(file)
