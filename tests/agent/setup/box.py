"""A clean Debian in a folder: its own root, accounts and processes; programs are this machine's.

Its systemctl is a stand-in that runs the one unit it is asked for, as the unit says: its account,
its capabilities, its environment, with a socket to notify.
"""

import shutil
import subprocess
from pathlib import Path

from tests.playbooks.devices.linux import linked, written

TOOLS = Path(__file__).with_name("tools")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOUNTS = """
set -e
cd {disk}
mkdir -p host proc dev tmp run root sys
mount --bind / host
mount -o remount,bind,ro host
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
"""
_FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/shadow": "root:*:20000:0:99999:7:::\n",
    "etc/gshadow": "root:*::\nnogroup:!::\n",
    "etc/login.defs": "SYS_UID_MIN 100\nSYS_UID_MAX 999\nSYS_GID_MIN 100\nSYS_GID_MAX 999\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/debian_version": "12.11\n",
}


class Box:
    """Switched on until `close`."""

    def __init__(self, folder: Path) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir()
        of_usr = ("bin", "sbin", "lib", "lib64", "share", "libexec")
        links = {name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")}
        links |= {f"usr/{name}": f"/host/usr/{name}" for name in of_usr}
        linked(self.disk, {**links, "etc/alternatives": "/host/etc/alternatives"})
        written(self.disk, _FILES)
        for name in ("etc/systemd/system", "usr/local/sbin", "var/lib"):
            (self.disk / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(TOOLS / "systemctl", self.disk / "usr/local/sbin/systemctl")
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdin is not None and self._holder.stdout is not None
        self._holder.stdin.write(b"here\n")
        self._holder.stdin.flush()
        assert self._holder.stdout.readline() == b"here\n"
        path = f"/proc/{self._holder.pid}/task/{self._holder.pid}/children"
        self._pid = Path(path).read_text().split()[0]
        self._enter("sh", "-c", _MOUNTS.format(disk=self.disk))

    def type(self, line: str) -> tuple[int, str]:
        """What root sees of a line typed in its home, and how it ended."""
        env = ["env", "-i", f"PATH={_PATH}", "HOME=/root", "LANG=id_ID.UTF-8"]
        line = f"cd /root && {line}"
        done = self._enter(*env, "/usr/sbin/chroot", str(self.disk), "/bin/sh", "-c", line)
        return done.returncode, done.stdout + done.stderr

    def bring(self, *files: Path) -> None:
        """As from a stick."""
        for file in files:
            shutil.copy(file, self.disk / "root" / file.name)

    def close(self) -> None:
        assert self._holder.stdin is not None and self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.wait(timeout=10)
        self._holder.stdout.close()

    def _enter(self, *command: str) -> "subprocess.CompletedProcess[str]":
        words = ["nsenter", "--target", self._pid, "--mount", "--pid", "--", *command]
        return subprocess.run(words, capture_output=True, text=True, timeout=120)
