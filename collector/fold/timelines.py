"""Intervals of sites as the fold changes them; rows are read when the past is touched, and
written once a commit."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine

from collector import states
from collector.availability import Interval, State, changes, follow, overlay
from collector.db import reading

NEVER_REPORTED = "never reported"
SILENT = "silent"
SWITCHED_OFF = "switched off"
CENTRE_AWAY = "the centre was away"


@dataclass(slots=True)
class Sheet:
    """What is changing of one site: rows as stored, intervals as they are now."""

    stored: set[float]
    now: list[Interval]
    revs: dict[float, int] = field(default_factory=dict)

    def edit(self, low: int, high: int, part: list[Interval], rev: int) -> None:
        _, written = changes(self.now[low:high], part)
        for interval in written:
            self.revs[interval.since] = rev
        self.now[low:high] = part


class Timelines:
    """The states of all sites: the open interval of each in memory, the past on demand."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        with reading(store) as connection:
            self._open = states.open_intervals(connection)
        self._sheets: dict[str, Sheet] = {}

    def open(self, code: str) -> Interval | None:
        """What holds now; None for a site that does not count."""
        return self._open.get(code)

    def all_open(self) -> dict[str, Interval]:
        return self._open

    @property
    def changed(self) -> bool:
        return any(sheet.revs for sheet in self._sheets.values())

    def begin(self, starts: Mapping[str, float], rev: int) -> None:
        """These sites count from the given times on; those that do already go on."""
        codes = [code for code in starts if code not in self._open]
        with reading(self._store) as connection:
            ended = states.ended_at(connection, codes)
        for code in codes:
            sheet = self._sheets.setdefault(code, Sheet(set(), []))
            earlier = [interval.end for interval in sheet.now] + [ended.get(code, 0.0)]
            since = max(starts[code], *earlier)
            new = Interval(since, None, State.UNKNOWN, NEVER_REPORTED)
            sheet.edit(len(sheet.now), len(sheet.now), [new], rev)
            self._open[code] = new

    def end(self, code: str, at: float, rev: int) -> None:
        """The site does not count any more."""
        last = self._open.pop(code, None)
        if last is None:
            return
        sheet = self._sheet(code, last.since)
        closed = replace(last, until=max(at, last.since))
        sheet.edit(len(sheet.now) - 1, len(sheet.now), [closed], rev)

    def follow(self, code: str, new: Interval, rev: int) -> None:
        """`new` holds from its `since` on, or from the start of what holds now if that is later."""
        last = self._open.get(code)
        if last is None:
            return
        since, sheet = max(new.since, last.since), self._sheet(code, last.since)
        low = len(sheet.now) - 1
        if since == last.since:
            # nothing is left of what held: what held before may go on
            sheet, low = self._beside(code, since)
        part = follow(sheet.now[low:], replace(new, since=since))
        sheet.edit(low, len(sheet.now), part, rev)
        self._open[code] = sheet.now[-1]

    def explain(self, code: str, told: Interval, rev: int) -> None:
        """Put `told` in place of the interval that begins at its `since`."""
        sheet = self._sheet(code, told.since)
        for place, old in enumerate(sheet.now):
            if old.since == told.since:
                sheet.edit(place, place + 1, [replace(told, until=old.until)], rev)
        if code in self._open:
            self._open[code] = sheet.now[-1]

    def between(self, code: str, begin: float, end: float) -> Sequence[Interval]:
        """The intervals that touch [begin, end], as they are now."""
        sheet = self._sheet(code, begin)
        low, high = _span(sheet.now, begin, end)
        return sheet.now[low:high]

    def returned(self, code: str, at: float) -> float | None:
        """When the site worked again after `at`, by what was live."""
        for interval in self._sheet(code, at).now:
            works = interval.state in (State.NORMAL, State.SLOW)
            if interval.since >= at and works and interval.source != "backlog":
                return interval.since
        return None

    def rewrite(self, code: str, told: Sequence[Interval], rev: int) -> None:
        """Rewrite what was unknown by what was `told`; people's word stays."""
        if code not in self._open or not told:
            return
        begin, end = told[0].since, told[-1].end
        sheet, low = self._beside(code, begin)
        high = min(len(sheet.now), _span(sheet.now, begin, end)[1] + 1)
        sheet.edit(low, high, overlay(sheet.now[low:high], told, gives_way), rev)
        self._open[code] = sheet.now[-1]

    def save(self, connection: Connection) -> None:
        """Write what changed; `saved` once the transaction is through."""
        gone: list[tuple[str, float]] = []
        written: list[tuple[str, Interval, int]] = []
        for code, sheet in self._sheets.items():
            left = {interval.since for interval in sheet.now}
            gone += [(code, since) for since in sorted(sheet.stored - left)]
            written += [
                (code, interval, sheet.revs[interval.since])
                for interval in sheet.now
                if interval.since in sheet.revs
            ]
        states.save_states(connection, gone, written)

    def saved(self) -> None:
        self._sheets.clear()

    def _beside(self, code: str, begin: float) -> tuple[Sheet, int]:
        """The sheet of a site, and the place of the interval before the one that holds `begin`."""
        sheet = self._sheet(code, begin)
        low, _ = _span(sheet.now, begin, begin)
        if low == 0 and sheet.now:
            older = len(sheet.now)
            sheet = self._sheet(code, sheet.now[0].since - 0.001)
            low = len(sheet.now) - older
        return sheet, max(0, low - 1)

    def _sheet(self, code: str, begin: float) -> Sheet:
        """The sheet of a site, read back so far that it covers `begin`, where there is so much."""
        sheet = self._sheets.get(code)
        if sheet is None:
            last = self._open.get(code)
            now = [] if last is None else [last]
            sheet = self._sheets[code] = Sheet({i.since for i in now}, now)
        if not sheet.now or sheet.now[0].since > begin:
            first = sheet.now[0].since if sheet.now else float("inf")
            with reading(self._store) as connection:
                older = states.timeline(connection, code, begin, first)
            sheet.now[:0] = older
            sheet.stored.update(interval.since for interval in older)
        return sheet


def gives_way(interval: Interval) -> bool:
    return interval.state == State.UNKNOWN and interval.source != "person"


def _span(timeline: Sequence[Interval], begin: float, end: float) -> tuple[int, int]:
    starts = [interval.since for interval in timeline]
    return max(0, bisect_right(starts, begin) - 1), bisect_right(starts, end)
