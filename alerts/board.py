"""Everything of one tick that is in no storm yet, and what of it fell together.

Its points are the waiting faults and the open incidents of one fault, the oldest first. A place is
a point's number and a line is a parent's: whole fleets fall at once, and small numbers are quick.
What is taken is out of the game.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from alerts.faults import Fault, Limits, Open, Parent, Why

# of parents with as many children the more telling one comes first
_TELLING = {"service": 0, "upstream": 1, "feeder": 2, "isp": 3}
NEVER = float("-inf")
_AT = attrgetter("at")


class Board:
    """The points by place and by line."""

    def __init__(
        self,
        waiting: Iterable[Fault],
        singles: Iterable[Open],
        census: Mapping[Parent, int],
        limits: Limits,
    ) -> None:
        self.points: list[Fault | Open] = [*{one.key: one for one in waiting}.values(), *singles]
        self.points.sort(key=_AT)
        self.at = list(map(_AT, self.points))
        self.noticed: list[float] = []  # by place; NEVER for an incident
        self.free = bytearray(b"\1") * len(self.points)
        self._census, self._limits = census, limits
        self._line = _Lines()
        self._owned: dict[int, list[int]] = {}  # by line: places of the parent's own alarm
        # points with the same parents are one bundle: the sites of one POP in one district
        self._bundle: list[int] = []  # by place
        self._places: list[list[int]] = []  # by bundle
        self._ties: list[tuple[int, ...]] = []  # by bundle: the lines of its parents
        self._bind()
        self.parents = list(self._line)
        self._of: list[list[int]] = [[] for _ in self.parents]  # by line: bundles
        self.count = [0] * len(self.parents)  # by line: of its points, those not taken
        for bundle, lines in enumerate(self._ties):
            for line in lines:
                self._of[line].append(bundle)
                self.count[line] += len(self._places[bundle])
        # by line: how many children; what the inventory does not know counts by what has fallen
        self.size = [
            max(n, census.get(p, 0)) for n, p in zip(self.count, self.parents, strict=True)
        ]
        self._shares = [any(self.size[line] > 1 for line in lines) for lines in self._ties]

    def _bind(self) -> None:
        bundles: dict[tuple[Parent, ...], int] = {}
        for place, point in enumerate(self.points):
            if isinstance(point, Fault):
                parents = point.ties
                self.noticed.append(point.noticed)
                if point.own is not None:
                    self._owned.setdefault(self._line[point.own], []).append(place)
            else:
                parents = tuple(point.shared)
                self.noticed.append(NEVER)
            bundle = bundles.get(parents)
            if bundle is None:
                bundle = bundles[parents] = len(bundles)
                self._places.append([])
                self._ties.append(tuple([self._line[parent] for parent in parents]))
            self._places[bundle].append(place)
            self._bundle.append(bundle)

    def line(self, parent: Parent) -> int:
        """The parent's number; a new one when it has none."""
        line = self._line[parent]
        if line == len(self.parents):
            self.parents.append(parent)
            self.size.append(self._census.get(parent, 0))
            self.count.append(0)
            self._of.append([])
        return line

    def known(self, parent: Parent) -> int | None:
        """The parent's number if a point has it."""
        return self._line.get(parent)

    def ties(self, place: int) -> tuple[int, ...]:
        """The lines of a point's parents."""
        return self._ties[self._bundle[place]]

    def breadth(self, line: int) -> tuple[int, int, str]:
        """To find the narrowest of several parents."""
        parent = self.parents[line]
        return self.size[line], _TELLING.get(parent.kind, len(_TELLING)), parent.name

    def shares(self, place: int) -> bool:
        """Whether a point has a parent with other children."""
        return self._shares[self._bundle[place]]

    def noticed_of(self, line: int) -> set[float]:
        """When the centre learnt of the parent's waiting faults."""
        heard = self.noticed
        return {heard[place] for bundle in self._of[line] for place in self._places[bundle]}

    def faults(self, places: Iterable[int]) -> tuple[Fault, ...]:
        return tuple([one for place in places if isinstance(one := self.points[place], Fault)])

    def singles(self, places: Iterable[int]) -> list[Open]:
        found = [one for place in places if isinstance(one := self.points[place], Open)]
        return sorted(found, key=lambda one: one.id)

    def free_of(self, line: int) -> list[int]:
        """Places of the parent's points that are not taken, the oldest first."""
        free, places = self.free, self._places
        found = [place for bundle in self._of[line] for place in places[bundle] if free[place]]
        return sorted(found)

    def take(self, places: Iterable[int]) -> None:
        taken = [place for place in places if self.free[place]]
        for place in taken:
            self.free[place] = 0
        for line, part in self.tally(taken).items():
            self.count[line] -= part

    def together(self, places: Sequence[int], ready: Sequence[int]) -> Sequence[int]:
        """The most of these that turned bad within three minutes of each other.

        One of them must be `ready` (by place) to be told; nothing when none is.
        """
        at, span = self.at, self._limits.together_s
        if at[places[-1]] - at[places[0]] <= span:
            return places if any(map(ready.__getitem__, places)) else ()
        first, newest_ready, best = 0, -1, (0, 0)
        for last, place in enumerate(places, 1):
            if ready[place]:
                newest_ready = last - 1
            while at[place] - at[places[first]] > span:
                first += 1
            if newest_ready >= first and last - first > best[1] - best[0]:
                best = first, last
        return places[best[0] : best[1]]

    def tally(self, places: Iterable[int]) -> Counter[int]:
        """How many of these places are of each parent."""
        bundle, found = self._bundle, Counter[int]()
        for one, part in Counter([bundle[place] for place in places]).items():
            for line in self._ties[one]:
                found[line] += part
        return found

    def has_own_alarm(self, line: int) -> bool:
        return line in self._owned

    def own_alarms(self, line: int, places: Iterable[int]) -> int:
        """How many of these places are the parent's own alarm."""
        mine = self._owned.get(line)
        return len(set(mine).intersection(places)) if mine else 0

    def storm(self, line: int, fallen: int, alarms: int) -> Why | None:
        """Why the parent is down when `fallen` of its points are bad, `alarms` its own."""
        if alarms and self.size[line] > 1:
            return Why.OWN_ALARM
        return self._limits.storm(fallen - alarms, self.size[line])

    def explains(self, line: int, places: Sequence[int]) -> tuple[int, Why] | None:
        """The narrowest parent that explains these points, which all are of `line`; and why."""
        why = self.storm(line, len(places), self.own_alarms(line, places))
        if why is None:
            return None
        best, breadth, whole = line, self.breadth(line), len(places)
        for other, part in self.tally(places).items():
            if self._limits.covered(part, whole) and self.breadth(other) < breadth:
                found = self.storm(other, part, self.own_alarms(other, places))
                if found is not None:
                    best, breadth, why = other, self.breadth(other), found
        return best, why


class _Lines(dict[Parent, int]):
    """Numbers of parents; who is asked for gets the next."""

    def __missing__(self, parent: Parent) -> int:
        line = self[parent] = len(self)
        return line
