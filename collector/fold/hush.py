"""Which sites say nothing any more, or not as often as they should? By beacons and by reports."""

from collector.availability import State
from collector.fold.beats import Beats, Gone
from collector.fold.sites import Site, Sites
from collector.fold.timelines import CENTRE_AWAY, Timelines
from collector.intake.timing import NEVER
from collector.silence import Ticks, Watch

# a report so late makes its site suspect
LATE_INTERVALS = 1.2


class Hush:
    """Asked at ticks."""

    def __init__(self, beats: Beats, watch: Watch, sites: Sites, timelines: Timelines) -> None:
        self._beats, self._watch = beats, watch
        self._sites, self._timelines = sites, timelines

    def gone(self, now: float, ticks: Ticks) -> list[tuple[Site, Gone]]:
        """Sites whose beacons ended, and that are not known to be away already."""
        found = []
        for gone in self._beats.due(now, ticks.resumed, self._last_report):
            site, state = self._sites.get(gone.code), self._timelines.open(gone.code)
            if site is None or state is None:
                continue
            if state.state != State.UNKNOWN or state.reason == CENTRE_AWAY:
                found.append((site, gone))
        return found

    def silent(self, now: float, ticks: Ticks) -> list[Site]:
        """Sites whose reports ended."""
        rows = self._watch.silent(now, ticks.resumed, ticks.listening).tolist()
        return [site for row in rows if (site := self._sites.at(row))]

    def suspects(self, ticks: Ticks, silent_intervals: float) -> dict[str, float]:
        """Sites that may be falling silent: their last contact. None while we may be blind."""
        if not ticks.in_order or ticks.newest is None:
            return {}
        found = self._beats.suspects(self._last_report)
        share = min(1.0, LATE_INTERVALS / silent_intervals)
        for row in self._watch.overdue(ticks.newest, ticks.resumed, share).tolist():
            if site := self._sites.at(row):
                found.setdefault(site.code, self._last_report(site.code))
        known = self._timelines.all_open()
        return {c: at for c, at in found.items() if c in known and known[c].state != State.UNKNOWN}

    def _last_report(self, code: str) -> float:
        site = self._sites.get(code)
        last = None if site is None else self._watch.contact(site.row)
        return NEVER if last is None else last
