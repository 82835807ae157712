"""A RouterOS device in memory: configuration, scheduler, jobs, clocks, and a power switch.

Time passes only by `advance`. The uptime counts; the clock is the router's own, begins in 1970
after a power cut, and may be set to anything. The scheduler goes by that clock, in the
worst way a router could: what is due at a time that the clock has left behind waits until it is
there again.
"""

import random
import threading
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any

from tests.playbooks.devices.routeros import acting, factory, upgrading
from tests.playbooks.devices.routeros.functions import Returned
from tests.playbooks.devices.routeros.menus import SINGLE, Known
from tests.playbooks.devices.routeros.running import Run
from tests.playbooks.devices.routeros.scanning import Fault
from tests.playbooks.devices.routeros.values import Id, Span, Value, plain, shown, true

Path = tuple[str, ...]
Item = dict[str, Value]
EPOCH_S = 86_400.0  # a router without a clock wakes on the second of January 1970
SCHEDULER, SCRIPT = ("system", "scheduler"), ("system", "script")
JOB = ("system", "script", "job")
_MOST_STEPS = 200_000


class Job:
    """A text being run; `fault`: what the console printed when it failed."""

    gen: Generator[float, None, Value]

    def __init__(self, wake: float) -> None:
        self.wake = wake
        self.fault: str | None = None
        self.ended = threading.Event()
        self.shown: list[int] = []


class Box:
    """`acts`: commands that changed nothing here but would have done something, as they came.

    `hooks`: by path and command, what such a command prints; `barred`: `scheduler` by device-mode,
    `policy` by the rights of the user, `time` where the scheduler runs nothing. `lock` is held by
    whoever touches it from another thread. `offered`: the version that there is to upgrade to.
    """

    def __init__(
        self, version: str = "7.15.3", wall: float = 1_795_000_000.0, seed: int = 1
    ) -> None:
        self.version, self.wall = version, wall
        self.menus = Known(int(version.split(".")[0]))
        self.lock = threading.RLock()
        self.random = random.Random(seed)
        self.uptime = 200_000.0
        self.booted = wall - self.uptime
        self.globals: dict[str, Value] = {}
        self.log: list[tuple[str, str]] = []
        self.acts: list[tuple[str, str, list[Value], Item]] = []
        self.hooks: dict[tuple[str, str], Callable[[list[Value], Item], str]] = {}
        self.names: dict[str, str] = {}
        self.offered = version
        self.barred: set[str] = set()
        self.jobs: list[Job] = []
        self.powered, self.restarting, self.restarts = True, False, 0
        self._ids = 0
        self.items: dict[Path, dict[int, Item]] = {}
        self.singles: dict[Path, Item] = {}
        for path in self.menus.table:
            if "/".join(path) in SINGLE:
                self.singles[path] = {}
            else:
                self.items[path] = {}
        factory.furnish(self)

    # configuration

    def add(self, path: Path, item: Item) -> Id:
        self._ids += 1
        self.items[path][self._ids] = item
        return Id(self._ids)

    def seen(self, path: Path, number: int) -> Item:
        """An item with what only the router itself knows of it."""
        item = self.items[path].get(number)
        if item is None:
            raise Fault("no such item")
        derive = factory.DERIVED.get(path)
        item = {"disabled": False, "dynamic": False, **item} if path != SCRIPT else item
        return {**item, **(derive(self, item) if derive else {})}

    def single(self, path: Path) -> Item:
        derive = factory.DERIVED.get(path)
        return {**self.singles[path], **(derive(self, self.singles[path]) if derive else {})}

    def named(self, path: Path, name: str) -> Item | None:
        """The first item of that name, as it is kept."""
        key = self.menus.named_by(path)
        return next((it for it in self.items[path].values() if shown(it.get(key)) == name), None)

    def command(
        self, run: Run, path: Path, word: str, given: list[Value], options: Item,
        chosen: list[int] | None,
    ) -> Generator[float, None, Value]:  # fmt: skip
        if (path, word) == (SCRIPT, "run"):
            return (yield from self._script(run, given[0] if given else options.get("number")))
        return acting.command(self, run, path, word, given, options, chosen)

    def _script(self, run: Run, which: Value) -> Generator[float, None, Value]:
        (number,) = acting.numbers(self, SCRIPT, which)
        item = self.items[SCRIPT][number]
        item["run-count"] = item.get("run-count", 0) + 1
        job = self.add(JOB, {"script": item["name"], "owner": "admin"}).number
        if run.job is not None:
            run.job.shown.append(job)
        inner = Run(self, run.out, run.job)
        try:
            return (yield from inner.text(shown(item.get("source"))))
        except Returned as returned:
            return returned.value
        finally:
            self.items[JOB].pop(job, None)

    def resolve(self, name: str) -> str:
        if name not in self.names:
            raise Fault("failure: dns name does not exist")
        return self.names[name]

    def note(self, topics: str, message: str) -> None:
        self.log.append((topics, message))
        del self.log[:-1000]

    # what runs

    def start(self, text: str, out: Callable[[str], None] | None = None) -> Id:
        """A text as a job of its own, from now on; what it prints goes to `out` or nowhere."""
        return Id(self.begin(text, out or (lambda _: None))[1])

    def begin(self, text: str, out: Callable[[str], None]) -> tuple[Job, int]:
        job = Job(self.uptime)
        run = Run(self, out, job)
        name = text if self.named(SCRIPT, text) else ""
        job.gen = self._script(run, name) if name else run.text(text)
        number = self.add(JOB, {"script": name, "owner": "admin"}).number
        job.shown.append(number)
        self.jobs.append(job)
        return job, number

    def kill(self, number: int) -> None:
        for job in [job for job in self.jobs if number in job.shown]:
            self._end(job, "interrupted")

    def run(self, text: str, limit_s: float = 700.0) -> tuple[str, bool]:
        """A text as somebody at the console would give it: what it printed, and whether it failed.

        Time passes as far as the text waits; the power may go meanwhile.
        """
        printed: list[str] = []
        job, _ = self.begin(text, printed.append)
        end = self.uptime + limit_s
        restarts = self.restarts
        while not job.ended.is_set() and self.uptime < end and restarts == self.restarts:
            self.advance(min(0.5, end - self.uptime), until=job.ended.is_set)
        if job.fault is not None:
            printed.append(job.fault + "\n")
        return "".join(printed), job.fault is not None

    def advance(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, and with it all that is due."""
        end = self.uptime + seconds
        for _ in range(_MOST_STEPS):
            if not self.powered or until():
                return
            self._schedule()
            ready = [job for job in self.jobs if job.wake <= self.uptime]
            if ready:
                self._step(self.random.choice(ready))
                if self.restarting:
                    end -= self.uptime
                    self.restart(wall=self.wall + 40)
                    end += self.uptime
                continue
            next_ = min([end, *(job.wake for job in self.jobs), *self._due()])
            if next_ >= end:
                self._pass(end)
                self._schedule()
                if not any(job.wake <= self.uptime for job in self.jobs):
                    return
                continue
            self._pass(next_)
        raise AssertionError("the router is too busy")

    def _pass(self, uptime: float) -> None:
        self.wall += max(0.0, uptime - self.uptime)
        self.uptime = max(self.uptime, uptime)

    def _step(self, job: Job) -> None:
        try:
            job.wake = self.uptime + next(job.gen)
        except (StopIteration, Returned):
            self._end(job, None)
        except Fault as fault:
            self._end(job, str(fault))

    def _end(self, job: Job, fault: str | None) -> None:
        job.fault = fault
        if fault:
            self.note("script,error", fault)
        if job in self.jobs:
            self.jobs.remove(job)
        for number in job.shown:
            self.items[JOB].pop(number, None)
        # a job may end itself: then it goes on to where it would wait, and no further
        if fault == "interrupted" and not job.gen.gi_running:
            job.gen.close()
        job.ended.set()

    def _due(self) -> list[float]:
        """At which uptimes the scheduler wants to run something."""
        if "time" in self.barred:
            return []
        times = [it["next"] for it in self.items[SCHEDULER].values() if it.get("next") is not None]
        return [self.uptime + max(0.0, wall - self.wall) for wall in times]

    def _schedule(self) -> None:
        if "time" in self.barred:
            return
        for item in list(self.items[SCHEDULER].values()):
            at = item.get("next")
            if at is None or at > self.wall + 1e-6 or true(item.get("disabled")):
                continue
            every = interval(item)
            item["run-count"] = item.get("run-count", 0) + 1
            # what was missed is not made up for
            item["next"] = at + every * (int((self.wall - at) / every) + 1) if every else None
            self.start(shown(item.get("on-event")))

    def plan(self, item: Item, boot: bool = False) -> None:
        """When a schedule runs next, as it was just made or the router just started."""
        every = interval(item)
        startup = item.get("start-time") == "startup"
        if not startup and "start" not in item:
            item["start"] = self.wall
        first = self.booted + 3.0 if startup else item["start"]
        if not every:
            item["next"] = first if boot and startup else None
            return
        passed = max(0.0, self.wall - first)
        item["next"] = first + every * (int(passed / every) + 1)

    # what befalls it

    def set_clock(self, wall: float) -> None:
        """NTP has answered, rightly or not, or somebody has set the clock."""
        self.wall = wall

    def cut_power(self) -> None:
        with self.lock:
            self.powered = self.restarting = False
            self.restarts += 1
            for job in list(self.jobs):
                self._end(job, "interrupted")
            self.items[JOB].clear()
            self.globals.clear()
            self.log.clear()

    def power(self, wall: float = EPOCH_S, took_s: float = 8.0) -> None:
        """On again: the console is there `took_s` later, with an uptime of as much."""
        with self.lock:
            self.powered = True
            upgrading.started(self)
            self.uptime, self.wall, self.booted = took_s, wall, wall
            for item in self.items[SCHEDULER].values():
                self.plan(item, boot=True)

    def restart(self, wall: float = EPOCH_S) -> None:
        self.cut_power()
        self.power(wall)

    @property
    def reachable(self) -> bool:
        """Is there a way for the centre to its SSH service, by what is configured now?"""
        if not self.powered:
            return False
        ssh = self.named(("ip", "service"), "ssh")
        wan = self.named(("interface",), "ether1")
        if ssh is None or true(ssh.get("disabled")) or (wan and true(wan.get("disabled"))):
            return False
        routes = self.items["ip", "route"].values()
        ways = any(
            it["dst-address"] == "0.0.0.0/0" and not true(it.get("disabled")) for it in routes
        )
        return ways and not any(map(_shuts_out, self.items["ip", "firewall", "filter"].values()))

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.wall, UTC)

    def up(self) -> Span:
        return Span(int(self.uptime))


def interval(item: Item) -> float:
    value: Any = plain(item.get("interval", 0))
    return float(value.s if isinstance(value, Span) else value or 0)


def _shuts_out(rule: Item) -> bool:
    ports = str(rule.get("dst-port", "22")).split(",")
    return (
        rule.get("chain") == "input"
        and rule.get("action") in ("drop", "reject")
        and not true(rule.get("disabled"))
        and not rule.get("src-address")
        and "22" in ports
    )
