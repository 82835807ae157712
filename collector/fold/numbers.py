"""The numbers of a batch on their way to history: the recent ones to the window, late ones to
late blocks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from agent.report import Verdict
from collector.fold.events import (
    BEACON_LOSS,
    CLOCK_SERIES,
    Found,
    Lossy,
    Moved,
    Past,
    Recalled,
    check_series,
)
from collector.fold.shapes import Shape
from collector.outward.bag import Bag, NoBag
from collector.series import blocks
from collector.series.extra import Scraps
from collector.series.frames import Frames, Ids
from collector.series.layouts import Columns, Part
from collector.series.window import WindowWriter

# older samples do not go through the window
RECENT_S = 3600.0
# lists of a few names that are kept with their columns
_MOST_ORDERS = 4096
# shared by all findings: nobody changes what was told
_NEITHER = np.array([np.nan])
_NUMBERS = {Verdict.GOOD.value: np.array([1.0]), Verdict.BAD.value: np.array([0.0])}


class Numbers:
    """Where samples go; `position` is the journal position at which the batch begins.

    `bag` takes what goes to receivers, too.
    """

    def __init__(self, window: WindowWriter, columns: Columns, bag: Bag | None = None) -> None:
        self.position = 0
        self._bag = bag or NoBag()
        self._window = window
        self._columns = columns
        self._late: dict[int, list[Frames]] = {}
        self._reported: dict[int, float] = {}
        # samplings of a few numbers that wait for `settle`
        self._scraps = Scraps()
        self._orders: dict[tuple[str, ...], tuple[Ids, NDArray[np.intp]]] = {}
        self._checks: dict[tuple[str, str], Ids] = {}

    @property
    def carried(self) -> bool:
        """Receivers are told, too."""
        return self._bag.takes

    @property
    def changed(self) -> bool:
        return bool(self._late)

    def live(self, shape: Shape) -> None:
        """The judged frames of one list of series."""
        times = np.array(shape.times)
        by_key: dict[int, tuple[Part, list[int], list[int]]] = {}
        for place, layout in enumerate(shape.layouts):
            for part in layout.parts:
                _, rows, places = by_key.setdefault(part.key, (part, [], []))
                rows.append(part.site_row)
                places.append(place)
        for part, rows, places in by_key.values():
            values = shape.matrix[np.array(places)[:, None], part.take]
            these = np.array(rows, np.int32), times[places], part.columns, values
            self._write(*these)
            self._bag.numbers(*these)

    def past(self, event: Recalled) -> None:
        """Late frames of one report. They go past the window: what rules see there came in time."""
        times = np.array([frame.time for frame in event.frames])
        matrix = np.array([frame.values for frame in event.frames], dtype=np.float64)
        for part in event.layout.parts:
            self._recall(part.site_row, times, part.columns, matrix[:, part.take])
        self._moved(event)

    def sample(
        self,
        row: int,
        time: float,
        names: tuple[str, ...],
        values: Sequence[float],
        live: bool = True,
    ) -> None:
        """A few numbers of one moment, such as a finding; in the window after `settle`."""
        columns, order = self._order(names)
        self._take(row, time, columns, np.array(values)[order], live)

    def _take(
        self, row: int, time: float, columns: Ids, numbers: NDArray[np.float64], live: bool
    ) -> None:
        if self._bag.takes:
            told = np.array([row], np.int32), np.array([time]), columns, numbers.reshape(1, -1)
            self._bag.numbers(*told, not live)
        late = not live or time <= self._now(row) - RECENT_S
        if late or not self._window.takes(row, time):
            self._keep(row, np.array([time]), columns, numbers.reshape(1, -1))
        else:
            self._scraps.add(row, time, columns, numbers)

    def settle(self) -> None:
        """Put the samplings since the last time into the window, in their order."""
        if len(self._scraps):
            self._window.extras(self._scraps, self.position)
            self._scraps = Scraps()

    def _order(self, names: tuple[str, ...]) -> tuple[Ids, NDArray[np.intp]]:
        """The columns of these names, ascending, and where each stands among the names."""
        known = self._orders.get(names)
        if known is None:
            ids = self._columns.give(names)
            order = np.argsort(ids)
            if len(self._orders) >= _MOST_ORDERS:
                self._orders.clear()
            known = self._orders[names] = ids[order], order
        return known

    def moved(self, row: int, moved: Moved) -> None:
        """A live entry that stands elsewhere than its agent's clock said."""
        told = [round(moved.sent - moved.time, 3), moved.error_s]
        many = 2 if moved.error_s else 1
        self.sample(row, moved.time, CLOCK_SERIES[:many], told[:many])

    def found(self, row: int, event: Found) -> None:
        """A finding is a sample of its check, too."""
        finding = event.finding
        check = finding.check, event.kind
        columns = self._checks.get(check)
        if columns is None:
            if len(self._checks) >= _MOST_ORDERS:
                self._checks.clear()
            columns = self._checks[check] = self._columns.give([check_series(*check)])
        number = _NUMBERS.get(finding.verdict, _NEITHER)
        self._take(row, event.time, columns, number, event.live)

    def ended(self, row: int, at: float) -> None:
        """Nothing is known of a site any more."""
        self._bag.ended(row, at)

    def standing(
        self,
        at: float,
        rows: NDArray[np.int32],
        states: NDArray[np.int8],
        reports: NDArray[np.float64],
    ) -> None:
        """The state of every site, and when it last reported."""
        self._bag.standing(at, rows, states, reports)

    def lossy(self, row: int, event: Lossy) -> None:
        """The share of beacons that did not come."""
        self.sample(row, event.at, (BEACON_LOSS,), (event.ratio,))

    def reported(self, row: int, at: float) -> None:
        self._reported[row] = max(at, self._reported.get(row, at))

    def flush(self) -> None:
        """Note in the window who reported since the last commit."""
        self.settle()
        rows = np.fromiter(self._reported, np.int32, len(self._reported))
        self._window.touch(rows, np.fromiter(self._reported.values(), float, len(rows)))
        self._reported.clear()

    def set_back(self, at: float) -> None:
        """The window is filled anew, and here the clock was set back: later samples are in
        blocks."""
        self.flush()
        self._window.set_back(at)

    def save(self, history: Connection) -> None:
        """Names of columns and late frames, in the caller's transaction; `saved` after it."""
        self._columns.save(history)
        for row, frames in self._late.items():
            blocks.put_late(history, row, self.position, frames)

    def saved(self) -> None:
        self._late.clear()

    def _now(self, row: int) -> float:
        return self._reported.get(row, 0.0)

    def _write(
        self,
        rows: NDArray[np.int32],
        times: NDArray[np.float64],
        columns: NDArray[np.int32],
        values: NDArray[np.float64],
    ) -> None:
        if not len(rows):
            return
        taken = self._window.write(rows, times, columns, values, self.position)
        for place in np.flatnonzero(~taken).tolist():
            one = slice(place, place + 1)
            self._keep(int(rows[place]), times[one], columns, values[one])

    def _keep(
        self,
        row: int,
        times: NDArray[np.float64],
        columns: NDArray[np.int32],
        values: NDArray[np.float64],
    ) -> None:
        if len(times) and len(columns):
            self._late.setdefault(row, []).append(Frames(times, columns, values))

    def _recall(
        self,
        row: int,
        times: NDArray[np.float64],
        columns: NDArray[np.int32],
        values: NDArray[np.float64],
    ) -> None:
        self._keep(row, times, columns, values)
        self._bag.numbers(np.full(len(times), row, np.int32), times, columns, values, True)

    def _moved(self, event: Recalled) -> None:
        moved = [frame for frame in event.frames if frame.moved]
        if not moved or not event.layout.parts:
            return
        row = event.layout.parts[0].site_row
        self._keep_moved(row, CLOCK_SERIES[:1], [f for f in moved if not f.error_s])
        self._keep_moved(row, CLOCK_SERIES, [f for f in moved if f.error_s])

    def _keep_moved(self, row: int, names: Sequence[str], frames: list[Past]) -> None:
        if not frames:
            return
        ids = self._columns.give(names)
        told = np.array([(round(f.sent - f.time, 3), f.error_s) for f in frames])
        order = np.argsort(ids)
        times = np.array([frame.time for frame in frames])
        self._recall(row, times, ids[order], told[:, : len(names)][:, order])
