"""Sites that fell lately, by what they share: a cause of one may be the cause of all.

Falls are counted by group and minute, so that a tick costs what fell in it, not what lies there.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from collector.contracts import Due
from collector.fold.sites import Group, Site
from collector.judge import Sign
from collector.neighbours import TOGETHER_S, Neighbours

# older falls explain nothing new; a report may be an hour apart from the next
_FORGET_S = 7200.0
_MINUTE_S = 60.0
_TOGETHER = int(TOGETHER_S / _MINUTE_S)
_NAMES = {
    "feeder": "the power feeder",
    "district": "the district",
    "upstream": "the upstream",
    "isp": "the district",
}
# of many sites a stray one or two of another provider fell by chance
_STRAY = 2
_STRAY_SHARE = 0.15
# members hear of a group anew when it has grown over one of these, not of each of a thousand more
_SIZES = [1, 2, 3, 5, *(int(8 * 1.5**n) for n in range(28))]
# a plain number: flags are slow to compare, and this is asked a million times when all fall
_BATTERY = int(Sign.ON_BATTERY)

When = tuple[int, int]


class Fall(NamedTuple):
    """A site fell within the minutes of `when`; `awake`: its agent said so itself."""

    site: Site
    when: When
    signs: int
    due: Due | None
    awake: bool


class Tally:
    """Members of a group that fell within the same minutes."""

    __slots__ = ("awake", "battery", "due", "falls", "isps", "reserve")

    def __init__(self) -> None:
        self.falls: dict[str, Fall] = {}
        self.isps: dict[str, int] = {}
        self.reserve = self.battery = self.due = self.awake = 0

    def count(self, fall: Fall, by: int) -> None:
        site = fall.site
        isp = site.isp
        self.isps[isp] = self.isps.get(isp, 0) + by
        if site.reserve:
            self.reserve += by
        if fall.signs & _BATTERY:
            self.battery += by
        if fall.due is not None:
            self.due += by
        if fall.awake:
            self.awake += by


class Fallen:
    """Members of each group that are silent or down; `new` are those whose neighbours do not
    know of them yet."""

    def __init__(self) -> None:
        self._groups: dict[Group, dict[When, Tally]] = {}
        self._falls: dict[str, Fall] = {}
        self.new: dict[str, Fall] = {}

    def get(self, site: Site) -> Fall | None:
        return self.new.get(site.code) or self._falls.get(site.code)

    def fell(self, fall: Fall, news: bool = True) -> None:
        """What is known of the fall is put in place of what was; news is told at `tell`."""
        code = fall.site.code
        if news or code in self.new:
            self._drop(code)
            self.new[code] = fall
        else:
            self._drop(code)
            self._put(fall)

    def rose(self, site: Site) -> None:
        self.new.pop(site.code, None)
        self._drop(site.code)

    def tell(self, now: float) -> Iterator[tuple[Fall, tuple[Neighbours, ...]]]:
        """The new ones, and those for whom the picture changed, each with those it fell with."""
        fresh, self.new = self.new, {}
        first = _first_of(fresh.values())
        before: dict[Group, Neighbours] = {}
        for group, when in first.items():
            if group in self._groups:
                self._forget(group, now)
                before[group] = self._picture(group, when)
        for fall in fresh.values():
            self._put(fall)
        affected = dict(fresh)
        pictures: dict[Group, tuple[When, Neighbours]] = {}
        for group, when in first.items():
            told = self._picture(group, when)
            pictures[group] = when, told
            if group in before and _said(before[group]) != _said(told):
                for tally in self._near(group, when):
                    affected |= tally.falls
        for fall in affected.values():
            yield fall, self._beside(fall, pictures)

    def _beside(
        self, fall: Fall, pictures: dict[Group, tuple[When, Neighbours]]
    ) -> tuple[Neighbours, ...]:
        made = []
        for group in fall.site.groups:
            known = pictures.get(group)
            if known is None:
                known = pictures[group] = fall.when, self._picture(group, fall.when)
            when, told = known
            if told.others > 0 and (when == fall.when or _together(when, fall.when)):
                made.append(told)
        return tuple(made)

    def _put(self, fall: Fall) -> None:
        code, when = fall.site.code, fall.when
        self._falls[code] = fall
        for group in fall.site.groups:
            tallies = self._groups.get(group)
            if tallies is None:
                tallies = self._groups[group] = {}
            tally = tallies.get(when)
            if tally is None:
                tally = tallies[when] = Tally()
            tally.falls[code] = fall
            tally.count(fall, 1)

    def _drop(self, code: str) -> None:
        fall = self._falls.pop(code, None)
        # by the groups it fell with: the inventory may know others by now
        for group in () if fall is None else fall.site.groups:
            tallies = self._groups.get(group, {})
            tally = tallies.get(fall.when) if fall is not None else None
            if fall is None or tally is None or tally.falls.pop(code, None) is None:
                continue
            tally.count(fall, -1)
            if not tally.falls:
                del tallies[fall.when]
            if not tallies:
                del self._groups[group]

    def _forget(self, group: Group, now: float) -> None:
        tallies = self._groups.get(group, {})
        oldest = (now - _FORGET_S) // _MINUTE_S
        for when in [when for when in tallies if when[1] < oldest]:
            del tallies[when]

    def _near(self, group: Group, when: When) -> list[Tally]:
        tallies = self._groups.get(group, {})
        return [tally for each, tally in tallies.items() if _together(each, when)]

    def _picture(self, group: Group, when: When) -> Neighbours:
        isps: dict[str, int] = {}
        members = reserve = battery = due = awake = 0
        for tally in self._near(group, when):
            members += len(tally.falls)
            reserve += tally.reserve
            battery += tally.battery
            due += tally.due
            awake += tally.awake
            for isp, count in tally.isps.items():
                isps[isp] = isps.get(isp, 0) + count
        kind, name = group
        shared = f"{_NAMES[kind]} {name.partition('|')[0]}"
        several = _not_stray(isps, members)
        return Neighbours(shared, members - 1, several, kind, reserve, battery, due, awake)


def minutes(begin: float, end: float) -> When:
    """The minutes in which something fell that was well at `begin` and not at `end`."""
    return int(begin // _MINUTE_S), int(end // _MINUTE_S)


def _together(one: When, other: When) -> bool:
    return one[0] - other[1] <= _TOGETHER and other[0] - one[1] <= _TOGETHER


def _first_of(falls: Iterable[Fall]) -> dict[Group, When]:
    """For each group with new falls the minutes that are known best, the first of them."""
    first: dict[Group, When] = {}
    for fall in falls:
        when = fall.when
        for group in fall.site.groups:
            known = first.get(group)
            # a site that reports seldom fell at an uncertain time: it is no measure for others
            if known is None or (known != when and _width(when) < _width(known)):
                first[group] = when
    return first


def _width(when: When) -> tuple[int, int]:
    return when[1] - when[0], when[0]


def _not_stray(isps: dict[str, int], members: int) -> frozenset[str]:
    enough = min(_STRAY + 1, _STRAY_SHARE * members)
    return frozenset([isp for isp, count in isps.items() if isp and 0 < count >= enough])


def _said(told: Neighbours) -> tuple[object, ...]:
    """What of a picture makes members hear of it again."""
    count = told.others
    size, several = bisect_right(_SIZES, count), len(told.isps) > 1
    mostly = 2 * told.awake > count, 2 * told.due > count
    return size, several, told.reserve > 0, told.battery > 0, mostly
