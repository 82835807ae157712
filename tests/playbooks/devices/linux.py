"""A device that runs Linux: namespaces, a disk of its own, a real SSH server, and a power switch.

Its disk is a folder that outlives power cuts; programs and libraries are this machine's, under
/host. A power cut kills everything in it, its memory and its network; switching it on runs what a
boot of its platform runs, with a new boot id.
"""

import subprocess
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import paramiko

from tests.agent.hotspot.room import Room
from tests.playbooks.devices.nodes import own_dev
from tests.playbooks.devices.street import DEVICE, GATE, Street

PASSWORD = "rahasia-9"
# of PASSWORD, as `openssl passwd -6` makes it
_HASH = subprocess.run(
    ["openssl", "passwd", "-6", "-salt", "ronda", PASSWORD],
    capture_output=True,
    text=True,
    check=True,
    timeout=60,
).stdout.strip()
_MOUNTS = """
set -e
cd {disk}
mkdir -p host proc dev tmp run root sys
mount --bind / host
mount -o remount,bind,ro host
{dev}
mount -t proc proc proc
mount --bind {boot_id} proc/sys/kernel/random/boot_id
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
"""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Make(Protocol):
    """What makes a device one of its platform."""

    interface: str
    shell: str

    def furnish(self, disk: Path, public_key: str) -> None:
        """Put a new disk together."""

    def boot(self) -> str:
        """What runs, by /bin/sh, when it is switched on; it stays for as long as the power."""


class Device:
    """One device, switched on; `connect` is for tests that have no session of the product."""

    def __init__(self, make: Make, folder: Path, key: paramiko.PKey) -> None:
        self.make, self.key = make, key
        self.folder, self.disk = folder, folder / "disk"
        self.disk.mkdir(parents=True)
        _accounts(self.disk, make.shell)
        make.furnish(self.disk, f"{key.get_name()} {key.get_base64()}")
        self.street = Street()
        self._room: Room | None = None
        self._closed, self._restarted = threading.Event(), threading.Event()
        self.on()
        self._switch = threading.Thread(target=self._watch_restarts, daemon=True)
        self._switch.start()

    @property
    def port(self) -> int:
        return self.street.port

    @property
    def room(self) -> Room:
        assert self._room is not None, "the device is switched off"
        return self._room

    def on(self) -> None:
        """Switch it on; returns when its SSH server listens."""
        room = Room()
        boot_id = self.folder / "boot_id"
        boot_id.unlink(missing_ok=True)
        boot_id.write_text(f"{uuid.uuid4()}\n")
        told = {"disk": self.disk, "boot_id": boot_id, "dev": own_dev("dev")}
        room.run("sh", "-c", _MOUNTS.format(**told))
        self.street.join(room, self.make.interface)
        self._room = room
        log = str(self.folder / "console.log")
        self._boot = room.start(self._words("/bin/sh", "-c", self.make.boot()), log)
        self.wait("[ -e /var/run/booted ]")

    def cut_power(self) -> None:
        """All that runs is killed, and what was in memory is gone."""
        self.room.close()
        self._room = None
        self._boot.wait(timeout=10)

    def restart(self) -> None:
        self.cut_power()
        self.on()

    def await_restart(self, limit_s: float = 15.0) -> None:
        """Until a restart that was asked for on the device is over."""
        assert self._restarted.wait(limit_s), "nobody asked for a restart"
        self._restarted.clear()

    def inside(self, text: str) -> str:
        """What somebody at the device itself would see of a command; it may fail."""
        words = self.room.words(*self._words("/bin/sh", "-c", text))
        done = subprocess.run(words, capture_output=True, text=True, timeout=30)
        return done.stdout + done.stderr

    def wait(self, text: str, limit_s: float = 15.0) -> None:
        """Until a command, given at the device itself, succeeds."""
        deadline = time.monotonic() + limit_s
        while not self.inside(f"if {text}; then echo yes; fi").endswith("yes\n"):
            assert time.monotonic() < deadline, f"not in time: {text}"
            time.sleep(0.1)

    def connect(self, limit_s: float = 10.0) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            "127.0.0.1", self.port, "root", pkey=self.key, timeout=limit_s, banner_timeout=limit_s,
            auth_timeout=limit_s, allow_agent=False, look_for_keys=False,
        )  # fmt: skip
        return client

    def close(self) -> None:
        self._closed.set()
        self._switch.join(timeout=10)
        if self._room is not None:
            self.cut_power()
        self.street.close()

    def _words(self, *command: str) -> Sequence[str]:
        env = ["env", "-i", f"PATH={_PATH}", "HOME=/root", "USER=root"]
        return [*env, "/usr/sbin/chroot", str(self.disk), *command]

    def _watch_restarts(self) -> None:
        """`reboot` on the device leaves a file; it is the power button."""
        asked = self.disk / ".reboot"
        while not self._closed.wait(0.2):
            if asked.exists():
                asked.unlink()
                self.restart()
                self._restarted.set()


def linked(disk: Path, links: dict[str, str]) -> None:
    """Symbolic links on a disk, with the folders they are in."""
    for name, target in links.items():
        place = disk / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


def written(disk: Path, files: dict[str, str], mode: int = 0o644) -> None:
    for name, text in files.items():
        place = disk / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)


def authorized(disk: Path, name: str, public_key: str) -> None:
    place = disk / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.parent.chmod(0o700)
    place.write_text(f"{public_key} test\n")
    place.chmod(0o600)


def address() -> tuple[str, str]:
    """The device's own address with its mask, and its gateway."""
    return f"{DEVICE}/24", GATE


def _accounts(disk: Path, shell: str) -> None:
    people = f"root:x:0:0:root:/root:{shell}\nsshd:x:110:65534::/run/sshd:/bin/false\n"
    people += "nobody:x:65534:65534:nobody:/:/bin/false\n"
    files = {
        "etc/passwd": people,
        "etc/group": "root:x:0:\nnogroup:x:65534:\n",
        "etc/shells": "/bin/sh\n/bin/ash\n/bin/bash\n",
        "etc/hosts": "127.0.0.1 localhost\n",
    }
    written(disk, files)
    written(disk, {"etc/shadow": f"root:{_HASH}:20000:0:99999:7:::\n"}, 0o600)
    (disk / "root").mkdir(mode=0o700)
