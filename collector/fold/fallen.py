"""Sites that fell silent lately, by what they share: a cause of one may be the cause of all."""

from collections.abc import Iterator

from collector.cause import TOGETHER_S, Neighbours
from collector.fold.sites import Site

# older silences explain nothing new
_FORGET_S = 10 * TOGETHER_S
_NAMES = {"feeder": "the power feeder", "district": "the district"}

Group = tuple[str, str]


class Fallen:
    """Members of each group that are silent, with the time they fell."""

    def __init__(self) -> None:
        self._groups: dict[Group, dict[str, tuple[Site, float]]] = {}
        self._new: dict[str, tuple[Site, float]] = {}

    def fell(self, site: Site, since: float, news: bool = True) -> None:
        for group in site.groups:
            self._groups.setdefault(group, {})[site.code] = site, since
        if news:
            self._new[site.code] = site, since

    def rose(self, site: Site) -> None:
        self._new.pop(site.code, None)
        for group in site.groups:
            members = self._groups.get(group, {})
            members.pop(site.code, None)
            if not members:
                self._groups.pop(group, None)

    def news(self, now: float) -> Iterator[tuple[Site, list[Neighbours]]]:
        """Sites whose neighbours changed since the last call, each with those it fell with."""
        together: dict[Group, Neighbours] = {}
        affected: dict[str, Site] = {}
        for site, since in self._new.values():
            affected[site.code] = site
            for group in site.groups:
                if group not in together:
                    members = self._near(group, since, now)
                    affected |= {member.code: member for member in members}
                    isps = frozenset(member.isp for member in members if member.isp)
                    name = f"{_NAMES[group[0]]} {group[1]}"
                    together[group] = Neighbours(name, len(members) - 1, isps)
        self._new = {}
        for site in affected.values():
            yield site, [together[group] for group in site.groups if group in together]

    def _near(self, group: Group, since: float, now: float) -> list[Site]:
        members = self._groups[group]
        for code in [code for code, (_, fell) in members.items() if fell < now - _FORGET_S]:
            del members[code]
        return [site for site, fell in members.values() if abs(fell - since) <= TOGETHER_S]
