"""python -m tests.bench.console [--country]: each page through the real web server.

300 sites, 3,000 checks, 90 days; then with 100 open live pages while something changes each
second; then the list of a country of 83,763. What a page costs the processor stands beside what a
reader waits: on a machine that others use, too, only the first is the page's own.
"""

import argparse
import gzip
import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import update

from collector import schema
from collector.db import open_store, writing
from collector.settings import Settings
from collector.supervise import MEMORY, ROOMY
from tests.bench import console_seed
from tests.bench.console_seed import PASSWORD, code_of
from tests.stories.centre import free_port, wait_for

ROUNDS = 40
LIVE_PAGES = 100
# what is made before anybody asks takes a while after the start; a share of a second
_WARM_S, _IDLE = 120.0, 0.05
COUNTRY = 83_763
SITE = code_of(0)
PAGES = {
    "overview": "/",
    "sites": "/sites/",
    "sites, page 5": "/sites/?page=5",
    "sites, words": "/sites/?q=desa+77",
    "sites, filtered": f"/sites/?state=down,slow&area={SITE[:5]}&isp=Telkom&sort=-name",
    "sites as CSV": "/sites/sites.csv",
    "search": "/search?q=desa+77",
    "site, 24 hours": f"/sites/{SITE}?range=24h",
    "site, 7 days": f"/sites/{SITE}?range=7d",
    "site, 30 days": f"/sites/{SITE}?range=30d",
    "site, 90 days": f"/sites/{SITE}?range=90d",
    "one line, 30 days": f"/sites/{SITE}/series.json?"
    + urlencode({"name": "ronda_host_cpu_ratio", "from": round(time.time()) - 30 * 86400}),
}
LISTS = {name: path for name, path in PAGES.items() if name == "overview" or "sites" in name}


class Console:
    """The web process of a centre, and a browser that is signed in to it."""

    def __init__(self, folder: str) -> None:
        self.settings = Settings(data=folder, console=f"127.0.0.1:{free_port()}")
        self.cookie = ""

    @contextmanager
    def serving(self) -> Iterator["Console"]:
        where = {"RONDA_DATA": self.settings.data, "RONDA_CONSOLE": self.settings.console}
        where |= MEMORY | ROOMY
        command = [sys.executable, "-m", "ronda", "serve", "--role", "web"]
        self.process = subprocess.Popen(command, env=os.environ | where, stdout=subprocess.DEVNULL)
        try:
            wait_for("the console", self._open, 60)
            yield self
        finally:
            self.process.terminate()
            self.process.wait(60)

    def _open(self) -> bool:
        try:
            return self.ask("/login")[0] == 200
        except OSError:
            return False

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, bytes, float]:
        """Status, body as it came over the wire, seconds."""
        line = http.client.HTTPConnection(self.settings.console, timeout=300)
        headers = {"Accept-Encoding": "gzip", "Accept": "text/html", "Cookie": self.cookie}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        body = None if form is None else urlencode(form)
        line.request("GET" if body is None else "POST", path, body, headers)
        answer = line.getresponse()
        told = answer.read()
        spent = time.perf_counter() - began
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        line.close()
        return answer.status, told, spent

    def sign_in(self) -> None:
        page = gzip.decompress(self.ask("/login")[1]).decode()
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
        assert found
        form = {"form_token": found[1], "name": "bench", "password": PASSWORD, "next": "/"}
        assert self.ask("/login", form)[0] == 303

    def cpu_s(self) -> float:
        """What the process has spent, its own and the kernel's for it."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def warm(self) -> float:
        """Wait until it does nothing by itself; for how long that was."""
        began, spent = time.monotonic(), self.cpu_s()
        while time.monotonic() - began < _WARM_S:
            time.sleep(1)
            before, spent = spent, self.cpu_s()
            if spent - before < _IDLE:
                break
        return time.monotonic() - began

    def resident_mib(self) -> float:
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", told)
        return int(found[1]) / 1024 if found else 0.0


def measure(console: Console, pages: Mapping[str, str], limit_ms: float) -> None:
    columns = "".join(f" {name:>8}" for name in ("p50 ms", "p95 ms", "CPU ms", "kB gz"))
    print(f"   {'page':20}{columns} {'loop p95/p50':>14}")
    for name, path in pages.items():
        first = console.ask(path)
        assert first[0] == 200, f"{path}: {first[0]}"
        before = console.cpu_s()
        taken = [(console.ask(path)[2] * 1000, loop_ms()) for _ in range(ROUNDS)]
        cpu_ms = (console.cpu_s() - before) * 1000 / ROUNDS
        p50, p95 = told([page for page, _ in taken])
        quick, slow = told([loop for _, loop in taken])
        size = len(first[1]) / 1000
        over = "" if p95 <= limit_ms else f"  over {limit_ms:.0f} ms"
        row = f"   {name:20} {p50:8.1f} {p95:8.1f} {cpu_ms:8.1f} {size:8.1f}"
        print(f"{row} {slow / quick:14.2f}{over}", flush=True)


def loop_ms() -> float:
    """The floor: the same work each time, no page, nobody else's lock or disk."""
    began = time.perf_counter()
    sum(range(1_500_000))
    return (time.perf_counter() - began) * 1000


def told(spent: Sequence[float]) -> tuple[float, float]:
    """The median, and what 95 of 100 stay under."""
    ordered = sorted(spent)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]


def first_load(console: Console, path: str) -> None:
    """Everything that a browser fetches which was never here."""
    _, body, _ = console.ask(path)
    page = gzip.decompress(body).decode()
    parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    sizes = {part.partition("?")[0]: len(console.ask(part)[1]) for part in parts}
    whole = len(body) + sum(sizes.values())
    print(f"   first load of {path.partition('?')[0]}: {whole / 1000:.1f} kB gzipped", flush=True)


@contextmanager
def live_pages(console: Console, count: int) -> Iterator[None]:
    """So many open live pages, while one state changes each second."""
    stop, open_lines = threading.Event(), []
    for _ in range(count):
        line = http.client.HTTPConnection(console.settings.console, timeout=60)
        line.request("GET", "/live", headers={"Cookie": console.cookie})
        assert line.getresponse().status == 200
        open_lines.append(line)
    store = open_store(console.settings)

    def change() -> None:
        rev = 1_000_000
        while not stop.wait(1.0):
            rev += 1
            with writing(store) as connection:
                mine = schema.states.c.site == SITE
                now = schema.states.c.until.is_(None)
                connection.execute(update(schema.states).where(mine, now).values(rev=rev))

    changing = threading.Thread(target=change, daemon=True)
    changing.start()
    try:
        yield
    finally:
        stop.set()
        changing.join(10)
        for line in open_lines:
            line.close()
        store.dispose()


def regency() -> None:
    with tempfile.TemporaryDirectory(prefix="ronda-console-") as folder:
        console = Console(folder)
        console_seed.seed(console.settings, 300, 2, time.time())
        with console.serving():
            console.sign_in()
            print("== 300 sites, 3,000 checks, 90 days")
            print(f"   warm after {console.warm():.0f} s")
            measure(console, PAGES, 50)
            for path in ("/", "/sites/", PAGES["site, 24 hours"]):
                first_load(console, path)
            before = console.resident_mib()
            with live_pages(console, LIVE_PAGES):
                print(f"== the same beside {LIVE_PAGES} live pages, a change each second")
                some = {name: PAGES[name] for name in ("overview", "sites", "site, 24 hours")}
                measure(console, some, 50)
                began = console.cpu_s()
                time.sleep(10)
                share = (console.cpu_s() - began) / 10
            after = console.resident_mib()
            print(f"   live pages alone: {share:.3f} cores, {before:.0f} -> {after:.0f} MiB")


def country() -> None:
    with tempfile.TemporaryDirectory(prefix="ronda-console-") as folder:
        console = Console(folder)
        console_seed.seed(console.settings, COUNTRY, 0, time.time())
        with console.serving():
            console.sign_in()
            print(f"== {COUNTRY} sites")
            began = time.perf_counter()
            console.ask("/sites/")
            print(f"   first page after the start: {time.perf_counter() - began:.1f} s")
            measure(console, {n: p for n, p in LISTS.items() if n != "sites as CSV"}, 200)
            print(f"   all of it as CSV: {console.ask(PAGES['sites as CSV'])[2]:.1f} s")
            print(f"   resident: {console.resident_mib():.0f} MiB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--country", action="store_true", help="only the country")
    parser.add_argument("--regency", action="store_true", help="only the regency")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"load of the machine before: {load:.1f} on {os.cpu_count()} processors")
    if not args.country:
        regency()
    if not args.regency:
        country()
    return 0


if __name__ == "__main__":
    sys.exit(main())
