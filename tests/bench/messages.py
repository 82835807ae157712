"""From a fault to the request at the gateway, with real agents and real processes.

python -m tests.bench.messages [--rounds 20]

Services: small web servers behind one agent, each killed at a moment of its own. Uplinks: agents
in network namespaces of their own, each cut by taking its link down. Needs root and iproute2.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.stories.centre import Centre, free_port, wait_for

MUST = {"service": (10.0, 20.0), "uplink": (None, 45.0)}
SPREAD_S = 60.0
SETTLE_S = 25.0
_SITE = "35.10.12.{}"


class Gateway:
    """A webhook that notes when each message was asked of it."""

    def __init__(self) -> None:
        self.got: list[tuple[float, dict[str, Any]]] = []
        got = self.got

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                at = time.monotonic()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append((at, json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def first(self, key: str, value: str) -> float | None:
        """When the first message of a beginning about this check or site came."""
        for at, told in list(self.got):
            about = told["site"]["code"] if key == "site" else told.get(key)
            if told["news"] == "opened" and about == value:
                return at
        return None


def measure(
    gateway: Gateway, key: str, faults: Mapping[str, Callable[[], object]], chance: random.Random
) -> list[float]:
    """Cause each fault at a moment of its own; seconds until each was told."""
    due = sorted((chance.uniform(0, SPREAD_S), name) for name in faults)
    began, at = time.monotonic(), {}
    for after_s, name in due:
        time.sleep(max(0.0, began + after_s - time.monotonic()))
        at[name] = time.monotonic()
        faults[name]()
    wait_for(
        "every fault is told",
        lambda: all(gateway.first(key, name) is not None for name in faults),
        limit_s=120,
    )
    return sorted((gateway.first(key, name) or 0.0) - at[name] for name in faults)


def load(centre: Centre, kind: str, text: str) -> None:
    listing = centre.folder.parent / f"{kind}.csv"
    listing.write_text(text)
    done = centre.run(kind, "import", str(listing))
    assert done.returncode == 0, done.stderr


def start_agents(
    centre: Centre, stack: ExitStack, sites: Mapping[str, tuple[str, Sequence[str]]]
) -> None:
    """An agent at each site: where it reports to, and what its command begins with."""
    codes = {one["site"]: one["code"] for one in centre.ask("sites", "codes")}
    for site, (url, before) in sites.items():
        home = centre.folder.parent / f"agent-{site}"
        environment = {**os.environ, "RONDA_AGENT_DATA": str(home)}
        words = [*before, sys.executable, "-m", "agent.cli"]
        subprocess.run(
            [*words, "enrol", url, codes[site]], env=environment, check=True, capture_output=True
        )
        log = stack.enter_context((home / "log").open("wb"))
        process = subprocess.Popen([*words, "run"], env=environment, stdout=log, stderr=log)
        stack.callback(process.wait, 10)
        stack.callback(process.kill)


def wait_until_normal(centre: Centre, count: int) -> None:
    def normal() -> bool:
        found = [site for site in centre.ask("sites", "list") if site["state"] == "normal"]
        return len(found) >= count

    wait_for(f"{count} sites are normal", normal, limit_s=60 + 4 * count)
    time.sleep(SETTLE_S)


def services(centre: Centre, gateway: Gateway, count: int, chance: random.Random) -> list[float]:
    site = _SITE.format(2000)
    with ExitStack() as stack:
        servers = {f"app-{n}": start_server(stack) for n in range(count)}
        load(centre, "sites", f"code,name\n{site},Kantor\n")
        rows = [
            f"{name},{site},http,http://127.0.0.1:{port}/" for name, (port, _) in servers.items()
        ]
        load(centre, "services", "name,site,kind,target\n" + "\n".join(rows) + "\n")
        start_agents(centre, stack, {site: (centre.ingest_url, [])})
        wait_until_normal(centre, 1)
        faults = {name: process.kill for name, (_, process) in servers.items()}
        return measure(gateway, "check", faults, chance)


def start_server(stack: ExitStack) -> tuple[int, "subprocess.Popen[bytes]"]:
    port = free_port()
    words = [sys.executable, "-S", "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait, 10)
    stack.callback(process.kill)
    return port, process


def uplinks(centre: Centre, gateway: Gateway, count: int, chance: random.Random) -> list[float]:
    port = centre.settings.ingest.rpartition(":")[2]
    with ExitStack() as stack:
        names = {_SITE.format(2001 + n): stack.enter_context(village(n)) for n in range(count)}
        load(centre, "sites", "code,name\n" + "\n".join(f"{code},Desa {code}" for code in names))
        places = {
            code: (f"http://{host}:{port}", ["ip", "netns", "exec", name])
            for code, (name, host) in names.items()
        }
        start_agents(centre, stack, places)
        wait_until_normal(centre, count)
        faults = {code: cutter(name) for code, (name, _) in names.items()}
        return measure(gateway, "site", faults, chance)


@contextmanager
def village(number: int) -> Iterator[tuple[str, str]]:
    """A network namespace behind a link of its own: its name, and the address of the centre."""
    name, link = f"ronda-{os.getpid()}-{number}", f"rv{os.getpid() % 10000}-{number}"
    host, inside = f"10.77.{number}.1", f"10.77.{number}.2"
    ip("netns", "add", name)
    try:
        ip("link", "add", link, "type", "veth", "peer", "name", "wan", "netns", name)
        ip("addr", "add", f"{host}/30", "dev", link)
        ip("link", "set", link, "up")
        for words in (
            ["link", "set", "lo", "up"],
            ["addr", "add", f"{inside}/30", "dev", "wan"],
            ["link", "set", "wan", "up"],
            ["route", "add", "default", "via", host],
        ):
            ip("-n", name, *words)
        yield name, host
    finally:
        subprocess.run(["ip", "link", "del", link], capture_output=True)
        ip("netns", "del", name)


def cutter(name: str) -> Callable[[], object]:
    return lambda: ip("-n", name, "link", "set", "wan", "down")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    for name, story in (("service", services), ("uplink", uplinks)):
        with tempfile.TemporaryDirectory(prefix="ronda-messages-") as folder:
            gateway = Gateway()
            centre = Centre(
                Path(folder) / "var",
                RONDA_ALLOW_TARGETS="127.0.0.0/8",
                RONDA_UPLINK_TARGETS="127.0.0.1",
            )
            if name == "uplink":
                centre.listen_everywhere()
            with centre:
                load(centre, "contacts", f"scope,name,role,webhook\n*,noc,noc,{gateway.url}\n")
                found = story(centre, gateway, args.rounds, chance)
            gateway.server.shutdown()
        median, p95 = statistics.median(found), found[int(0.95 * (len(found) - 1) + 0.5)]
        must = " / ".join(f"{limit:g}" if limit else "-" for limit in MUST[name])
        figures = f"median {median:.1f} s, p95 {p95:.1f} s, most {found[-1]:.1f} s"
        print(f"{name:>8}: {figures} of {len(found)} (must {must})", flush=True)


if __name__ == "__main__":
    main()
