"""Sites that fell lately, by what they share: a cause of one may be the cause of all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from collector.contracts import Due
from collector.fold.sites import Group, Site
from collector.judge import Sign
from collector.neighbours import TOGETHER_S, Neighbours

# older falls explain nothing new; a report may be an hour apart from the next
_FORGET_S = 7200.0
_NAMES = {
    "feeder": "the power feeder",
    "district": "the district",
    "upstream": "the upstream",
    "isp": "the district",
}
# of many sites a stray one or two of another provider fell by chance
_STRAY = 2
_STRAY_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Fall:
    """A site fell between `begin` and `end`; `awake`: its agent said so itself."""

    site: Site
    begin: float
    end: float
    signs: int
    due: Due | None
    awake: bool

    def with_(self, other: "Fall") -> bool:
        """At about the same time."""
        return self.begin - other.end <= TOGETHER_S and other.begin - self.end <= TOGETHER_S


class Fallen:
    """Members of each group that are silent or down; `new` are those whose neighbours do not
    know of them yet."""

    def __init__(self) -> None:
        self._groups: dict[Group, dict[str, Fall]] = {}
        self._falls: dict[str, Fall] = {}
        self.new: dict[str, Fall] = {}

    def fell(self, fall: Fall, news: bool = True) -> None:
        """News or not, what is known of the fall is put in place of what was."""
        code = fall.site.code
        self._falls[code] = fall
        for group in fall.site.groups:
            self._groups.setdefault(group, {})[code] = fall
        if news or code in self.new:
            self.new[code] = fall

    def get(self, site: Site) -> Fall | None:
        return self._falls.get(site.code)

    def rose(self, site: Site) -> None:
        self.new.pop(site.code, None)
        fall = self._falls.pop(site.code, None)
        # by the groups it fell with: the inventory may know others by now
        for group in () if fall is None else fall.site.groups:
            members = self._groups.get(group, {})
            members.pop(site.code, None)
            if not members:
                self._groups.pop(group, None)

    def tell(self, now: float) -> Iterator[tuple[Fall, tuple[Neighbours, ...]]]:
        """The new ones, and those for whom the picture changed, each with those it fell with."""
        fresh, self.new = self.new, {}
        beside: dict[Group, list[Fall]] = {}
        for fall in fresh.values():
            for group in fall.site.groups:
                beside.setdefault(group, []).append(fall)
        seen: dict[Group, tuple[set[str], Neighbours]] = {}
        affected = dict(fresh)
        for group, falls in beside.items():
            members = self._together(group, min(falls, key=_width), now)
            told = _picture(group, members)
            seen[group] = {member.site.code for member in members}, told
            older = [member for member in members if member.site.code not in fresh]
            if older and _said(_picture(group, older)) != _said(told):
                affected |= {member.site.code: member for member in older}
        for code, fall in affected.items():
            yield fall, tuple(self._beside(code, fall, seen, now))

    def _beside(
        self, code: str, fall: Fall, seen: dict[Group, tuple[set[str], Neighbours]], now: float
    ) -> Iterator[Neighbours]:
        for group in fall.site.groups:
            if group not in seen:
                members = self._together(group, fall, now)
                seen[group] = {m.site.code for m in members}, _picture(group, members)
            codes, told = seen[group]
            if code in codes and told.count:
                yield told

    def _together(self, group: Group, fall: Fall, now: float) -> list[Fall]:
        members = self._groups.get(group, {})
        for code in [code for code, each in members.items() if each.end < now - _FORGET_S]:
            del members[code]
        return [each for each in members.values() if each.with_(fall)]


def _width(fall: Fall) -> tuple[float, float, str]:
    # a site that reports seldom fell at an uncertain time: it is no measure for others
    return fall.end - fall.begin, fall.begin, fall.site.code


def _picture(group: Group, members: Sequence[Fall]) -> Neighbours:
    kind, name = group
    isps = Counter(member.site.isp for member in members if member.site.isp)
    return Neighbours(
        f"{_NAMES[kind]} {name.partition('|')[0]}",
        len(members) - 1,
        frozenset(_not_stray(isps, len(members))),
        kind,
        reserve=sum(member.site.reserve for member in members),
        battery=sum(member.signs & Sign.ON_BATTERY > 0 for member in members),
        due=sum(member.due is not None for member in members),
        awake=sum(member.awake for member in members),
    )


def _not_stray(isps: Counter[str], members: int) -> Iterable[str]:
    return [isp for isp, count in isps.items() if count > _STRAY or count >= _STRAY_SHARE * members]


def _said(told: Neighbours) -> tuple[object, ...]:
    """What of a picture makes members hear of it again: not every one of a thousand more."""
    size = told.count if told.count <= 10 else 10 + int(log(told.count / 10) / log(1.5))
    majority = 2 * told.awake > told.count, 2 * told.due > told.count
    return size, len(told.isps) > 1, told.reserve > 0, told.battery > 0, majority
