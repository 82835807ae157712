"""Rules in rounds: what is due, in slices of time, and what each slice changed of alarms.

Time is that of the ticks; `stopwatch` only says when a slice has been long enough.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from sqlalchemy import Connection, Engine

from alerts import alarms
from alerts.evaluation import tuning
from alerts.evaluation.ahead import Ahead
from alerts.evaluation.book import Book
from alerts.evaluation.live import Live
from alerts.evaluation.looking import Look, Looking
from alerts.evaluation.model import Change
from alerts.evaluation.overlay import Overlay
from alerts.evaluation.planning import Planned, Schedule, schedules
from alerts.evaluation.portions import Cutter
from alerts.evaluation.standing import Render
from alerts.evaluation.status import Status
from alerts.evaluation.tuning import Override, Tuned
from alerts.overrides import everything
from alerts.rhythm import begun
from alerts.rules.rule import RuleSet
from alerts.rules.templating import Context, expand
from collector.db import reading
from collector.promql.labels import Ids
from collector.settings import Settings

SLICE_S = 0.05
# sites that are looked at at once in one step: of more the rest comes with the next
_AT_ONCE = 2_000
# rules over days, of a country, take a tenth of one core and no more
_REST = 9.0
_NEVER = float("-inf")

Overrides = Callable[[Connection], Iterable[Override]]


def filled(text: str, labels: Mapping[str, str], value: float) -> str:
    """A text of a rule for one alarm."""
    return expand(text, Context(labels, value))


@dataclass(slots=True, eq=False)
class _Cycle:
    """The rounds of one schedule; `since`: the time of the last one that began, `began`: that it
    was due."""

    schedule: Schedule
    locals: tuple[Planned, ...]
    wide: tuple[Planned, ...]
    since: float = _NEVER
    began: float = _NEVER
    running: Iterator[list[Change]] | None = None

    def is_due(self, now: float) -> bool:
        return not self.began <= now < self.began + self.schedule.every_s


@dataclass(slots=True)
class _Seen:
    """Which inventory, overrides and rules the last look was made with."""

    codes: list[str] | None = None
    rows: tuple[tuning.Row, ...] | None = None
    tuned: dict[str, Tuned] = field(default_factory=dict)


class Rounds:
    """For the fold's thread. What `step` gives is taken to be saved; after a failure `wake`."""

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        rules: Callable[[], RuleSet],
        overrides: Overrides = everything,
        render: Render = filled,
        blocks: Engine | None = None,
        stopwatch: Callable[[], float] = time.perf_counter,
        slice_s: float = SLICE_S,
    ) -> None:
        self._settings, self._store = settings, store
        self._rules, self._overrides = rules, overrides
        self._stopwatch, self._slice_s = stopwatch, slice_s
        self._looking = Looking(settings, store, blocks)
        self._overlay = Overlay()
        self._cutter = Cutter(self._looking.centre, self._overlay)
        self._book = Book(render, stopwatch)
        self._window = self._looking.centre.history.window
        # what the rules were sorted by: the length of the window, which its writer may change
        self._length_s = _NEVER
        self._known: RuleSet | None = None
        self._awake = False
        self._cycles: list[_Cycle] = []
        # sites to be looked at with the next step: by all rules, by those that findings are news to
        self._found: dict[str, None] = {}
        self._told: dict[str, None] = {}
        self._ahead = Ahead()
        self._seen = _Seen()
        self._rested_at = _NEVER
        # rounds that are over, but for those over days
        self.ended = 0

    def wake(self, connection: Connection) -> None:
        """Alarms as they are committed; everything is looked at again."""
        self._book.load(alarms.all(connection))
        self._awake = True
        self._begin_anew()

    def wrong(self) -> Set[str]:
        """Where there are alarms, of whatever phase."""
        return self._book.sites()

    def found(self, sites: Iterable[str], told: Iterable[str] = ()) -> None:
        """The states of these sites changed, and checks of those: rules are evaluated with the
        next step."""
        self._found |= dict.fromkeys(sites)
        self._told |= dict.fromkeys(told)

    def step(self, now: float) -> list[Change]:
        """What is due at the tick's time, within a slice; the rest with the next steps."""
        self._follow_rules()
        if not self._awake:
            with reading(self._store) as connection:
                self.wake(connection)
        # should anything fail from here on, the next step wakes from what is committed
        self._awake = False
        changes = self._book.rule_gone() + self._work(now)
        self._awake = True
        return changes

    def _work(self, now: float) -> list[Change]:
        began = self._stopwatch()
        changes: list[Change] = []
        look: Look | None = None
        if not any(cycle.running and not cycle.schedule.long for cycle in self._cycles):
            self._ahead.clear()
        if self._found or self._told:
            look = self._look(now)
            changes += self._at_once(look)
        # rules over days have what time the others leave
        for cycle in sorted(self._cycles, key=lambda cycle: (cycle.schedule.long, cycle.began)):
            if cycle.schedule.long and self._stopwatch() < self._rested_at:
                continue
            if cycle.running is None and cycle.is_due(now):
                look = self._look(now) if look is None else look
                cycle.running = self._round(cycle, look)
            changes += self._go_on(cycle, began + self._slice_s)
            if cycle.running is not None:
                break
        return changes

    def _go_on(self, cycle: _Cycle, until: float) -> list[Change]:
        """As much of its round as there is time for."""
        changes: list[Change] = []
        begun = self._stopwatch()
        while cycle.running is not None and self._stopwatch() < until:
            told = next(cycle.running, None)
            if told is None:
                cycle.running = None
                self.ended += not cycle.schedule.long
            else:
                changes += told
        if cycle.schedule.long:
            ended = self._stopwatch()
            self._rested_at = ended + _REST * (ended - begun)
        return changes

    @property
    def resting(self) -> bool:
        """No round is under way."""
        return all(cycle.running is None for cycle in self._cycles)

    def status(self, now: float) -> Status:
        """How the rules are, to be shown."""
        return self._book.status(now)

    def _follow_rules(self) -> None:
        rules, length_s = self._rules(), self._window.length_s()
        if rules is self._known and length_s == self._length_s:
            return
        self._known, self._length_s = rules, length_s
        made = schedules(rules, self._settings.rules_every_s, length_s)
        self._cycles = [_cycle(schedule) for schedule in made]
        self._book.follow(rules, [p for s in made for p in s.rules])
        self._begin_anew()

    def _begin_anew(self) -> None:
        for cycle in self._cycles:
            cycle.since = cycle.began = _NEVER
            cycle.running = None
        self._ahead.clear()

    def _look(self, now: float) -> Look:
        with reading(self._store) as connection:
            look = self._looking.look(connection, now)
            rows = tuning.rows_of(self._overrides(connection))
        seen = self._seen
        if rows != seen.rows or look.codes is not seen.codes:
            self._seen = _Seen(look.codes, rows, tuning.tuned(rows, look))
            self._overlay.begin(look, {p.rule.name for p in self._book.planned if p.rule.record})
            # places mean other sites now, or other thresholds hold: everything is looked at again
            self._begin_anew()
        return look

    def _at_once(self, look: Look) -> list[Change]:
        sites = _some(self._found)
        told = [site for site in _some(self._told) if site not in sites]
        changes: list[Change] = []
        for cycle in self._cycles:
            if cycle.schedule.long:
                continue
            rules, _ = self._cutter.split(look, cycle.locals)
            by_findings = tuple(planned for planned in rules if planned.told)
            for these, some in ((sites, rules), (told, by_findings)):
                # the time may have gone back a little: nothing is ahead of what is looked at now
                for more in self._sites(look, look.places(these), some, Ahead()):
                    changes += more
        self._ahead.add(look.at, sites, told)
        return changes

    def _round(self, cycle: _Cycle, look: Look) -> Iterator[list[Change]]:
        now = look.at
        since, cycle.since = cycle.since, now
        cycle.began = begun(cycle.began, cycle.schedule.every_s, now)
        self._book.begin(cycle.schedule.rules, now)
        yield self._book.retire(look)
        everybody = look.everybody()
        some = everybody if since == _NEVER else look.changed(since)
        by_site, apart = self._cutter.split(look, cycle.locals)
        # with rules over days nobody looks at once
        ahead = Ahead() if cycle.schedule.long else self._ahead
        yield from self._sites(look, some, by_site, ahead)
        moving = tuple(planned for planned in by_site if planned.moving)
        if moving and len(some) < len(everybody):
            rest = everybody[~np.isin(everybody, some)]
            yield from self._sites(look, rest, moving, ahead)
        yield from self._in_general(look, (*apart, *cycle.wide))
        yield self._later(look, cycle)
        self._book.end(cycle.schedule.rules, now)

    def _sites(
        self, look: Look, places: Ids, rules: tuple[Planned, ...], ahead: Ahead
    ) -> Iterator[list[Change]]:
        """Rules about each site, a portion of the sites and a rule at a time."""
        if not rules or not len(places):
            return
        for portion in self._cutter.cut(look, ahead.behind(look, places), rules):
            read = known = ahead.turn
            by_all, by_told = ahead.passed(portion, read)
            for planned in rules:
                if known != ahead.turn:
                    known = ahead.turn
                    by_all, by_told = ahead.passed(portion, read)
                tuned = self._seen.tuned.get(planned.rule.name)
                passed = by_told if planned.told else by_all
                yield self._book.at_portion(planned, portion, tuned, self._overlay, passed)

    def _in_general(self, look: Look, rules: Sequence[Planned]) -> Iterator[list[Change]]:
        live = Live(look, self._looking.centre, self._store, self._overlay, self._window.reach_s())
        for planned in rules:
            tuned = self._seen.tuned.get(planned.rule.name)
            yield self._book.in_general(planned, live, tuned, self._overlay)

    def _later(self, look: Look, cycle: _Cycle) -> list[Change]:
        changes = self._book.wait(cycle.schedule.rules, look, self._seen.tuned)
        with reading(self._store) as connection:
            return changes + self._book.retire_checks(connection, cycle.schedule.rules)


def _cycle(schedule: Schedule) -> _Cycle:
    by_site = tuple(p for p in schedule.rules if p.local is not None)
    wide = tuple(p for p in schedule.rules if p.local is None)
    return _Cycle(schedule, by_site, wide)


def _some(waiting: dict[str, None]) -> set[str]:
    """The first of them; they wait no more."""
    these = set(islice(waiting, _AT_ONCE))
    for site in these:
        del waiting[site]
    return these
