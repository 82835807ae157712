"""The simulated agents: numpy arrays for the whole fleet, spools only for those in trouble."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from collector.simulate import reports
from collector.simulate.catalogue import CHECKS, catalogue
from collector.simulate.fate import WAKES_AT, Fate
from collector.simulate.geography import PER_REGENCY, Village
from collector.simulate.scenario import Kind
from collector.simulate.spool import Finding, Run, Spool
from collector.simulate.troubles import shown
from collector.simulate.values import Moments, Values

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# what the uplink's port is called: a regency buys one kind of router
_WANS = ("ether1", "wan", "enp1s0")
_LONGEST_UP_S = 30 * 86_400


@dataclass(frozen=True)
class Enrolled:
    """The fleet as the centre knows it."""

    villages: Sequence[Village]
    tokens: Sequence[str]
    # number of each agent, and the key of its beacons; none: no beacons
    signers: Sequence[tuple[int, bytes]] = ()


class Agents:
    """State of all agents. A frame's time is `origin + round * interval`, plus the site's place
    in the interval, so a round and a site are enough to make the frame again.
    """

    # without it the collector goes by the wall clock
    knows_uptime = True

    def __init__(
        self, fleet: Enrolled, fate: Fate, seed: int, series: int, interval_s: float, start: float
    ) -> None:
        count = len(fleet.tokens)
        self.fleet, self.fate, self.seed, self.interval_s = fleet, fate, seed, interval_s
        self.count = count
        self.gap_s = interval_s / count  # between the reports of one site and the next
        # on the hour, so that a batch of frames never lies in two hours
        self.origin = start // 3600 * 3600
        self.order = np.random.default_rng(seed).permutation(count)
        self.place = np.empty(count, dtype=np.int64)
        self.place[self.order] = np.arange(count)
        lots = np.random.default_rng(seed + 1).random(count)
        self.boots = start - 600.0 - np.floor(lots * _LONGEST_UP_S)
        for span in fate.spans:
            if span.kind is Kind.BACKLOG:
                self.boots[span.chosen] = np.minimum(self.boots, span.start - 600.0)[span.chosen]
        self.next_n = np.ones(count, dtype=np.int64)
        self.layout_known = np.zeros(count, dtype=bool)
        self.clock_known = np.ones(count, dtype=bool)
        self.told = np.zeros(count, dtype=bool)  # first verdicts sent
        self.spools: dict[int, Spool] = {}
        self.dropped: dict[int, int] = {}
        self._starts: dict[int, int] = {}  # by site: how often its agent began again
        self._names: dict[int, tuple[str, str]] = {}  # by site: its spool and its boot
        self._run = f"{seed}.{start}"
        first = shown(span.event.kind for span in fate.spans)
        self._values = Values(catalogue(series, first=first), seed, interval_s)
        self._layouts = [
            reports.Layout([one.name for one in catalogue(series, wan, first)]) for wan in _WANS
        ]

    @property
    def rounds_an_hour(self) -> float:
        return 3600 / self.interval_s

    def spool(self, site: int) -> Spool:
        """What waits at a site; made when first needed."""
        if site not in self.spools:
            self.spools[site] = Spool()
        return self.spools[site]

    def spool_id(self, site: int) -> str:
        """The name of the run of this site's agent."""
        return self._named(site)[0]

    def layout(self, site: int) -> reports.Layout:
        return self._layouts[site // PER_REGENCY % len(_WANS)]

    def times(self, sites: Ints, rounds: Ints) -> Floats:
        """True times of frames."""
        at: Floats = self.origin + rounds * self.interval_s + self.place[sites] * self.gap_s
        return at

    def clock_errors(self, sites: Ints, times: Floats) -> Floats:
        """Wall clocks of the sites minus true time."""
        return np.where(
            self.clock_known[sites],
            self.fate.clock_error(sites, times),
            WAKES_AT - self.boots[sites],
        )

    def clock_error(self, site: int, at: float) -> float:
        """Wall clock of one site minus true time."""
        if not self.clock_known[site]:
            return WAKES_AT - float(self.boots[site])
        if not self.fate.bends_clocks:
            return 0.0
        return float(self.fate.clock_error(np.array([site]), np.array([at]))[0])

    def numbers(self, sites: Ints, count: int = 1) -> Ints:
        """The next entry numbers of these (different) sites; `count` are used up of each."""
        taken = self.next_n[sites]
        self.next_n[sites] += count
        return taken

    def frames(self, sites: Ints, times: Floats, ns: Ints, errors: Floats) -> list[bytes]:
        """Frames taken at true `times`, as they stand in a report."""
        boots = self.boots[sites]
        cut = self.fate.cut(sites, times)
        failing = self.fate.failing(sites, times)
        degrees = self.fate.degrees(sites, times)
        moments = Moments(sites, times, boots, cut, failing, degrees)
        numbers = reports.rows(self._values.at(moments))
        return [
            reports.frame(n, at, up, self.layout(site), row)
            for site, n, at, up, row in zip(
                sites.tolist(),
                ns.tolist(),
                (times + errors).tolist(),
                (times - boots).tolist() if self.knows_uptime else repeat(None, len(times)),
                numbers,
                strict=True,
            )
        ]

    def frames_of(self, site: int, runs: Iterable[Run]) -> list[bytes]:
        """The frames of runs that waited at one site."""
        return self.frames_of_all([(site, runs)])[0]

    def frames_of_all(self, waiting: Sequence[tuple[int, Iterable[Run]]]) -> list[list[bytes]]:
        """The same of several sites, which costs less than one after the other."""
        told = [(site, run) for site, runs in waiting for run in runs]
        counts = np.array([run.count for _, run in told], dtype=np.int64)
        sites, rounds, ns = (
            np.repeat(np.array(firsts, dtype=np.int64), counts)
            for firsts in (
                [site for site, _ in told],
                [run.round for _, run in told],
                [run.n for _, run in told],
            )
        )
        steps = np.arange(len(sites)) - np.repeat(np.cumsum(counts) - counts, counts)
        errors = np.repeat(np.array([run.clock_error for _, run in told]), counts)
        times = self.times(sites, rounds + steps)
        made = iter(self.frames(sites, times, ns + steps, errors))
        return [[next(made) for run in runs for _ in range(run.count)] for _, runs in waiting]

    def report(
        self, site: int, now: float, frames: Sequence[bytes], findings: Sequence[Finding] = ()
    ) -> bytes:
        """The body of a report of this site."""
        boot = float(self.boots[site])
        return reports.body(
            spool=self.spool_id(site),
            boot=self._named(site)[1],
            sent_at=now + self.clock_error(site, now),
            up=now - boot if self.knows_uptime else None,
            frames=frames,
            findings=[reports.finding(told, told.at - boot) for told in findings],
            layout=None if self.layout_known[site] else self.layout(site),
            dropped=self.dropped.get(site, 0),
        )

    def finding(self, site: int, at: float, check: str, verdict: str, reason: str) -> Finding:
        """A finding of this site with the next number."""
        n = int(self.next_n[site])
        self.next_n[site] += 1
        return Finding(n, at, check, verdict, reason, self.clock_error(site, at))

    def first_findings(self, site: int, at: float) -> list[Finding]:
        """Every check's verdict, as an agent tells it after its start."""
        self.told[site] = True
        bad = self.fate.bad_checks(site, at)
        return [
            self.finding(site, at, check, "bad" if check in bad else "good", bad.get(check, ""))
            for check in CHECKS
        ]

    def reboot(self, site: int, at: float) -> None:
        """Power is back: a new boot, a new spool, most often in 1970; the old is lost."""
        spool = self.spools.pop(site, None)
        lost = (spool.lose() + spool.dropped) if spool is not None else 0
        self.dropped[site] = self.dropped.get(site, 0) + lost
        self._starts[site] = self._starts.get(site, 0) + 1
        self._names.pop(site, None)
        self.boots[site] = at
        self.next_n[site] = 1
        self.clock_known[site] = self.fate.keeps_clock[site]
        self.told[site] = False

    def _named(self, site: int) -> tuple[str, str]:
        found = self._names.get(site)
        if found is None:
            found = self._names[site] = self._digest("spool", site), self._digest("boot", site)
        return found

    def _digest(self, what: str, site: int) -> str:
        text = f"{what}.{self._run}.{site}.{self._starts.get(site, 0)}"
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
