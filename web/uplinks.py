"""The lines of a site: what is paid for against what is measured, when money is due, what is used.

Pure: rows of the inventory and numbers in, what a page shows out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from agent.report import parse_series
from collector import contracts
from collector.series.steps import Steps
from web.charts import Lines

# what UplinkBelowContract of alerts/rules/uplink.yml goes by: less of what is paid for is slow
SLOW_SHARE = 0.5
_MEASURED = "ronda_uplink_measured_bits_per_second"
_COUNTERS = ("ronda_uplink_receive_bytes_total", "ronda_uplink_transmit_bytes_total")
_GB = 1e9
# what agents call the way down; the number in a contract is that of this way
_DOWN = ("receive", "down", "download")

Latest = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """The newest measurement of one direction; `share` of what is paid for, bad under `least`."""

    down: bool
    bits: float
    at: float
    share: float | None
    least: float = SLOW_SHARE

    @property
    def slow(self) -> bool:
        return self.share is not None and self.share < self.least


@dataclass(frozen=True, slots=True)
class Uplink:
    """One line; `terms` are its columns in the inventory, `due` a date that is near, in words."""

    name: str
    terms: Mapping[str, Any]
    measured: Sequence[Measured]
    due: str
    used_bytes: float | None

    @property
    def quota_bytes(self) -> float | None:
        gigabytes = self.terms["quota_gb"]
        return gigabytes * _GB if gigabytes else None

    @property
    def used_share(self) -> float | None:
        if self.used_bytes is None or not self.quota_bytes:
            return None
        return self.used_bytes / self.quota_bytes


def uplinks(
    rows: Sequence[Mapping[str, Any]],
    latest: Latest,
    used: Mapping[str, float],
    today: date,
    least: float = SLOW_SHARE,
) -> list[Uplink]:
    """The lines in the order of the rows; `used` this month, in bytes by series."""
    found = []
    for row in rows:
        due = contracts.near([contracts.Terms(row["bill_day"], row["ends"])], today)
        told = due.line if due is not None and not due.guessed else ""
        mine = _measured(row, latest, least)
        found.append(Uplink(row["name"], row, mine, told, _used(row["name"], used)))
    return found


def counters(rows: Sequence[Mapping[str, Any]], latest: Latest) -> list[str]:
    """The series that count the bytes of lines named after their interface."""
    names = {row["name"] for row in rows}
    return [
        series for series in latest if series.startswith(_COUNTERS) and _interface(series) & names
    ]


def month_begin(now: float, zone: tzinfo) -> float:
    """When this month began where the clocks show `zone`."""
    here = datetime.fromtimestamp(now, zone)
    return here.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()


def grown(hours: Mapping[str, Steps], since: float) -> dict[str, float]:
    """How much each counter grew in the hours that begin at `since` or later."""
    return {name: float(each.growth[each.starts >= since].sum()) for name, each in hours.items()}


def lines_of(
    series: str, rows: Sequence[Mapping[str, Any]], least: float = SLOW_SHARE
) -> Lines | None:
    """What a measured speed is held against; None where nothing is paid for that is known."""
    name, labels = parse_series(series)
    if name != _MEASURED or labels.get("direction") not in _DOWN:
        return None
    for row in rows:
        if row["mbps"] and (row["name"] == labels.get("uplink") or len(rows) == 1):
            contract = row["mbps"] * 1e6
            return Lines(contract * least, contract, floor=True)
    return None


def _measured(row: Mapping[str, Any], latest: Latest, least: float) -> list[Measured]:
    found = []
    for series in sorted(each for each in latest if each.startswith(_MEASURED)):
        labels = parse_series(series)[1]
        at, bits = latest[series]
        if labels.get("uplink") != row["name"] or bits != bits:
            continue
        down = labels.get("direction") in _DOWN
        paid = row["mbps"] * 1e6 if row["mbps"] and down else None
        found.append(Measured(down, bits, at, bits / paid if paid else None, least))
    return found


def _used(name: str, used: Mapping[str, float]) -> float | None:
    mine = [bytes_ for series, bytes_ in used.items() if name in _interface(series)]
    return sum(mine) if mine else None


def _interface(series: str) -> set[str]:
    labels = parse_series(series)[1]
    interface, device = labels.get("interface", ""), labels.get("device")
    return {f"{device}/{interface}"} if device else {interface}
