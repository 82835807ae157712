"""Long ranges: steps of time stand for their samples where no window divides them.

Whatever is answered this way is what the samples would have given: roll-ups by the day, by the
hour where numbers are forgotten, and samples for the rest. What so cannot be answered is refused.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from collector.promql.catalogue import Catalogue, of_sites
from collector.promql.fleet import Found, joined
from collector.promql.labels import Ids, Words
from collector.promql.limits import Failed, Limits
from collector.promql.vectors import Series, Spans, Use, Wanted
from collector.series.history import History
from collector.series.rollup_store import DAY_S
from collector.series.rollups import EMPTY, Table, beneath, is_counter
from collector.series.spans import Cuts

_DAY_MS = DAY_S * 1000
# from so many samples on they are joined as they are read
MANY = 1_000_000
# a step takes the room of so many samples
_AS_SAMPLES = 4


def worth(wanted: Wanted, start_ms: int, many: bool) -> bool:
    """Whether steps of time can stand for much of what is asked."""
    if wanted.end_ms - start_ms < _DAY_MS:
        return False
    cuts = Cuts(wanted.cuts)
    days = range(-(-start_ms // _DAY_MS), wanted.end_ms // _DAY_MS)
    return len(cuts.days & set(days)) < len(days) or (many and cuts.step_s > 0)


def suited(catalogue: Catalogue, columns: Sequence[int], use: Use) -> list[int]:
    """The columns of which steps of time know enough for this use."""
    if use == Use.RAW:
        return []
    if use == Use.GROWTH:
        return [column for column in columns if is_counter(catalogue.names[column])]
    return list(columns)


@dataclass(frozen=True, slots=True)
class LongRange:
    """Reads some columns of some sites in steps of time, site by site."""

    history: History
    catalogue: Catalogue
    places: Ids
    columns: Sequence[int]
    limits: Limits

    def read(self, wanted: Wanted, start_ms: int, many: bool) -> "Rolled":
        """Failed where too little is kept. `many`: join samples as they are read."""
        cuts, names = Cuts(wanted.cuts), [self.catalogue.names[c] for c in self.columns]
        tables, owners = [EMPTY], [np.zeros(0, np.int64)]
        remarks: set[str] = set()
        series = rows = 0

        def check(steps: int) -> None:
            self.limits.check_samples((rows + steps) * _AS_SAMPLES)

        for place in self.places.tolist():
            row = int(self.catalogue.sites.rows[place])
            found = self.history.spans(row, names, start_ms, wanted.end_ms, cuts, many, check)
            if found.lost:
                raise Failed(_too_little(max(found.lost), found.hours))
            tables.append(found.table)
            owners.append(np.full(len(found.table), place))
            series += len(np.unique(found.table.column))
            rows += len(found.table)
            self.limits.check_series(series, wanted.steps)
            check(0)
            remarks.update(_said(found.days, "day") + _said(found.hours, "hour"))
        return Rolled(beneath(tables), np.concatenate(owners), tuple(sorted(remarks)))

    def forgetful(self, start_ms: int, end_ms: int) -> list[int]:
        """The rows of the sites with days of which only roll-ups are left."""
        rows = self.catalogue.sites.rows[self.places].tolist()
        return sorted(self.history.forgetful(rows, start_ms / 1000, end_ms / 1000))

    def refuse_forgotten(self, rows: Sequence[int], start_ms: int, end_ms: int) -> None:
        """Failed where of these series of forgetful sites only roll-ups are left."""
        names = [self.catalogue.names[column] for column in self.columns]
        for row in rows:
            gone = self.history.forgotten(row, names, start_ms / 1000, end_ms / 1000)
            if gone:
                raise Failed(f"{_before(max(gone))} only roll-ups are kept, which do not know this")


@dataclass(frozen=True, slots=True, eq=False)
class Rolled:
    """Steps of time, the place of the site of each, and what to say about them."""

    table: Table
    places: Ids
    remarks: tuple[str, ...]

    def samples(self) -> Found:
        """Each step's last number, and null where the series ended after it."""
        table, over = self.table, self.table.ended > 0
        real = table.count > 0
        return joined(
            [
                Found(
                    table.column[real],
                    self.places[real],
                    table.end[real] / 1000.0,
                    table.last[real],
                ),
                Found(
                    table.column[over],
                    self.places[over],
                    # a null that follows a number came later than it
                    (table.end[over] + real[over]) / 1000.0,
                    np.full(int(over.sum()), np.nan),
                ),
            ]
        )

    def series(self, catalogue: Catalogue, words: Words) -> Series:
        """Steps with numbers as samples that stand for many."""
        order = np.lexsort((self.table.end, self.places, self.table.column))
        order = order[self.table.count[order] > 0]
        table, places = self.table.take(order), self.places[order]
        new = np.ones(len(table), bool)
        new[1:] = (table.column[1:] != table.column[:-1]) | (places[1:] != places[:-1])
        first = np.flatnonzero(new)
        own = catalogue.columns.take(table.column[first])
        return Series(
            of_sites(catalogue, words, own, places[first]),
            table.end,
            table.last,
            np.append(first, len(table)),
            catalogue.sites.lookback_ms[places[first]],
            self.remarks,
            Spans(
                table.count,
                table.begin,
                table.first,
                table.minimum,
                table.maximum,
                table.total,
                table.growth,
            ),
        )


def _said(days: Set[int], step: str) -> list[str]:
    if not days:
        return []
    return [
        f"answered from roll-ups by the {step} between {_date(min(days))} and {_date(max(days))}"
    ]


def _too_little(day: int, hours: Set[int]) -> str:
    known = "hour" if day in hours else "day"
    return (
        f"{_before(day)} only roll-ups by the {known} are kept: "
        f"let start, step and ranges be whole {known}s of UTC"
    )


def _before(day: int) -> str:
    return f"before {_date(day + 1)}"


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()
