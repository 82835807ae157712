"""Why sites fell, as the fold goes on: guessed at the fall, told anew when more is known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from collector import cause as causes
from collector.availability import Interval, State
from collector.cause import UNKNOWN, Cause, Devices, Return, Scene
from collector.contracts import Due, Terms, near
from collector.fold.events import Contact, Sampled
from collector.fold.fallen import Fall, Fallen, minutes
from collector.fold.memory import Memory
from collector.fold.sites import Site, Sites
from collector.fold.timelines import SILENT, Timelines
from collector.inventory import places
from collector.judge import Sign

# how much a device's uptime and the times of reports may disagree
_SLACK_S = 15.0
_SOON_S = 1800.0

# signs that make a site that is down another case
_TELLING = Sign.WRONG_CONTENT | Sign.NO_LIGHT | Sign.ON_BATTERY | Sign.LINK_LOST

Started = tuple[float, float, float] | None


class Causes:
    """Gives intervals of `timelines` their causes; a person's word stays."""

    def __init__(
        self,
        sites: Sites,
        timelines: Timelines,
        voices: Mapping[str, Sequence[Memory]],
        beacons: Callable[[str], int],
    ) -> None:
        """`beacons`: the Signs that the last beacons of a site's agents showed."""
        self._sites = sites
        self._timelines = timelines
        self._voices = voices
        self._beacons = beacons
        self._fallen = Fallen()

    @property
    def untold(self) -> list[str]:
        """Sites that fell since the last tick: to be committed with the position."""
        return list(self._fallen.new)

    def resume(self, untold: Iterable[str]) -> None:
        """Be where the committed position left off."""
        waiting = set(untold)
        for site in self._sites:
            if _fell(self._timelines.open(site.code)):
                self.fell(site, news=site.code in waiting)

    def fell(self, site: Site, news: bool = True) -> None:
        """The site is silent, or down by its own agent's word."""
        now = self._timelines.open(site.code)
        if now is None:
            return
        awake = now.state == State.DOWN
        begin, end = now.since, now.since + site.every_s
        if awake:
            begin, end = now.since - site.every_s, now.since
        when = minutes(begin, end)
        fall = Fall(site, when, self._signs(site), due_at(site, now.since), awake)
        self._fallen.fell(fall, news)

    def again(self, site: Site) -> None:
        """One more frame of a site that is down: does it show more than the one before?"""
        fall, signs = self._fallen.get(site), self._signs(site)
        if fall is not None and fall.signs != signs:
            self.fell(site, news=bool(signs & ~fall.signs & _TELLING))

    def rose(self, site: Site) -> None:
        """The site is back, or does not count any more."""
        self._fallen.rose(site)

    def changed(self, site: Site) -> None:
        """The inventory knows other neighbours of it now."""
        if self._fallen.get(site) is not None:
            news = site.code in self._fallen.new
            self._fallen.rose(site)
            self.fell(site, news)

    def tell(self, at: float, rev: int) -> None:
        """At a tick: sites that fell, and those that fell with them, hear of each other."""
        if not self._fallen.new:
            return
        guesses: dict[tuple[object, ...], Cause] = {}
        for fall, beside in self._fallen.tell(at):
            now = self._timelines.open(fall.site.code)
            if now is None or not _fell(now) or now.source == "person":
                continue
            site = fall.site
            key = (fall.signs, site.isps, site.reserve, fall.due, fall.awake, *map(id, beside))
            cause = guesses.get(key)
            if cause is None:
                scene = Scene(fall.signs, site.isps, site.reserve, fall.due, beside)
                cause = causes.of_down(scene) if fall.awake else causes.at_silence(scene)
                guesses[key] = cause
            if _better(cause, now):
                self._timelines.explain(site.code, with_cause(now, cause), rev)

    def heard(self, site: Site, now: Interval, event: Contact) -> None:
        """The first words after the silence `now`: was it off, or was it cut off?"""
        if event.up is None or now.source == "person":
            return
        back = Return(event.at - now.since, event.up, event.rebooted)
        cause = causes.at_return(cause_of(now), back)
        self._timelines.explain(site.code, with_cause(now, cause), event.rev)

    def seen(self, site: Site, now: Interval, event: Sampled) -> None:
        """The first frame after `now`: for how long have its devices run, if it was silent?"""
        if now.reason != SILENT or now.source == "person" or not event.shape.where.uptimes:
            return
        devices = _devices(event.memory.started, now.since, event.time)
        if devices is None:
            return
        cause = causes.by_devices(cause_of(now), devices)
        self._timelines.explain(site.code, with_cause(now, cause), event.rev)

    def turned(self, site: Site, before: Interval, down: bool) -> None:
        """A frame has put an end to `before`."""
        if before.state in (State.UNKNOWN, State.DOWN):
            self.rose(site)
        if down:
            self.fell(site)

    def down(self, site: Site, event: Sampled) -> Cause:
        """A live frame says that no uplink works."""
        return causes.of_down(self._scene(site, event.memory.signs, event.time))

    def late(
        self, site: Site, memory: Memory, before: Cause, signs: int, begin: float, end: float
    ) -> Cause:
        """A backlog says that no uplink worked from `begin` to `end`, one interval after that."""
        devices, back = None, self._timelines.returned(site.code, end - site.every_s)
        if back is not None:
            devices = _devices(memory.started, begin, back)
        if devices is not None and devices.up_s > _SOON_S:
            # started long before the end: that did not mend it
            devices = None
        return causes.of_down(self._scene(site, signs, begin), before, devices)

    def _scene(self, site: Site, signs: int, at: float) -> Scene:
        return Scene(signs, site.isps, site.reserve, due_at(site, at))

    def _signs(self, site: Site) -> int:
        """What the last live frame of the site's own agents showed, or a beacon after it."""
        agents = self._voices.get(site.code, ())
        framed = max(agents, key=lambda memory: memory.newest).signs if agents else 0
        return framed | self._beacons(site.code)


def due_at(site: Site, at: float) -> Due | None:
    """A bill or the end of a contract near that moment, by the site's own calendar."""
    # all our zones are whole hours from UTC
    return _due(site.terms, _day(site.code[:2], int(at // 3600)))


def with_cause(old: Interval, cause: Cause) -> Interval:
    # replace() takes twice as long, and this is done for every site when all fall
    return Interval(
        old.since,
        old.until,
        old.state,
        old.reason,
        cause.name,
        cause.confidence,
        cause.evidence,
        old.source,
        old.word,
        old.beneath,
    )


def cause_of(interval: Interval) -> Cause:
    """Our own guess, whatever a person says of it."""
    if (word := interval.word) is not None:
        return Cause(word.cause or UNKNOWN.name, word.confidence, word.evidence)
    return Cause(interval.cause or UNKNOWN.name, interval.confidence, interval.evidence)


@lru_cache(maxsize=4096)
def _day(province: str, hour: int) -> date:
    return datetime.fromtimestamp(hour * 3600, places.zone(province)).date()


@lru_cache(maxsize=4096)
def _due(terms: tuple[Terms, ...], day: date) -> Due | None:
    return near(terms, day)


def _better(cause: Cause, now: Interval) -> bool:
    """A wider picture counts for more than a guess, not for more than what was seen."""
    if cause.confidence > now.confidence:
        return True
    return cause.name != now.cause and (cause.confidence == now.confidence or now.confidence < 0.8)


def _fell(now: Interval | None) -> bool:
    if now is None:
        return False
    return now.reason == SILENT if now.state == State.UNKNOWN else now.state == State.DOWN


def _devices(started: Started, begin: float, end: float) -> Devices | None:
    """What their starts tell of [begin, end]; None where no frame after it tells any."""
    if started is None or started[2] < end - _SLACK_S:
        return None
    first, last, _ = started
    restarted, some = (begin + _SLACK_S < at <= end + _SLACK_S for at in (first, last))
    return Devices(max(0.0, end - first), restarted, some)
