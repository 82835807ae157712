"""The sites as the inventory has them, in columns: a site's place is its number among the codes."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.inventory.scope import Scope
from collector.roster import AreaName, Named
from web.asked import LIFECYCLES
from web.lookup import Lookup, Places

Mask = NDArray[np.bool_]
LIFE = {name: number for number, name in enumerate(LIFECYCLES)}
PROVINCE, REGENCY, DISTRICT = LEVELS = (1, 2, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The sites by code with what the inventory says of them.

    By level, which is a number of groups of digits: `level` has the area each site lies in, as a
    place in `areas`, the codes of those areas.
    """

    sites: Sequence[Named]
    codes: Sequence[str]
    place: Mapping[str, int]
    rows: Places
    life: NDArray[np.int8]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    # by the key of a sort: where each site stands in that order
    orders: Mapping[str, NDArray[np.int64]]
    # by row, not by place: the report intervals of who reports seldom, 0 for all others
    slow_s: NDArray[np.float64]
    isps: Mapping[str, Places]
    level: Mapping[int, NDArray[np.int32]]
    areas: Mapping[int, Sequence[str]]
    called: Mapping[str, str]
    kinds: Mapping[str, str]
    # name, code, district and ISP of each site; and, as areas have only one, the regencies
    texts: Lookup
    regencies: Lookup
    regency: NDArray[np.int32]

    @property
    def active(self) -> Mask:
        """By place: whether the site is watched."""
        active: Mask = self.life == LIFE["active"]
        return active

    def mark_area(self, mask: Mask, area: str) -> None:
        """Set what lies in an area."""
        codes = self.codes
        # `-` and `.` are neighbours, and `/` comes after them: what lies inside lies together
        mask[bisect_left(codes, f"{area}-") : bisect_left(codes, f"{area}/")] = True
        if (place := self.place.get(area)) is not None:
            mask[place] = True

    def visible(self, scope: Scope) -> Mask:
        """By place: whether somebody may see the site."""
        if scope.everything:
            return np.ones(len(self.codes), bool)
        mask = np.zeros(len(self.codes), bool)
        for code in scope.sites:
            if (place := self.place.get(code)) is not None:
                mask[place] = True
        for area in scope.areas:
            self.mark_area(mask, area)
        return mask

    def holding(self, word: str) -> Mask:
        """Whether the word occurs in a site's name, code, district or ISP."""
        mask = np.zeros(len(self.codes), bool)
        mask[self.texts.holding(word)] = True
        return mask

    def in_regency(self, word: str) -> Mask:
        """Whether it occurs in the name of a site's regency."""
        return np.isin(self.regency, self.regencies.holding(word))


def names_of(
    found: Iterable[Named], areas: Mapping[str, AreaName], paces: Sequence[tuple[int, int]] = ()
) -> Names:
    """The sites as they are looked up; an area without a name is called as its sites say. `paces`:
    rows and report intervals of those that report seldom.
    """
    sites = sorted(found, key=lambda site: site.code)
    codes = [site.code for site in sites]
    level, inside = _levels(codes)
    said = [site.regency for site in sites]
    regencies = {name: place for place, name in enumerate(dict.fromkeys(said))}
    return Names(
        sites=sites,
        codes=codes,
        place={code: place for place, code in enumerate(codes)},
        rows=np.array([site.row for site in sites], np.intp),
        life=np.array([LIFE.get(site.lifecycle, 0) for site in sites], np.int8),
        lat=_numbers(site.lat for site in sites),
        lon=_numbers(site.lon for site in sites),
        orders={
            "name": _order([site.name.casefold() for site in sites]),
            "isp": _order([site.isp.casefold() for site in sites]),
        },
        slow_s=_by_row(paces),
        isps=_isps(sites),
        level=level,
        areas=inside,
        called=_said(sites) | {code: area.name for code, area in areas.items() if area.name},
        kinds={code: area.kind for code, area in areas.items()},
        texts=Lookup(_line(site, areas.get(site.code[:8])) for site in sites),
        regencies=Lookup(regencies),
        regency=np.array([regencies[name] for name in said], np.int32),
    )


def _line(site: Named, district: AreaName | None) -> str:
    called = district.name if district is not None else ""
    also = "" if called == site.district else f"\t{called}"
    return f"{site.name}\t{site.code}\t{site.district}{also}\t{site.isp}"


def _said(sites: Iterable[Named]) -> dict[str, str]:
    """What sites call the areas they lie in."""
    said: dict[str, str] = {}
    for site in sites:
        for code, name in ((site.code[:8], site.district), (site.code[:5], site.regency)):
            if name:
                said.setdefault(code, name)
    return said


def _isps(sites: Sequence[Named]) -> dict[str, Places]:
    isps: dict[str, list[int]] = {}
    for place, site in enumerate(sites):
        for isp in filter(None, site.isp.split("|")):
            isps.setdefault(isp, []).append(place)
    return {isp: np.array(isps[isp], np.intp) for isp in sorted(isps)}


def _levels(
    codes: Sequence[str],
) -> tuple[dict[int, NDArray[np.int32]], dict[int, Sequence[str]]]:
    places: dict[int, NDArray[np.int32]] = {}
    named: dict[int, Sequence[str]] = {}
    for groups in LEVELS:
        found: dict[str, int] = {}
        # codes have groups of two digits: 35, 35.10, 35.10.06
        of = [found.setdefault(code[: 3 * groups - 1], len(found)) for code in codes]
        places[groups], named[groups] = np.array(of, np.int32), list(found)
    return places, named


def _numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _by_row(paces: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    every_s = np.zeros(max((row for row, _ in paces), default=-1) + 1)
    for row, interval_s in paces:
        every_s[row] = interval_s
    return every_s


def _order(texts: Sequence[str]) -> NDArray[np.int64]:
    """By place: the rank of its text; equal texts have one rank."""
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    return np.array([ranks[text] for text in texts], np.int64)
