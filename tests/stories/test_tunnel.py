"""A device behind NAT, from end to end: its agent is asked for a way in, and a playbook runs in it.

The centre, the village's router and the agent are each in a network of their own. The centre has no
way to the village: only what its agent opens from inside.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko
import pytest

from collector import tunnels
from tests.agent.hotspot.room import Room, stop
from tests.playbooks.devices.debian import Debian
from tests.playbooks.devices.linux import PASSWORD, Device
from tests.playbooks.devices.street import DEVICE
from tests.sftp_server import PROGRAM, make_key
from tests.stories.centre import Centre, wait_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SITE = "35.10.01.2001"
NOC, VILLAGE = "203.0.113.1", "203.0.113.2"
ROUTER, AGENT = "10.98.0.1", "10.98.0.2"
BOOK = """
name: jalan
title: {id: Jalan, en: Way}
level: yellow
platforms:
  debian:
    precheck:
      - echo precheck >>/root/log
    do:
      # one command: what is in the log says that it was sent
      - {run: "echo do >>/root/log; sleep 8", limit: 20s}
    verify:
      - {run: "test -e /root/log", limit: 10s}
      - heartbeat: 60s
    persist:
      - {run: "echo persist >>/root/log", limit: 5s}
    undo:
      - echo undo >>/root/log
"""
_SSHD = """
ListenAddress {noc}
Port 2222
HostKey {folder}/host
AuthorizedKeysFile {keys}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
AllowTcpForwarding remote
PermitTTY no
ClientAliveInterval 15
"""


class Noc(Centre):
    """A centre that speaks TLS, in a network of its own, with an sshd for tunnels."""

    def __init__(self, room: Room, folder: Path, host_key: str) -> None:
        env = {
            "PYTHONPATH": str(ROOT),
            "RONDA_OWN_CA": "true",
            "RONDA_TUNNEL_SSH": f"root@{NOC}:2222",
            "RONDA_TUNNEL_HOST_KEY": host_key,
        }
        super().__init__(folder, **env)
        self.listen_everywhere()
        port = self.settings.ingest.rpartition(":")[2]
        self._env["RONDA_INGEST_URL"] = self.url = f"https://{NOC}:{port}"
        self.settings = replace(self.settings, ingest_url=self.url)
        self.room = room

    def command(self, *arguments: str) -> list[str]:
        return self.room.words(sys.executable, "-m", "ronda", *arguments)

    def stop(self) -> int:
        """Ctrl-C, as a terminal sends it: to whoever is behind nsenter, too."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def typed(self, text: str, *arguments: str) -> None:
        words = self.command(*arguments, "--data", str(self.folder))
        done = subprocess.run(
            words, env=self._env, input=text, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def playbook(self) -> dict[str, Any]:
        """A whole run, led by the engine."""
        words = ["playbooks", "run", "jalan", "--site", SITE, "--json", "--data", str(self.folder)]
        done = subprocess.run(
            self.command(*words), env=self._env, capture_output=True, text=True, timeout=400
        )
        told: dict[str, Any] = json.loads(done.stdout or "{}")
        assert told, done.stderr
        return told


class Land:
    """Rooms and cables: the device's street is the village's router, which hides all behind it."""

    def __init__(self, folder: Path) -> None:
        self.device = Device(Debian(), folder / "device", paramiko.ECDSAKey.generate())
        self.router = self.device.street.room
        self.noc, self.agent = Room(), Room()
        self.sshd: subprocess.Popen[bytes] | None = None
        self.router.cable("wan", self.noc, "eth0")
        self.router.cable("lan", self.agent, "eth0")
        for room, address, interface in (
            (self.noc, f"{NOC}/24", "eth0"),
            (self.router, f"{VILLAGE}/24", "wan"),
            (self.router, f"{ROUTER}/24", "lan"),
            (self.agent, f"{AGENT}/24", "eth0"),
        ):
            room.run("ip", "addr", "add", address, "dev", interface)
        self.agent.run("ip", "route", "add", "default", "via", ROUTER)
        self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.router.run("nft", "add table ip nat")
        hook = "type nat hook postrouting priority 100;"
        self.router.run("nft", f"add chain ip nat out {{ {hook} }}")
        self.router.run("nft", 'add rule ip nat out oifname "wan" masquerade')

    def reaches(self, room: Room, address: str) -> bool:
        words = room.words("timeout", "2", "bash", "-c", f"echo </dev/tcp/{address}/22")
        return subprocess.run(words, capture_output=True, timeout=20).returncode == 0

    def close(self) -> None:
        for room in (self.agent, self.noc):
            room.close()
        if self.sshd is not None:
            self.sshd.wait(timeout=10)
        self.device.close()


class Guest:
    """The agent of the village, a process of its own."""

    def __init__(self, land: Land, centre: Noc, folder: Path) -> None:
        self._room, self.log = land.agent, folder / "agent.log"
        self._data = folder / "agent"
        (told,) = centre.ask("sites", "codes")
        enrol = self._words("enrol", centre.url, told["code"], "--wait", "30")
        done = subprocess.run(enrol, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        self.process = self._room.start(self._inside("run"), str(self.log))

    def cut_tunnel(self) -> None:
        """The client that holds it is killed, as a line that breaks would end it."""
        assert self._tunnels()
        for pid in self._tunnels():
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        stop(self.process)

    def _tunnels(self) -> list[int]:
        """The ssh that this agent began, by what the kernel says of its children."""
        found, looked_at = [], [self.process.pid]
        while looked_at:
            pid = looked_at.pop()
            try:
                # each thread has children of its own
                for task in Path(f"/proc/{pid}/task").iterdir():
                    looked_at += map(int, (task / "children").read_text().split())
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"-R" in words:
                found.append(pid)
        return found

    def _words(self, *words: str) -> list[str]:
        return self._room.words(*self._inside(*words))

    def _inside(self, *words: str) -> Sequence[str]:
        env = [f"RONDA_AGENT_DATA={self._data}", f"PYTHONPATH={ROOT}"]
        return ["env", *env, sys.executable, "-m", "agent.cli", *words]


@pytest.fixture
def land(tmp_path: Path) -> Iterator[Land]:
    made = Land(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def centre(land: Land, tmp_path: Path) -> Iterator[Noc]:
    folder = tmp_path / "sshd"
    folder.mkdir()
    make_key(folder / "host")
    host_key = " ".join((folder / "host.pub").read_text().split()[:2])
    made = Noc(land.noc, tmp_path / "var", host_key)
    keys = made.folder / tunnels.FOLDER / tunnels.KEYS
    config = folder / "config"
    config.write_text(_SSHD.format(noc=NOC, folder=folder, keys=keys))
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    land.sshd = land.noc.start([str(PROGRAM), "-D", "-e", "-f", str(config)], str(folder / "log"))
    with made:
        books = made.folder / "playbooks"
        books.mkdir()
        (books / "jalan.yml").write_text(BOOK.lstrip())
        sites = tmp_path / "sites.csv"
        sites.write_text(f"code,name,report_every_s\n{SITE},Benculuk,2\n")
        made.ask("sites", "import", str(sites))
        pinned = (land.device.disk / "etc/ssh/ssh_host_ed25519_key.pub").read_text().strip()
        place = ("hosts", "set", SITE, "pc", f"root@{DEVICE}", "--platform", "debian")
        made.typed(f"{PASSWORD}\n", *place, "--host-key", pinned, "--tunnel")
        yield made


def reported(centre: Noc) -> bool:
    (site,) = centre.ask("sites", "list")
    return site["last_report_age_s"] is not None


def steps(told: dict[str, Any]) -> dict[str, str]:
    """What the device printed, by step."""
    (host,) = told["hosts"]
    return {step["does"]: step["output"] for step in host["steps"]}


def test_a_playbook_runs_through_the_tunnel_that_an_agent_behind_nat_opens(
    land: Land, centre: Noc, tmp_path: Path
) -> None:
    assert not land.reaches(land.noc, DEVICE) and not land.reaches(land.noc, VILLAGE)
    guest = Guest(land, centre, tmp_path)
    try:
        wait_for("a first report", lambda: reported(centre), 60)
        told = centre.playbook()
        assert told["state"] == "done", (told, guest.log.read_text())
        said = steps(told)
        assert said["arm"].endswith("ronda-guard armed\n"), said
        assert said["disarm"].endswith("ronda-guard disarmed\n"), said
        assert land.device.inside("cat /root/log") == "precheck\ndo\npersist\n"
        assert "ronda-guard" not in land.device.inside("ls /var/lib /etc/systemd/system -R")

        # once more, and the tunnel breaks in the middle of it, as a change of the line may have it
        land.device.inside("rm /root/log")
        broke = threading.Thread(target=_break, args=(land.device, guest), daemon=True)
        broke.start()
        told = centre.playbook()
        broke.join(timeout=10)
        assert told["state"] == "done", (told, guest.log.read_text())
        assert land.device.inside("cat /root/log") == "precheck\ndo\npersist\n"
        assert "the line was lost" in steps(told)["echo do >>/root/log; sleep 8"], steps(told)
    finally:
        guest.close()


def _break(device: Device, guest: Guest) -> None:
    by = time.monotonic() + 120
    while "do" not in device.inside("cat /root/log 2>/dev/null") and time.monotonic() < by:
        time.sleep(0.1)
    guest.cut_tunnel()
