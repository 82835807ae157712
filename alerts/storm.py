"""Which faults are one incident, and when is it told? A function of its inputs, without a clock.

What has a parent that is known to be down joins at once. What an open incident shares with those
that fell after it lets it rise to a wider parent. Of the rest, enough children of one parent that
turned bad within three minutes are one incident; what has waited long enough without is told alone.
"""

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence

from alerts.board import NEVER, Board
from alerts.faults import (
    USUAL,
    Alone,
    Decisions,
    Fault,
    Gather,
    Join,
    Limits,
    Open,
    Parent,
    Rise,
    Wait,
    Why,
)
from alerts.hold import Holds


def decide(
    waiting: Sequence[Fault],
    open: Sequence[Open],
    census: Mapping[Parent, int],
    soft: Mapping[Parent, Sequence[float]],
    now: float,
    limits: Limits = USUAL,
) -> Decisions:
    """What becomes of every waiting fault at `now`.

    `census` is how many active children each parent has; `soft` when those of its children that
    are suspect now, and not bad yet, became so.
    """
    if not waiting:
        return Decisions()
    desk = _Desk(waiting, open, census, soft, now, limits)
    desk.join_members()
    desk.join_children()
    desk.rise()
    desk.gather()
    return desk.close()


class _Group:
    """An open incident of a parent, with what has joined it at this tick; parents by line."""

    def __init__(self, one: Open, line: int, shared: dict[int, int]) -> None:
        self.id, self.line, self.size = one.id, line, len(one.keys)
        self.at, self.last, self.shared = one.at, one.last, shared

    def count(self, line: int) -> int:
        """How many members have this parent."""
        return self.shared.get(line, 0)

    def admit(self, at: float, ties: Iterable[int]) -> None:
        self.size += 1
        self.at, self.last = min(self.at, at), max(self.last, at)
        for line in ties:
            self.shared[line] = self.shared.get(line, 0) + 1


class _Desk:
    """The work of one tick; `close` hands the decisions out."""

    def __init__(
        self,
        waiting: Sequence[Fault],
        open: Sequence[Open],
        census: Mapping[Parent, int],
        soft: Mapping[Parent, Sequence[float]],
        now: float,
        limits: Limits,
    ) -> None:
        self._limits, self._now, self._open = limits, now, open
        self._board = Board(waiting, (one for one in open if one.parent is None), census, limits)
        self._faults = [i for i, at in enumerate(self._board.noticed) if at != NEVER]  # places
        # by place; an incident waits for nothing and is never ready
        self._until = self._holds(soft)
        self._ready = bytearray(until <= now for until in self._until)
        self._groups: dict[int, _Group] = {}
        self._joined: dict[tuple[int, Why], list[int]] = {}
        self._gathers: list[Gather] = []
        self._rises: list[Rise] = []
        for one in sorted(open, key=lambda one: one.id):
            if one.parent is not None:
                self._lay(one, one.parent)

    def _holds(self, soft: Mapping[Parent, Sequence[float]]) -> list[float]:
        """When each waiting fault has waited long enough."""
        board = self._board
        suspected = {
            line: max(times)
            for parent, times in soft.items()
            if times and (line := board.known(parent)) is not None
        }
        at_one_tick = len({*board.noticed, NEVER}) == 2
        holds = Holds(board.noticed_of, suspected, self._now, self._limits, at_one_tick)
        until: list[float] = []
        for place, point in enumerate(board.points):
            if not isinstance(point, Fault):
                until.append(math.inf)
            elif not board.shares(place) or (point.alone and point.own is not None):
                until.append(point.noticed)
            else:
                until.append(holds.until(point, board.ties(place)))
        return until

    def _lay(self, one: Open, parent: Parent) -> None:
        """An open incident beside the board; of what its members share only what falls counts."""
        line = self._board.line(parent)
        shared = {
            known: count
            for other, count in one.shared.items()
            if (known := self._board.known(other)) is not None
        }
        self._groups.setdefault(line, _Group(one, line, shared))

    def join_members(self) -> None:
        """What is a member of an open incident stays one."""
        member = {key: one.id for one in self._open for key in one.keys}
        for place in self._waiting() if member else ():
            (fault,) = self._board.faults((place,))
            if fault.key in member:
                self._join(member[fault.key], Why.MEMBER, (place,))

    def join_children(self) -> None:
        """What has a parent that is known to be down needs no more proof."""
        board, groups = self._board, self._groups
        for place in self._waiting() if groups else ():
            down = [line for line in board.ties(place) if line in groups]
            if down:
                line = down[0] if len(down) == 1 else min(down, key=board.breadth)
                own = board.own_alarms(line, (place,))
                groups[line].admit(board.at[place], board.ties(place))
                self._join(groups[line].id, Why.OWN_ALARM if own else Why.CHILD, (place,))

    def rise(self) -> None:
        """Open incidents whose members share something with what fell after them."""
        for group, line in self._bridges():
            places = self._near(group, line)
            if line not in self._groups and self._any_ready(places):
                self._widen(group, line, places)
        if self._rises:
            self.join_children()

    def _bridges(self) -> list[tuple[_Group, int]]:
        """Groups and the further parents that explain them; what most has fallen of comes first."""
        board = self._board
        found = [
            (-board.count[line], board.breadth(line), group.id, group, line)
            for group in self._groups.values()
            for line, count in group.shared.items()
            if line != group.line and board.count[line] and self._limits.covered(count, group.size)
        ]
        found.sort(key=lambda one: one[:3])
        return [(group, line) for *_, group, line in found]

    def _near(self, group: _Group, line: int) -> list[int]:
        """Points of the parent that turned bad near the group's time, each near the one before."""
        span, board = self._limits.together_s, self._board
        last, near = group.last, []
        for place in board.free_of(line):
            if group.at - span <= board.at[place] <= last + span:
                near.append(place)
                last = max(last, board.at[place])
        return near

    def _widen(self, group: _Group, line: int, places: Sequence[int]) -> None:
        board, limits = self._board, self._limits
        tally = board.tally(places)
        whole = group.size + len(places)

        def covers(one: int) -> bool:
            return limits.covered(group.count(one) + tally[one], whole)

        alarms = board.own_alarms(line, places)
        if not covers(line) or board.storm(line, group.count(line) + len(places), alarms) is None:
            return
        if alarms:
            self._move(group, line, places, Why.OWN_ALARM)
        elif covers(group.line):
            self._join_together(group, places)
        else:
            wider = [
                one
                for one in {*tally, *group.shared} - set(self._groups)
                if covers(one) and board.storm(one, group.count(one) + tally[one], 0) is not None
            ]
            self._move(group, min(wider, key=board.breadth), places, Why.WIDER)

    def _join_together(self, group: _Group, places: Sequence[int]) -> None:
        board = self._board
        # incidents of one fault that are told stay as they are
        faults = [place for place in places if board.noticed[place] != NEVER]
        for place in faults:
            group.admit(board.at[place], board.ties(place))
        self._join(group.id, Why.TOGETHER, faults)

    def _move(self, group: _Group, line: int, places: Sequence[int], why: Why) -> None:
        board = self._board
        for place in places:
            group.admit(board.at[place], board.ties(place))
        absorbs = tuple(one.id for one in board.singles(places))
        parent, faults = board.parents[line], board.faults(places)
        self._rises.append(Rise(group.id, parent, faults, absorbs, why))
        board.take(places)
        self._groups[line] = self._groups.pop(group.line)
        group.line = line

    def gather(self) -> None:
        """New storms: the parent with most points first, so that the widest comes to word."""
        board = self._board
        if not any(self._ready):
            return
        heap = [
            (-count, board.breadth(line), line)
            for line, count in enumerate(board.count)
            if count >= self._limits.few or (count and board.has_own_alarm(line))
        ]
        heapq.heapify(heap)
        while heap:
            count, breadth, line = heapq.heappop(heap)
            left = board.count[line]
            if left and (left < -count or self._gather_one(line)):
                # some of its points went: it is looked at again with the rest
                heapq.heappush(heap, (-board.count[line], breadth, line))

    def _gather_one(self, line: int) -> bool:
        board = self._board
        free = board.free_of(line)
        # a parent's own alarm speaks for all its children, whenever they fell
        whole = board.own_alarms(line, free) > 0 and self._any_ready(free)
        places = free if whole else board.together(free, self._ready)
        if not places or (found := board.explains(line, places)) is None:
            return False
        best, why = found
        if best != line or len(places) < len(free):
            # who turned bad at other times is a later child of what is now known to be down
            rest = (place for place in board.free_of(best) if board.noticed[place] != NEVER)
            places = sorted({*places, *rest})
        singles = board.singles(places)
        replaces = tuple(one.id for one in singles if one.told)
        absorbs = tuple(one.id for one in singles if not one.told)
        faults = board.faults(places)
        self._gathers.append(Gather(board.parents[best], faults, replaces, absorbs, why))
        board.take(places)
        return True

    def close(self) -> Decisions:
        """The decisions; who is left waits on or is told alone."""
        alone, wait = [], []
        for place in self._waiting():
            (fault,) = self._board.faults((place,))
            until = self._until[place]
            if until > self._now:
                more = until > fault.noticed + self._limits.hold_s
                wait.append(Wait(fault, until, Why.MORE_COME if more else Why.HOLDS))
            else:
                alone.append(Alone(fault, self._why_alone(place, fault)))
        joins = (
            Join(incident, self._board.faults(sorted(places)), why)
            for (incident, why), places in sorted(self._joined.items())
        )
        return Decisions(
            tuple(wait), tuple(alone), tuple(self._gathers), tuple(joins), tuple(self._rises)
        )

    def _why_alone(self, place: int, fault: Fault) -> Why:
        if self._board.shares(place):
            return Why.TOO_FEW
        return Why.OWN_WORD if fault.alone else Why.NOTHING_SHARED

    def _join(self, incident: int, why: Why, places: Sequence[int]) -> None:
        self._joined.setdefault((incident, why), []).extend(places)
        self._board.take(places)

    def _waiting(self) -> list[int]:
        """Places of faults that nothing is decided of."""
        free = self._board.free
        return [place for place in self._faults if free[place]]

    def _any_ready(self, places: Iterable[int]) -> bool:
        return any(map(self._ready.__getitem__, places))
