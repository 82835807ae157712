"""Intervals of sites as the fold changes them; rows are read when the past is touched, and
written once a commit."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine

from collector import states
from collector.availability import Interval, State, changes, follow, merge, overlay
from collector.db import reading
from collector.fold.painting import Work, lay, lift, without

NEVER_REPORTED = "never reported"
SILENT = "silent"
SWITCHED_OFF = "switched off"
CENTRE_AWAY = "the centre was away"


@dataclass(slots=True)
class Sheet:
    """What is changing of one site: rows as stored, and what agents said as it is now."""

    stored: set[float]
    now: list[Interval]
    revs: dict[float, int] = field(default_factory=dict)  # of rows that changed
    works: list[Work] = field(default_factory=list)

    def edit(self, low: int, high: int, part: list[Interval], rev: int) -> None:
        if self.works:
            self.relay([*self.now[:low], *part, *self.now[high:]], self.works, rev)
            return
        _, written = changes(self.now[low:high], part)
        for interval in written:
            self.revs[interval.since] = rev
        self.now[low:high] = part

    def relay(self, said: list[Interval], works: list[Work], rev: int) -> None:
        """What agents said with other works over it."""
        before, rows = self.rows(), lay(said, works)
        for row in changes(before, rows)[1]:
            self.revs[row.since] = rev
        self.now, self.works = lift(rows)

    def rows(self) -> list[Interval]:
        return lay(self.now, self.works) if self.works else self.now


class Timelines:
    """The states of all sites: the open interval of each in memory, the past on demand."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        with reading(store) as connection:
            self._open = states.open_intervals(connection)
        # rows of maintenance that holds now; what is open beneath is in _open
        self._rows = {c: row for c, row in self._open.items() if row.state == State.MAINTENANCE}
        self._open |= {code: lift([row])[0][-1] for code, row in self._rows.items()}
        self._sheets: dict[str, Sheet] = {}

    def open(self, code: str) -> Interval | None:
        """What agents say now, whoever works on it; None for a site that does not count."""
        return self._open.get(code)

    def all_open(self) -> dict[str, Interval]:
        return self._open

    def standing(self) -> Iterator[tuple[str, str]]:
        """What each site is now, works over it included."""
        for code, now in self._open.items():
            row = self._rows.get(code)
            yield code, now.state if row is None else row.state

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
        part = follow(sheet.now[low:], new if new.since == since else replace(new, since=since))
        sheet.edit(low, len(sheet.now), part, rev)
        self._open[code] = sheet.now[-1]

    def explain(self, code: str, told: Interval, rev: int) -> None:
        """Put `told` in place of the interval that begins at its `since`."""
        sheet = self._sheet(code, told.since)
        # one that ended as it began may stand before it, with the same beginning
        places = [place for place, old in enumerate(sheet.now) if old.since == told.since]
        for place in places[-1:]:
            part = [replace(told, until=sheet.now[place].until)]
            sheet.edit(place, place + 1, part, rev)
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
        """Rewrite what was unknown by what was `told`; people's word on its cause stays."""
        if code not in self._open or not told:
            return
        begin, end = told[0].since, told[-1].end
        sheet, low = self._beside(code, begin)
        high = min(len(sheet.now), _span(sheet.now, begin, end)[1] + 1)
        old = sheet.now[low:high]
        sheet.edit(low, high, worded(overlay(old, told, gives_way), old), rev)
        self._open[code] = sheet.now[-1]

    def works(self, code: str, works: Sequence[Work], begin: float, rev: int) -> None:
        """From `begin` on these works, and no others, lie over what agents said of a site."""
        if code not in self._open:
            return
        sheet, _ = self._beside(code, begin)
        later = [work for work in works if work.until > begin]
        later = [replace(work, since=max(work.since, begin)) for work in later]
        sheet.relay(sheet.now, [*without(sheet.works, begin, float("inf")), *later], rev)
        self._open[code] = sheet.now[-1]

    def set_back(self, codes: Iterable[str], at: float, rev: int) -> None:
        """The clock was set back to `at`: what these sites are holds from then on, and what they
        were later than that is dropped. Works that ended later go on."""
        for code in codes:
            if (last := self._open.get(code)) is None:
                continue
            sheet = self._sheet(code, at)
            said = follow(sheet.now, replace(last, since=min(last.since, at)))
            begun = [work for work in sheet.works if work.since <= at]
            works = [w if w.until <= at else replace(w, until=float("inf")) for w in begun]
            sheet.relay(said, works, rev)
            self._open[code] = sheet.now[-1]

    def reread(self) -> None:
        """A name was taken out of what people said: their words are as rows have them now."""
        worded = [c for c, now in self._open.items() if now.word is not None or c in self._rows]
        with reading(self._store) as connection:
            for code in worded:
                sheet, row = self._sheets.get(code), self._rows.get(code) or self._open[code]
                since = [row.since, *(one.since for one in (sheet.now[:1] if sheet else ()))]
                stored = states.timeline(connection, code, min(since), float("inf"))
                rows = {one.since: one for one in lift(stored)[0]}
                self._open[code] = as_said(self._open[code], rows)
                if sheet is not None:
                    sheet.now = [as_said(one, rows) for one in sheet.now]
                if code in self._rows and stored and stored[-1].since == row.since:
                    self._rows[code] = stored[-1]

    def save(self, connection: Connection) -> None:
        """Write what changed; `saved` once the transaction is through."""
        gone: list[tuple[str, float]] = []
        written: list[tuple[str, Interval, int]] = []
        for code, sheet in self._sheets.items():
            rows = sheet.rows()
            left = {row.since for row in rows}
            gone += [(code, since) for since in sorted(sheet.stored - left)]
            written += [(code, r, sheet.revs[r.since]) for r in rows if r.since in sheet.revs]
        states.save_states(connection, gone, written)

    def saved(self) -> None:
        for code, sheet in self._sheets.items():
            self._rows.pop(code, None)
            if sheet.works and code in self._open and (row := sheet.rows()[-1]).beneath:
                self._rows[code] = row
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
            last = self._rows.get(code) or self._open.get(code)
            rows = [] if last is None else [last]
            sheet = self._sheets[code] = Sheet({row.since for row in rows}, [])
            sheet.now, sheet.works = lift(rows)
        if not sheet.now or sheet.now[0].since > begin:
            first = sheet.now[0].since if sheet.now else float("inf")
            with reading(self._store) as connection:
                older = states.timeline(connection, code, begin, first)
            said, works = lift(older)
            sheet.now[:0], sheet.works[:0] = said, works
            sheet.stored.update(row.since for row in older)
        return sheet


def gives_way(interval: Interval) -> bool:
    return interval.state == State.UNKNOWN


def as_said(one: Interval, rows: Mapping[float, Interval]) -> Interval:
    """The interval with the word that its row has, where it is the same word of somebody. Pure."""
    word = one.word
    stored = rows.get(one.since)
    if word is None or stored is None or stored.word is None or stored.word.at != word.at:
        return one
    evidence = stored.evidence if one.source == stored.source else one.evidence
    return replace(one, word=stored.word, evidence=evidence)


def worded(told: Sequence[Interval], before: Sequence[Interval]) -> list[Interval]:
    """What a person said of the cause of an outage is said of what a backlog made of it."""
    words = [old for old in before if old.word is not None]
    return merge(_worded(interval, words) for interval in told) if words else list(told)


def _worded(new: Interval, words: Sequence[Interval]) -> Interval:
    if new.word is not None or new.state == State.NORMAL:
        return new
    for old in words:
        if old.word is not None and old.since <= new.since < old.end:
            guess = replace(
                old.word, cause=new.cause, confidence=new.confidence, evidence=new.evidence
            )
            return replace(
                new,
                cause=old.cause,
                confidence=old.confidence,
                evidence=old.evidence,
                source="person",
                word=guess,
            )
    return new


def _span(timeline: Sequence[Interval], begin: float, end: float) -> tuple[int, int]:
    starts = [interval.since for interval in timeline]
    return max(0, bisect_right(starts, begin) - 1), bisect_right(starts, end)
