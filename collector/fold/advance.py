"""Events move the states of sites forward: who reports, who fell silent, what the past was."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from agent.report import Verdict
from collector.availability import Interval, State, clip
from collector.cause import at_farewell
from collector.fold import backlog
from collector.fold.beats import Beats
from collector.fold.causes import Causes, cause_of, with_cause
from collector.fold.clashes import Clashes
from collector.fold.elsewhere import Elsewhere
from collector.fold.events import (
    Clashed,
    Contact,
    Event,
    Farewell,
    Found,
    Heard,
    Lossy,
    Moved,
    Recalled,
    Sampled,
    Second,
)
from collector.fold.findings import SITE_OFF, SITE_SILENT, Findings
from collector.fold.hush import Hush
from collector.fold.memory import Memory
from collector.fold.numbers import Numbers
from collector.fold.paces import Paces
from collector.fold.sites import Site, Sites
from collector.fold.standing import minute_between, stand
from collector.fold.timelines import CENTRE_AWAY, SILENT, SWITCHED_OFF, Timelines
from collector.fold.works import Works
from collector.intake.timing import NEVER
from collector.judge import Code, Thresholds, explain
from collector.silence import Ticks, Watch
from collector.states import Change

# a check that frames leave out for so long is not checked any more; scripts may alternate layouts
RETIRED_AFTER_S = 900.0
VERDICTS = {1.0: Verdict.GOOD, 0.0: Verdict.BAD}
# looked up once: members of an enum are asked for by a million findings
UNKNOWN = Verdict.UNKNOWN
_TOLD = {verdict.value: verdict for verdict in Verdict}


class Advance:
    """Applies events, in their order, to everything that is concluded from them."""

    def __init__(
        self,
        sites: Sites,
        timelines: Timelines,
        findings: Findings,
        numbers: Numbers,
        limits: Thresholds,
        silent_intervals: float,
    ) -> None:
        self.ticks = Ticks()
        self.watch = Watch()
        self.beats = Beats()
        self.hush = Hush(self.beats, self.watch, sites, timelines)
        # the agents of each site, by code
        self.voices: dict[str, list[Memory]] = {}
        self.causes = Causes(sites, timelines, self.voices, self.beats.signs)
        self.works = Works(sites, timelines, self.causes)
        self.paces = Paces()
        self._clashes = Clashes(sites, findings, numbers)
        self._sites = sites
        self._timelines = timelines
        self._findings = findings
        self._elsewhere = Elsewhere(sites, findings)
        self._numbers = numbers
        self._limits = limits
        self._silent_intervals = silent_intervals
        self._ways: dict[type, Callable[[Any], None]] = {
            Sampled: self._sampled,
            Contact: self._contact,
            Second: self._second,
            Recalled: self._recalled,
            Found: self._found,
            Moved: self._moved,
            Farewell: self._farewell,
            Clashed: self._clashes.clashed,
            Heard: self.beats.hear,
            Lossy: self._lossy,
        }

    def prepare(self, events: Iterable[Event]) -> None:
        """Read rows that these events will ask for, at once."""
        self._findings.load(dict.fromkeys(self._asked(events)))

    def _asked(self, events: Iterable[Event]) -> Iterator[str]:
        for event in events:
            if isinstance(event, Found):
                if event.site is not None:
                    yield event.site.code
            elif isinstance(event, Sampled):
                now = self._timelines.open(event.memory.site)
                if event.memory.seen is None or now is None or now.state == State.UNKNOWN:
                    yield event.memory.site
            elif isinstance(event, Farewell):
                yield event.memory.site

    def apply(self, event: Event) -> None:
        self._ways[type(event)](event)

    def expect(self, site: Site) -> None:
        """Wait for the site's reports from now on, if there is reason to."""
        now = self._timelines.open(site.code)
        known = now is not None and (now.state != State.UNKNOWN or now.reason == CENTRE_AWAY)
        limit_s = self._silent_intervals * self.paces.every_s(site)
        self.watch.expect(site.row, limit_s if known else float("inf"))

    def resume(
        self, ticks: Ticks, memories: Collection[Memory], untold: Iterable[str] = ()
    ) -> None:
        """Be where the committed position left off."""
        self.ticks = ticks
        self._elsewhere.recall(memories)
        for memory in memories:
            site = self._sites.get(memory.site)
            self.voices.setdefault(memory.site, []).append(memory)
            self.beats.recall(memory)
            self._clashes.recall(memory, ticks.newest)
            if site is not None and memory.contact > NEVER:
                self.watch.heard(site.row, memory.contact)
        self.paces.resume(self.voices.values())
        for site in self._sites:
            self.expect(site)
        self.causes.resume(untold)

    def _contact(self, event: Contact) -> None:
        if (gap := self.ticks.passed(event.at)) is not None:
            self._away(gap, event.rev)
        site = self._sites.get(event.memory.site)
        if site is None:
            return
        now = self._timelines.open(site.code)
        if now is not None and now.reason == SILENT:
            last = self.watch.contact(site.row)
            if last is None or last <= now.since:
                self.causes.heard(site, now, event)
        agents = self.voices.setdefault(site.code, [])
        if event.memory not in agents:
            agents.append(event.memory)
        self.watch.heard(site.row, event.at)
        if self.paces.hear(site.code, event.every_s):
            self.expect(site)
        self._numbers.reported(site.row, event.at)

    def _sampled(self, event: Sampled) -> None:
        event.remember()
        memory, code = event.memory, event.code
        site = self._sites.get(memory.site)
        now = None if site is None else self._timelines.open(site.code)
        if site is None or now is None:
            return
        if code != Code.NORMAL or now.state != State.NORMAL:
            self._turn(site, now, event, code)
        if memory.missing:
            self._retire(site.code, event)
        if memory.elsewhere:
            self._elsewhere.sampled(event)
        seen = event.shape.checks_of(event.values)
        if seen is None:
            return
        version = self._findings.version(site.code)
        if memory.seen != (event.shape, seen, version):
            self._check(site.code, event)
            memory.seen = event.shape, seen, self._findings.version(site.code)

    def _turn(self, site: Site, now: Interval, event: Sampled, code: int) -> None:
        state, since = backlog.STATES[Code(code)], event.time
        if code == Code.SLOW:
            since = event.memory.slow_at
            if since == event.time and now.state != State.SLOW:
                # one slow frame is no news yet
                state = State.NORMAL
        if state == now.state:
            self.causes.again(site)
            return
        reason = "" if state == State.NORMAL else self._explain(event)
        new = Interval(since, None, state, reason)
        if state == State.DOWN:
            new = with_cause(new, self.causes.down(site, event))
        self.causes.seen(site, now, event)
        self._timelines.follow(site.code, new, event.rev)
        self.causes.turned(site, now, state == State.DOWN)
        if now.state == State.UNKNOWN:
            self._findings.regain(site.code, event.rev)
            self.expect(site)

    def _explain(self, event: Sampled) -> str:
        return explain(event.values, event.shape.where, self._limits, event.contracts)

    def _check(self, code: str, event: Sampled) -> None:
        """Compare the verdicts a frame carries with those that are known."""
        where = event.shape.where
        for place, (check, kind) in zip(where.checks, where.check_names, strict=True):
            value = event.values[place]
            verdict = UNKNOWN if value is None else VERDICTS.get(value, UNKNOWN)
            self._findings.seen(code, check, kind, verdict, event.time, event.rev)

    def _retire(self, code: str, event: Sampled) -> None:
        """Checks that frames have left out for long are not checked any more."""
        for check, since in event.memory.missing.items():
            if event.before < since + RETIRED_AFTER_S <= event.time:
                self._findings.retire(code, check, event.time, event.rev)

    def _found(self, event: Found) -> None:
        finding, site = event.finding, event.site
        if site is None:
            return
        verdict, reason = _TOLD[finding.verdict], finding.reason
        told = (site.code, finding.check, event.time, verdict, reason, event.live, event.rev)
        self._findings.tell(Change(*told), event.kind)
        self._numbers.found(site.row, event)

    def _moved(self, event: Moved) -> None:
        site = self._sites.get(event.memory.site)
        if site is not None:
            self._numbers.moved(site.row, event)

    def _recalled(self, event: Recalled) -> None:
        self._numbers.past(event)
        site = self._sites.get(event.memory.site)
        if site is None or self._timelines.open(site.code) is None:
            return
        begin, end = event.frames[0].time, event.frames[-1].time
        beside = self._timelines.between(site.code, begin - site.live_s, end + site.live_s)
        unknown = [old for old in beside if old.state == State.UNKNOWN]
        if not unknown:
            return
        told = backlog.story(
            event.frames,
            event.shape,
            self._limits,
            site.every_s,
            site.live_s,
            lambda signs, begin, end: self.causes.late(
                site,
                event.memory,
                cause_of(backlog.known_as(unknown, begin, end)),
                signs,
                begin,
                end,
            ),
            site.contracts(event.shape.where.measured_uplinks),
        )
        told = backlog.stretch(told, beside, site.every_s, site.live_s)
        self._timelines.rewrite(site.code, clip(told, float("-inf"), event.at), event.rev)

    def _farewell(self, event: Farewell) -> None:
        site = self._sites.get(event.memory.site)
        if site is not None and self._timelines.open(site.code) is not None:
            self._leave(site, event.at, event.rev, event.memory.signs)

    def _leave(self, site: Site, at: float, rev: int, signs: int) -> None:
        """The agent said that it goes."""
        gone = Interval(at, None, State.UNKNOWN, SWITCHED_OFF)
        if cause := at_farewell(signs):
            gone = with_cause(gone, cause)
        self._timelines.follow(site.code, gone, rev)
        self.causes.rose(site)
        self._numbers.ended(site.row, at)
        self._lose(site, at, rev, SITE_OFF)

    def _second(self, event: Second) -> None:
        minute = minute_between(self.ticks.newest, event.at) if self._numbers.carried else None
        gap = self.ticks.tick(event.at, event.good)
        if gap is not None:
            self._away(gap, event.rev)
        self._clashes.look(event)
        self.beats.tick(event.by, event.at)
        if self.ticks.in_order:
            self._hush(event)
        self.causes.tell(event.at, event.rev)
        self.works.tick(event.at, event.rev)
        if minute is not None:
            stand(minute, self._sites, self._timelines, self.watch, self._numbers)

    def _hush(self, event: Second) -> None:
        """Sites that nobody hears any more at this tick."""
        silent: dict[str, Site] = {}
        heard: dict[str, float] = {}
        for site, gone in self.hush.gone(event.at, self.ticks):
            if gone.off:
                self._leave(site, gone.since, event.rev, self.beats.signs(site.code))
            else:
                silent[site.code], heard[site.code] = site, gone.since
        silent |= {site.code: site for site in self.hush.silent(event.at, self.ticks)}
        if silent:
            self._silent(list(silent.values()), event, heard)

    def _lossy(self, event: Lossy) -> None:
        site = self._sites.get(event.memory.site)
        if site is not None:
            self._numbers.lossy(site.row, event)

    def _away(self, gap: float, rev: int) -> None:
        """Nobody listened since `gap`: what was is unknown until each site's next report."""
        away = Interval(gap, None, State.UNKNOWN, CENTRE_AWAY)
        for code, now in list(self._timelines.all_open().items()):
            site = self._sites.get(code)
            if site is None or now.state == State.UNKNOWN:
                continue
            last = self.watch.contact(site.row)
            if last is None or last <= gap:
                self._timelines.follow(code, away, rev)
                self.causes.rose(site)

    def _silent(self, sites: list[Site], event: Second, heard: Mapping[str, float]) -> None:
        self._findings.load([site.code for site in sites])
        for site in sites:
            last = heard.get(site.code) or self.watch.contact(site.row) or event.at
            since = max(last, self.ticks.resumed)
            new = Interval(since, None, State.UNKNOWN, SILENT)
            self._timelines.follow(site.code, new, event.rev)
            self._numbers.ended(site.row, event.at)
            self._lose(site, since, event.rev, SITE_SILENT)
            self.causes.fell(site)

    def _lose(self, site: Site, since: float, rev: int, reason: str) -> None:
        self._elsewhere.lose(site.code, self.voices.get(site.code, ()), since, rev, reason)
        self.expect(site)
