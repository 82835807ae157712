"""python -m tests.bench.public: public pages under wrk, one core, through their cache.

A regency of 300 sites and 3,000 checks with 90 days behind it. The web process has one core, wrk
the other. The floor is the same server with an application that answers the same bytes and does no
more. Beside it: what a page costs that is made anew, all 300 villages once, and what the days cost.
"""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from collector.settings import Settings
from tests.bench import console_seed
from tests.bench.console_seed import code_of
from tests.stories.centre import free_port, wait_for
from web.public import PREFIX

ROOT = Path(__file__).parents[2]
SECONDS, CONNECTIONS = 8, 64
LEAST_PER_S = 1000.0
SITES = 300
_VILLAGE = code_of(0)
_PAGES = {
    "regency": f"{PREFIX}/{_VILLAGE[:5]}",
    "subdistrict": f"{PREFIX}/{_VILLAGE[:8]}",
    "village": f"{PREFIX}/{_VILLAGE}",
    "feed": f"{PREFIX}/{_VILLAGE}/atom.xml",
    "badge": f"{PREFIX}/{_VILLAGE}/badge.svg",
}
_FLOOR = """
import sys
from granian import Granian
from granian.constants import Interfaces
BODY = b"x" * int(sys.argv[2])
HEAD = {"type": "http.response.start", "status": 200,
        "headers": [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(BODY))]}
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send(HEAD)
        await send({"type": "http.response.body", "body": BODY, "more_body": False})
Granian("__main__:app", port=int(sys.argv[1]), interface=Interfaces.ASGI,
        log_enabled=False).serve()
"""


class Core:
    """A process on one core, and what it has spent."""

    def __init__(self, command: list[str], where: Mapping[str, str]) -> None:
        pinned = ["taskset", "-c", "0", *command]
        self.process = subprocess.Popen(pinned, env=os.environ | where, stdout=subprocess.DEVNULL)

    def cpu_s(self) -> float:
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def rest(self) -> None:
        """Wait until it does nothing by itself."""
        spent = self.cpu_s()
        for _ in range(180):
            time.sleep(1)
            before, spent = spent, self.cpu_s()
            if spent - before < 0.05:
                return


@contextmanager
def console(settings: Settings) -> Iterator[Core]:
    where = {"RONDA_DATA": settings.data, "RONDA_CONSOLE": settings.console, "RONDA_PUBLIC": "on"}
    running = Core([sys.executable, "-m", "ronda", "serve", "--role", "web"], where)
    try:
        wait_for("the console", lambda: _answers(settings.console), 60)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(60)


def _answers(address: str) -> bool:
    try:
        return _ask(address, f"{PREFIX}/")[0] == 200
    except OSError:
        return False


def _ask(address: str, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    line = http.client.HTTPConnection(address, timeout=60)
    line.request("GET", path, headers={"Accept-Encoding": "gzip"} | headers)
    answer = line.getresponse()
    named = {name.lower(): value for name, value in answer.getheaders()}
    told = answer.status, named, answer.read()
    line.close()
    return told


def wrk(url: str, *headers: str) -> tuple[float, str, str]:
    """Requests a second, p50, p99."""
    given = [word for header in headers for word in ("-H", header)]
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
    done = subprocess.run([*command, *given, url], capture_output=True, text=True, check=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    parts = [re.search(rf"{percent}%\s+(\S+)", done.stdout) for percent in (50, 99)]
    assert rate and all(parts), done.stdout
    if wrong := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", done.stdout):
        print(f"   {wrong[0]}")
    p50, p99 = (part[1] for part in parts if part)
    return float(rate[1]), p50, p99


def measure(settings: Settings, running: Core) -> bool:
    address, enough = settings.console, True
    print(f"   {'page':24} {'kB':>6} {'requests/s':>11} {'p50':>9} {'p99':>9}")
    for name, path in _PAGES.items():
        status, headers, body = _ask(address, path)
        assert status == 200, path
        mark = headers["etag"]
        for how, given in (
            ("packed", ("Accept-Encoding: gzip",)),
            ("unchanged", ("Accept-Encoding: gzip", f"If-None-Match: {mark}")),
        ):
            if how == "unchanged" and name != "village":
                continue
            rate, p50, p99 = wrk(f"http://{address}{path}", *given)
            size = len(body) / 1000 if how == "packed" else 0.0
            print(
                f"   {f'{name}, {how}':24} {size:6.1f} {rate:11.0f} {p50:>9} {p99:>9}", flush=True
            )
            enough = enough and rate >= LEAST_PER_S
    before = running.cpu_s()
    for row in range(SITES):
        assert _ask(address, f"{PREFIX}/{code_of(row)}")[0] == 200
    made = (running.cpu_s() - before) * 1000 / SITES
    print(f"   a village's page made anew: {made:.1f} CPU-ms", flush=True)
    return enough


def floor(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program, port = Path(folder) / "floor.py", free_port()
        program.write_text(_FLOOR)
        running = Core([sys.executable, str(program), str(port), str(size)], {})
        try:
            wait_for("the floor", lambda: _floor_answers(port), 30)
            rate, p50, p99 = wrk(f"http://127.0.0.1:{port}/")
            print(
                f"   {'floor: the same bytes':24} {size / 1000:6.1f} {rate:11.0f} {p50:>9} {p99:>9}"
            )
        finally:
            running.process.terminate()
            running.process.wait(30)


def _floor_answers(port: int) -> bool:
    try:
        return _ask(f"127.0.0.1:{port}", "/")[0] == 200
    except OSError:
        return False


def main() -> int:
    subprocess.run(["sh", str(ROOT / "deploy/need.sh"), "wrk"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=folder, console=f"127.0.0.1:{free_port()}")
        console_seed.seed(settings, SITES, 0, time.time())
        with console(settings) as running:
            running.rest()
            print(f"   warmed up, 90 days of {SITES} sites among it: {running.cpu_s():.1f} CPU-s")
            _, _, body = _ask(settings.console, _PAGES["village"])
            enough = measure(settings, running)
        floor(len(body))
    if not enough:
        print(f"   under {LEAST_PER_S:.0f} requests/s", file=sys.stderr)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
