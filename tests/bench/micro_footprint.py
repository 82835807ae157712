"""What the shell agent of OpenWrt costs its device and its line, over TLS.

python -m tests.bench.micro_footprint [--minutes 3] [--every 60]

The script as `ronda sites script` makes it, under busybox, with Debian's curl, through a relay that
counts, at a real centre with its own authority; beside it what the command foretold.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.agent.micro.device import Device
from tests.bench.agent_footprint import Relay, cpu_s, snugly
from tests.stories.centre import Centre

SITE = "35.10.06.2005"
MONTH_S = 30 * 86400


@dataclass(frozen=True)
class Stage:
    """A device that is enrolled, its line, and what was foretold."""

    device: Device
    relay: Relay
    foretold: dict[str, Any]
    installed: Path


@contextmanager
def staged(folder: Path, every_s: int) -> Iterator[Stage]:
    """A centre, a relay before it, and a device that reports through it."""
    centre = Centre(
        folder / "var",
        RONDA_OWN_CA="true",
        RONDA_UPLINK_TARGETS="127.0.0.1",
        RONDA_ALLOW_TARGETS="127.0.0.0/8",
    )
    sites = folder / "sites.csv"
    sites.write_text(f"code,name,report_every_s\n{SITE},Benculuk,{every_s}\n")
    with centre:
        assert centre.run("sites", "import", str(sites)).returncode == 0
        relay = Relay(int(centre.settings.ingest.rpartition(":")[2]))
        try:
            url = f"https://127.0.0.1:{relay.port}"
            words = ("sites", "script", SITE, "--platform", "openwrt", "--url", url, "--json")
            foretold = json.loads(centre.run(*words).stdout)
            device, into = Device(folder / "device"), folder / "installed"
            device.with_curl()
            # where nobody answers, that would be measured as waiting
            device.put("nslookup", "#!/bin/sh\n")
            install(foretold["script"], into, device)
            yield Stage(device, relay, foretold, into)
        finally:
            relay.close()


def install(script: str, into: Path, device: Device) -> None:
    subprocess.run(["busybox", "ash", "-s", str(into)], input=script, text=True, check=True)
    text = (into / "etc/ronda/settings").read_text()
    ca = str(into / "etc/ronda/ca.pem")
    (device.etc / "settings").write_text(text.replace("/etc/ronda/ca.pem", ca))


def bytes_a_report(stage: Stage, count: int = 3) -> float:
    """On the wire, both ways, Ethernet and all; each report by itself."""
    stage.device.once()
    # the second fetches the configuration, the third what became of that
    stage.device.once()
    before = snugly(stage.relay)
    for _ in range(count):
        stage.device.once()
    return (snugly(stage.relay) - before) / count


def next_report(stage: Stage) -> int:
    """The number of the next one, once it is through."""
    seq = stage.device.run / "seq"
    before = seq.read_text() if seq.exists() else ""
    while not seq.exists() or seq.read_text() == before or stage.device.waiting:
        time.sleep(0.2)
    return int(seq.read_text())


class Watch(threading.Thread):
    """The largest memory of a process and of it with all its children, looked at often."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.own_kib, self.all_kib = process, 0, 0
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(0.02):
            sizes = [pss_kib(one) for one in family(self.process)]
            self.own_kib = max(self.own_kib, sizes[0])
            self.all_kib = max(self.all_kib, sum(sizes))

    def end(self) -> None:
        self._ended.set()
        self.join()


def family(process: int) -> list[int]:
    found = [process]
    for one in found:
        with suppress(OSError):
            children = Path(f"/proc/{one}/task/{one}/children").read_text()
            found += [int(child) for child in children.split()]
    return found


def pss_kib(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def flash_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def packed_bytes(folder: Path) -> int:
    """As squashfs or JFFS2 would about have it."""
    made = subprocess.run(["tar", "-cz", "-C", str(folder), "."], capture_output=True, check=True)
    return len(made.stdout)


def measure(minutes: float, every_s: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="ronda-micro-") as name:
        folder = Path(name)
        with staged(folder, every_s) as stage:
            each = bytes_a_report(stage)
            with stage.device.running() as agent:
                # from just after one report to just after another
                first = next_report(stage)
                watch, cpu, began = Watch(agent.pid), cpu_s(agent.pid), time.monotonic()
                wire = snugly(stage.relay)
                time.sleep(minutes * 60 - 5)
                reports = next_report(stage) - first
                took_s = time.monotonic() - began
                watch.end()
                figures = {
                    "shell_pss_kib": watch.own_kib,
                    "most_pss_kib_with_children": watch.all_kib,
                    "cpu_s_per_hour": round((cpu_s(agent.pid) - cpu) * 3600 / took_s, 1),
                    "wire_bytes_a_report_at_work": round((snugly(stage.relay) - wire) / reports),
                }
            ram = flash_bytes(stage.device.run)
            return {
                "wire_bytes_a_report_and_a_look_at_the_centre": round(each),
                **figures,
                "wire_mb_a_month": round(
                    figures["wire_bytes_a_report_at_work"] * MONTH_S / every_s / 1e6
                ),
                "foretold_mb_a_month": round(stage.foretold["bytes_a_month"] / 1e6),
                "flash_bytes": flash_bytes(stage.installed) + flash_bytes(stage.device.etc),
                "flash_bytes_packed": packed_bytes(stage.installed),
                "ram_bytes_of_files": ram,
                "shell": f"busybox ash, {os.path.getsize(shutil.which('busybox') or '')} bytes",
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--every", type=int, default=60)
    args = parser.parse_args()
    print(json.dumps(measure(args.minutes, args.every), indent=1))


if __name__ == "__main__":
    main()
