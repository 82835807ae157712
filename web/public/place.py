"""Which sites everybody may see, and the areas that they lie in. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from collector.inventory import places
from web.names import Names
from web.public import safe
from web.tongue import gettext

_LEVELS = (
    "desa ",
    "kelurahan ",
    "nagari ",
    "gampong ",
    "kampung ",
    "pekon ",
    "lembang ",
    "kantor ",
)


@dataclass(frozen=True)
class Shown:
    """The public sites of one inventory, by code."""

    names: Names
    hides: tuple[str, ...] = ()

    @cached_property
    def codes(self) -> Sequence[str]:
        """All of them, in order."""
        active = self.names.active.tolist()
        return [
            code
            for code, lives in zip(self.names.codes, active, strict=True)
            if lives and not any(places.within(code, hidden) for hidden in self.hides)
        ]

    @cached_property
    def known(self) -> frozenset[str]:
        """The same, to be asked whether one is there."""
        return frozenset(self.codes)

    def within(self, area: str) -> Sequence[str]:
        """Those in an area; of everywhere for an empty one."""
        if not area:
            return self.codes
        # `-` and `.` are neighbours, and `/` comes after them: what lies inside lies together
        begin = bisect_left(self.codes, area)
        found = self.codes[begin : bisect_left(self.codes, f"{area}/")]
        return [code for code in found if places.within(code, area)]

    def children(self, area: str) -> dict[str, list[str]]:
        """The areas just beneath one, each with its sites."""
        groups = len(area.split(".")) + 1 if area else 1
        found: dict[str, list[str]] = {}
        for code in self.within(area):
            child = ".".join(places.village(code).split(".")[:groups])
            found.setdefault(child, []).append(code)
        return found

    def first(self) -> str:
        """The widest area with a choice in it: what to show first. Empty: the country."""
        area = ""
        while area.count(".") < 2 and len(beneath := self.children(area)) == 1:
            area = next(iter(beneath))
            if area.count(".") == 1:
                return area
        return area

    def called(self, code: str) -> str:
        """The name of an area or a site."""
        named = self.names
        if code.count(".") < 3:
            return self._area(code)
        place = named.place.get(code)
        if place is None:
            # a village of which only further sites are watched
            inside = self.within(code)
            place = named.place.get(inside[0]) if inside else None
        plain = gettext("Village %(code)s", code=places.village(code))
        found = "" if place is None else safe.name(named.sites[place].name, "")
        if not found or "-" in code or found.lower().startswith(_LEVELS):
            return found or plain
        # the first digit of the last group: 1 for a ward of a town, 2 for a village
        return f"Kelurahan {found}" if code[9:10] == "1" else f"Desa {found}"

    def _area(self, code: str) -> str:
        bare = safe.name(self.names.called.get(code, ""), "")
        words = (
            gettext("Province"),
            gettext("Regency"),
            gettext("Subdistrict"),
        )
        level = code.count(".")
        if not bare:
            return f"{words[level]} {code}"
        kind = self.names.kinds.get(code, "")
        if level == 1:
            return bare if bare.startswith(("Kab", "Kota")) else f"{kind or words[1]} {bare}"
        return f"{words[level]} {bare}" if level == 2 else bare

    def trail(self, code: str) -> list[tuple[str, str]]:
        """The areas that something lies in, widest first, from where visitors begin."""
        first = self.first()
        above = [each for each in places.parents(code) if each.startswith(first)]
        return [(each, self.called(each)) for each in above]

    def zone(self, code: str, home: str) -> str:
        """The name of the zone a place's clocks show."""
        return str(places.zone(code, home))
