"""Works out what the centre above is told, from what this one knows at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine

from alerts import docket
from alerts.docket import Case
from collector import centres, roster
from collector.centres import Centre
from collector.db import reading
from collector.evidence import daily
from collector.evidence.moments import ONE_DAY, midnight
from collector.evidence.tally import Tally
from collector.settings import Settings
from web.crowd import count
from web.directory import Directory
from web.facts import Facts, Numbers
from web.freshness import freshness
from web.labels import STATES
from web.upward import figures
from web.upward.figures import Hour, Part, Values

# of a centre below: what is older is not how it stands now
FRESH_INTERVALS, FRESH_S = 3.0, 60.0
# the machine of a centre is no village
_NOT_ONE = "00"
_UP = ("normal", "slow")
_SEALED_AGAIN_S = 1800.0


class Stale(Exception):
    """Nothing can be told now; `str()` says why."""


@dataclass
class Looking:
    """`look` now and then; what takes long is kept for a while."""

    settings: Settings
    store: Engine
    numbers: Numbers

    def __post_init__(self) -> None:
        self._facts = Facts(self.store, self.numbers)
        self._hour: tuple[int, frozenset[str], Values] | None = None
        self._sealed: tuple[float, date, dict[str, Tally]] | None = None

    def look(self, notes: Mapping[str, Any], now: float) -> tuple[Values, Mapping[str, Any]]:
        """Series, and what to remember until the next time. Stale says why there are none."""
        fresh = freshness(self._facts.fold(), now)
        if fresh.stale or fresh.at is None:
            raise Stale("the engine of the centre does not fold")
        directory, cases, _ = self._facts.regency()
        with reading(self.store) as connection:
            below = centres.listing(connection)
        values = self._from_below(below, now)
        codes = [
            code
            for place, code in enumerate(directory.codes)
            if directory.names.active[place] and not code.startswith(_NOT_ONE)
        ]
        under = figures.by_area(codes, figures.areas_in(values))
        parts = self._parts(directory, cases, under, now)
        for area, part in parts.items():
            values |= figures.told(area, part, fresh.at)
        last = notes.get("hour")
        hour = figures.due(int(last) if isinstance(last, int) else None, now)
        values |= self._hours(hour, under)
        return figures.bounded(values), {"hour": hour}

    def _from_below(self, below: Sequence[Centre], now: float) -> Values:
        values: Values = {}
        for one in below:
            since = now - FRESH_INTERVALS * one.every_s - FRESH_S
            values |= figures.forwarded(self.numbers.latest(one.row), since, one.area)
        return values

    def _parts(
        self, directory: Directory, cases: Sequence[Case], under: Mapping[str, str], now: float
    ) -> dict[str, Part]:
        parts = {area: Part() for area in under.values()}
        people = count(self.numbers, now).people
        for code, area in under.items():
            place, part = directory.names.place[code], parts[area]
            part.states[STATES[int(directory.state[place])]] += 1
            row = int(directory.names.rows[place])
            if row < len(people) and not np.isnan(people[row]):
                part.people = (part.people or 0) + int(people[row])
        for case in cases:
            hit: dict[str, int] = {}
            for code in case.sites:
                if code in under:
                    hit[under[code]] = hit.get(under[code], 0) + 1
            for area, sites in hit.items():
                parts[area].ages[figures.age(now - case.incident.opened_at)] += 1
                parts[area].largest = max(parts[area].largest, sites)
        self._availability(parts, under, now)
        return parts

    def _availability(self, parts: dict[str, Part], under: Mapping[str, str], now: float) -> None:
        """Of yesterday where it is sealed, else of the day before."""
        zone = ZoneInfo(self.settings.timezone)
        today = datetime.fromtimestamp(now, zone).date()
        for back in (1, 2):
            day = today - back * ONE_DAY
            sealed = self._sealed_day(day, under, now)
            if sealed:
                break
        for area, told in sealed.items():
            if area in parts:
                share = told.share(*_UP)
                parts[area].available = None if share is None else float(share)
                parts[area].available_day = float(midnight(day, zone))

    def _sealed_day(self, day: date, under: Mapping[str, str], now: float) -> dict[str, Tally]:
        kept = self._sealed
        if kept is not None and kept[1] == day and 0 <= now - kept[0] < _SEALED_AGAIN_S:
            return kept[2]
        sums: dict[str, Tally] = {}
        with reading(self.store) as connection:
            after = (day + ONE_DAY).isoformat()
            for one in daily.days(connection, list(under), day.isoformat(), after):
                sums.setdefault(under[one.site], Tally()).add(one.tally)
        if sums:
            self._sealed = (now, day, sums)
        return sums

    def _hours(self, hour: int, under: Mapping[str, str]) -> Values:
        """What the areas came to in an hour; the same hour is worked out once."""
        areas = frozenset(under.values())
        if self._hour is None or self._hour[:2] != (hour, areas):
            begin, end = float(hour * figures.HOUR_S), float((hour + 1) * figures.HOUR_S)
            found = {area: Hour() for area in areas}
            with reading(self.store) as connection:
                spells = roster.spells(connection, list(under), begin)
                moved = docket.moved(connection, begin, end)
            for code, area in under.items():
                known = 0.0
                for spell in spells[code]:
                    inside = min(spell.end, end) - max(spell.since, begin)
                    if inside > 0:
                        found[area].seconds[spell.state] += round(inside)
                        known += inside
                found[area].seconds["unknown"] += round(end - begin - known)
            for one in moved:
                for area in {under[code] for code in one.sites if code in under}:
                    found[area].opened += begin <= one.opened_at < end
                    found[area].resolved += begin <= (one.resolved_at or 0.0) < end
            told: Values = {}
            for area, one_hour in found.items():
                told |= figures.told_of_hour(area, hour, one_hour)
            self._hour = (hour, areas, told)
        return self._hour[2]
