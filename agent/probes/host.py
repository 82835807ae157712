"""How is this machine: processor, memory, disks, heat, and since when is it up?"""

from dataclasses import dataclass
from typing import Any

from agent.ground import WINDOWS
from agent.probes.mounts import Mount, use, worth_watching
from agent.probes.system import names_in, read, read_or
from agent.report import Reading, series
from agent.strict import Refused

_PROCESSOR_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu", "soc", "x86_pkg_temp", "acpitz")


@dataclass(frozen=True)
class Host:
    """`mounts`: which file systems to watch; none named = / and those on real block devices."""

    name: str
    mounts: tuple[str, ...] = ()

    def check(self) -> None:
        for mount in self.mounts:
            if not mount.startswith("/"):
                raise Refused("mounts", f"not a folder from the root: {mount[:80]!r}")

    @property
    def limit_s(self) -> float:
        return 5.0

    def measure(self, memory: dict[str, Any]) -> Reading:
        if WINDOWS:
            from agent.probes.windows import figures

            return Reading(None, figures(memory))
        stat = read("/proc/stat")
        before = memory.get("cpu")
        memory["cpu"] = ticks = cpu_ticks(stat)
        memory["boot"] = boot = steady_boot(memory.get("boot"), boot_at(stat))
        values: dict[str, float | None] = {
            "ronda_host_cpu_ratio": busy_ratio(before, ticks),
            "ronda_host_load1": load1(read("/proc/loadavg")),
            "ronda_host_memory_used_ratio": memory_used_ratio(read("/proc/meminfo")),
            "ronda_host_boot_timestamp_seconds": boot,
        }
        heat = hottest(_sensors())
        if heat is not None or "heat" in memory:
            memory["heat"] = True
            values["ronda_host_temperature_celsius"] = heat
        for mount in worth_watching(read("/proc/mounts"), self.mounts):
            values |= _of_mount(mount)
        return Reading(None, values)


def cpu_ticks(stat: str) -> tuple[int, int]:
    """(busy, all) ticks of all processors since boot, from the text of /proc/stat."""
    # guest time is already in user time: eight columns are all there is
    numbers = [int(word) for word in stat.split("\n", 1)[0].split()[1:9]]
    idle = sum(numbers[3:5])
    return sum(numbers) - idle, sum(numbers)


def busy_ratio(before: tuple[int, int] | None, now: tuple[int, int]) -> float | None:
    """Busy part of the time between two readings; None at first and when nothing passed."""
    if before is None or now[1] <= before[1]:
        return None
    # idle ticks of a sleeping processor may step back a little
    return min(1.0, max(0.0, (now[0] - before[0]) / (now[1] - before[1])))


def load1(loadavg: str) -> float:
    """Load of the last minute, from the text of /proc/loadavg."""
    return float(loadavg.split()[0])


def boot_at(stat: str) -> float | None:
    """The kernel's own boot time (by the clock of this machine) in the text of /proc/stat."""
    for line in stat.splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return None


def steady_boot(last: float | None, now: float | None) -> float | None:
    """The kernel works it out from the clock each time: a second to and fro is not another boot."""
    return last if last is not None and now is not None and abs(now - last) <= 2 else now


def memory_used_ratio(meminfo: str) -> float | None:
    """What programs could not get if they asked, from the text of /proc/meminfo."""
    kib = {}
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            kib[name] = int(words[0])
    # kernels before 3.14 say no MemAvailable
    free = sum(kib.get(name, 0) for name in ("MemFree", "Buffers", "Cached"))
    total = kib.get("MemTotal", 0)
    return 1 - kib.get("MemAvailable", free) / total if total else None


def hottest(sensors: list[tuple[str, str]]) -> float | None:
    """Degrees of the hottest sensor of the processor, else of any, from (name, text) pairs."""
    found: list[tuple[bool, float]] = []
    for name, text in sensors:
        digits = text.strip()
        if digits.isdigit():
            # thousandths; some boards tell whole degrees; 0 and 255 are broken sensors
            degrees = int(digits) / 1000 if int(digits) >= 1000 else float(digits)
            if 0 < degrees < 150:
                found.append((name.lower().startswith(_PROCESSOR_SENSORS), degrees))
    return max(found)[1] if found else None


def _sensors() -> list[tuple[str, str]]:
    found = []
    for zone in names_in("/sys/class/thermal"):
        if zone.startswith("thermal_zone"):
            folder = f"/sys/class/thermal/{zone}"
            found.append((read_or(f"{folder}/type", ""), read_or(f"{folder}/temp", "")))
    for chip in names_in("/sys/class/hwmon"):
        folder = f"/sys/class/hwmon/{chip}"
        name = read_or(f"{folder}/name", "")
        for file in names_in(folder):
            if file.startswith("temp") and file.endswith("_input"):
                found.append((name, read_or(f"{folder}/{file}", "")))
    return found


def _of_mount(mount: Mount) -> dict[str, float | None]:
    labels = {"mount": mount.folder}
    disk, inodes = use(mount.folder)
    values = {
        series("ronda_host_disk_used_ratio", labels): disk,
        series("ronda_host_filesystem_readonly", labels): float(mount.read_only),
    }
    # vfat and btrfs have none
    if inodes is not None:
        values[series("ronda_host_inodes_used_ratio", labels)] = inodes
    return values
