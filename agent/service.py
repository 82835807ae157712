"""The agent as a service: puts the parts together and runs until it is told to stop."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agent import beacon, config, diary, ground
from agent.allowance import Allowance, Thrift
from agent.around import Around, Door
from agent.beacon import Beacon
from agent.clock import Clock
from agent.config import Config
from agent.exporter import Exporter
from agent.herald import Herald
from agent.identity import SPOOL, Home, Identity, public
from agent.meter import METER
from agent.orders import Orders
from agent.patrol import Patrol
from agent.post import Post
from agent.runner import Runner
from agent.sender import Sender
from agent.spool import Spool
from agent.status import Visitors
from agent.strict import Refused
from agent.waker import Waker

_LAST_WORDS_S = 2.0
_LOCAL = "agent.toml"


def chance() -> float:
    """0 to 1; the random module is a megabyte of tables for this."""
    return int.from_bytes(os.urandom(4), "little") / 2**32


def centre(identity: Identity | None) -> dict[str, str]:
    """What a `known` check needs to ask the collector."""
    if identity is None:
        return {}
    return {"url": identity.url.rstrip("/") + "/known", "ca": identity.ca}


def configuration(home: Home, file: str | None, identity: Identity | None) -> tuple[Config, bool]:
    """The configuration in use and whether it is a local file's.

    The file named, else the one in the folder, else what was received, else the default.
    """
    local = file or home.path(_LOCAL)
    if file or os.path.exists(local):
        return _from_file(local, identity), True
    try:
        kept = home.config()
        if kept and kept[0].get("checks"):
            return config.read(kept[0], kept[1], centre(identity)), False
    except Refused as refused:
        # spoilt, or written by another release of the agent: the collector will send it anew
        diary.say(f"the configuration kept here is refused, starting without: {refused}")
    return config.default(), False


def line_here(home: Home) -> dict[str, Any]:
    """By the configuration that is here: a line that costs by the byte costs by hand, too."""
    try:
        plan = configuration(home, None, None)[0].plan
    except Refused:
        return {}
    return {"profile": plan.profile, "bytes_per_day": plan.bytes_per_day}


def door(identity: Identity | None) -> Door | None:
    """Where this agent enrolled."""
    if identity is None or not identity.token:
        return None
    return Door(identity.url, identity.token, identity.ca)


class Service:
    """One running agent; the lock on its folder refuses a second one."""

    def __init__(self, folder: str, file: str | None, root: str) -> None:
        home = Home(folder)
        home.make()
        self._lock = home.lock()
        identity = home.identity()
        if identity is None or not identity.token:
            raise Refused(home.folder, "not enrolled; first: ronda-agent enrol URL CODE")
        plan, local = configuration(home, file, identity)
        self.clock = Clock(root)
        self.visitors = Visitors(home.path("status.sock"))
        self.waker = Waker(self.visitors.socket)
        self.spool = Spool(home.path(SPOOL), self.clock.boot)
        self.clock.learned = float(self.spool.notes.get("time", 0.0))
        self.post = Post(home, identity, self.clock)
        self.orders = Orders(home, centre(identity), self._use, self._probe_now, local)
        self.orders.resume(plan.etag)
        self.allowance = Allowance(lambda: METER.total, self.clock.true, self.spool.notes)
        self.sender = Sender(
            self.post,
            self.spool,
            self.clock,
            self.orders,
            time.monotonic,
            chance,
            self.allowance,
        )
        self.beacon = Beacon(self.post, self.sender, time.monotonic)
        runner = Runner(time.monotonic, self.waker.wake)
        who = identity.agent or identity.site
        self.patrol = Patrol(
            plan, self.spool, self.clock, runner, self.sender, who, self.own_series
        )
        self.patrol.around, self._folder = self.around, home.folder
        self.patrol.stretch = lambda: self.allowance.stretch
        self._exporter: Exporter | None = None
        self.herald = Herald()
        self._apply(plan)
        self._export(plan.plan.metrics)

    def run(self) -> int:
        """Until SIGTERM, SIGINT or the end of the parent; returns the exit code."""
        self.waker.on_signals()
        delivery = threading.Thread(target=self.sender.run, daemon=True, name="sender")
        delivery.start()
        threading.Thread(target=self.beacon.run, daemon=True, name="beacon").start()
        self.patrol.begin(time.monotonic())
        self.herald.ready()
        while not self.waker.stopping:
            due = self.patrol.round(time.monotonic())
            self._spare_beacons()
            self.beacon.tell(beacon.signs(self.patrol.board.readings()))
            if delivery.is_alive():
                # an agent that only looks and never reports is as good as dead
                self.herald.alive(self.sender.told.trouble or "reports arrive")
            wait_s = min(due - time.monotonic(), self.herald.every_s)
            visitor = self.waker.wait(wait_s)
            if visitor is not None:
                self.visitors.answer(self.status())
        self._end(delivery)
        return 0

    def around(self) -> Around:
        """What probes may know that look around."""
        return Around(now=self.clock.true(), door=self.post.door, folder=self._folder)

    def own_series(self) -> Mapping[str, float | None]:
        """What the agent counts of itself."""
        return {
            "ronda_agent_spool_entries": self.spool.entries,
            "ronda_agent_spool_dropped_total": self.spool.dropped_total,
            "ronda_agent_resident_bytes": ground.resident_bytes(),
        }

    def _spare_beacons(self) -> None:
        """None while the day's bytes are used up."""
        on = self.patrol.config.plan.sends_beacons and self.allowance.state < Thrift.SPENT
        if on != self.beacon.on:
            self.beacon.use(on)

    def status(self) -> dict[str, Any]:
        """For `ronda-agent status`."""
        spool = self.spool
        return {
            "running": True,
            **public(self.post.identity),
            "config": self.orders.etag or "local",
            "checks": [check.name for check in self.patrol.config.checks],
            **asdict(self.sender.told),
            "spool": {
                "id": spool.spool,
                "entries": spool.entries,
                "disk_bytes": spool.disk_bytes,
                "dropped_total": spool.dropped_total,
                "torn_bytes": spool.torn_bytes,
                "trouble": spool.trouble,
            },
            "bytes": self.allowance.status(),
            "capacity": _nights(self._folder),
            "beacons": {
                "on": self.beacon.on,
                "sent": self.beacon.sent,
                "answered": self.beacon.answered,
            },
            "clock": {
                "wall": self.clock.wall(),
                "up": self.clock.up(),
                "dates_count": self.clock.dates_count(),
            },
        }

    def _use(self, received: Config) -> None:
        """From the sender's thread: a configuration the collector sent."""
        self._apply(received)
        try:
            self._export(received.plan.metrics)
        except Refused as refused:
            diary.say(str(refused))
        self.patrol.use(received)
        self.waker.wake()

    def _probe_now(self) -> None:
        self.patrol.use(None)
        self.waker.wake()

    def _apply(self, received: Config) -> None:
        plan, pace = received.plan, self.sender.pace
        pace.report_every_s, pace.backlog_per_s = plan.report_every_s, plan.backlog_per_s
        allowance = self.allowance
        allowance.most, allowance.offset_s = plan.bytes_per_day, plan.utc_offset_s
        allowance.planned_s = plan.report_every_s
        self.beacon.use(plan.sends_beacons)
        self.post.use_addresses(plan.ingest)
        self.orders.may_open(plan.tunnels)
        self.spool.resize(plan.spool_bytes, plan.spool_days * 24)

    def _export(self, address: str) -> None:
        """Our own /metrics at this address; "" for none."""
        now = self._exporter.address if self._exporter else ""
        if address == now:
            return
        if self._exporter is not None:
            self._exporter.close()
        self._exporter = Exporter(address, lambda: self.patrol.latest) if address else None

    def _end(self, delivery: threading.Thread) -> None:
        """Everything to flash first; then, unless the parent is gone, a last word."""
        self.herald.stopping()
        self.spool.flush(time.monotonic())
        self.sender.stop()
        self.beacon.stop()
        self.orders.close()
        if self.waker.stopping == "signal":
            self.beacon.farewell()
            last = threading.Thread(target=self._last_word, args=(delivery,), daemon=True)
            last.start()
            last.join(_LAST_WORDS_S)
        self.visitors.close()

    def _last_word(self, delivery: threading.Thread) -> None:
        delivery.join()
        self.sender.farewell()


def _nights(folder: str) -> dict[str, Any]:
    """Nights in which lines were measured, and in which not."""
    from agent.probes.nightbook import kept_nights

    return kept_nights(folder)


def _from_file(path: str, identity: Identity | None) -> Config:
    try:
        with open(path, encoding="utf-8") as file:
            return config.read_toml(file.read(), centre(identity))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(path, str(error)) from error
    except Refused as refused:
        raise Refused(
            f"{path}: {refused.place}" if refused.place else path, refused.problem
        ) from None
