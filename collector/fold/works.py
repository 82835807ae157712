"""Maintenance, as people plan it: begins and ends at ticks, or in the past when told late."""

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from collector.acts import Act
from collector.fold.causes import Causes
from collector.fold.painting import Work, without
from collector.fold.sites import Sites
from collector.fold.timelines import Timelines

VERB = "maintenance"
# a plan that ended so long ago cannot be changed any more
_FORGET_S = 100 * 86400.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One act: `work` on these sites."""

    work: Work
    sites: tuple[str, ...]


class Works:
    """The plans that are known; an act with the subject of an earlier one takes its place.

    An act `maintenance` has the body {"sites": [...], "since": t, "until": t or null, "why": text};
    one without sites, or whose end is not after its beginning, takes the plan back.
    """

    def __init__(self, sites: Sites, timelines: Timelines, causes: Causes) -> None:
        self._sites = sites
        self._timelines = timelines
        self._causes = causes
        self._plans: dict[str, Plan] = {}
        # subjects of the plans of each site, in the order they were told
        self._of: dict[str, dict[str, None]] = {}
        # moments at which something begins or ends, with the subject
        self._moments: list[tuple[float, str]] = []

    def resume(self, done: Iterable[Act], now: float) -> None:
        """Be where these acts left off; what was to begin or to end until `now` has."""
        for act in done:
            self._put(act.subject, _plan(act))
        for subject in self._plans:
            self._watch(subject, now)

    def apply(self, act: Act, now: float, rev: int) -> None:
        """Take in a plan; what of it is past already comes true at once."""
        for subject in [s for s, p in self._plans.items() if p.work.until + _FORGET_S < now]:
            self._drop(subject)
        old, new = self._plans.get(act.subject), _plan(act)
        self._put(act.subject, new)
        self._watch(act.subject, now)
        begin = new.work.since if old is None else min(old.work.since, new.work.since)
        self._lay((*(() if old is None else old.sites), *new.sites), begin, now, rev)

    def tick(self, now: float, rev: int) -> None:
        """What begins or ends by now does so."""
        while self._moments and self._moments[0][0] <= now:
            at, subject = heapq.heappop(self._moments)
            plan = self._plans.get(subject)
            # a moment of a plan that has been changed since says nothing
            if plan is not None and at in (plan.work.since, plan.work.until):
                self._lay(plan.sites, plan.work.since, now, rev)

    def _put(self, subject: str, plan: Plan) -> None:
        self._drop(subject)
        self._plans[subject] = plan
        for code in plan.sites:
            self._of.setdefault(code, {})[subject] = None

    def _drop(self, subject: str) -> None:
        old = self._plans.pop(subject, None)
        for code in () if old is None else old.sites:
            self._of.get(code, {}).pop(subject, None)
            if not self._of.get(code):
                self._of.pop(code, None)

    def _watch(self, subject: str, now: float) -> None:
        work = self._plans[subject].work
        for moment in (work.since, work.until):
            if work.since < work.until and now < moment < math.inf:
                heapq.heappush(self._moments, (moment, subject))

    def _lay(self, codes: Iterable[str], begin: float, now: float, rev: int) -> None:
        """Show on these sites what has come true, from `begin` on."""
        for code in dict.fromkeys(codes):
            plans = [self._plans[subject].work for subject in self._of.get(code, {})]
            self._timelines.works(code, _true(plans, now), begin, rev)
            site = self._sites.get(code)
            if site is not None:
                self._causes.changed(site)


def _true(plans: Iterable[Work], now: float) -> list[Work]:
    """Works that have begun, without overlaps; an end ahead is not known to be kept."""
    made: list[Work] = []
    for work in plans:
        if work.since <= now and work.since < work.until:
            until = work.until if work.until <= now else math.inf
            made = [*without(made, work.since, until), replace(work, until=until)]
    return sorted(made, key=lambda work: work.since)


def _plan(act: Act) -> Plan:
    body = act.body
    until = body.get("until")
    since, end = float(body["since"]), math.inf if until is None else float(until)
    why = str(body.get("why") or "")
    return Plan(Work(since, end, act.by, act.at, why), tuple(dict.fromkeys(body.get("sites", ()))))
