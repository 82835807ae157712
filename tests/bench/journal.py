"""The journal on files and on three servers of NATS: what a report costs, how long it waits.

On a machine of its own each server has a disk of its own; here all three share this one.
"""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.report import layout_id
from collector.intake.wire import Frame, Report, write
from collector.journal.opening import open_reader, open_writer
from collector.journal.protocol import Entry, Kind, Reader
from collector.settings import Settings
from tests import nats

SERIES = 60
SITES = 5000
GROUPS = (1, 10, 100)
REPORTS = 3000
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    entries = list(made(REPORTS))
    size = sum(len(entry[3]) for entry in entries) / len(entries)
    print(f"{REPORTS} reports of {SERIES} numbers, {size:.0f} bytes each")
    print(
        "journal       group  client  servers  reading  p50 ms  p99 ms   (CPU-s a million numbers)"
    )
    for name, nodes_wanted in (("files", 0), ("NATS, three", 3)):
        for group in GROUPS:
            with journal(nodes_wanted) as (settings, nodes):
                print(f"{name:12} {group:6}  {measured(settings, nodes, entries, group)}")


def made(count: int) -> Iterator[Entry]:
    chance = random.Random(1)
    layout = layout_id([f"ronda_x{{n={i}}}" for i in range(SERIES)])
    for n in range(count):
        values: list[float | None] = [round(chance.uniform(0, 1), 4) for _ in range(SERIES)]
        frame = Frame(n, 1_790_000_000.0 + n, layout, values, 5000.0 + n)
        report = Report(1, f"{n % SITES:08x}", 1_790_000_000.0 + n, boot="b", frames=[frame])
        yield Kind.REPORT, 1_790_000_000.0 + n, 1 + n % SITES, write(report)


@contextmanager
def journal(nodes_wanted: int) -> Iterator[tuple[Settings, list[nats.Node]]]:
    with tempfile.TemporaryDirectory() as folder:
        if not nodes_wanted:
            yield Settings(data=folder), []
            return
        with nats.running(nodes_wanted, durable=True) as nodes:
            servers = tuple(node.url for node in nodes)
            yield Settings(data=str(Path(folder)), journal=servers), list(nodes)


def measured(settings: Settings, nodes: list[nats.Node], entries: list[Entry], group: int) -> str:
    writer = open_writer(settings, lambda: 0, lambda agent: f"35.10.{agent:05d}")
    writer.append(entries[:1])
    spent, servers, took = time.process_time(), cpu_s(nodes), list[float]()
    for start in range(0, len(entries), group):
        began = time.perf_counter()
        writer.append(entries[start : start + group])
        took.append(time.perf_counter() - began)
    wrote, served = time.process_time() - spent, cpu_s(nodes) - servers
    writer.close()
    reader = open_reader(settings)
    spent = time.process_time()
    assert read_all(reader) == len(entries) + 1
    read = time.process_time() - spent
    reader.close()
    millions = len(entries) * SERIES / 1e6
    took.sort()
    p50, p99 = (1000 * took[int(len(took) * part)] for part in (0.5, 0.99))
    each = "  ".join(f"{cost / millions:7.3f}" for cost in (wrote, served, read))
    return f"{each}  {p50:6.1f}  {p99:6.1f}"


def read_all(reader: Reader) -> int:
    count = position = 0
    while records := reader.read(position, 1000, 2 << 20):
        count, position = count + len(records), records[-1].next
    return count


def cpu_s(nodes: list[nats.Node]) -> float:
    """What the servers have used since they began."""
    total = 0
    for node in nodes:
        assert node.process is not None
        fields = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS_A_SECOND


if __name__ == "__main__":
    main()
