"""A centre under load, looked at from outside each second: lag, answers, pages, rules, memory."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from alerts.evaluation import status
from collector import schema
from collector.db import open_store, reading, writing
from tests.bench import prober
from tests.bench.console import Console
from tests.bench.console_seed import PASSWORD
from tests.bench.prober import Probe
from tests.bench.vitals import Spending, memory
from tests.stories.centre import Centre
from web.password import make_hash

PROBERS = 4
_PAGE_EVERY_S = 3.0
_MEMORY_EVERY = 10  # seconds
_ANSWERED = re.compile(r'^ronda_ingest_requests_total\{path="(.+?)",status="(\d+)"\} (\S+)$', re.M)
_BAD_PAGES = re.compile(r'^ronda_console_requests_total\{status="5xx"\} (\S+)$', re.M)


@dataclass(frozen=True, slots=True)
class Second:
    """What one look saw; `lag_s` None: ingest did not say."""

    at: float
    cpu: dict[str, float]
    lag_s: float | None


@dataclass(frozen=True, slots=True)
class Page:
    at: float
    ms: float
    status: int


@dataclass
class Seen:
    """All looks of a time, and those of a part of it."""

    seconds: list[Second] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    memory: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    # by the clock of the looks, and by that of ticks: each round of most rules
    rounds: list[tuple[float, float]] = field(default_factory=list)

    def between(self, began: float, ended: float) -> "Seen":
        return Seen(
            [one for one in self.seconds if began <= one.at < ended],
            [one for one in self.pages if began <= one.at < ended],
            [one for one in self.probes if began <= one.at < ended],
            [one for one in self.memory if began <= one[0] < ended],
            [one for one in self.rounds if began <= one[0] < ended],
        )

    def lags(self) -> list[float]:
        return [one.lag_s for one in self.seconds if one.lag_s is not None]

    def cores(self) -> dict[str, float]:
        """Of each process, over all of this time."""
        if len(self.seconds) < 2:
            return {}
        first, last = self.seconds[0], self.seconds[-1]
        took = last.at - first.at
        return {role: (last.cpu[role] - first.cpu[role]) / took for role in last.cpu}

    def spent_s(self) -> float:
        """CPU seconds of all processes."""
        if len(self.seconds) < 2:
            return 0.0
        return sum(self.seconds[-1].cpu.values()) - sum(self.seconds[0].cpu.values())

    def most_memory(self) -> dict[str, float]:
        """When all together had most."""
        return max((one for _, one in self.memory), key=lambda m: sum(m.values()), default={})

    def gaps(self) -> list[float]:
        """Seconds of ticks from one round of the rules to the next."""
        times = [at for _, at in self.rounds]
        return [after - before for before, after in zip(times, times[1:], strict=False)]


class Watch:
    """Looks at a centre that runs, until it is left; `start_probing` once the fleet reports."""

    def __init__(self, centre: Centre, probers: int = PROBERS) -> None:
        self.seen = Seen()
        self._centre = centre
        self._store = open_store(centre.settings)
        self._reader = signed_in(centre)
        self._probers = prober.enrolled(centre, probers) if probers else []
        self.spending = Spending(centre)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Watch":
        self._begin(self._look_each_second)
        self._begin(self._open_pages)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
        self._store.dispose()

    def start_probing(self) -> None:
        self._begin(lambda: prober.probing(self._probers, self.seen.probes, self._stop))

    def _begin(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _look_each_second(self) -> None:
        began = time.monotonic()
        for second in range(1, 1 << 30):
            self._look(second)
            if self._stop.wait(max(0.0, began + second - time.monotonic())):
                return

    def _look(self, second: int) -> None:
        seen, now = self.seen, time.monotonic()
        lag = self._centre.health().get("fold_lag_s")
        seen.seconds.append(Second(now, self.spending.look(), None if lag is None else float(lag)))
        told = self._rules_at()
        if told and (not seen.rounds or seen.rounds[-1][1] != told):
            seen.rounds.append((now, told))
        if second % _MEMORY_EVERY == 0:
            seen.memory.append((now, memory(self._centre)))

    def _rules_at(self) -> float:
        try:
            with reading(self._store) as connection:
                return most_rules_at(status.get(connection))
        except SQLAlchemyError:
            return 0.0

    def _open_pages(self) -> None:
        while not self._stop.wait(_PAGE_EVERY_S):
            self.seen.pages.append(opened(self._reader))


def most_rules_at(told: status.Status) -> float:
    """The tick at which most rules were evaluated last; rules over days have their own."""
    at = Counter(rule.at for rule in (told.rules or {}).values()).most_common(1)
    return at[0][0] if at else 0.0


def signed_in(centre: Centre) -> Console:
    """A browser in which an administrator has signed in."""
    store = open_store(centre.settings)
    with writing(store) as connection:
        user = {"name": "bench", "role": "admin", "areas": "[]", "created_at": time.time()}
        row = insert(schema.users).values(**user, password_hash=make_hash(PASSWORD))
        connection.execute(row)
    store.dispose()
    reader = Console(str(centre.folder))
    reader.settings = centre.settings
    reader.sign_in()
    return reader


def opened(reader: Console, path: str = "/") -> Page:
    """One page; status 0 when the console went away."""
    began = time.monotonic()
    try:
        answered, _, took_s = reader.ask(path)
    except (OSError, HTTPException):
        return Page(began, (time.monotonic() - began) * 1000, 0)
    return Page(began, took_s * 1000, answered)


def answers(centre: Centre) -> Counter[tuple[str, int]]:
    """What ingest has answered so far, by path and status; empty when it says nothing."""
    found = Counter[tuple[str, int]]()
    for path, answered, count in _ANSWERED.findall(_metrics(centre.settings.ingest)):
        found[path, int(answered)] += round(float(count))
    return found


def bad_pages(centre: Centre) -> int:
    """Pages of the console answered 5xx so far."""
    found = _BAD_PAGES.search(_metrics(centre.settings.console))
    return round(float(found[1])) if found else 0


def counted(centre: Centre, name: str) -> float:
    """A figure of ingest without labels; NaN when it says nothing."""
    found = re.search(rf"^{name} (\S+)$", _metrics(centre.settings.ingest), re.M)
    return float(found[1]) if found else float("nan")


def _metrics(address: str) -> str:
    with closing(HTTPConnection(address, timeout=10)) as line:
        try:
            line.request("GET", "/metrics")
            return line.getresponse().read().decode()
        except (OSError, HTTPException):
            return ""


def quantile(values: Sequence[float], share: float) -> float:
    """What this share stays under; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
