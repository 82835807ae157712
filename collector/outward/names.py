"""Who a sample is for a receiver: the labels of its series, as bytes of the request."""

from collections.abc import Sequence

import msgspec
import numpy as np
from sqlalchemy import Engine

from agent.report import parse_series
from collector.changes import Changes
from collector.db import reading
from collector.outward.encode import label_fields
from collector.outward.parcels import STATES
from collector.promql import store
from collector.promql.derived import AGE, STATE, UP
from collector.promql.labels import NAME
from collector.series.layouts import Columns

# what is in mind at once: about 300 bytes a series
MOST_SERIES = 400_000

# nobody reports these: a column of them is -1, -2 and so on
DERIVED: Sequence[dict[str, str]] = (
    {NAME: UP},
    {NAME: AGE},
    *({NAME: STATE, "state": state} for state in STATES),
)

_decode = msgspec.json.Decoder(dict[str, str]).decode


class Names:
    """The labels that a query would give; those of sites change with the inventory."""

    def __init__(self, engine: Engine, history: Engine) -> None:
        self._engine = engine
        self._columns = Columns(history, at_once=False)
        self._changes = Changes(engine)
        self._mark: tuple[int, ...] = ()
        self._sites: dict[int, dict[str, str]] = {}
        self._own: dict[int, dict[str, str]] = {}
        # by row and columns
        self._known: dict[tuple[int, bytes], list[bytes | None]] = {}
        self._count = 0
        self._others: dict[bytes, bytes] = {}

    def refresh(self) -> None:
        """See whether the inventory has changed."""
        if not self._changes.happened():
            return
        with reading(self._engine) as connection:
            mark = store.inventory_mark(connection)
            if mark == self._mark:
                return
            self._sites = {site.row: site.labels for site in store.site_rows(connection)}
        self._mark = mark
        self._forget()

    def of(self, row: int, columns: bytes) -> list[bytes | None]:
        """Columns (int32, little-endian) at a site; None where there is no such site any more."""
        found = self._known.get((row, columns))
        if found is None:
            numbers = np.frombuffer(columns, "<i4").tolist()
            found = [self._make(row, column) for column in numbers]
            if self._count + len(found) > MOST_SERIES:
                self._forget()
            self._count += len(found)
            self._known[row, columns] = found
        return found

    def other(self, labels: bytes) -> bytes:
        """A series of somebody else's."""
        found = self._others.get(labels)
        if found is None:
            if len(self._others) >= MOST_SERIES:
                self._others.clear()
            found = self._others[labels] = label_fields(_decode(labels))
        return found

    def _forget(self) -> None:
        self._known.clear()
        self._count = 0

    def _make(self, row: int, column: int) -> bytes | None:
        site, own = self._sites.get(row), self._column(column)
        return None if site is None or own is None else label_fields({**site, **own})

    def _column(self, column: int) -> dict[str, str] | None:
        if column < 0:
            return DERIVED[-1 - column]
        own = self._own.get(column)
        if own is None:
            name = self._columns.name(column)
            if name is None:
                return None
            metric, labels = parse_series(name)
            own = self._own[column] = {NAME: metric, **labels}
        return own
