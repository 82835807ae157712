"""What the fold keeps in mind of one agent, in memory and as rows."""

from dataclasses import dataclass, field, replace
from typing import Any

from collector.fold.shapes import Shape
from collector.intake.timing import NEVER, Boot, Clock, Skew
from collector.series.layouts import Layout
from collector.spools import Spool, Stored


@dataclass(frozen=True, slots=True)
class Pulse:
    """The newest word on an agent's beacons: how many are missed (0, 1, 3), when it was last
    heard, its flags, when we were told, and by which ingest."""

    missed: int
    at: float
    flags: int
    told: float
    by: str = ""

    def gives_way_to(self, other: "Pulse") -> bool:
        """Of two ingests the one that heard it last has the word: the other one misses it."""
        return other.by == self.by or other.at >= self.at


@dataclass(slots=True, eq=False)
class Memory:
    """One agent. Everything of it before the journal position `upto` is in here."""

    agent: int
    site: str
    upto: int = 0
    clock: Clock = field(default_factory=Clock)
    spools: dict[str, Spool] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)  # spools whose rows go
    stored_boots: set[str] = field(default_factory=set)
    newest: float = NEVER  # our time of the newest live frame
    contact: float = NEVER
    boot: str = ""  # of the last contact
    slow_at: float = NEVER  # a slow frame that waits for a second one
    short_at: float = NEVER  # since when a line has carried less than is paid for
    moved: bool = False  # the newest live frame stood elsewhere than its clock said
    signs: int = 0  # of the newest live frame
    light: float | None = None  # what its fiber received lately, at best
    # when the device that has run longest was started, the one that started last, and the frame
    started: tuple[float, float, float] | None = None
    every_s: float | None = None  # how often it reports for now, where it said so
    # when it told what bytes it used, of which day; that day, that month, and the most a day
    used: tuple[float, str, int, int, int | None] | None = None
    clash_at: float = NEVER  # when another agent last used its token
    # checks that its frames leave out, and since when
    missing: dict[str, float] = field(default_factory=dict)
    # the same of checks of other sites, by site and name
    missing_elsewhere: dict[tuple[str, str], float] = field(default_factory=dict)
    pulse: Pulse | None = None
    # not stored: found again when needed
    shapes: dict[str, tuple[Shape, Layout]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)  # of its checks, by its layouts
    # kinds of checks that it looks at for other sites, by site and name
    elsewhere: dict[tuple[str, str], str] = field(default_factory=dict)
    seen_elsewhere: tuple[Shape, tuple[float | None, ...]] | None = None  # of its last live frame
    carried: Shape | None = None  # of the newest live frame
    # the checks of the last live frame, and the version of its site's checks after it
    seen: tuple[Shape, Any, int] | None = None

    def learn(self, shape: Shape) -> None:
        """A layout of its tells the kinds of checks."""
        self.kinds.update(shape.where.check_names)
        self.elsewhere |= {(site, check): kind for _, site, check, kind in shape.where.elsewhere}

    def kind_of(self, site: str, check: str) -> str:
        """Of a check it has a finding about."""
        if site and site != self.site:
            return self.elsewhere.get((site, check), "other")
        return self.kinds.get(check, "other")

    def carry(self, shape: Shape, time: float) -> None:
        """A live frame of `time` came: which of the checks that were in its frames are not now?"""
        if shape is self.carried:
            return
        self.carried = shape
        self.missing = {
            check: self.missing.get(check, time)
            for check in self.kinds
            if check not in shape.checks
        }

    def set_back(self, at: float) -> bool:
        """Our clock was set back to `at`: nothing of it lies ahead any more. Did anything?"""
        before = self.body()
        for name in ("newest", "contact", "slow_at", "short_at", "clash_at"):
            setattr(self, name, min(getattr(self, name), at))
        self.missing = {key: min(since, at) for key, since in self.missing.items()}
        here = self.missing_elsewhere
        self.missing_elsewhere = {key: min(since, at) for key, since in here.items()}
        if self.started is not None and self.started[2] > at:
            # by our clock as it was: the next frame tells it anew
            self.started = None
        if self.used is not None:
            self.used = (min(self.used[0], at), *self.used[1:])
        if (pulse := self.pulse) is not None:
            self.pulse = replace(pulse, at=min(pulse.at, at), told=min(pulse.told, at))
        self.clock.set_back(at)
        spools = [spool for spool in self.spools.values() if spool.set_back(at)]
        return bool(spools) or self.body() != before

    def body(self) -> dict[str, Any]:
        """What goes into the row as JSON; anchors and spools have rows of their own."""
        clock, pulse = self.clock, self.pulse
        return {
            "newest": _finite(self.newest),
            "contact": _finite(self.contact),
            "boot": self.boot,
            "slow_at": _finite(self.slow_at),
            "short_at": _finite(self.short_at),
            "moved": self.moved,
            "signs": self.signs,
            "light": self.light,
            "started": self.started,
            "every_s": self.every_s,
            "used": self.used,
            "clash_at": _finite(self.clash_at),
            "missing": self.missing,
            "missing_elsewhere": [[*key, at] for key, at in self.missing_elsewhere.items()],
            "pulse": pulse and [pulse.missed, pulse.at, pulse.flags, pulse.told, pulse.by],
            "running": clock.running,
            "skew": _pair(clock.skew),
            "skew_before": _pair(clock.skew_before),
            "drift": [clock.drift, clock.drift_over_s],
            "boots": [
                [name, _finite(boot.latest), boot.guess, boot.guess_error_s]
                for name, boot in clock.boots.items()
            ],
        }

    @property
    def skew_s(self) -> float | None:
        known = self.clock.skew or self.clock.skew_before
        return None if known is None else round(known.ahead_s, 3)


def recall(stored: Stored) -> Memory:
    """A memory from its rows."""
    memory = Memory(stored.agent, stored.site, stored.upto, spools=stored.spools)
    body = stored.body
    if not body:
        return memory
    memory.newest = _time(body["newest"])
    memory.contact = _time(body["contact"])
    memory.boot = body["boot"]
    memory.slow_at = _time(body["slow_at"])
    memory.signs = body["signs"]
    # rows of before these were kept lack them
    memory.moved = bool(body.get("moved"))
    memory.short_at = _time(body.get("short_at"))
    memory.light = body.get("light")
    memory.started = tuple(body["started"]) if body.get("started") else None
    memory.every_s = body.get("every_s")
    memory.used = tuple(body["used"]) if body.get("used") else None
    memory.clash_at = _time(body["clash_at"])
    memory.missing = body["missing"]
    gone = body.get("missing_elsewhere", [])
    memory.missing_elsewhere = {(site, check): at for site, check, at in gone}
    memory.pulse = Pulse(*body["pulse"]) if body.get("pulse") else None
    clock = memory.clock
    clock.running = body["running"]
    clock.skew, clock.skew_before = _skew(body["skew"]), _skew(body["skew_before"])
    clock.drift, clock.drift_over_s = body["drift"]
    for name, latest, guess, error_s in body["boots"]:
        known = stored.anchors.get(name, [])
        clock.boots[name] = Boot(list(known), _time(latest), guess, error_s)
    memory.stored_boots = set(stored.anchors)
    return memory


def _finite(time: float) -> float | None:
    return None if time == NEVER else time


def _time(stored: float | None) -> float:
    return NEVER if stored is None else stored


def _pair(skew: Skew | None) -> list[float] | None:
    return None if skew is None else [skew.ahead_s, skew.at]


def _skew(pair: list[float] | None) -> Skew | None:
    return None if pair is None else Skew(*pair)
