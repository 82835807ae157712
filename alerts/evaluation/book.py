"""All alarms of all rules, and how each rule fares."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from agent.strict import Refused
from alerts.evaluation import status as telling
from alerts.evaluation.cells import Portion
from alerts.evaluation.live import Live
from alerts.evaluation.looking import Look
from alerts.evaluation.model import Alarm, Change, Why
from alerts.evaluation.overlay import Overlay
from alerts.evaluation.planning import Planned
from alerts.evaluation.sighting import at_sites, in_general, sight_in_general, sight_of_sites
from alerts.evaluation.standing import MOST, Render, Standing
from alerts.evaluation.status import RuleStatus, Status
from alerts.evaluation.trees import reaches_s
from alerts.evaluation.tuning import Tuned
from alerts.machine import Phase
from alerts.rules.rule import RuleSet
from collector import states

_ORDINAL = re.compile(r"#(\d+)$")

Key = tuple[str, int]


class Book:
    """Alarms by rule; a rule that fails keeps its alarms as they are, and says why."""

    def __init__(self, render: Render, stopwatch: Callable[[], float]) -> None:
        self._render, self._stopwatch = render, stopwatch
        self.planned: Sequence[Planned] = ()
        self._standing: dict[Key, Standing] = {}
        # committed alarms whose rule is not known, or not yet
        self._loose: dict[Key, list[Alarm]] = {}
        self._status: dict[str, RuleStatus] = {}
        self._names: dict[int, str] = {}
        self._errors: dict[int, str] = {}
        self._took: dict[int, float] = {}
        self._codes: list[str] | None = None

    def load(self, committed: Iterable[Alarm]) -> None:
        """Take these alarms for all there are."""
        self._loose = {}
        for alarm in committed:
            self._loose.setdefault(rule_of(alarm), []).append(alarm)
        self._codes = None
        self._stand()

    def follow(self, rules: RuleSet, planned: Sequence[Planned]) -> None:
        """Other rules: those that stay keep their alarms."""
        for key, standing in self._standing.items():
            self._loose.setdefault(key, []).extend(standing.alarms.values())
        self.planned = planned
        places = {
            id(rule): telling.key(group.file, group.name, place)
            for group in rules.groups
            for place, rule in enumerate(group.rules)
        }
        self._names = {id(p): places[id(p.rule)] for p in planned}
        before = self._status
        self._status = {n: before.get(n, RuleStatus()) for n in self._names.values()}
        self._stand()

    def begin(self, rules: Iterable[Planned], now: float) -> None:
        """A round of these rules begins."""
        for planned in rules:
            self._errors.pop(id(planned), None)
            self._took[id(planned)] = 0.0
            if planned.key in self._standing and not planned.rule.record:
                self._standing[planned.key].beyond = 0

    def end(self, rules: Iterable[Planned], now: float) -> None:
        """The round is over: what there is to say of its rules."""
        for planned in rules:
            told = self._status[self._names[id(planned)]]
            told.at, told.took_s = now, self._took.get(id(planned), 0.0)
            error = self._errors.get(id(planned), "")
            told.failures += bool(error)
            standing = None if planned.rule.record else self._standing.get(planned.key)
            if standing is not None:
                told.beyond = standing.beyond
                told.firing, told.pending = map(standing.count, (Phase.FIRING, Phase.PENDING))
                if standing.beyond and not error:
                    most = planned.limit or MOST
                    error = f"{standing.beyond:,} alarms more than its limit of {most:,}"
            told.error = error

    def sites(self) -> set[str]:
        """Where there are alarms, of whatever phase; also such as no rule has any more."""
        loose = {alarm.site for alarms in self._loose.values() for alarm in alarms}
        return loose.union(*(standing.sites for standing in self._standing.values()))

    def status(self, now: float) -> Status:
        spent = sum(self._took.values())
        reach_s = max((reaches_s(one.rule.tree) for one in self.planned), default=0.0)
        return Status(now, spent, self._status, reach_s=reach_s)

    def at_portion(
        self,
        planned: Planned,
        portion: Portion,
        tuned: Tuned | None,
        overlay: Overlay,
        passed: Collection[str] = (),
    ) -> list[Change]:
        """A rule about each site, at some sites, and not at those that it has passed by."""

        def work() -> list[Change]:
            found = at_sites(planned, portion, tuned)
            if planned.rule.record:
                assert planned.local is not None
                labels, keeps = planned.rule.labels, planned.local.labels
                overlay.put_sites(planned.rule.name, labels, keeps, found, portion.places)
                return []
            sight = sight_of_sites(planned, portion, found, tuned)
            return self._standing[planned.key].take(sight.without(passed) if passed else sight)

        return self._guarded(planned, work)

    def in_general(
        self, planned: Planned, live: Live, tuned: Tuned | None, overlay: Overlay
    ) -> list[Change]:
        """A rule of any other kind."""

        def work() -> list[Change]:
            rows = in_general(planned, live, tuned)
            if planned.rule.record:
                told = [({**labels, **planned.rule.labels}, value) for labels, value in rows]
                overlay.put_rows(planned.rule.name, told)
                return []
            return self._standing[planned.key].take(sight_in_general(planned, live, rows, tuned))

        return self._guarded(planned, work)

    def wait(
        self, rules: Iterable[Planned], look: Look, tuned: Mapping[str, Tuned]
    ) -> list[Change]:
        """What time alone does to alarms of these rules."""
        return [
            change
            for standing in self._of(rules)
            for change in standing.wait(look, tuned.get(standing.planned.rule.name))
        ]

    def retire(self, look: Look) -> list[Change]:
        """Alarms of sites that do not count any more, or are no more, go."""
        if look.codes is self._codes:
            return []
        self._codes = look.codes
        changes = []
        for standing in self._standing.values():
            by_site = standing.planned.local is not None

            def over(site: str, by_site: bool = by_site) -> bool:
                return not look.is_active(site) and (by_site or site in look.place_of)

            changes += [standing.drop(a, Why.RETIRED) for a in standing.of_sites(over)]
        return changes

    def retire_checks(self, connection: Connection, rules: Iterable[Planned]) -> list[Change]:
        """Alarms that nobody can see any more because their check is not looked at, go."""
        held = [
            (standing, alarm)
            for standing in self._of(rules)
            for alarm in standing.held()
            if alarm.site and alarm.labels.get("check")
        ]
        sites = sorted({alarm.site for _, alarm in held})
        retired = states.retired_checks(connection, sites) if sites else set()
        return [
            standing.drop(alarm, Why.RETIRED)
            for standing, alarm in held
            if (alarm.site, alarm.labels["check"]) in retired
        ]

    def _of(self, rules: Iterable[Planned]) -> list[Standing]:
        return [self._standing[p.key] for p in rules if not p.rule.record]

    def _stand(self) -> None:
        """Give alarms to their rules."""
        self._standing = {}
        for planned in self.planned:
            if planned.rule.record:
                continue
            standing = self._standing[planned.key] = Standing(planned, self._render)
            for alarm in self._loose.pop(planned.key, ()):
                standing.put(alarm)

    def rule_gone(self) -> list[Change]:
        """Alarms that no rule has any more go."""
        if not self._loose:
            return []
        loose = [alarm for key in sorted(self._loose) for alarm in self._loose[key]]
        self._loose = {}
        return [Change(alarm, None, None, True, Why.RULE_GONE) for alarm in loose]

    def _guarded(self, planned: Planned, work: Callable[[], list[Change]]) -> list[Change]:
        began = self._stopwatch()
        try:
            # dividing by zero has an answer here
            with np.errstate(all="ignore"):
                return work()
        except Refused as refused:
            self._errors[id(planned)] = refused.problem
            return []
        finally:
            spent = self._stopwatch() - began
            self._took[id(planned)] = self._took.get(id(planned), 0.0) + spent


def rule_of(alarm: Alarm) -> Key:
    """The name of the alarm's rule, and which of the rules of that name it is."""
    found = _ORDINAL.search(alarm.series)
    return alarm.rule, int(found[1]) if found else 0
