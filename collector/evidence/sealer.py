"""Seals days when their time has come, and anew what was rewritten since: a little at a time.

What is sealed is read from a snapshot; the transaction that writes it holds some ten records and
the mark of how far that came, so a crash repeats nothing and leaves nothing out.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from collector import acts
from collector.db import meta_get, meta_set, reading, writing
from collector.evidence import lines, news, record, sealing, seals, sources, standing
from collector.evidence.issuing import Enough, Issuing
from collector.evidence.lines import Line
from collector.evidence.moments import ONE_DAY, local_day, midnight
from collector.evidence.sealing import Mark
from collector.evidence.seals import Draft, Head, Known
from collector.evidence.signing import Signer
from collector.evidence.sources import Numbers, Place
from collector.fold.commit import read_ticks
from collector.inventory import places
from collector.secret import load_secret
from collector.series.history import History
from collector.settings import Settings

KEY = "evidence"
VERB = "sealed"
BY = "Ronda"
# records of one transaction, and days of one site that are compared between two
AT_ONCE, DAYS_AT_ONCE = 10, 31
# sites whose terms are looked at between two, nearly all of which are as they were
LOOKED_AT_ONCE = 500
# how often the newest head is told to the chain of acts
TELL_EVERY_S = 20 * 3600.0
# on a machine with other work sealing takes half of one core and no more
REST = 1.0
LOOK_S, MOST_PATIENCE = 20.0, 32


@dataclass(frozen=True, slots=True)
class Work:
    """What one transaction writes: records, how far that comes, a head for the chain of acts."""

    drafts: Sequence[Draft]
    mark: Mark
    tells: Head | None = None


@dataclass
class Sealer:
    """`look` now and then, in one process only. Time is what the fold has seen."""

    settings: Settings
    store: Engine
    numbers: Numbers | None
    signer: Signer
    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    # how many times LOOK_S the next look may take
    patience: int = 1
    # days that may have to be sealed anew, by site: a range; and the mark once they all are
    _again: dict[str, tuple[date, date]] = field(default_factory=dict)
    _upto: news.Top | None = None
    # once a look: the fold writes on meanwhile
    _search: bool = True
    _zones_known: bool = False
    _enough: Callable[[], bool] = lambda: False

    def look(self, now: float, enough: Callable[[], bool] = lambda: False) -> int:
        """Seal what is due, until nothing is or it is `enough`; how many records were made."""
        made, self._search, self._enough = 0, True, enough
        self._zones_known = False
        while not enough():
            begun = self.clock()
            try:
                count = self._step(now)
            except Enough:
                # a contract may have a thousand lines: what was not through is given longer
                self.patience = self.patience if made else min(2 * self.patience, MOST_PATIENCE)
                return made
            except Exception:
                self._forget()
                raise
            if count is None:
                break
            made += count
            self.wait(REST * max(0.0, self.clock() - begun))
        self.patience = 1
        return made

    def _step(self, now: float) -> int | None:
        """The next piece of work; None: there is none."""
        with reading(self.store) as connection:
            seen = read_ticks(connection).believed
            mark = sealing.mark(meta_get(connection, KEY))
            if seen is None:
                return None
            work = self._work(connection, mark, seen, now)
        return None if work is None else self._write(work, mark, now)

    def _work(
        self, connection: Connection, mark: Mark | None, seen: float, now: float
    ) -> Work | None:
        if mark is None:
            return Work([], Mark(*news.newest(connection), told_at=now))
        if self._search and not self._again:
            self._find(connection, mark, seen)
        if self._again:
            return Work(self._anew(connection), mark)
        if self._upto is not None:
            # all that was found is sealed
            done, self._upto = replace(mark, rev=self._upto[0], same=self._upto[1]), None
            return Work([], done)
        return (
            self._next_day(connection, mark, seen)
            or self._new_zone(connection, mark, seen)
            or self._terms(connection, mark, seen)
            or self._sheets(connection, mark, seen, now)
            or self._tell(connection, mark, now)
        )

    def _find(self, connection: Connection, mark: Mark, seen: float) -> None:
        """Which days were rewritten since, of those that are sealed."""
        after = self._upto or (mark.rev, mark.same)
        told, upto = news.since(connection, after, mark.known_before())
        self._search = upto != news.newest(connection)
        if upto == after:
            return
        self._upto = upto
        oldest = seen - (self.settings.history_days - 1) * 86400.0
        for stretch in told:
            zone = places.zone(stretch.site, self.settings.timezone)
            next_day = mark.next_day(str(zone), stretch.site)
            first = local_day(oldest, zone)
            days = sealing.days_of(stretch, zone, first, next_day or first)
            if days[0] < days[1]:
                old = self._again.get(stretch.site, days)
                self._again[stretch.site] = (min(old[0], days[0]), max(old[1], days[1]))

    def _anew(self, connection: Connection) -> list[Draft]:
        """The next days that may tell something else than was sealed."""
        code, (first, after) = next(iter(self._again.items()))
        until = min(after, first + DAYS_AT_ONCE * ONE_DAY)
        drafts: list[Draft] = []
        day = after
        for place in sources.sites_of(connection, [code]):
            codes = [code, *seals.former_codes(connection).get(code, ())]
            known = self._known(connection, codes, first, until)
            told, day = self._lines(connection, place, first, until), first
            while day < until and len(drafts) < AT_ONCE:
                mine = lines.within(told, *self._bounds(place, day))
                drafts += self._draft(connection, place, day, mine, known.get(day.isoformat()))
                day += ONE_DAY
        if day < after:
            self._again[code] = (day, after)
        else:
            del self._again[code]
        return drafts

    def _next_day(self, connection: Connection, mark: Mark, seen: float) -> Work | None:
        """Sites of the oldest day whose time has come."""
        zones = {z: (date.fromisoformat(d), after) for z, (d, after) in mark.days.items()}
        ready = [
            (day, zone, after)
            for zone, (day, after) in zones.items()
            if sealing.due(day, ZoneInfo(zone), seen)
        ]
        if not ready:
            return None
        day, zone, after = min(ready)
        some = list(islice(self._codes(connection, zone, after), AT_ONCE))
        drafts: list[Draft] = []
        for place in sources.sites_of(connection, some) if some else ():
            known = self._known(connection, [place.code], day, day + ONE_DAY)
            told = self._lines(connection, place, day, day + ONE_DAY)
            drafts += self._draft(connection, place, day, told, known.get(day.isoformat()))
        if len(some) < AT_ONCE:
            return Work(drafts, mark.moved(zone, (day + ONE_DAY).isoformat(), ""))
        return Work(drafts, mark.moved(zone, day.isoformat(), some[-1]))

    def _new_zone(self, connection: Connection, mark: Mark, seen: float) -> Work | None:
        """The first sites of a zone have come: their days begin with the first that is known."""
        if self._zones_known:
            return None
        zones: dict[str, list[str]] = {}
        for province in sources.provinces(connection):
            zone = str(places.zone(province, self.settings.timezone))
            if zone not in mark.days:
                zones.setdefault(zone, []).append(province)
        for zone, those in zones.items():
            if (first := sources.first_state(connection, those)) is not None:
                day = local_day(first, ZoneInfo(zone))
                return Work([], mark.moved(zone, day.isoformat(), ""))
        self._zones_known = True
        return None

    def _codes(self, connection: Connection, zone: str, after: str) -> Iterator[str]:
        """Codes of sites in a zone behind one, in order."""
        while some := sources.codes_after(connection, after, 500):
            for code in some:
                if str(places.zone(code, self.settings.timezone)) == zone:
                    yield code
            after = some[-1]

    def _known(
        self, connection: Connection, codes: Sequence[str], first: date, after: date
    ) -> dict[str, Known]:
        return seals.known(connection, record.DAY, codes, first.isoformat(), after.isoformat())

    def _bounds(self, place: Place, day: date) -> tuple[int, int]:
        zone = place.zone(self.settings.timezone)
        return midnight(day, zone), midnight(day + ONE_DAY, zone)

    def _lines(self, connection: Connection, place: Place, first: date, after: date) -> list[Line]:
        begin, end = self._bounds(place, first)[0], self._bounds(place, after)[0]
        return sources.lines_of(connection, self.numbers, place, begin, end, float("inf"))

    def _draft(
        self,
        connection: Connection,
        place: Place,
        day: date,
        told: Sequence[Line],
        before: Known | None,
    ) -> Iterator[Draft]:
        """A record of a site's day, where there is something to tell that is not told yet."""
        zone = str(place.zone(self.settings.timezone))
        begin, end = self._bounds(place, day)
        body = record.told_of(begin, end, zone, told)
        if told and before is None:
            yield Draft(record.DAY, place.code, day.isoformat(), body)
        if not told or before is None or _digest(body) == before.told:
            return
        if (old := seals.one(connection, before.number)) is None:
            return
        was = record.lines_of(old.told)
        uplinks = tuple(
            {"name": line.name, "isp": line.detail} for line in was if line.kind == lines.UPLINK
        )
        then = replace(place, uplinks=uplinks or place.uplinks)
        fresh = self._lines(connection, then, day, day + ONE_DAY)
        body = record.told_of(begin, end, zone, sealing.amended(was, fresh))
        if _digest(body) != before.told:
            yield Draft(record.DAY, place.code, day.isoformat(), body, before.number)

    def _write(self, work: Work, before: Mark | None, now: float) -> int | None:
        """Append what is to be sealed and move the mark, if it is still where it was."""
        with writing(self.store) as connection:
            if sealing.mark(meta_get(connection, KEY)) != before:
                self._forget()
                return None
            head = seals.append(connection, work.drafts, self.signer, int(now))
            mark = replace(work.mark, head=(head.number, head.link))
            if mark != before:
                meta_set(connection, KEY, mark.text())
            if work.tells is not None:
                body = {"record": work.tells.number, "link": work.tells.link}
                acts.record(connection, now, BY, VERB, f"record:{work.tells.number}", body)
        return len(work.drafts)

    def _terms(self, connection: Connection, mark: Mark, seen: float) -> Work | None:
        """Once a day: terms of contracts that are others than were sealed last."""
        today, (next_day, after) = local_day(seen, ZoneInfo(self.settings.timezone)), mark.terms
        if not mark.days or today.isoformat() < next_day:
            return None
        day, some = today.isoformat(), sources.codes_after(connection, after, LOOKED_AT_ONCE)
        drafts = [
            Draft(record.TERMS, code, day, told, replaces)
            for code, told, replaces in islice(standing.sealed_now(connection, some, day), AT_ONCE)
        ]
        if len(drafts) == AT_ONCE:
            # behind the last of them there may be more
            place = (next_day, drafts[-1].subject)
        elif len(some) < LOOKED_AT_ONCE:
            place = ((today + ONE_DAY).isoformat(), "")
        else:
            place = (next_day, some[-1])
        return Work(drafts, replace(mark, terms=place))

    def _sheets(self, connection: Connection, mark: Mark, seen: float, now: float) -> Work | None:
        issued = Issuing(self.settings, self.numbers, self._enough).step(
            connection, mark, seen, now
        )
        return None if issued is None else Work(issued.drafts, issued.mark)

    def _tell(self, connection: Connection, mark: Mark, now: float) -> Work | None:
        """Once a day the newest head goes into the chain of acts, too."""
        head = seals.head(connection)
        if head.number == mark.told or 0 <= now - mark.told_at < TELL_EVERY_S:
            return None
        return Work([], replace(mark, told=head.number, told_at=now), head)

    def _forget(self) -> None:
        """What was found is found again: nothing of it is lost."""
        self._again.clear()
        self._upto = None


def nightly(settings: Settings, store: Engine, stop: threading.Event) -> Callable[[], None]:
    """What the engine does now and then: at most so long at a time, and not beyond its end."""
    made: list[Sealer] = []

    def look() -> None:
        if not made:
            signer = Signer(load_secret(settings.folder))
            made.append(Sealer(settings, store, History(settings), signer, wait=stop.wait))
        until = time.monotonic() + LOOK_S * made[0].patience
        made[0].look(time.time(), lambda: stop.is_set() or time.monotonic() > until)

    return look


def _digest(body: Mapping[str, Any]) -> str:
    return record.digest(record.spelled(body))
