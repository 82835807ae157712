"""A village's hotspot in three rooms: a guest, the gateway, the internet.

guest eth0 ---- lan0 10.77.0.1 gateway 203.0.113.2 wan0 ---- i0 203.0.113.1 internet
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
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
# openNDS changes /etc/dnsmasq.conf, keeps things in /tmp and /run, and wants its clients among the
# usual leases: it gets folders of its own
OPENNDS_CONFIG = """
gatewayinterface lan0
gatewayname Wifi Desa
debuglevel 1
gatewayfqdn disable
FirewallRuleSet authenticated-users {
 FirewallRule allow all
}
FirewallRuleSet preauthenticated-users {
 FirewallRule allow udp port 53
}
FirewallRuleSet users-to-router {
 FirewallRule allow udp port 53
 FirewallRule allow udp port 67
}
"""
# it moves the chains of iptables to a priority where the iptables of Debian 12 refuses them
NFT = """#!/bin/sh
case "$*" in *"rename chain"*|*"priority -100"*) exit 0;; esac
exec /usr/sbin/nft "$@"
"""
OPENNDS = """
set -e
mount --make-rprivate /
for place in etc run; do mount --bind {folder}/nds/$place /$place; done
mount -t tmpfs none /mnt
touch /mnt/dhcp.leases
mount --bind {folder}/leases /mnt/dhcp.leases
mount --move /mnt /tmp
PATH=/run/bin:$PATH exec opennds -f -c /run/nds.conf
"""
READY = "openNDS is now running"
LEASE = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr flush dev $interface
ip addr add $ip/24 dev $interface
ip route add default via $router
"""


@dataclass(frozen=True)
class Look:
    """A reading: verdict, reason, 1, 0 or None by step, and whether the line looks suspended."""

    verdict: str
    reason: str
    steps: dict[str, float | None]
    suspended: bool

    @property
    def broken(self) -> list[str]:
        return [step for step, up in self.steps.items() if up == 0]

    @property
    def known(self) -> list[str]:
        return [step for step, up in self.steps.items() if up is not None]


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

    def password(self, host: str, text: str) -> None:
        (self.folder / "logins").mkdir(exist_ok=True)
        (self.folder / "logins" / host).write_text(text)

    def leased(self) -> str:
        """The address of the guest's machine."""
        return (self.folder / "leases").read_text().split()[2]

    def capture(self) -> None:
        """The small portal takes whoever has not signed in."""
        self.start("portal", self.gate, sys.executable, str(HERE / "portal.py"), "portal")
        self.redirect()

    def redirect(self) -> None:
        rules = self.folder / "rules.nft"
        rules.write_text(RULES)
        self.gate.run("nft", "-f", str(rules))

    def opennds(self) -> None:
        """The real openNDS takes whoever has not signed in, from when this returns."""
        nds = self.folder / "nds"
        if not nds.exists():
            shutil.copytree("/etc", nds / "etc", symlinks=True, ignore_dangling_symlinks=True)
            (nds / "run/bin").mkdir(parents=True)
            (nds / "etc/dnsmasq.conf").touch()
            (nds / "run/nds.conf").write_text(OPENNDS_CONFIG)
            (nds / "run/bin/nft").write_text(NFT)
            (nds / "run/bin/nft").chmod(0o755)
            (nds / "run/up.sh").write_text(OPENNDS.format(folder=self.folder))
        log = self.folder / "opennds.log"
        before = log.read_text().count(READY) if log.exists() else 0
        self.gate.run("nft", "flush", "ruleset")
        self.start("opennds", self.gate, "unshare", "--mount", "sh", str(nds / "run/up.sh"))
        self.wait(lambda: log.read_text().count(READY) > before)

    def look(self, **settings: Any) -> Look:
        """One look of an agent that runs on."""
        if self._looker is None:
            self._looker = self._agent()
        return Look(*_asked(self._looker, settings))

    def look_without_rights(self, **settings: Any) -> Look:
        """The same, by an agent that has no capabilities at all."""
        looker = self._agent("setpriv", "--bounding-set=-all", "--inh-caps=-all")
        try:
            return Look(*_asked(looker, settings))
        finally:
            _end(looker)

    def _agent(self, *under: str) -> "subprocess.Popen[str]":
        words = [*under, sys.executable, "-m", "tests.agent.hotspot.looker"]
        return subprocess.Popen(
            self.guest.words("env", f"RONDA_AGENT_DATA={self.folder}", *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # nsenter begins in the root folder
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def wait(self, true: Callable[[], object], limit_s: float = 20.0) -> None:
        deadline = time.monotonic() + limit_s
        while not true():
            assert time.monotonic() < deadline, "not in time"
            time.sleep(0.1)

    def close(self) -> None:
        for room in self.rooms:
            room.close()
        if self._looker is not None:
            _end(self._looker)
        for process in self.running.values():
            process.wait(timeout=10)


def _asked(looker: "subprocess.Popen[str]", settings: dict[str, Any]) -> list[Any]:
    assert looker.stdin is not None and looker.stdout is not None
    table = {"name": "hotspot", "kind": "journey", "interface": "eth0", **settings}
    print(json.dumps(table), file=looker.stdin, flush=True)
    answer: list[Any] = json.loads(looker.stdout.readline())
    return answer


def _end(looker: "subprocess.Popen[str]") -> None:
    assert looker.stdin is not None and looker.stdout is not None
    looker.stdin.close()
    looker.stdout.close()
    looker.wait(timeout=10)
