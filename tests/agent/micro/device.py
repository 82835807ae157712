"""A device with OpenWrt's busybox and nothing else, in a folder: our agent runs on it as it is.

`clock` is what its programs take for the time, by the real libfaketime; `date -s` sets it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

from tests.playbooks.devices.openwrt import APPLETS

ROOT = Path(__file__).parents[3]
AGENT = ROOT / "agent" / "micro" / "openwrt"
_FAKETIME = next(iter(glob("/usr/lib/*/faketime/libfaketime.so.1")), "")
PARTS = ("common", "wire", "facts", "looks", "spool", "thrift", "centre")
_NEEDED = ("ash", "awk", "ip", "nc", "ping", "nslookup", "logger", "date", "sleep")
# `date -s @N`, as busybox takes it: the time goes on from there
_DATE = """#!/bin/sh
[ "$1" = -s ] || exec {busybox} date "$@"
env -u LD_PRELOAD {busybox} date -u -d "$2" '+@%Y-%m-%d %H:%M:%S' >{clock}.new
mv {clock}.new {clock}
"""
_LOGGER = "#!/bin/sh\nfor last; do :; done\nprintf '%s\\n' \"$last\" >>{log}\n"


class Device:
    """Folders `etc`, `run`, `bin`, `proc` of one device."""

    def __init__(self, folder: Path, shell: Sequence[str] = ("busybox", "ash")) -> None:
        self.folder, self.shell = folder, shell
        self.etc, self.run, self.bin = (folder / name for name in ("etc", "run", "bin"))
        self.log, self.clock = folder / "log", folder / "clock"
        busybox = shutil.which("busybox")
        assert busybox is not None
        for made in (self.etc, self.bin, folder / "proc/sys/kernel/random"):
            made.mkdir(parents=True)
        for applet in {*APPLETS.split(), *_NEEDED}:
            (self.bin / applet).symlink_to(busybox)
        self.put("logger", _LOGGER.format(log=self.log))
        (folder / "sys").symlink_to("/sys")
        for name in ("uptime", "loadavg", "meminfo", "stat", "net"):
            (folder / "proc" / name).symlink_to(f"/proc/{name}")
        (folder / "proc/sys/kernel/random/uuid").symlink_to("/proc/sys/kernel/random/uuid")
        self.boot("0b007000")
        self.more: dict[str, str] = {}

    def put(self, name: str, text: str) -> None:
        """A program of this name."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def tool(self, name: str) -> None:
        """A stand-in for what Debian has no package for."""
        self.put(name, (Path(__file__).parent / "tools" / name).read_text())

    def with_curl(self) -> None:
        """The real curl."""
        curl = shutil.which("curl")
        assert curl is not None
        (self.bin / "curl").symlink_to(curl)

    def with_uclient(self, year: int) -> None:
        """A uclient-fetch as it was in this year."""
        script = Path(__file__).parent / "uclient_fetch.py"
        # not through the fake clock's own shell: what it imports must be of our Python
        self.put("uclient-fetch", f'#!/bin/sh\nexec {sys.executable} -S {script} {year} "$@"\n')

    def boot(self, boot: str) -> None:
        """The kernel's word for this boot; what was in RAM is gone."""
        (self.folder / "proc/sys/kernel/random/boot_id").write_text(f"{boot}-0000\n")
        shutil.rmtree(self.run, ignore_errors=True)

    def set_clock(self, at: float) -> None:
        """From now on its programs take this for the time, standing still."""
        self.clock.write_text(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S\n"))
        busybox = shutil.which("busybox")
        self.put("date", _DATE.format(busybox=busybox, clock=self.clock))
        self.more |= {
            "LD_PRELOAD": _FAKETIME,
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
            "TZ": "UTC",
        }

    def settings(self, **values: str) -> None:
        """The one generated part."""
        lines = (f"{name}='{value}'\n" for name, value in values.items())
        (self.etc / "settings").write_text("".join(lines))

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": str(self.bin),
            "RONDA_ETC": str(self.etc),
            "RONDA_RUN": str(self.run),
            "RONDA_PROC": str(self.folder / "proc"),
            "RONDA_SYS": str(self.folder / "sys"),
            "RONDA_LEASES": str(self.folder / "leases"),
            "RONDA_NTP": "",
            **self.more,
        }

    def words(self, verb: str) -> list[str]:
        """The agent as procd would start it."""
        first = shutil.which(self.shell[0])
        assert first is not None
        given = [f"{name}={value}" for name, value in self.env.items()]
        return [
            "/usr/bin/env",
            "-i",
            *given,
            first,
            *self.shell[1:],
            str(AGENT / "ronda.sh"),
            verb,
        ]

    def part(self, text: str) -> str:
        """What some lines of shell print that use parts of the agent; they must succeed."""
        parts = "".join(f". {AGENT}/{name}.sh\n" for name in PARTS)
        words = self.words("status")[:-2]
        head = f"HOME_DIR={AGENT} RUN=$RONDA_RUN SCRATCH=$RUN ETC=$RONDA_ETC PROC=$RONDA_PROC\n"
        head += "SYS=$RONDA_SYS LEASES=$RONDA_LEASES WAN=wan CA= LOOK_S=10 CLIENT=curl\n"
        head += "THRIFT=0 MOST_KB=\n"
        self.run.mkdir(exist_ok=True)
        done = subprocess.run(
            [*words, "-c", head + parts + text],
            capture_output=True,
            text=True,
            timeout=30,
            cwd=self.folder,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def once(self, limit_s: float = 30.0) -> "subprocess.CompletedProcess[str]":
        """One look and one report."""
        return subprocess.run(
            self.words("once"), capture_output=True, text=True, timeout=limit_s, cwd=self.folder
        )

    @contextmanager
    def running(self, inside: Sequence[str] = ()) -> Iterator["subprocess.Popen[bytes]"]:
        """The agent at work; killed at the end with all it started."""
        with (self.folder / "err").open("ab") as err:
            process = subprocess.Popen(
                [*inside, *self.words("run")],
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            cut(process)

    @property
    def said(self) -> list[str]:
        """What it logged."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    @property
    def waiting(self) -> list[str]:
        return sorted(path.name for path in (self.run / "queue").glob("*"))


def cut(process: "subprocess.Popen[bytes]") -> None:
    """As the mains would: everything of it at once."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
    process.wait(10)
