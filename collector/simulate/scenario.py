"""What befalls the simulated villages, and when: one small TOML file, refused whole or used whole.

An event's sites are a share of the fleet (`0.2`), a list of codes, or what they have in common
(`{upstream = "POP Genteng"}`). Seconds count from the start of the run.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.strict import Refused, build
from collector.simulate.catalogue import CHECKS

GROUPS = ("district", "regency", "isp", "upstream", "power_feeder")
MAX_EVENTS = 200
_DAY_S = 86_400


class Kind(StrEnum):
    """What can happen to a village."""

    SILENCE = "silence"  # all is well, only nothing reaches the centre
    FIBER_CUT = "fiber_cut"
    FLAPPING = "flapping"
    CLOCK_1970 = "clock_1970"
    CLOCK_SLOW = "clock_slow"
    BACKLOG = "backlog"  # silent since long before the run; back at `at_s`
    POWER_CUT = "power_cut"
    SERVICE_DOWN = "service_down"
    BEACON_LOSS = "beacon_loss"  # a share of beacons and of echoes is lost
    BLACKOUT = "blackout"  # mains are gone; some have batteries, some keep their clock
    POP_DOWN = "pop_down"  # as a cut fiber, but the light stays
    ISOLIR = "isolir"  # the provider shows its bill instead of the right page
    DHCP_EXHAUSTION = "dhcp_exhaustion"
    SLOW_EVENING = "slow_evening"


@dataclass(frozen=True)
class Event:
    """One `[[events]]` table; the field names are the TOML keys."""

    kind: Kind
    sites: float | list[str] | dict[str, str]
    at_s: float
    until_s: float | None = None
    share: float = 1.0  # of the sites named: so many of them
    period_s: float = 60.0  # flapping: one fall and one rise
    by_s: float = 600.0  # clock_slow: how far the clock is behind
    hours: float = 1.0  # backlog: how much of the past waits
    ratio: float = 0.05  # beacon_loss: how many are lost, each way
    service: str = "sideka"  # service_down: the check that sees it
    reason: str = "HTTP 502 instead of 200"
    ups: float = 0.3  # blackout: the share with a UPS,
    battery_s: float = 900.0  # which lasts half to one and a half times as long
    clocks_lost: float = 0.5  # blackout: the share that wakes in 1970
    fills_s: float = 600.0  # dhcp_exhaustion: until the pool is full
    from_hour: float = 19.0  # slow_evening, in the site's own zone
    to_hour: float = 22.0

    def check(self) -> None:
        self._check_span()
        self._check_numbers()
        self._check_sites()

    def _check_span(self) -> None:
        if self.at_s < 0:
            raise Refused("at_s", "must be 0 or more")
        if self.until_s is not None and self.until_s <= self.at_s:
            raise Refused("until_s", "must be after at_s")
        if self.kind is Kind.FLAPPING and self.until_s is None:
            raise Refused("until_s", "missing; flapping must end")

    def _check_numbers(self) -> None:
        if not 10 <= self.period_s <= _DAY_S:
            raise Refused("period_s", "must be 10 to 86400")
        if not 0 < self.by_s <= 365 * _DAY_S:
            raise Refused("by_s", "must be more than 0 and at most a year")
        if not 0 < self.hours <= 24 * 60:
            raise Refused("hours", "must be more than 0 and at most 1440")
        if not 0 < self.ratio <= 1:
            raise Refused("ratio", "must be more than 0 and at most 1")
        if self.service not in CHECKS:
            raise Refused("service", f"must be one of {', '.join(CHECKS)}")
        self._check_troubles()

    def _check_troubles(self) -> None:
        for name in ("ups", "clocks_lost"):
            if not 0 <= getattr(self, name) <= 1:
                raise Refused(name, "must be 0 to 1")
        for name in ("battery_s", "fills_s"):
            if not 0 < getattr(self, name) <= _DAY_S:
                raise Refused(name, "must be more than 0 and at most 86400")
        if not 0 <= self.from_hour < self.to_hour <= 24:
            raise Refused("from_hour", "must be 0 or more and before to_hour, 24 at most")

    def _check_sites(self) -> None:
        if not 0 < self.share <= 1:
            raise Refused("share", "must be more than 0 and at most 1")
        if isinstance(self.sites, float) and not 0 < self.sites <= 1:
            raise Refused("sites", "a share must be more than 0 and at most 1")
        if isinstance(self.sites, dict):
            for name in self.sites:
                if name not in GROUPS:
                    raise Refused(f"sites.{name}", f"unknown key; known are {', '.join(GROUPS)}")


@dataclass(frozen=True)
class Scenario:
    """The whole file."""

    events: tuple[Event, ...] = ()
    # a real agent's first report tells the verdict of each check once
    first_findings: bool = True

    def check(self) -> None:
        if len(self.events) > MAX_EVENTS:
            raise Refused("events", f"at most {MAX_EVENTS}, got {len(self.events)}")


def load_scenario(file: Path) -> Scenario:
    """The scenario in `file`; Refused names the file and the place in it."""
    try:
        table: Mapping[str, object] = tomllib.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise Refused(str(file), str(error)) from error
    try:
        return build(Scenario, table)
    except Refused as refused:
        raise Refused(f"{file}: {refused.place}", refused.problem) from None
