"""A village's hotspot in three rooms: a guest, the gateway, the internet.

    guest eth0 ---- lan0 10.77.0.1 gateway 203.0.113.2 wan0 ---- i0 203.0.113.1 internet
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.agent.hotspot.room import Room, stop

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
GATE, NAMES = "10.77.0.1", "--address=/#/198.51.100.1"
# dnsmasq else looks for 3 s whether somebody has the address already
DNSMASQ = [
    "dnsmasq", "-k", "-C", "/dev/null", "--user=root", "--pid-file=", "--no-hosts", "--no-resolv",
    "--interface=lan0", "--bind-interfaces", "--no-ping", "--dhcp-authoritative",
]  # fmt: skip
RULES = """
table ip hotspot {
  set guests { type ipv4_addr; }
  chain pre { type nat hook prerouting priority -100;
    iifname "lan0" ip saddr != @guests ip daddr != 10.77.0.1 tcp dport 80 redirect to :8080; }
  chain on { type filter hook forward priority 0;
    iifname "lan0" ip saddr != @guests reject; }
}
"""
LEASE = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr flush dev $interface
ip addr add $ip/24 dev $interface
ip route add default via $router
"""


class Village:
    """`folder` holds the modes of portal and internet, logs, and the agent's passwords."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.rooms: list[Room] = []
        self.guest, self.gate, self.net = (self._room() for _ in range(3))
        self.mode("portal", "form")
        self.mode("internet", "well")
        self._wire()
        self.start("internet", self.net, sys.executable, str(HERE / "outside.py"), "internet")
        self._looker: subprocess.Popen[str] | None = None

    def _room(self) -> Room:
        room = Room()
        self.rooms.append(room)
        return room

    def _wire(self) -> None:
        gate, net = self.gate, self.net
        gate.cable("lan0", self.guest, "eth0")
        gate.cable("wan0", net, "i0")
        gate.run("ip", "addr", "add", f"{GATE}/24", "dev", "lan0")
        gate.run("ip", "addr", "add", "203.0.113.2/24", "dev", "wan0")
        net.run("ip", "addr", "add", "203.0.113.1/24", "dev", "i0")
        for address in ("198.51.100.1/32", "198.51.100.7/32", "198.51.100.9/32"):
            net.run("ip", "addr", "add", address, "dev", "lo")
        gate.run("ip", "route", "add", "default", "via", "203.0.113.1")
        net.run("ip", "route", "add", "10.77.0.0/24", "via", "203.0.113.2")
        gate.run("sysctl", "-qw", "net.ipv4.ip_forward=1")

    def mode(self, what: str, mode: str) -> None:
        (self.folder / what).write_text(mode)

    def start(self, name: str, room: Room, *command: str) -> None:
        """Something that goes on; the last word is a file of the folder if there is one."""
        *words, last = command
        if (self.folder / last).exists():
            last = str(self.folder / last)
        log = self.folder / f"{name}.log"
        self.running[name] = room.start([*words, last], str(log))

    def stop(self, name: str) -> None:
        stop(self.running.pop(name))

    def serve(self, *options: str, pool: str = "10.77.0.50,10.77.0.90,1h") -> None:
        """DHCP and DNS at the gateway, from now on with these options."""
        if "dnsmasq" in self.running:
            self.stop("dnsmasq")
        log = f"--log-facility={self.folder / 'dnsmasq.txt'}"
        lease = f"--dhcp-leasefile={self.folder / 'leases'}"
        options = options or (NAMES,)
        words = [*DNSMASQ, log, lease, f"--dhcp-range={pool}", "--log-dhcp", *options]
        self.start("dnsmasq", self.gate, *words)

    def lease(self) -> None:
        """The guest's machine gets an address, as any phone."""
        script = self.folder / "lease.sh"
        script.write_text(LEASE)
        script.chmod(0o755)
        words = "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "20", "-T", "1"
        self.guest.run(*words, "-s", str(script))

    def capture(self) -> None:
        """The small portal takes whoever has not signed in."""
        self.start("portal", self.gate, sys.executable, str(HERE / "portal.py"), "portal")
        self.redirect()

    def redirect(self) -> None:
        rules = self.folder / "rules.nft"
        rules.write_text(RULES)
        self.gate.run("nft", "-f", str(rules))

    def look(self, **settings: Any) -> tuple[str, str, dict[str, float | None], bool]:
        """Verdict, reason, steps, and whether the line looks suspended."""
        if self._looker is None:
            words = [sys.executable, "-m", "tests.agent.hotspot.looker"]
            self._looker = subprocess.Popen(
                self.guest.words("env", f"RONDA_AGENT_DATA={self.folder}", *words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                # nsenter begins in the root folder
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        assert self._looker.stdin is not None and self._looker.stdout is not None
        table = {"name": "hotspot", "kind": "journey", "interface": "eth0", **settings}
        print(json.dumps(table), file=self._looker.stdin, flush=True)
        verdict, reason, steps, suspended = json.loads(self._looker.stdout.readline())
        return verdict, reason, steps, suspended

    def wait(self, true: Callable[[], object], limit_s: float = 20.0) -> None:
        deadline = time.monotonic() + limit_s
        while not true():
            assert time.monotonic() < deadline, "not in time"
            time.sleep(0.1)

    def close(self) -> None:
        for room in self.rooms:
            room.close()
        if self._looker is not None:
            assert self._looker.stdin is not None and self._looker.stdout is not None
            self._looker.stdin.close()
            self._looker.stdout.close()
            self._looker.wait(timeout=10)
        for process in self.running.values():
            process.wait(timeout=10)
