"""The exact rows of each dataset, read for one day and some sites; what of them is public is
decided elsewhere.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from alerts import docket
from collector import inventory
from collector.availability import State
from collector.evidence import daily, seals, sources
from collector.evidence.moments import ONE_DAY, midnight
from collector.evidence.sources import Place
from collector.inventory import Site, places
from collector.inventory.scope import Scope
from collector.settings import Settings
from web.opendata.datasets import AVAILABILITY, INCIDENTS, SITES, WIFI, empty
from web.reports import wifi
from web.reports.wifi import Past

Rows = list[dict[str, Any]]
UNKNOWN = "unknown"
# the machine of a centre is no village
_NOT_ONE = "00"
_UP = (State.NORMAL, State.SLOW)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is read from; `sees` says of which sites."""

    connection: Connection
    past: Past
    settings: Settings
    sees: Callable[[str], bool]

    def sites(self) -> list[Site]:
        """Sites in operation of which is told, by code."""
        found = inventory.sites(self.connection, lifecycle="active")
        return [s for s in found if not s.code.startswith(_NOT_ONE) and self.sees(s.code)]

    def districts(self, found: Sequence[Site]) -> Mapping[str, tuple[str, str]]:
        """By site, the code and the name of its district."""
        names = inventory.area_names(self.connection)
        made = {}
        for site in found:
            code = places.district(site.code)
            made[site.code] = (code, names.get(code, "") or site.district or code)
        return made


def everybody(settings: Settings) -> Callable[[str], bool]:
    """Whether everybody may see a site: those that are kept off the public pages are kept off."""
    hidden = settings.public_hides
    return lambda code: not any(places.within(code, each) for each in hidden)


def scoped(scope: Scope) -> Callable[[str], bool]:
    """Whether who asks by token may see a site."""
    return scope.sees


def availability(asking: Asking, day: date) -> Rows:
    """A row a site with a sealed record of that day."""
    mine = asking.sites()
    former = seals.former_codes(asking.connection)
    now_of = {old: site for site in mine for old in (site.code, *former.get(site.code, ()))}
    where, rows = asking.districts(mine), Rows()
    after = (day + ONE_DAY).isoformat()
    for one in daily.days(asking.connection, list(now_of), day.isoformat(), after):
        site, told = now_of[one.site], one.tally
        row = empty(AVAILABILITY) | {"date": one.day, "site_code": one.site}
        row["site_name"] = site.name
        row["district_code"], row["district_name"] = where[site.code]
        row["availability_percent"] = _percent(told.share(*_UP))
        for state in State:
            seconds = told.seconds[state]
            row[f"{state}_s"] = seconds
            if state != State.NORMAL and told.period_s:
                row[f"{state}_percent"] = _percent(Fraction(seconds, told.period_s))
        row["outages"], row["record"] = told.outages, one.record
        rows.append(row)
    return rows


def use(asking: Asking, day: date) -> Rows:
    """A row a district in which somebody counted people that day."""
    mine = asking.sites()
    where, known = asking.districts(mine), {site.code for site in mine}
    there = [p for p in sources.sites_of(asking.connection, sorted(known)) if p.code in known]
    bounds = [(place, _bounds(place, day, asking.settings.timezone)) for place in there]
    hours, gb, counted = Counter[str](), dict[str, float](), Counter[str]()
    peaks = dict[str, float]()
    for one in wifi.usage(asking.past, bounds):
        code = where[one.site][0]
        if one.hours:
            counted[code] += 1
            hours[code] += round(one.person_hours)
            peaks[code] = peaks.get(code, 0.0) + one.peak
        if one.gb is not None:
            gb[code] = gb.get(code, 0.0) + one.gb
    size = Counter(code for code, _ in where.values())
    names = dict(where.values())
    return [
        empty(WIFI)
        | {"date": day.isoformat(), "district_code": code, "district_name": names[code]}
        | {"people_peak": math.ceil(peaks[code])}
        | {"person_hours": hours[code], "gigabytes": round(gb[code]) if code in gb else None}
        | {"coverage_percent": _percent(Fraction(counted[code], size[code]))}
        for code in sorted(counted)
    ]


def incidents(asking: Asking, day: date) -> Rows:
    """A row a district and cause, where any began or ended that day."""
    mine = asking.sites()
    where = asking.districts(mine)
    opened, resolved = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    zones = {code: places.zone(code, asking.settings.timezone) for code in where}
    days = {
        str(zone): (midnight(day, zone), midnight(day + ONE_DAY, zone)) for zone in zones.values()
    }
    begin = min((first for first, _ in days.values()), default=0)
    end = max((after for _, after in days.values()), default=0)
    for one in docket.moved(asking.connection, begin, end):
        hit = {where[code][0]: days[str(zones[code])] for code in one.sites if code in where}
        for code, (first, after) in hit.items():
            key = (code, one.cause or UNKNOWN)
            opened[key] += first <= one.opened_at < after
            resolved[key] += one.resolved_at is not None and first <= one.resolved_at < after
    names = dict(where.values())
    return [
        empty(INCIDENTS)
        | {"date": day.isoformat(), "district_code": code, "district_name": names[code]}
        | {"cause": cause, "opened": opened[code, cause], "resolved": resolved[code, cause]}
        for code, cause in sorted({*opened, *resolved})
        if opened[code, cause] or resolved[code, cause]
    ]


def listed(asking: Asking, _day: date) -> Rows:
    """A row a site."""
    mine = asking.sites()
    where, rows = asking.districts(mine), Rows()
    for site in mine:
        village = places.village(site.code)
        row = empty(SITES) | {"site_code": site.code, "site_name": site.name}
        row |= {"village_code": village, "province_code": village[:2]}
        row["regency_code"] = village[:5]
        row["district_code"], row["district_name"] = where[site.code]
        row |= {"latitude": _degrees(site.lat), "longitude": _degrees(site.lon)}
        rows.append(row)
    return rows


READ: Mapping[str, Callable[[Asking, date], Rows]] = {
    AVAILABILITY.name: availability,
    WIFI.name: use,
    INCIDENTS.name: incidents,
    SITES.name: listed,
}


def _bounds(place: Place, day: date, timezone: str) -> tuple[int, int]:
    zone = place.zone(timezone)
    return midnight(day, zone), midnight(day + ONE_DAY, zone)


def _degrees(angle: float | None) -> float | None:
    # a metre
    return None if angle is None else round(angle, 5)


def _percent(ratio: Fraction | None) -> float | None:
    # towards zero: what is not whole is never told as 100
    return None if ratio is None else int(ratio * 10_000) / 100
