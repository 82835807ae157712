"""What of a site is packed, by the heads of its hours and days, which are read once for everybody
who asks while nobody writes."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from collector.db import reading
from collector.series import blocks, days
from collector.series.days import Day, Rewritten
from collector.series.frames import Samples, joined, within
from collector.series.shelf import Key, Shelf
from collector.unchanged import Unchanged

_TRIES = 5
_AROUND = 200


@dataclass(frozen=True, slots=True)
class Heads:
    """Of one moment: the minute before which the window is packed, and the heads in a stretch."""

    until: int
    hours: Mapping[blocks.Key, bytes]
    days: Sequence[Day]

    def marks(self, site_row: int, late: bool) -> dict[Key, Hashable]:
        """By what all of it is known, in the order in which `Packed` reads it."""
        return {
            **days.marks_of(site_row, self.days),
            **blocks.marks_of(site_row, self.parts(late)),
        }

    def parts(self, late: bool) -> Mapping[blocks.Key, bytes]:
        """The parts of hours; without `late` those of the window alone."""
        if late:
            return self.hours
        # a window that reaches back less than two hours leaves an hour in slices, from 0 down
        return {key: head for key, head in self.hours.items() if key[1] <= 0}

    @property
    def size(self) -> int:
        told = sum(len(head) + _AROUND for head in self.hours.values())
        return told + sum(len(day.head) + len(day.rest) + _AROUND for day in self.days)


class Packed:
    """Reads samples that are in blocks; for several threads."""

    def __init__(self, engine: Engine, shelf: Shelf) -> None:
        self._engine, self._shelf = engine, shelf
        self.unchanged = Unchanged(engine)

    def until(self, site_row: int) -> int:
        """The minute before which everything the site had in the window is in blocks."""

        def ask() -> int:
            with reading(self._engine) as connection:
                return blocks.packed_until(connection, site_row)

        return self.unchanged.asked(("until", site_row), ask)

    def samples(
        self, site_row: int, start: float, end: float, wanted: set[int], late: bool
    ) -> tuple[int, Samples]:
        """`until`, and the samples of the wanted columns in [start, end], both of one moment."""
        key = ("heads", site_row, blocks.hours_of(start, end))
        state, known = self.unchanged.get(key)
        if isinstance(known, Heads):
            found = self._shelf.find(known.marks(site_row, late), wanted)
            if found is not None:
                return known.until, joined(within(part, start, end) for part in found)
        heads, found = self._read(site_row, start, end, wanted, late)
        self.unchanged.keep(key, heads, state, heads.size)
        return heads.until, joined(within(part, start, end) for part in found)

    def _read(
        self, site_row: int, start: float, end: float, wanted: set[int], late: bool
    ) -> tuple[Heads, list[Samples]]:
        for _ in range(_TRIES):
            try:
                with reading(self._engine) as connection:
                    heads = _look(connection, site_row, start, end)
                    return heads, self._within(connection, site_row, heads, wanted, late)
            except Rewritten:
                continue
        raise Rewritten(f"site row {site_row} is packed again and again")

    def _within(
        self, connection: Connection, site_row: int, heads: Heads, wanted: set[int], late: bool
    ) -> list[Samples]:
        parts = heads.parts(late)
        return [
            *days.read_with(connection, site_row, heads.days, wanted, self._shelf),
            *blocks.read_with(connection, site_row, parts, wanted, self._shelf),
        ]


def _look(connection: Connection, site_row: int, start: float, end: float) -> Heads:
    # hours before days: what is merged meanwhile is then in the days
    return Heads(
        blocks.packed_until(connection, site_row),
        blocks.heads_of(connection, site_row, start, end),
        days.heads_of(connection, site_row, start, end),
    )
