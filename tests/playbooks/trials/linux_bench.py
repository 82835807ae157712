"""A stand-in with a shell: its disk is put back as it was, and compared file by file."""

import shutil
import stat
import time
from pathlib import Path

import paramiko

from playbooks.hosts import Host, Login
from playbooks.model import Platform
from tests.playbooks.devices.linux import PASSWORD, Device, Make, written
from tests.playbooks.trials.running import SPEED

SITE = "35.10.01.2001"
# answer to pings and to names, as well-known servers do
_SERVERS = ("1.1.1.1", "8.8.8.8", "203.0.113.53")
_NAMES = ("--address=/id.pool.ntp.org/192.0.2.2", "--local=/id.pool.ntp.org/")
_SLEEP = f"""#!/bin/sh
case $1 in *[!0-9]*) exec /host/usr/bin/sleep "$1" ;; esac
exec /host/usr/bin/sleep "$(($1 / {SPEED})).$(printf %02d $(($1 * 100 / {SPEED} % 100)))"
"""
_PING = f"""#!/bin/sh
exec {{ping}} -i {1 / SPEED} "$@"
"""
_LEFT = (
    "find /etc /var /run /tmp /root 2>/dev/null | grep -i ronda-guard; "
    "for line in /proc/[0-9]*/cmdline; do tr '\\000' ' ' <$line; echo; done 2>/dev/null | "
    "grep -v grep | grep ronda-guard/"
)


# how a device works at present; programs that run, but for those that sign in and out
_PROGRAMS = """
for each in /proc/[0-9]*; do
  text=$({ tr '\\0' ' ' <$each/cmdline; } 2>/dev/null)
  case $text in
    # of those who sign in, and of this look itself
    "" | *ssh* | *dropbear* | *"for each"* | "sort " | "tr "*) ;;
    *) echo "$text" ;;
  esac
done | sort
"""
_WORKING = {
    Platform.DEBIAN: "timedatectl show",
    Platform.OPENWRT: "uci changes; mwan3 interfaces; service opennds status",
}


class LinuxBench:
    """Its time goes as fast as that of who waits for it."""

    def __init__(self, platform: Platform, make: Make, folder: Path) -> None:
        self._working = f"""
ip -4 -o addr; ip route; nft list ruleset; cat /etc/resolv.conf
{_WORKING[platform]}
{_PROGRAMS}"""
        self.device = Device(make, folder, paramiko.ECDSAKey.generate())
        disk = self.device.disk
        debian = platform is Platform.DEBIAN
        first, ping = ("usr/local/sbin", "/usr/bin/ping") if debian else ("usr/sbin", "/bin/ping")
        quick = {f"{first}/sleep": _SLEEP, f"{first}/ping": _PING.format(ping=ping)}
        written(disk, quick, 0o755)
        self._kept = folder / "kept"
        shutil.copytree(disk, self._kept, symlinks=True)
        street = self.device.street.room
        for server in _SERVERS:
            street.run("ip", "addr", "add", f"{server}/32", "dev", "lo")
        named = [f"--listen-address={server}" for server in _SERVERS]
        words = ["dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "--pid-file", "--no-hosts"]
        words += ["--no-resolv", "--bind-interfaces", *named, *_NAMES]
        self._names = street.start(words, str(folder / "names.log"))
        self.host = Host(
            SITE,
            "pc",
            platform,
            "127.0.0.1",
            self.device.port,
            Login("root", PASSWORD),
            self._key(),
        )

    def renew(self) -> None:
        self.device.cut_power()
        for item in self.device.disk.iterdir():
            shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
        shutil.copytree(self._kept, self.device.disk, symlinks=True, dirs_exist_ok=True)
        self.device.on()

    def inside(self, text: str) -> str:
        return self.device.inside(text)

    def configuration(self) -> dict[str, str]:
        disk = self.device.disk
        found = {str(path.relative_to(disk)): _seen(path) for path in sorted(disk.rglob("*"))}
        return {**found, "working": self.inside(self._working)}

    def start(self) -> str:
        return self.inside("cat /proc/sys/kernel/random/boot_id")

    def left(self) -> str:
        """A process that is about to end is not meant."""
        found = ""
        for _ in range(20):
            found = self.device.inside(_LEFT)
            if not found:
                break
            time.sleep(0.1)
        return found

    def close(self) -> None:
        self.device.close()
        self._names.wait(timeout=10)

    def _key(self) -> tuple[str, ...]:
        client = self.device.connect()
        transport = client.get_transport()
        assert transport is not None
        key = transport.get_remote_server_key()
        client.close()
        return (f"{key.get_name()} {key.get_base64()}",)


def _seen(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"-> {path.readlink()}"
    if stat.S_ISREG(mode):
        return f"{mode:o} {path.read_bytes()!r}"
    return f"{mode:o}"
