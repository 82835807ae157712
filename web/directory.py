"""All sites in memory, to filter, order and count them: a country in a few milliseconds.

A database would sort the whole country for every page of fifty. What changes is laid over a copy
of the arrays, so that who reads one sees one moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.inventory.scope import Scope
from collector.roster import Held
from web.asked import SILENCES, Asked
from web.labels import STATES
from web.lookup import Places
from web.names import DISTRICT, LIFE, REGENCY, Mask, Names

_RANK = {name: rank for rank, name in enumerate(STATES)}
UNKNOWN = _RANK["unknown"]


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
        self.state = np.full(size, UNKNOWN, np.int8)
        self.since = np.full(size, np.nan)
        self.cause: NDArray[np.object_] = np.full(size, "", object)
        self.bad = np.zeros(size, np.int64)

    def with_held(self, codes: Iterable[str], held: Iterable[Held]) -> "Directory":
        """The same, but that of these sites only this holds."""
        made, place = self._copy(), self.names.place
        gone = [place[code] for code in codes if code in place]
        made.state[gone], made.since[gone], made.cause[gone] = UNKNOWN, np.nan, ""
        found = [(place[each.site], each) for each in held if each.site in place]
        at = [where for where, _ in found]
        made.state[at] = [_RANK.get(each.state, UNKNOWN) for _, each in found]
        made.since[at] = [each.since for _, each in found]
        made.cause[at] = np.array([each.cause for _, each in found], object)
        return made

    def with_faulty(self, codes: Iterable[str], faulty: Mapping[str, int]) -> "Directory":
        """The same, but that of these sites so many checks are bad."""
        made, place = self._copy(), self.names.place
        made.bad[[place[code] for code in codes if code in place]] = 0
        found = [(place[code], count) for code, count in faulty.items() if code in place]
        made.bad[[where for where, _ in found]] = [count for _, count in found]
        return made

    def faulty(self, code: str) -> bool:
        """Is any check of this site bad?"""
        place = self.names.place.get(code)
        return place is not None and bool(self.bad[place])

    def _copy(self) -> "Directory":
        made = Directory(self.names)
        made.state, made.since = self.state.copy(), self.since.copy()
        made.cause, made.bad = self.cause.copy(), self.bad.copy()
        return made

    @property
    def codes(self) -> Sequence[str]:
        return self.names.codes

    @property
    def level(self) -> Mapping[int, NDArray[np.int32]]:
        """By number of groups in a code: which area each site lies in."""
        return self.names.level

    def place(self, code: str) -> int | None:
        """Where a site stands in the columns."""
        return self.names.place.get(code)

    def visible(self, scope: Scope) -> Mask:
        """By place: whether somebody may see the site."""
        return self.names.visible(scope)

    def seen_by(self, scope: Scope, within: str = "") -> Mask:
        """The same of active sites, and of one area."""
        return self._lives(self.visible(scope), "active", within)

    def planned(self, scope: Scope, within: str = "") -> Mask:
        """The same of sites that nobody watches yet."""
        return self._lives(self.visible(scope), "planned", within)

    def counts(self, mask: Any) -> dict[str, int]:
        """How many of these sites are in each state."""
        found = np.bincount(self.state[mask], minlength=len(STATES))
        return dict(zip(STATES, found.tolist(), strict=True))

    def among(self, groups: int, mask: Mask) -> list[int]:
        """The areas of one level in which these sites lie, as places in `names.areas`."""
        there: list[int] = np.flatnonzero(np.bincount(self.level[groups][mask])).tolist()
        return there

    def choose(self, asked: Asked, scope: Scope, last_reports: NDArray[Any], now: float) -> Chosen:
        """The places that a question leaves to somebody, in its order."""
        last = self.last(last_reports)
        seen = self._seen(asked, scope, last, now)
        for word in asked.words:
            seen &= self.names.holding(word) | self.names.in_regency(word)
        places = np.flatnonzero(seen)
        counts = self.counts(places)
        if asked.states:
            wanted = np.array([_RANK[state] for state in asked.states], np.int8)
            places = places[np.isin(self.state[places], wanted)]
        return Chosen(places[self._order(asked.sort, places, last)], counts)

    def areas(self, scope: Scope, chosen: str) -> list[tuple[str, str]]:
        """The areas a reader may choose from, with their names: the regencies they see, and the
        districts of the one that is chosen, or of the only one."""
        names, seen = self.names, self.visible(scope)
        if not seen.any():
            return []
        regencies, districts = (
            [names.areas[groups][place] for place in self.among(groups, seen)]
            for groups in (REGENCY, DISTRICT)
        )
        inside = ".".join(chosen.split(".")[:REGENCY]) if len(regencies) > 1 else regencies[0]
        listed = {*regencies, *(d for d in districts if inside and d.startswith(inside))}
        return [(code, names.called.get(code, code)) for code in sorted(listed | ({chosen} - {""}))]

    def last(self, last_reports: NDArray[Any]) -> NDArray[np.float64]:
        """By place: when the site was last heard, 0 for never."""
        found = np.zeros(len(self.names.rows))
        there = self.names.rows < len(last_reports)
        found[there] = np.nan_to_num(last_reports[self.names.rows[there]])
        return found

    def _seen(self, asked: Asked, scope: Scope, last: NDArray[np.float64], now: float) -> Mask:
        mask = self._lives(self.visible(scope), asked.lifecycle, asked.area)
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

    def _lives(self, mask: Mask, lifecycle: str, area: str) -> Mask:
        if lifecycle != "all":
            mask &= self.names.life == LIFE[lifecycle]
        if area:
            inside = np.zeros(len(mask), bool)
            self.names.mark_area(inside, area)
            mask &= inside
        return mask

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
