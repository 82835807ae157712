"""Villages of a centre on several machines: they go where they are answered, and have faults."""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from alerts.incidents import Incident
from tests.bench.messages import Gateway
from tests.stories.streams import elsewhere
from tests.stories.witness import Witness

# a site is silent after two and a half of these
EVERY_S = 10
_TOLD_S = 150.0
# between what a gateway answered and what the engine wrote down of it
_DOUBT_S = 15.0


@dataclass
class Village(Witness):
    """A witness that knows every way in, tells faults, and may fall silent."""

    urls: Sequence[str] = ()
    silent: threading.Event = field(default_factory=threading.Event)
    # verdicts that it is to tell; only its own thread numbers entries
    to_tell: deque[tuple[str, str]] = field(default_factory=deque)
    trouble: Exception | None = None

    @property
    def all_told(self) -> bool:
        """Was every verdict answered for?"""
        return not self.to_tell and not any("check" in one for one in self.waiting.values())

    def run(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                if not self.silent.is_set():
                    self._report()
                stop.wait(self._random.uniform(0.5, 1.5))
        except Exception as error:
            self.trouble = error

    def _report(self) -> None:
        while self.to_tell:
            check, verdict = self.to_tell.popleft()
            self.find(check, verdict)
        self.sample()
        if not self.send():
            elsewhere(self, self.urls)


@dataclass
class Fault:
    """One thing that is wrong for a while; without a check the village itself is silent."""

    village: Village
    check: str
    over: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.village.site, self.check

    def begin(self) -> None:
        if self.check:
            self.village.to_tell.append((self.check, "bad"))
        else:
            self.village.silent.set()

    def end(self) -> None:
        self.over = True
        if self.check:
            self.village.to_tell.append((self.check, "good"))
        else:
            self.village.silent.clear()


class Faults:
    """Begins faults, ends each one when it was told, and counts what came of them."""

    def __init__(
        self, talking: Sequence[Village], quiet: Sequence[Village], gateway: Gateway
    ) -> None:
        self._talking = talking
        self._quiet = list(quiet)
        self._gateway = gateway
        self.begun: list[Fault] = []

    @property
    def silences(self) -> int:
        return sum(not fault.check for fault in self.begun)

    def begin_check(self, chance: random.Random) -> None:
        """Every fault is a check of its own: what goes up and down is told otherwise."""
        fault = Fault(chance.choice(self._talking), check_name(len(self.begun)))
        self._begin(fault)

    def begin_silence(self) -> None:
        """A village falls silent that never did, while there is one."""
        if self._quiet:
            self._begin(Fault(self._quiet.pop(), ""))

    def end_told(self) -> None:
        told = self.told("opened")
        for fault in self.begun:
            if not fault.over and fault.key in told:
                fault.end()

    def end_all(self) -> None:
        """Wait until each was told, and told to be over."""
        self._wait("opened")
        self._wait("resolved")

    def told(self, news: str) -> dict[tuple[str, str], list[float]]:
        """When the gateway got this news, by site and check."""
        found: dict[tuple[str, str], list[float]] = {}
        for at, told in list(self._gateway.got):
            if told["news"] == news:
                key = told["site"]["code"], check_of(told.get("check", ""))
                found.setdefault(key, []).append(at)
        return found

    def checked(self, incidents: Iterable[Incident], kills: Sequence[float]) -> int:
        """Each fault is one incident and one message of each news; how many came twice where
        somebody who was to write the answer down was killed at `kills`."""
        wanted, known = Counter(fault.key for fault in self.begun), list(incidents)
        found = Counter((one.site, check_of(one.check)) for one in known)
        wrong = {key for key in {*found, *wanted} if found[key] != wanted[key]}
        # who looks for a reason needs to know when, and what was killed then
        which = [one for one in known if (one.site, check_of(one.check)) in wrong]
        heard = [one for one in list(self._gateway.got) if one[1]["site"]["code"] in dict(wrong)]
        assert not wrong, f"not one incident for each fault: {wrong}: {which}; {heard}; {kills}"
        twice = 0
        for news in ("opened", "resolved"):
            told = self.told(news)
            assert set(told) == set(wanted), f"{news}: {set(told) ^ set(wanted)}"
            for key, times in told.items():
                for first, second in zip(times, times[1:], strict=False):
                    doubtful = any(first - 1 <= at <= min(second, first + _DOUBT_S) for at in kills)
                    assert doubtful, f"{key}: {news} twice, {second - first:.1f} s apart"
                    twice += 1
        return twice

    def _begin(self, fault: Fault) -> None:
        self.begun.append(fault)
        fault.begin()

    def _wait(self, news: str) -> None:
        wanted = {fault.key for fault in self.begun}
        deadline = time.monotonic() + _TOLD_S
        while missing := wanted - set(self.told(news)):
            self.end_told()
            assert time.monotonic() < deadline, f"never told as {news}: {sorted(missing)}"
            time.sleep(0.5)
        self.end_told()


def check_name(number: int) -> str:
    return f"aplikasi-{number}"


def check_of(told: str) -> str:
    """The check of a fault; a site that is silent has none of its own."""
    return told if told.startswith("aplikasi-") else ""


def moved_on(villages: Sequence[Village], before: Sequence[int]) -> bool:
    """Was a report of each that speaks kept since?"""
    for village, safe in zip(villages, before, strict=True):
        assert village.trouble is None, f"{village.site}: {village.trouble!r}"
        if not village.silent.is_set() and len(village.safe) <= safe:
            return False
    return True
