"""The alarms of one rule in memory, and what one sight of their series makes of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from alerts import machine
from alerts.evaluation.looking import Look
from alerts.evaluation.model import Alarm, Change, Why
from alerts.evaluation.planning import Planned
from alerts.evaluation.tuning import Tuned
from alerts.machine import Life, News, Phase, Seen

MOST = 100_000
_HELD_S = 86_400.0
# an annotation: `for` is at least as long as the site may say nothing before that is told
WAITS, SILENCE = "waits", "silence"
# from the tick at which a silence is seen until it is an incident
_SILENCE_TOLD_S = 30.0

Render = Callable[[str, Mapping[str, str], float], str]


@dataclass(frozen=True, slots=True)
class Spot:
    """Something bad: where, how bad, and its labels when somebody wants them."""

    site: str
    value: float
    labels: Callable[[], dict[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What one evaluation of a rule saw.

    `sites`: those it looked at, None for all and what is of no site; `judged` tells of which
    series of some sites there is a value.
    """

    look: Look
    bad: Mapping[str, Spot]
    sites: Collection[str] | None
    judged: Callable[[Collection[str], Collection[str]], Collection[str]]
    tuned: Tuned | None

    def without(self, passed: Collection[str]) -> "Sight":
        """Nothing of some of the sites."""
        bad = {series: spot for series, spot in self.bad.items() if spot.site not in passed}
        sites = None if self.sites is None else {one for one in self.sites if one not in passed}
        return replace(self, bad=bad, sites=sites)


@dataclass(slots=True)
class Standing:
    """One rule's alarms by series; `beyond` counts those it may not have, of this round."""

    planned: Planned
    render: Render
    alarms: dict[str, Alarm] = field(default_factory=dict)
    beyond: int = 0
    _of_site: dict[str, set[str]] = field(default_factory=dict)
    # every alarm that time alone can change, and when it was last looked at
    _waiting: dict[str, float] = field(default_factory=dict)

    @property
    def sites(self) -> Collection[str]:
        """Where it has alarms."""
        return self._of_site.keys()

    def put(self, alarm: Alarm) -> None:
        self.alarms[alarm.series] = alarm
        self._of_site.setdefault(alarm.site, set()).add(alarm.series)
        if alarm.life.phase is Phase.FIRING:
            self._waiting.pop(alarm.series, None)
        else:
            self._waiting.setdefault(alarm.series, float("-inf"))

    def take(self, sight: Sight) -> list[Change]:
        """The alarms after a look at some sites, or at all."""
        changes = list(self._bad(sight))
        missing = [series for series in self._there(sight.sites) if series not in sight.bad]
        if missing:
            changes += self._missing(missing, sight)
        return changes

    def wait(self, look: Look, tuned: Tuned | None) -> list[Change]:
        """What time alone does to alarms that were not looked at now."""
        changes = []
        for series, looked_at in list(self._waiting.items()):
            alarm = self.alarms[series]
            if alarm.life.phase is Phase.HELD:
                if look.at - alarm.life.since > _HELD_S and look.is_up(alarm.site):
                    changes.append(self.drop(alarm, Why.BLIND))
            elif looked_at < look.at:
                seen = Seen.BAD if alarm.life.phase is Phase.PENDING else Seen.GOOD
                changes += self._advance(alarm, seen, look, tuned)
        return changes

    def drop(self, alarm: Alarm, why: Why) -> Change:
        """The alarm goes without news."""
        self._forget(alarm)
        return Change(alarm, self.planned.rule, None, True, why)

    def of_sites(self, wanted: Callable[[str], bool]) -> list[Alarm]:
        """Alarms of those of its sites."""
        chosen = [site for site in self._of_site if site and wanted(site)]
        return [self.alarms[series] for site in chosen for series in sorted(self._of_site[site])]

    def held(self) -> Iterator[Alarm]:
        return (a for s in self._waiting if (a := self.alarms[s]).life.phase is Phase.HELD)

    def count(self, phase: Phase) -> int:
        if phase is Phase.FIRING:
            pending = sum(self.alarms[s].life.phase is Phase.PENDING for s in self._waiting)
            return len(self.alarms) - pending
        return sum(self.alarms[s].life.phase is phase for s in self._waiting)

    def _bad(self, sight: Sight) -> Iterator[Change]:
        most = self.planned.limit or MOST
        for series, spot in sight.bad.items():
            alarm = self.alarms.get(series)
            if alarm is None:
                if len(self.alarms) >= most:
                    self.beyond += 1
                    continue
                yield from self._begin(series, spot, sight)
            else:
                if alarm.value != spot.value:
                    alarm = self.alarms[series] = replace(alarm, value=spot.value)
                yield from self._advance(alarm, Seen.BAD, sight.look, sight.tuned)

    def _begin(self, series: str, spot: Spot, sight: Sight) -> Iterator[Change]:
        rule, at = self.planned.rule, sight.look.at
        for_s = self._for_s(spot.site, sight.look, sight.tuned)
        life, news = machine.advance(None, Seen.BAD, for_s, rule.keep_firing_for_s, at)
        if life is None:
            return
        labels = self._labels(spot)
        alarm = Alarm(rule.name, series, spot.site, labels, {}, life, spot.value)
        yield self._changed(alarm, news, at)

    def _missing(self, missing: Collection[str], sight: Sight) -> Iterator[Change]:
        sites = {self.alarms[series].site for series in missing}
        judged = sight.judged(missing, sites)
        for series in missing:
            alarm = self.alarms[series]
            if self._is_off(alarm.site, sight.look, sight.tuned):
                yield self.drop(alarm, Why.NOT_ACTIVE)
                continue
            seen = Seen.GOOD if series in judged else Seen.UNKNOWN
            yield from self._advance(alarm, seen, sight.look, sight.tuned)

    def _there(self, sites: Collection[str] | None) -> Iterable[str]:
        """Alarms of these sites."""
        if sites is None:
            return list(self.alarms)
        few, many = sorted((self._of_site.keys(), sites), key=len)
        return [series for site in few if site in many for series in self._of_site[site]]

    def _advance(
        self, alarm: Alarm, seen: Seen, look: Look, tuned: Tuned | None
    ) -> Iterator[Change]:
        rule, at = self.planned.rule, look.at
        if alarm.series in self._waiting:
            self._waiting[alarm.series] = at
        before = _restarted(alarm.life, look.resumed, at)
        for_s = self._for_s(alarm.site, look, tuned)
        life, news = machine.advance(before, seen, for_s, rule.keep_firing_for_s, at)
        if life is None:
            self._forget(alarm)
            why = Why.RESOLVED if news is News.RESOLVED else Why.PASSED
            yield Change(alarm, rule, news, True, why)
        elif life is not alarm.life:
            yield self._changed(replace(alarm, life=life), news, at)

    def _changed(self, alarm: Alarm, news: News | None, at: float) -> Change:
        if news is News.FIRED:
            alarm = replace(alarm, annotations=self._annotations(alarm))
        self.put(alarm)
        if alarm.series in self._waiting:
            self._waiting[alarm.series] = at
        return Change(alarm, self.planned.rule, news)

    def _forget(self, alarm: Alarm) -> None:
        self.alarms.pop(alarm.series, None)
        self._waiting.pop(alarm.series, None)
        mine = self._of_site.get(alarm.site, set())
        mine.discard(alarm.series)
        if not mine:
            self._of_site.pop(alarm.site, None)

    def _labels(self, spot: Spot) -> dict[str, str]:
        rule, own = self.planned.rule, spot.labels()
        told = {name: self.render(text, own, spot.value) for name, text in rule.labels.items()}
        labels = {**own, **told, "alertname": rule.name}
        return {name: labels[name] for name in sorted(labels) if labels[name]}

    def _annotations(self, alarm: Alarm) -> dict[str, str]:
        own = {k: v for k, v in alarm.labels.items() if k != "alertname"}
        told = self.planned.rule.annotations
        return {name: self.render(text, own, alarm.value) for name, text in told.items()}

    def _for_s(self, site: str, look: Look, tuned: Tuned | None) -> float:
        place = None if tuned is None else look.place_of.get(site)
        if tuned is None or place is None or tuned.for_s[place] != tuned.for_s[place]:
            return self._longest(site, look)
        return float(tuned.for_s[place])

    def _longest(self, site: str, look: Look) -> float:
        """The rule's own `for`; as long as a site may be silent where the rule waits for that."""
        for_s = self.planned.rule.for_s
        if self.planned.rule.annotations.get(WAITS) != SILENCE:
            return for_s
        return max(for_s, look.silent_s(site) + _SILENCE_TOLD_S)

    def _is_off(self, site: str, look: Look, tuned: Tuned | None) -> bool:
        place = None if tuned is None else look.place_of.get(site)
        return tuned is not None and place is not None and bool(tuned.off[place])


def _restarted(life: Life, resumed: float, at: float) -> Life | None:
    """The centre was away since the timer began: it begins anew."""
    if life.phase is Phase.PENDING and life.active_at < resumed:
        return None
    if life.phase is Phase.KEEPING and life.since < resumed:
        return replace(life, since=at)
    return life
