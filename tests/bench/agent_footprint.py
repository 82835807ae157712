"""What an agent costs in a village: memory, CPU and bytes, over TLS, beside its floor.

python -m tests.bench.agent_footprint [--minutes 5] [--beacons] [--devices 0] [--v3]
    [--python /usr/bin/python3]

`ronda-agent run` with about 80 series each 60 s and 6 local checks each 12 s, through a relay
that counts; beside it a bare interpreter and node_exporter (scraped each 60 s). With --devices
the agent also looks at so many real snmpd over SNMP v2c (v3 with --v3). "alone" is the
memory as if no other process shared the interpreter and OpenSSL; libc is shared everywhere.
"""

import argparse
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sysconfig
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from agent.identity import Home, Identity
from collector.intake.heard import SIZE, Heard
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.servers import Authority

ROOT = Path(__file__).parents[2]
WARM_S = 60.0
INTERFACES = 9
_PASSWORD = "only for loopback"
# pure Python, or built for any CPython 3: the interpreter measured may use ours
_PACKAGES = sysconfig.get_path("purelib")
_EVERYWHERE = ("/libc.so", "/ld-linux", "/libm.so", "/locale/")
# Ethernet, IP and TCP with timestamps, for each segment
_HEAD_BYTES = 14 + 20 + 32
_UDP_HEAD_BYTES = 14 + 20 + 8
KEY = bytes(range(32))
_SEGMENTS = struct.Struct("@136xII")


class Relay:
    """Passes TCP on to `port` and counts what the wire would carry."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.payload = self.connections = 0
        self._to = port
        self._gone_segments = 0
        self._near: socket.socket | None = None
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        self.datagrams = 0
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", self.port))
        threading.Thread(target=self._echo, daemon=True).start()

    def _echo(self) -> None:
        """What ingest would answer to beacons."""
        heard = Heard(lambda agent: (KEY,))
        with suppress(OSError):
            while True:
                packet, sender = self._line.recvfrom(100)
                echo = heard.take(packet, time.monotonic())
                self.datagrams += 1
                if echo is not None:
                    self._line.sendto(echo, sender)
                    self.datagrams += 1

    def close(self) -> None:
        """End everything."""
        for one in (self.listener, self._line, *self._ends):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def wire_bytes(self) -> int:
        """Both ways, as Ethernet frames."""
        tcp = self.payload + _HEAD_BYTES * (self._gone_segments + self._segments())
        return tcp + (_UDP_HEAD_BYTES + SIZE) * self.datagrams

    def _segments(self) -> int:
        if self._near is None or self._near.fileno() < 0:
            return 0
        info = self._near.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SEGMENTS.size)
        return sum(_SEGMENTS.unpack(info))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self._gone_segments += self._segments()
                self._near = near
                self.connections += 1
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                self.payload += len(piece)
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


def snugly(relay: Relay) -> int:
    """Bytes of the wire once nothing has moved for a moment."""
    last = -1
    while (now := relay.wire_bytes) != last:
        last = now
        time.sleep(0.2)
    return last


class Machine:
    """A root with the real /proc and made-up interfaces whose counters go up."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._counters = [random.randrange(10**9, 10**11) for _ in range(2 * INTERFACES)]
        (root / "proc/net").mkdir(parents=True)
        for name in ("stat", "meminfo", "loadavg", "uptime", "mounts", "sys"):
            (root / "proc" / name).symlink_to(f"/proc/{name}")
        (root / "proc/net/route").symlink_to("/proc/net/route")
        for i in range(INTERFACES):
            folder = root / f"sys/class/net/eth{i}"
            (folder / "device").mkdir(parents=True)
            for name, text in (("carrier", "1"), ("operstate", "up"), ("speed", "1000")):
                (folder / name).write_text(text)
        self.turn()

    def turn(self) -> None:
        """Half a minute of traffic."""
        lines = ["Inter-| Receive | Transmit", " face |bytes"]
        for i in range(INTERFACES):
            for side in (2 * i, 2 * i + 1):
                self._counters[side] += int(abs(random.gauss(2e7, 1e7)))
            received, sent = self._counters[2 * i : 2 * i + 2]
            packets = f"{received // 900} 0 0 0 0 0 0"
            lines.append(f" eth{i}: {received} {packets} {sent} {sent // 900} 0 0 0 0 0 0")
        new = self.root / "proc/net/dev.new"
        new.write_text("\n".join(lines) + "\n")
        new.rename(self.root / "proc/net/dev")


def memory_kib(process: int) -> dict[str, int]:
    """PSS as the kernel says, and as it would say with nobody else to share with."""
    alone = pss = rss = 0
    name = ""
    for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            name = words[5] if len(words) > 5 else ""
        elif words[0] == "Rss:":
            rss += int(words[1])
            alone += 0 if any(part in name for part in _EVERYWHERE) else int(words[1])
        elif words[0] == "Pss:":
            pss += int(words[1])
            alone += int(words[1]) if any(part in name for part in _EVERYWHERE) else 0
    return {"pss": pss, "pss_alone": alone, "rss": rss}


def cpu_s(process: int) -> float:
    """User and system time, children that have ended included."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def configuration(port: int, web: int) -> dict[str, Any]:
    """Six local checks; the rest only counts."""
    local = {"host": "127.0.0.1", "port": port}
    return {
        "checks": [
            {"name": "gateway", "kind": "ping", "host": "127.0.0.1", "uplink": "main"},
            {"name": "sideka", "kind": "http", "url": f"http://127.0.0.1:{web}/"},
            {"name": "siskeudes", "kind": "http", "url": f"http://127.0.0.1:{web}/a"},
            {"name": "database", "kind": "tcp", **local},
            {"name": "printer", "kind": "tcp", **local},
            {"name": "process", "kind": "service", "process": "agent_footprint"},
            {"name": "host", "kind": "host"},
            {"name": "link", "kind": "link", "interfaces": [f"eth{i}" for i in range(INTERFACES)]},
        ]
    }


@contextmanager
def running(*words: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, env={**os.environ, **environment}, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def snmpd(stack: ExitStack, folder: Path, number: int) -> int:
    """A device: Debian's snmpd on a port of its own."""
    home = folder / f"device{number}"
    home.mkdir()
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    lines = [f"agentaddress udp:127.0.0.1:{port}", "rocommunity public", "rouser noc authPriv"]
    lines.append(f'createUser noc SHA "{_PASSWORD}" AES "{_PASSWORD}"')
    (home / "snmpd.conf").write_text("\n".join(lines) + "\n")
    words = ("-f", "-LE", "0", "-C", "-c", str(home / "snmpd.conf"), "-I", "-smux", "-m", "")
    stack.enter_context(running("/usr/sbin/snmpd", *words, SNMP_PERSISTENT_DIR=str(home / "kept")))
    return port


def devices(ports: Sequence[int], v3: bool) -> list[dict[str, Any]]:
    """Checks that look at these devices."""
    who = {"v3": "noc", "auth_password": _PASSWORD, "priv_password": _PASSWORD} if v3 else {}
    base = {"kind": "snmp", "host": "127.0.0.1", **who}
    return [{"name": f"device{port}", "port": port, **base} for port in ports]


def measure(python: str, minutes: float, beacons: bool, count: int, v3: bool) -> dict[str, Any]:
    """All figures of one run."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ronda-footprint-")))
        authority = Authority()
        centre = stack.enter_context(collector(authority.context(folder)))
        web = stack.enter_context(collector())
        relay, machine = Relay(centre.port), Machine(folder / "root")
        checks = devices([snmpd(stack, folder, number) for number in range(count)], v3)
        told = {"beacons": beacons, "checks": checks}
        prepare(folder, relay, centre, authority, web.port, told)
        agent = stack.enter_context(
            running(
                python,
                "-m",
                "agent.cli",
                "run",
                PYTHONPATH=os.pathsep.join([str(ROOT), *([_PACKAGES] if count else [])]),
                RONDA_AGENT_DATA=str(folder / "home"),
                RONDA_AGENT_ROOT=str(machine.root),
            )  # fmt: skip
        )
        bare = stack.enter_context(running(python, "-I", "-c", "import time; time.sleep(1e6)"))
        others = {"bare interpreter": bare.pid}
        exporter, port = shutil.which("prometheus-node-exporter"), free_port()
        if exporter:
            listen = f"--web.listen-address=127.0.0.1:{port}"
            node = stack.enter_context(running(exporter, listen))
            others["node_exporter"] = node.pid
        pass_time(WARM_S, machine, port)
        began, cpu, wire = time.monotonic(), cpu_s(agent.pid), relay.wire_bytes
        other_cpu = {name: cpu_s(pid) for name, pid in others.items()}
        reports = len(centre.reports)
        pass_time(minutes * 60, machine, port)
        took_s = time.monotonic() - began
        figures: dict[str, Any] = {
            "agent": {
                **memory_kib(agent.pid),
                "cpu_s_per_hour": round((cpu_s(agent.pid) - cpu) * 3600 / took_s, 2),
                "wire_bytes_per_minute": round((relay.wire_bytes - wire) * 60 / took_s),
                "series": len(centre.reports[-1]["frames"][0]["values"]),
                "reports": len(centre.reports) - reports,
                "connections": relay.connections,
                "datagrams": relay.datagrams,
            }
        }
        for name, pid in others.items():
            used = round((cpu_s(pid) - other_cpu[name]) * 3600 / took_s, 2)
            figures[name] = {**memory_kib(pid), "cpu_s_per_hour": used}
        return figures


def prepare(
    folder: Path,
    relay: Relay,
    centre: FakeCollector,
    authority: Authority,
    web: int,
    further: dict[str, Any],
) -> None:
    home = Home(str(folder / "home"))
    home.make()
    url = f"https://localhost:{relay.port}"
    identity = Identity(url=url, agent="7", token="token-1" * 6, ca=authority.pem, key=KEY.hex())
    home.keep_identity(identity)
    centre.tokens, centre.config = {"token-1" * 6}, configuration(centre.port, web)
    centre.config["beacons"] = further["beacons"]
    centre.config["checks"] += further["checks"]
    home.keep_config(centre.config, centre.etag)


def pass_time(length_s: float, machine: Machine, port: int) -> None:
    """Traffic goes on, and somebody scrapes node_exporter each minute."""
    end, turns = time.monotonic() + length_s, 0
    while (left_s := end - time.monotonic()) > 0:
        machine.turn()
        if turns % 2 == 0:
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).close()
        turns += 1
        time.sleep(min(30.0, left_s))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--beacons", action="store_true")
    parser.add_argument("--devices", type=int, default=0)
    parser.add_argument("--v3", action="store_true")
    args = parser.parse_args()
    figures = measure(args.python, args.minutes, args.beacons, args.devices, args.v3)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
