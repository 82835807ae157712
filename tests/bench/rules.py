"""python -m tests.bench.rules [SITES ...]: one evaluation of the default rules, over a whole fleet.

Beside it, as a floor, what it takes to read the newest sample of one series of all sites.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from alerts.evaluation import Rounds
from alerts.evaluation.trees import reaches_s
from alerts.rules.reading import read_file
from alerts.rules.rule import RuleSet
from collector.db import migrate, open_history, open_store, writing
from collector.series.layouts import Columns
from collector.series.window import WindowWriter
from collector.series.window_head import window_minutes
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from tests.bench.query import START, inventory

LONGEST_S = 900.0
ROUNDS = 3
NAMES = (
    ['ronda_uplink_up{uplink="main"}', "ronda_uplink_dns_up", "ronda_uplink_content_ok"]
    + [f'ronda_uplink_loss_ratio{{target="{t}"}}' for t in ("1.1.1.1", "8.8.8.8", "gateway")]
    + [f'ronda_uplink_rtt_seconds{{target="{t}"}}' for t in ("1.1.1.1", "8.8.8.8", "gateway")]
    + [
        'ronda_uplink_link_up{interface="wan"}',
        'ronda_uplink_optical_rx_dbm{interface="wan"}',
        'ronda_uplink_receive_errors_total{interface="wan"}',
        'ronda_uplink_receive_bytes_total{interface="wan"}',
        'ronda_uplink_measured_bits_per_second{direction="down",uplink="main"}',
        'ronda_uplink_speed_bits_per_second{interface="wan"}',
    ]
    + [f'ronda_wifi_up{{ap="ap{i}",ssid="desa"}}' for i in range(3)]
    + [f'ronda_wifi_clients{{ap="ap{i}",ssid="desa"}}' for i in range(3)]
    + ["ronda_hotspot_sessions", 'ronda_dhcp_leases_used_ratio{pool="lan"}']
    + [f'ronda_hotspot_journey_up{{step="{s}"}}' for s in ("dhcp", "dns", "portal", "login")]
    + [f'ronda_check_up{{check="app{i}",kind="http"}}' for i in range(6)]
    + [f'ronda_check_duration_seconds{{check="app{i}"}}' for i in range(6)]
    + [f'ronda_check_certificate_expiry_timestamp_seconds{{check="app{i}"}}' for i in range(2)]
    + ['ronda_device_up{device="router"}', 'ronda_device_cpu_ratio{device="router"}']
    + ['ronda_device_memory_used_ratio{device="router"}']
    + ['ronda_device_temperature_celsius{device="router"}', "ronda_host_cpu_ratio"]
    + ["ronda_host_load1", "ronda_host_memory_used_ratio", "ronda_host_temperature_celsius"]
    + [f'ronda_host_disk_used_ratio{{mount="{m}"}}' for m in ("/", "/var")]
    + ['ronda_host_inodes_used_ratio{mount="/"}', 'ronda_host_filesystem_readonly{mount="/"}']
    + ["ronda_host_boot_timestamp_seconds", 'ronda_power_on_mains{ups="ups"}']
    + ['ronda_power_battery_ratio{ups="ups"}', "ronda_agent_spool_entries"]
    + ["ronda_agent_spool_dropped_total", "ronda_agent_resident_bytes"]
)


def main() -> None:
    for count in [int(text) for text in sys.argv[1:]] or [300, 83_763]:
        with tempfile.TemporaryDirectory(prefix="ronda-rules-") as folder:
            measure(count, folder)


def filled(settings: Settings, count: int, minutes: int) -> tuple[Engine, Engine, "Fill"]:
    """Databases and a window of so many sites, each with a frame in each of these minutes."""
    migrate(settings)
    store, history = open_store(settings), open_history(settings)
    inventory(store, count)
    columns = Columns(history)
    ids = np.asarray(columns.give(NAMES)).astype(np.int32)
    with writing(history) as connection:
        columns.save(connection)
    writer = WindowWriter.open(settings.window, settings.window_minutes, 2, {}, boot="bench")
    fill = Fill(writer, ids, count)
    for minute in range(minutes):
        fill.everybody(START + minute * 60)
    return store, history, fill


def measure(count: int, folder: str) -> None:
    settings = Settings(data=folder, window_minutes=window_minutes(count))
    store, history, fill = filled(settings, count, settings.window_minutes)
    now = START + settings.window_minutes * 60
    rules = rule_set()
    rounds = Rounds(settings, store, lambda: rules, blocks=history)
    print(f"{count} sites x {len(NAMES)} series, {len(list(rules))} rules")
    floor = reading_one(settings, now)
    say("one evaluation, the first (inventory read, too)", rounds, now, floor)
    for more in range(ROUNDS):
        rounds._begin_anew()
        say("one evaluation of all sites", rounds, now + 1 + more, floor)
    for part in range(ROUNDS):
        fill.some(now + 20 + 5 * part, part)
        say("a round in which 1/12 of the sites is new", rounds, now + 24 + 5 * part, floor)
    fill.writer.close()


class Fill:
    """Ordinary numbers, in which nothing is bad but for a few."""

    def __init__(self, writer: WindowWriter, ids: np.ndarray, count: int) -> None:
        self.writer, self._ids, self._count = writer, ids, count
        self._random = np.random.default_rng(1)

    def everybody(self, minute: float) -> None:
        rows = np.arange(self._count, dtype=np.int32)
        self._write(rows, minute + np.round(self._random.random(self._count) * 59, 3))

    def some(self, at: float, part: int) -> None:
        self.share(at, part, 12)

    def share(self, at: float, part: int, of: int) -> None:
        """Every so many-th site reports."""
        rows = np.arange(part % of, self._count, of, dtype=np.int32)
        self._write(rows, np.full(len(rows), at))

    def _write(self, rows: np.ndarray, times: np.ndarray) -> None:
        values = np.ones((len(rows), len(NAMES)))
        for place, name in enumerate(NAMES):
            if "ratio" in name or "seconds{" in name:
                values[:, place] = 0.3 * self._random.random(len(rows))
            if "loss" in name:
                values[:, place] *= 0.3
            if "battery" in name:
                values[:, place] = 1.0
            if "readonly" in name or "celsius" in name or "dbm" in name:
                values[:, place] = 0.0
            if "expiry" in name:
                values[:, place] = 4e9
            if "bits" in name:
                values[:, place] = 2e7
        values[self._random.random(len(rows)) < 0.001, 0] = 0.0
        order = np.argsort(self._ids)
        self.writer.write(rows, times, self._ids[order], values[:, order], 1)
        self.writer.touch(rows, times)
        self.writer.sync(1)


def rule_set() -> RuleSet:
    """The default rules but those that look back for days."""
    files = sorted((Path(__file__).parents[2] / "alerts" / "rules").glob("*.yml"))
    groups = [group for file in files for group in read_file(file).groups]
    short = [
        replace(group, rules=tuple(r for r in group.rules if reaches_s(r.tree) <= LONGEST_S))
        for group in groups
    ]
    return RuleSet(tuple(short))


def reading_one(settings: Settings, now: float) -> float:
    """Milliseconds to read the newest sample of one series of all sites."""
    window = WindowReader(settings.window)
    window.newest(0, now - 300, now)
    began = time.perf_counter()
    for _ in range(3):
        window.newest(0, now - 300, now)
    return (time.perf_counter() - began) * 1000 / 3


def say(what: str, rounds: Rounds, now: float, floor_ms: float) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    slices, many = [], 0
    while True:
        at = time.perf_counter()
        many += len(rounds.step(now))
        slices.append(time.perf_counter() - at)
        if rounds.resting:
            break
    spent = (time.perf_counter() - began) * 1000
    cpu = (time.process_time() - cpu) * 1000
    print(
        f"{spent:8.1f} ms ({cpu:.0f} of CPU) in {len(slices):3d} slices, the longest"
        f" {max(slices) * 1000:6.1f} ms, {many:5d} changes, {spent / floor_ms:6.1f} x floor: {what}"
    )


if __name__ == "__main__":
    main()
