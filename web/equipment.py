"""The devices of a site: those of the inventory and those that only reports name. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report import parse_series

Latest = Mapping[str, tuple[float, float]]

_OF = {
    "ronda_device_up": "up",
    "ronda_device_uptime_seconds": "uptime_s",
    "ronda_device_cpu_ratio": "cpu",
    "ronda_device_memory_used_ratio": "memory",
    "ronda_device_temperature_celsius": "celsius",
    "ronda_power_on_mains": "mains",
    "ronda_power_battery_ratio": "battery",
    "ronda_power_runtime_seconds": "runtime_s",
}


@dataclass(frozen=True, slots=True)
class Device:
    """One device; `told` are the numbers it reported last, `at` the newest of them."""

    name: str
    kind: str
    serial: str
    note: str
    told: Mapping[str, float]
    at: float | None

    @property
    def verdict(self) -> str:
        """good, bad; unknown where nothing is reported of it."""
        if "mains" in self.told:
            return "good" if self.told["mains"] else "bad"
        if "up" not in self.told:
            return "good" if self.told else "unknown"
        return "good" if self.told["up"] else "bad"


def devices(rows: Sequence[Mapping[str, Any]], latest: Latest) -> list[Device]:
    """Those of the inventory in its order, then the others by name."""
    told, seen = _told(latest)
    found = [
        Device(
            row["name"],
            row["kind"],
            row["serial"],
            row["note"],
            told.pop(row["name"], {}) or told.pop(row["host"], {}),
            seen.get(row["name"], seen.get(row["host"])),
        )
        for row in rows
    ]
    others = [Device(name, "", "", "", told[name], seen[name]) for name in sorted(told)]
    return found + others


def _told(latest: Latest) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    told: dict[str, dict[str, float]] = {}
    seen: dict[str, float] = {}
    for series, (at, value) in latest.items():
        key = _OF.get(series.partition("{")[0])
        if key is None or value != value:
            continue
        labels = parse_series(series)[1]
        name = labels.get("device") or labels.get("ups", "")
        told.setdefault(name, {})[key] = value
        seen[name] = max(at, seen.get(name, at))
    return told, seen
