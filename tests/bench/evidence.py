"""python -m tests.bench.evidence [--sites 300] [--days 365]: seals a year, then reports a month.

Beside the report, as a floor, a process that only opens the same database.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from collector import db, schema
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.secret import load_secret
from collector.series.history import History
from collector.settings import Settings
from tests.bench.overview import codes_of

DAY_S = 86_400
CHECKS = (*(("http", f"app{n}") for n in range(6)), ("journey", "hotspot"), ("wifi", "ap"))
OUTAGES_A_WEEK, CHANGES_A_WEEK = 3, 2
# 2026-01-01 and later ones by the clocks of Jakarta
BEGIN = int(datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Jakarta")).timestamp())
WORD = "the optical receiver saw no light"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--days", type=int, default=365)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        settings = Settings(data=folder)
        db.migrate(settings)
        codes = codes_of(args.sites)
        fill(settings, codes, args.days)
        count, cpu_s, usual_s, longest_s, held_s = seal(settings, args.days)
        each_ms = 1000 * cpu_s / count
        print(f"sealed {count} site-days: {cpu_s:.0f} CPU-s, {each_ms:.2f} ms each", flush=True)
        print(
            f"transactions: median {1000 * usual_s:.1f} ms, the longest {1000 * longest_s:.1f} ms"
        )
        print(f"  of CPU, the lock held: {1000 * held_s:.1f} ms at p99")
        night = seal(settings, args.days + 1)
        print(f"one night of {args.sites} sites: {night[1]:.2f} CPU-s")
        size = sum((Path(folder) / name).stat().st_size for name in ("ronda.db",))
        print(f"ronda.db {size / 2**20:.0f} MiB, {size / count:.0f} bytes a site-day")
        report(folder, "the floor", "uplinks", "list", "--json")
        month = f"{datetime.fromtimestamp(BEGIN + args.days // 2 * DAY_S, UTC):%Y-%m}"
        for form in ("csv", "json", "pdf", "xlsx"):
            out = f"{folder}/report.{form}"
            asked = ("--month", month, "--format", form, "--out", out)
            report(folder, f"a month as {form}", "report", "sla", *asked)
            print(f"  {Path(out).stat().st_size / 2**20:.1f} MiB")
        report(folder, "an edition, all forms and the pack", "report", "make", "--month", month)
        ends = f"{datetime.fromtimestamp(BEGIN + (args.days - 1) * DAY_S, UTC):%Y-%m-%d}"
        span = ("--from", "2026-01-01", "--to", ends, "--out", f"{folder}/year.csv")
        report(folder, "all of it as csv", "report", "sla", *span)
        report(folder, "verify", "report", "verify")
    return 0


def fill(settings: Settings, codes: Sequence[str], days: int) -> None:
    """An ordinary year, by the week a few outages and changes of checks."""
    draw = random.Random(11)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        for row, code in enumerate(codes):
            site = {"code": code, "row": row, "name": f"Desa {row}", "isp": f"ISP{row % 5}"}
            connection.execute(insert(schema.sites).values(**site, hours="Sen-Jum 07.30-15.30"))
            line = {"site": code, "name": "main", "isp": f"ISP{row % 5}", "contract_no": f"K{row}"}
            terms = {"fee_rp": 1_700_000.0, "formula": "pro_rata_all", "sla": 99.5}
            connection.execute(insert(schema.uplinks).values(**line, **terms))
            connection.execute(insert(schema.states), list(states(draw, code, days)))
            checks = [
                {
                    "site": code,
                    "name": name,
                    "kind": kind,
                    "verdict": "good",
                    "since": BEGIN,
                    "rev": 1,
                }
                for kind, name in CHECKS
            ]
            connection.execute(insert(schema.checks), checks)
            connection.execute(insert(schema.verdicts), list(verdicts(draw, code, days)))
    engine.dispose()


def states(draw: random.Random, code: str, days: int) -> Iterator[dict[str, Any]]:
    cuts = sorted(draw.uniform(0, days * DAY_S) for _ in range(OUTAGES_A_WEEK * days // 7))
    at = float(BEGIN)
    plain: dict[str, Any] = {"cause": "", "confidence": 0.0, "evidence": "[]"}
    for cut in cuts:
        begin = max(BEGIN + cut, at + 60)
        end = begin + draw.expovariate(1 / 2400) + 20
        yield {"site": code, "since": at, "until": begin, "state": "normal", "rev": 1, **plain}
        cause = draw.choice(["fiber", "isp", "power", "device"])
        told = {"cause": cause, "confidence": 0.8, "evidence": json.dumps([WORD])}
        state = "unknown" if cause == "power" else "down"
        yield {"site": code, "since": begin, "until": end, "state": state, "rev": 1, **told}
        at = end
    yield {"site": code, "since": at, "until": None, "state": "normal", "rev": 1, **plain}


def verdicts(draw: random.Random, code: str, days: int) -> Iterator[dict[str, Any]]:
    for _, name in CHECKS:
        moments = sorted(
            BEGIN + draw.uniform(0, days * DAY_S) for _ in range(CHANGES_A_WEEK * days // 7)
        )
        for place, at in enumerate([float(BEGIN), *moments]):
            verdict = "bad" if place % 2 else "good"
            reason = "HTTP 502 from the app" if place % 2 else ""
            row = {"site": code, "check": name, "at": at, "verdict": verdict, "reason": reason}
            yield {**row, "rev": 1}


def seal(settings: Settings, days: int) -> tuple[int, float, float, float, float]:
    """Seal until so many days are; records, CPU-seconds, transactions: median, worst, CPU's p99."""
    engine, history = db.open_store(settings), db.open_history(settings)
    now = float(BEGIN + (days + 2) * DAY_S)
    with db.writing(engine) as connection:
        db.meta_set(connection, "fold_ticks", json.dumps([now, now, 0.0]))
    took: list[float] = []
    worked: list[float] = []

    class Timed(Sealer):
        def _write(self, *args: Any) -> int | None:
            begun, worked_s = time.monotonic(), time.thread_time()
            made = super()._write(*args)
            took.append(time.monotonic() - begun)
            worked.append(time.thread_time() - worked_s)
            return made

    signer = Signer(load_secret(settings.folder))
    begun = time.process_time()
    sealer = Timed(settings, engine, History(settings, history), signer, wait=lambda _: None)
    count = sealer.look(now)
    cpu_s = time.process_time() - begun
    engine.dispose()
    history.dispose()
    held_s = statistics.quantiles(worked, n=100)[-1]
    return count, cpu_s, statistics.median(took), max(took), held_s


def report(folder: str, what: str, *words: str) -> None:
    """One command in a process of its own: its time and the most memory it took."""
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    code = (
        "import sys, ronda; code = ronda.main(sys.argv[1:]);"
        "told = [line for line in open('/proc/self/status') if line.startswith('VmHWM')];"
        "print(told[0].split()[1], file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, *words]
    environment = {**os.environ, "RONDA_DATA": folder}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    mib = int(done.stderr.split()[-1]) / 1024
    clock_s = time.monotonic() - begun
    print(f"{what}: {clock_s:.1f} s, {cpu_s:.1f} CPU-s, {mib:.0f} MiB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
