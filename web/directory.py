"""All sites in memory, to filter, order and count them: a country in a few milliseconds.

A database would sort the whole country for every page of fifty. The copy follows the database by
marks; what changes is laid over a copy of the arrays, so that who reads one sees one moment.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table

from collector import roster
from collector.roster import Held, Mark, Named, Top
from collector.schema import checks, states
from web.asked import LIFECYCLES, SILENCES, Asked
from web.labels import STATES
from web.scope import Scope

Places = NDArray[np.intp]
_RANK = {name: rank for rank, name in enumerate(STATES)}
_UNKNOWN = _RANK["unknown"]
_LIFE = {name: number for number, name in enumerate(LIFECYCLES)}
# more changed sites than this are read again with all others
_MANY = 2000
# areas have names down to the district: three groups of digits
_DISTRICT, _DISTRICT_CHARS, _REGENCY_CHARS = 3, 8, 5


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The sites by code with what the inventory says of them; a site's place is its number."""

    sites: Sequence[Named]
    codes: Sequence[str]
    place: Mapping[str, int]
    texts: Sequence[str]
    rows: Places
    life: NDArray[np.int8]
    # by the key of a sort: where each site stands in that order
    orders: Mapping[str, NDArray[np.int64]]
    isps: Mapping[str, Places]
    areas: Mapping[str, str]
    # the districts that have sites, by code, and where the sites of each begin
    districts: Sequence[str]
    begins: Places


def names_of(sites: Iterable[Named], areas: Mapping[str, str]) -> Names:
    """The sites as they are looked up."""
    found = sorted(sites)
    begins: dict[str, int] = {}
    for place, site in enumerate(found):
        begins.setdefault(site.code[:_DISTRICT_CHARS], place)
    isps: dict[str, list[int]] = {}
    for place, site in enumerate(found):
        for isp in filter(None, site.isp.split("|")):
            isps.setdefault(isp, []).append(place)
    return Names(
        sites=found,
        codes=[site.code for site in found],
        place={site.code: place for place, site in enumerate(found)},
        texts=[f"{s.name}\n{s.code}\n{s.district}\n{s.isp}\n{s.regency}".casefold() for s in found],
        rows=np.array([site.row for site in found], np.intp),
        life=np.array([_LIFE.get(site.lifecycle, 0) for site in found], np.int8),
        orders={
            "name": _order([site.name.casefold() for site in found]),
            "isp": _order([site.isp.casefold() for site in found]),
        },
        isps={isp: np.array(isps[isp], np.intp) for isp in sorted(isps)},
        areas=areas,
        districts=list(begins),
        begins=np.array(list(begins.values()), np.intp),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What a question leaves, in its order; `counts` by state as if it named none."""

    places: Places
    counts: Mapping[str, int]


class Directory:
    """The sites with what holds of them at one moment."""

    def __init__(self, names: Names) -> None:
        size = len(names.sites)
        self.names = names
        self.state = np.full(size, _UNKNOWN, np.int8)
        self.since = np.full(size, np.nan)
        self.cause: NDArray[np.object_] = np.full(size, "", object)
        self.bad = np.zeros(size, np.int64)

    def with_held(self, codes: Iterable[str], held: Iterable[Held]) -> "Directory":
        """The same, but that of these sites only this holds."""
        made, place = self._copy(), self.names.place
        gone = [place[code] for code in codes if code in place]
        made.state[gone], made.since[gone], made.cause[gone] = _UNKNOWN, np.nan, ""
        for site, state, since, cause in held:
            at = place.get(site)
            if at is not None:
                made.state[at] = _RANK.get(state, _UNKNOWN)
                made.since[at], made.cause[at] = since, cause
        return made

    def with_faulty(self, codes: Iterable[str], faulty: Mapping[str, int]) -> "Directory":
        """The same, but that of these sites so many checks are bad."""
        made, place = self._copy(), self.names.place
        made.bad[[place[code] for code in codes if code in place]] = 0
        for code, count in faulty.items():
            if code in place:
                made.bad[place[code]] = count
        return made

    def _copy(self) -> "Directory":
        made = Directory(self.names)
        made.state, made.since = self.state.copy(), self.since.copy()
        made.cause, made.bad = self.cause.copy(), self.bad.copy()
        return made

    def choose(self, asked: Asked, scope: Scope, last_reports: NDArray[Any], now: float) -> Chosen:
        """The places that a question leaves to somebody, in its order."""
        seen = self._seen(asked, scope, self._last(last_reports), now)
        places = np.flatnonzero(seen)
        for word in asked.words:
            texts = self.names.texts
            places = places[[word in texts[place] for place in places.tolist()]]
        counts = np.bincount(self.state[places], minlength=len(STATES))
        if asked.states:
            wanted = np.array([_RANK[state] for state in asked.states], np.int8)
            places = places[np.isin(self.state[places], wanted)]
        ordered = places[self._order(asked.sort, places, self._last(last_reports))]
        return Chosen(ordered, dict(zip(STATES, counts.tolist(), strict=True)))

    def visible(self, scope: Scope) -> NDArray[np.bool_]:
        """By place: whether somebody may see the site."""
        size = len(self.names.codes)
        if scope.everything:
            return np.ones(size, bool)
        mask = np.zeros(size, bool)
        for code in scope.sites:
            if (place := self.names.place.get(code)) is not None:
                mask[place] = True
        for area in scope.areas:
            self._mark_area(mask, area)
        return mask

    def areas(self, scope: Scope, chosen: str) -> list[tuple[str, str]]:
        """The areas a reader may choose from, with their names: the regencies they see, and the
        districts of the one that is chosen, or of the only one."""
        names, seen = self.names, self.visible(scope)
        if not seen.any():
            return []
        there = np.add.reduceat(seen, names.begins, dtype=np.int64) > 0
        districts = [names.districts[n] for n in np.flatnonzero(there).tolist()]
        regencies = sorted({code[:_REGENCY_CHARS] for code in districts})
        inside = chosen[:_REGENCY_CHARS] if len(regencies) > 1 else regencies[0]
        listed = {*regencies, *(d for d in districts if inside and d.startswith(inside))}
        return [(code, self._called(code)) for code in sorted(listed | ({chosen} - {""}))]

    def _called(self, area: str) -> str:
        """An area that has no name is called as its sites say."""
        codes, place = self.names.codes, bisect_left(self.names.codes, area)
        if (name := self.names.areas.get(area)) is not None or place == len(codes):
            return name or area
        site = self.names.sites[place]
        said = {_REGENCY_CHARS: site.regency, _DISTRICT_CHARS: site.district}.get(len(area))
        return (said if site.code.startswith(area) else "") or area

    def _seen(
        self, asked: Asked, scope: Scope, last: NDArray[Any], now: float
    ) -> NDArray[np.bool_]:
        mask = self.visible(scope)
        if asked.lifecycle != "all":
            mask &= self.names.life == _LIFE[asked.lifecycle]
        if asked.area:
            inside = np.zeros(len(mask), bool)
            self._mark_area(inside, asked.area)
            mask &= inside
        if asked.isp:
            theirs = np.zeros(len(mask), bool)
            theirs[self.names.isps.get(asked.isp, np.empty(0, np.intp))] = True
            mask &= theirs
        if asked.cause:
            mask &= self.cause == asked.cause
        if asked.silent == "never":
            mask &= last <= 0
        elif asked.silent:
            mask &= (last > 0) & (last <= now - SILENCES[asked.silent])
        return mask

    def _mark_area(self, mask: NDArray[np.bool_], area: str) -> None:
        codes = self.names.codes
        # `-` and `.` are neighbours, and `/` comes after them: what lies inside lies together
        mask[bisect_left(codes, f"{area}-") : bisect_left(codes, f"{area}/")] = True
        if (place := self.names.place.get(area)) is not None:
            mask[place] = True

    def _last(self, last_reports: NDArray[Any]) -> NDArray[Any]:
        found = np.zeros(len(self.names.rows))
        there = self.names.rows < len(last_reports)
        found[there] = np.nan_to_num(last_reports[self.names.rows[there]])
        return found

    def _order(self, sort: str, places: Places, last: NDArray[Any]) -> Places:
        key, names = sort.removeprefix("-"), self.names.orders["name"][places]
        if key == "worst":
            state, since = self.state[places], np.nan_to_num(self.since[places], nan=1e12)
            quiet = state == _RANK["normal"]
            bad = np.where(quiet, -self.bad[places], 0)
            order = np.lexsort((names, np.where(quiet, 0.0, since), bad, state))
        else:
            value = {
                "name": names,
                "area": places,
                "isp": self.names.orders["isp"][places],
                "since": np.nan_to_num(self.since[places], nan=1e12),
                "report": last[places],
                "bad": -self.bad[places],
            }[key]
            order = np.lexsort((names, value))
        return order[::-1] if sort.startswith("-") else order


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The directory at a mark; `changed` are the sites whose states moved since the one before,
    None for all."""

    directory: Directory
    mark: Mark
    changed: Sequence[str] | None = None


def follow(connection: Connection, before: Followed | None) -> Followed:
    """The directory as the database has it now; `before` itself where it still holds."""
    mark = Mark() if before is None else before.mark
    now = roster.mark(connection, mark)
    if before is not None and now == mark:
        return before if before.changed == () else replace(before, changed=())
    if before is None or (now.act, now.row) != (mark.act, mark.row):
        areas = roster.area_names(connection, _DISTRICT)
        directory, mark = Directory(names_of(roster.named(connection), areas)), Mark()
    else:
        directory = before.directory
    changed: Sequence[str] | None = ()
    if now.states != mark.states:
        changed = _changed(connection, states, mark.states, now.states)
        if changed is None:
            directory = directory.with_held(directory.names.codes, roster.held(connection))
        else:
            directory = directory.with_held(changed, roster.held_by(connection, changed))
    if now.checks != mark.checks:
        codes = _changed(connection, checks, mark.checks, now.checks)
        if codes is None:
            directory = directory.with_faulty(directory.names.codes, roster.faulty(connection))
        else:
            directory = directory.with_faulty(codes, roster.faulty_by(connection, codes))
    return Followed(directory, now, changed)


def _changed(connection: Connection, table: Table, old: Top, new: Top) -> list[str] | None:
    """The sites with newer rows; None: so many, or a database so restored, that all count."""
    if old.rev < 0 or new.rev < old.rev:
        return None
    codes = roster.changed(connection, table, old.rev, _MANY)
    return codes if len(codes) < _MANY else None


def _order(texts: Sequence[str]) -> NDArray[np.int64]:
    """By place: the rank of its text; equal texts have one rank."""
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    return np.array([ranks[text] for text in texts], np.int64)
