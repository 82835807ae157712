"""How a Windows machine is looked at: commands without a window, the host's figures, its ping.

What ping and route print is in the language of Windows; only what no language changes is read.
"""

import re
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from agent.kernel32 import Kernel
from agent.probes.system import Output
from agent.report import ProbeFailed, series

_NO_WINDOW = 0x08000000
_MOST_CHARACTERS = 1 << 20
_MOST_DRIVES = 16
# `bytes=32 time<1ms TTL=64`, in Indonesian `byte=32 waktu<1md TTL=64`: what comes last before TTL
_REPLY_V4 = re.compile(r"([=<])\s?([\d.,]+)\s?[^\W\d]+\s+TTL=\d+")
# `Reply from fe80::1: time<1ms` says no TTL
_REPLY_V6 = re.compile(r"^.*[0-9a-f:]+(?:%\d+)?: [^\W\d]+([=<])\s?([\d.,]+)\s?[^\W\d]+\s*$", re.M)
# `Packets: Sent = 3, Received = 3, Lost = 0 (0% loss),`
_COUNTS = re.compile(r"= (\d+), [^=]*= (\d+), [^=]*= (\d+) \([^)]*\d\s?%")
_ROUTE = re.compile(
    r"^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+(\S.*?)\s+(\d+\.\d+\.\d+\.\d+)\s+(\d+)\s*$", re.M
)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
# it tells no times below a millisecond
_LESS_THAN_1MS = 0.0005


def run(command: Sequence[str], limit_s: float) -> Output:
    """Run a command of Windows, killed after `limit_s`; ProbeFailed when there is none."""
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, stdin=nothing, stdout=pipe, stderr=pipe, creationflags=_NO_WINDOW
        )
    except FileNotFoundError as error:
        raise ProbeFailed(f"no {command[0]} on this system") from error
    except OSError as error:
        raise ProbeFailed(f"{command[0]} cannot be run: {error.strerror}") from error
    late = False
    try:
        texts = process.communicate(timeout=max(0.0, limit_s))
    except subprocess.TimeoutExpired:
        late = True
        process.kill()
        texts = process.communicate()
    # letters of the old code pages are of no importance, digits are the same in all
    out, err = (text.decode("utf-8", "replace")[:_MOST_CHARACTERS] for text in texts)
    return Output(-1 if late else process.returncode, out, err, late)


def figures(
    memory: dict[str, Any], now: float | None = None, kernel: Kernel | None = None
) -> dict[str, float | None]:
    """The series of a Windows host; `memory` is the probe's. A load it does not know."""
    from agent.probes.host import busy_ratio, steady_boot
    from agent.probes.mounts import used_part

    kernel = kernel or Kernel()
    ticks, last = kernel.ticks(), memory.get("cpu")
    boot = (time.time() if now is None else now) - kernel.uptime_s()
    memory["cpu"], memory["boot"] = ticks, steady_boot(memory.get("boot"), boot)
    available, total = kernel.memory()
    values: dict[str, float | None] = {
        "ronda_host_cpu_ratio": busy_ratio(last, ticks),
        "ronda_host_memory_used_ratio": 1 - available / total if total else None,
        "ronda_host_boot_timestamp_seconds": memory["boot"],
    }
    for drive in kernel.drives()[:_MOST_DRIVES]:
        name = series("ronda_host_disk_used_ratio", {"mount": drive})
        try:
            left, size = kernel.room(drive)
        except OSError:
            values[name] = None
        else:
            values[name] = used_part(size - left, left)
    return values


def ping_command(address: str, count: int, wait_s: int) -> list[str]:
    """`address` is no name: what is wrong with a name is told in the language of Windows."""
    return ["ping", "-n", str(count), "-w", str(wait_s * 1000), address]


def read_ping(output: Output) -> tuple[int, list[float]]:
    """Packets sent and the round-trip times in seconds; ProbeFailed when ping could not send.

    Answers are counted, not what it calls received: there a router's "unreachable" is, too.
    """
    found = [*_REPLY_V4.findall(output.out)] or [*_REPLY_V6.findall(output.out)]
    times = [_LESS_THAN_1MS if sign == "<" else _number(ms) / 1000 for sign, ms in found]
    counts = _COUNTS.search(output.out)
    if counts is not None and int(counts[1]) > 0:
        return int(counts[1]), times
    if output.late:
        return len(times), times
    raise ProbeFailed(f"ping sent nothing: {' '.join((output.err + output.out).split())[:160]}")


def read_gateway(text: str) -> str | None:
    """The preferred default gateway in what `route print` says; None without one, ProbeFailed
    where the way leads through a line that has no address of a gateway."""
    found = sorted((int(metric), str(way)) for way, _, metric in _ROUTE.findall(text))
    if not found:
        return None
    if not _ADDRESS.fullmatch(found[0][1]):
        raise ProbeFailed("the default route has no gateway address")
    return found[0][1]


def gateway(limit_s: float) -> str | None:
    """The default gateway of the moment."""
    return read_gateway(run(["route", "print", "-4", "0.0.0.0"], limit_s).out)


def _number(text: str) -> float:
    return float(text.replace(".", "").replace(",", ""))
