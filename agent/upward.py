"""Carries the figures of a whole centre to the centre above it: spool and sender, without probes.

What it carries somebody else works out; it makes a frame of it each interval, a finding where it
could not be worked out, and lets the sender deliver both as it does for any village.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent import config, diary
from agent.board import Shape
from agent.clock import Clock
from agent.config import Config
from agent.identity import SPOOL, Home, Identity
from agent.orders import Orders
from agent.post import Post
from agent.schedule import on_grid, place
from agent.sender import Pace, Sender
from agent.service import chance
from agent.spool import Spool
from agent.strict import Refused

# what says whether the figures could be worked out
CHECK = "centre"
# how often it is looked whether somebody has enrolled it
_ENROLLED_S = 5.0
_LONGEST_WAIT_S = 5.0
_LAST_WORDS_S = 2.0


@dataclass(frozen=True, slots=True)
class Told:
    """Figures by series; `reason`: why there are none. `notes` come back at the next asking, also
    after a restart, once the frame is on the disk."""

    values: Mapping[str, float | None] = field(default_factory=dict)
    reason: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)


# what was noted when it was last asked, in; figures out
Source = Callable[[Mapping[str, Any]], Told]


class Upward:
    """One process's way to the centre above; `steady` only goes forward."""

    def __init__(
        self,
        folder: str,
        source: Source,
        clock: Clock | None = None,
        steady: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = chance,
        post: Callable[[Home, Identity, Clock], Post] = Post,
    ) -> None:
        """Refused while another process holds the folder, and before it was enrolled."""
        home = Home(folder)
        home.make()
        self._lock = home.lock()
        identity = home.identity()
        if identity is None or not identity.token:
            raise Refused(folder, "not enrolled with a centre above")
        self.clock = clock or Clock()
        self._source, self._steady = source, steady
        self.spool = Spool(home.path(SPOOL), self.clock.boot)
        self.clock.learned = float(self.spool.notes.get("time", 0.0))
        self._post = post(home, identity, self.clock)
        self.orders = Orders(home, {}, self._use, self._at_once)
        self.sender = Sender(
            self._post, self.spool, self.clock, self.orders, steady, dice, allowance=None
        )
        # nothing signs on for us by UDP
        self.sender.no_beacons = True
        self._shape = Shape()
        self._place, self._due = identity.agent or identity.site, 0.0
        self._said: str | None = None
        self._resume(home)

    @property
    def pace(self) -> Pace:
        """As the centre above wants it."""
        return self.sender.pace

    def round(self) -> float:
        """A frame when one is due, to disk what waits too long; when there is more to do."""
        now = self._steady()
        if now >= self._due:
            self._frame(now)
            every_s = self.pace.report_every_s
            self._due = on_grid(place(self._place, every_s), every_s, now)
        if now >= self.spool.flush_due():
            self.spool.flush(now)
            diary.say_once("spool", self.spool.trouble)
        return min(self._due, self.spool.flush_due())

    def run(self, stop: threading.Event, told: Callable[["Upward"], None]) -> None:
        """Until `stop`; `told` hears of it after each round."""
        delivery = threading.Thread(target=self.sender.run, daemon=True, name="sender")
        delivery.start()
        while not stop.is_set():
            due = self.round()
            told(self)
            stop.wait(max(0.0, min(due - self._steady(), _LONGEST_WAIT_S)))
        self.spool.flush(self._steady())
        self.sender.stop()
        delivery.join(_LAST_WORDS_S)

    def close(self) -> None:
        """Let go of the folder and of the line."""
        self._post.close()
        os.close(self._lock)

    def status(self) -> dict[str, Any]:
        """How it goes, for who asks at the centre that reports."""
        told, identity = self.sender.told, self._post.identity
        return {
            "url": identity.url,
            "agent": identity.agent,
            "site": identity.site,
            "reported_at": told.last_report_at,
            "trouble": told.trouble or self.spool.trouble,
            "waiting": self.spool.entries,
            "dropped": self.spool.dropped_total,
            "figures": len(self._shape.names),
            "left_out": self._shape.left_out,
            "reason": self._said or "",
        }

    def _frame(self, now: float) -> None:
        told = self._source(self.spool.notes.get("source", {}))
        at, up = self.clock.wall(), self.clock.up()
        if told.reason:
            # what cannot be worked out now ends every series until it can
            values = self._shape.form(dict.fromkeys(self._shape.names))
        else:
            values = self._shape.form(told.values)
            self.spool.notes["source"] = dict(told.notes)
        if self._shape.names:
            shape = self._shape
            self.spool.append_frame(now, at, up, shape.layout, shape.names, values)
        if told.reason != self._said:
            self._said = told.reason
            verdict = "unknown" if told.reason else "good"
            self.spool.append_findings(now, [(at, up, CHECK, verdict, told.reason)])
            self.sender.hurry()
        self.sender.wake()

    def _resume(self, home: Home) -> None:
        """As the centre above last said that it wants it."""
        try:
            kept = home.config()
            if kept:
                self._use(config.read({**kept[0], "checks": []}, kept[1]))
                self.orders.resume(kept[1])
        except Refused as refused:
            diary.say(f"the configuration kept here is refused: {refused}")

    def _use(self, received: Config) -> None:
        plan = received.plan
        self.pace.report_every_s, self.pace.backlog_per_s = plan.report_every_s, plan.backlog_per_s
        self._post.use_addresses(plan.ingest)
        self.spool.resize(plan.spool_bytes, plan.spool_days * 24)

    def _at_once(self) -> None:
        self._due = 0.0


def wait_until_enrolled(folder: str, stop: threading.Event) -> bool:
    """True once somebody enrolled it; False: `stop` came first."""
    home = Home(folder)
    while not stop.is_set():
        try:
            identity = home.identity()
        except Refused as refused:
            diary.say_once("identity", str(refused))
            identity = None
        if identity is not None and identity.token:
            return True
        stop.wait(_ENROLLED_S)
    return False
