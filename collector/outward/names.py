"""Who a sample is for a receiver: the labels of its series, as bytes of the request."""

from collections.abc import Sequence

import msgspec
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

# what is in mind at once: about 250 bytes a series
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
        self._known: dict[int, bytes] = {}
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
        self._known.clear()

    def of(self, row: int, column: int) -> bytes | None:
        """A column at a site; None where there is no such site any more."""
        key = row << 32 | column & 0xFFFFFFFF
        found = self._known.get(key)
        if found is None:
            site, own = self._sites.get(row), self._column(column)
            if site is None or own is None:
                return None
            found = label_fields({**site, **own})
            if len(self._known) >= MOST_SERIES:
                self._known.clear()
            self._known[key] = found
        return found

    def other(self, labels: bytes) -> bytes:
        """A series of somebody else's."""
        found = self._others.get(labels)
        if found is None:
            if len(self._others) >= MOST_SERIES:
                self._others.clear()
            found = self._others[labels] = label_fields(_decode(labels))
        return found

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
