"""What was decoded lately of blocks that do not change: who looks again reads only what is new.

A block is a packed day of a site, or a part of one of its hours; it is known by its key and by a
mark that is another one when the block is written anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

import numpy as np

from collector.series.frames import Line, Samples, Times, Values

Key = tuple[int, ...]
# of these blocks these columns, None for all
Load = Callable[[Mapping[Key, set[int] | None]], Mapping[Key, Samples]]

MOST_BYTES = 8 << 20
# of the objects around the numbers of one column
_AROUND = 400
_NOTHING: Line = (np.zeros(0), np.zeros(0))


class _Block:
    __slots__ = ("lines", "mark", "size")

    def __init__(self, mark: Hashable) -> None:
        self.mark = mark
        self.lines: dict[int, Line] = {}
        self.size = _AROUND


class Shelf:
    """Columns of blocks, at most so many bytes of them; what nobody asked for longest goes first.

    Safe to share by threads; the arrays it gives are read-only.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = self.found = self.missed = 0
        self._blocks: OrderedDict[Key, _Block] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, marks: Mapping[Key, Hashable], wanted: set[int], load: Load) -> list[Samples]:
        """Of each block, in their order, its samples of the wanted columns; `load` reads those
        that are not here, of all blocks at once.
        """
        known = {key: self._known(key, mark, wanted) for key, mark in marks.items()}
        missing = {key: wanted - lines.keys() for key, lines in known.items()}
        missing = {key: columns for key, columns in missing.items() if columns}
        if missing:
            loaded = load({**missing})
            for key, columns in missing.items():
                fresh = _whole(columns, loaded.get(key, {}))
                known[key] |= fresh
                self._keep(key, marks[key], fresh)
        return [
            {column: line for column, line in lines.items() if len(line[0])}
            for lines in known.values()
        ]

    def find(self, marks: Mapping[Key, Hashable], wanted: set[int]) -> list[Samples] | None:
        """The same without reading anything; None where not all of it is here."""
        with self._lock:
            blocks = [self._blocks.get(key) for key in marks]
            found: list[Samples] = []
            for block, mark in zip(blocks, marks.values(), strict=True):
                if block is None or block.mark != mark or not wanted <= block.lines.keys():
                    return None
                lines = block.lines
                found.append({c: lines[c] for c in wanted if len(lines[c][0])})
            for key in marks:
                self._blocks.move_to_end(key)
            self.found += len(marks) * len(wanted)
            return found

    def _known(self, key: Key, mark: Hashable, wanted: set[int]) -> dict[int, Line]:
        with self._lock:
            block = self._blocks.get(key)
            if block is None or block.mark != mark:
                self.missed += len(wanted)
                return {}
            self._blocks.move_to_end(key)
            lines = {column: block.lines[column] for column in wanted if column in block.lines}
            self.found += len(lines)
            self.missed += len(wanted) - len(lines)
            return lines

    def _keep(self, key: Key, mark: Hashable, lines: Mapping[int, Line]) -> None:
        with self._lock:
            block = self._blocks.pop(key, None)
            if block is not None:
                self.held_bytes -= block.size
            if block is None or block.mark != mark:
                block = _Block(mark)
            block.lines |= lines
            block.size = _size(block.lines)
            self._blocks[key] = block
            self.held_bytes += block.size
            while self.held_bytes > self.most_bytes:
                _, oldest = self._blocks.popitem(last=False)
                self.held_bytes -= oldest.size


def read(
    shelf: "Shelf | None", marks: Mapping[Key, Hashable], wanted: set[int] | None, load: Load
) -> list[Samples]:
    """The same without a shelf, or of all columns, of which nothing is kept."""
    if shelf is None or wanted is None:
        return [*load(dict.fromkeys(marks, wanted)).values()]
    return shelf.read(marks, wanted, load)


def _whole(columns: set[int], samples: Samples) -> dict[int, Line]:
    """Every column, also those of which there is nothing; columns go on sharing their times."""
    own: dict[int, Times] = {}
    lines: dict[int, Line] = {}
    for column in columns:
        times, values = samples.get(column, _NOTHING)
        if id(times) not in own:
            own[id(times)] = _alone(times)
        lines[column] = own[id(times)], _alone(values)
    return lines


def _alone(numbers: Values) -> Values:
    """The same numbers; not as a piece of something larger, which would be held, too."""
    alone = numbers if numbers.base is None else numbers.copy()
    alone.setflags(write=False)
    return alone


def _size(lines: Mapping[int, Line]) -> int:
    times = {id(times): times.nbytes for times, _ in lines.values()}
    numbers = sum(values.nbytes for _, values in lines.values())
    return sum(times.values()) + numbers + _AROUND * (1 + len(lines))
