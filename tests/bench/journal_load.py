"""How long a report waits until the journal has it, files and three servers of NATS in turn.

python -m tests.bench.journal_load [--reports 150] [--seconds 20] [--turns 2] [--busy 0]

Reports come at random moments through the group commit of ingest. `--busy`: as many processes do
nothing but count beside it, so that everybody waits for the machine.
"""

import argparse
import asyncio
import logging
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from collector.intake.commit import GroupCommit
from collector.journal.opening import open_writer
from collector.journal.protocol import Entry, JournalFailed
from tests.bench.journal import cpu_s, journal, made

_COUNTS = "while True: pass"


@dataclass
class Waits(logging.Handler):
    """What became of the reports of one turn, and what the writer said meanwhile."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())

    def line(self) -> str:
        took = sorted(self.seconds)
        p50, p99, most = (1000 * took[int((len(took) - 1) * part)] for part in (0.5, 0.99, 1.0))
        return f"{p50:8.1f}  {p99:8.1f}  {most:8.1f}  {self.failed:6}  {len(self.said):6}"

    __hash__ = object.__hash__


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=150, help="a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--busy", type=int, default=0)
    args = parser.parse_args()
    entries = list(made(args.reports * args.seconds))
    print(f"{args.reports} reports a second for {args.seconds} s, {args.busy} processes beside it")
    print(
        "journal        p50 ms    p99 ms   most ms  failed    said  client  servers  (CPU, ms each)"
    )
    with busy(args.busy):
        for _ in range(args.turns):
            for name, nodes_wanted in (("files", 0), ("NATS, three", 3)):
                print(f"{name:12} {one_turn(nodes_wanted, entries, args.reports)}", flush=True)


def one_turn(nodes_wanted: int, entries: list[Entry], a_second: int) -> str:
    with journal(nodes_wanted) as (settings, nodes):
        writer = open_writer(settings, lambda: 0, lambda agent: f"35.10.{agent:05d}")
        writer.append(entries[:1])
        waits, talks = Waits(), logging.getLogger("collector.journal")
        talks.addHandler(waits)
        talks.setLevel(logging.INFO)
        own, servers = time.process_time(), cpu_s(nodes)
        with ThreadPoolExecutor(1) as disk:
            commit = GroupCommit(writer, disk, lambda: 1 << 62)
            asyncio.run(deliver(commit, entries, a_second, waits))
        own, servers = time.process_time() - own, cpu_s(nodes) - servers
        talks.removeHandler(waits)
    for words in sorted(set(waits.said)):
        print(f"    {waits.said.count(words)} x {words}", file=sys.stderr)
    each = "  ".join(f"{1000 * spent / len(entries):.3f}" for spent in (own, servers))
    return f"{waits.line()}  {each}"


async def deliver(commit: GroupCommit, entries: list[Entry], a_second: int, waits: Waits) -> None:
    chance, due = random.Random(1), time.perf_counter()
    under_way = set[asyncio.Task[None]]()
    for entry in entries:
        due += chance.expovariate(a_second)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(commit, entry, waits))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way)
    await commit.close()


async def one(commit: GroupCommit, entry: Entry, waits: Waits) -> None:
    began = time.perf_counter()
    try:
        await commit.append(*entry)
    except JournalFailed:
        waits.failed += 1
    waits.seconds.append(time.perf_counter() - began)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that count for as long as it lasts."""
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-S", "-c", _COUNTS])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


if __name__ == "__main__":
    main()
