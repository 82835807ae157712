"""Reads values and table columns of a device within bounds, and gently with weak devices.

A column is read with GETBULK, from 10 repetitions down to 1 where the device says tooBig or
nothing at all; a device whose OIDs do not increase, or that never ends, is left.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from agent.probes.snmp.message import NO_ACCESS, TOO_BIG, Ask, Denied, Oid, Row, Told, Value
from agent.probes.snmp.session import Silent

REPETITIONS = 10
# columns and values asked for in one datagram: 8 columns of 10 rows are near 1,400 bytes
_WIDTH = 8
MOST_ROWS = 2000

# puts one question; the number is how often it is tried
Asker = Callable[[Ask, int], Told]
Column = dict[Oid, Value]


@dataclass
class Walker:
    """Reads from one device; `repetitions` is what it was found to bear, `troubles` what failed."""

    ask: Asker
    repetitions: int = REPETITIONS
    most_rows: int = MOST_ROWS
    troubles: list[str] = field(default_factory=list)

    def values(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The values of these instances; one that the device has not is left out."""
        rows: list[Row] = []
        for at in range(0, len(oids), _WIDTH):
            rows += self._halved(Ask(tuple(oids[at : at + _WIDTH])))
        wanted = set(oids)
        return {name: value for name, value in rows if name in wanted and value is not None}

    def columns(self, roots: Sequence[Oid], found: dict[Oid, Column]) -> None:
        """Fills in values by index of each column; those of one table are read side by side."""
        found |= {root: {} for root in roots}
        for table in _tables(roots):
            for at in range(0, len(table), _WIDTH):
                self._table(table[at : at + _WIDTH], found)

    def beneath(self, roots: Sequence[Oid]) -> set[Oid]:
        """Which of these have anything beneath them."""
        rows: list[Row] = []
        for at in range(0, len(roots), _WIDTH):
            rows += self._halved(Ask(tuple(roots[at : at + _WIDTH]), following=True))
        names = [name for name, value in rows if value is not None]
        return {root for root in roots if any(name[: len(root)] == root for name in names)}

    def _halved(self, ask: Ask) -> list[Row]:
        """The rows of the answer, asked for in two halves where it would be too much."""
        try:
            told = self.ask(ask, 2)
        except Silent:
            if len(ask.oids) == 1:
                raise
            told = Told(0, TOO_BIG, ())
        if told.error in NO_ACCESS:
            raise Denied("who asks so may read nothing")
        if not told.error:
            return list(told.rows)
        if len(ask.oids) == 1:
            return []
        half = len(ask.oids) // 2
        parts = (ask.oids[:half], ask.oids[half:])
        return [row for part in parts for row in self._halved(replace(ask, oids=part))]

    def _table(self, roots: Sequence[Oid], found: dict[Oid, Column]) -> None:
        """Side by side until all columns have ended; one by one where that is too much."""
        try:
            self._walk(roots, found)
        except Silent:
            if len(roots) == 1:
                self.troubles.append(f"no answer about {dotted(roots[0])}")
                # is there anybody at all?
                self.ask(Ask((roots[0],)), 2)
                return
            for root in roots:
                self._table([root], found)

    def _walk(self, roots: Sequence[Oid], found: dict[Oid, Column]) -> None:
        at = {root: (*root, *max(found[root], default=())) for root in roots}
        while at:
            rows = self._bulk(tuple(at.values()))
            at = self._advance(at, rows, found)

    def _bulk(self, oids: tuple[Oid, ...]) -> Sequence[Row]:
        """As many rows as the device bears; what it bears is remembered."""
        while True:
            least = self.repetitions == 1
            try:
                told = self.ask(Ask(oids, self.repetitions), 2 if least else 1)
            except Silent:
                if least:
                    raise
                told = Told(0, TOO_BIG, ())
            if told.error != TOO_BIG:
                return [] if told.error else told.rows
            if least:
                raise Silent
            self.repetitions //= 2

    def _advance(
        self, at: dict[Oid, Oid], rows: Sequence[Row], found: dict[Oid, Column]
    ) -> dict[Oid, Oid]:
        """Takes in the rows; where each column that goes on has come to."""
        roots, ended, moved = list(at), set(), dict(at)
        for place, (name, value) in enumerate(rows):
            root = roots[place % len(roots)]
            if root in ended:
                continue
            if name[: len(root)] != root or value is None:
                ended.add(root)
            elif name <= moved[root]:
                ended.add(root)
                self.troubles.append(f"{dotted(root)} does not increase")
            elif len(found[root]) >= self.most_rows:
                ended.add(root)
                self.troubles.append(f"{dotted(root)} has over {self.most_rows} rows")
            else:
                found[root][name[len(root) :]] = value
                moved[root] = name
        # a column that the answer had no room for goes on, unless nothing moved at all
        stuck = moved == at
        return {root: place for root, place in moved.items() if root not in ended and not stuck}


def dotted(name: Iterable[int]) -> str:
    return ".".join(map(str, name))


def _tables(roots: Iterable[Oid]) -> list[list[Oid]]:
    """Columns by the table they belong to: all but the last number is the same."""
    tables: dict[Oid, list[Oid]] = {}
    for root in dict.fromkeys(roots):
        tables.setdefault(root[:-1], []).append(root)
    return list(tables.values())
