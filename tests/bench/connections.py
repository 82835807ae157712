"""What a kept TLS connection costs ingest while it says nothing, and what a handshake costs both.

python -m tests.bench.connections [--count 5000] [--idle 60]

Connections of agents as they make them, to the centre's own authority; each asks once and stays.
The same number without TLS stands beside it, in the same run.
"""

import argparse
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.wire import tls_context
from collector.settings import split_address
from tests.bench.vitals import cpu_s, pid_of, pss_mib
from tests.stories.centre import Centre

_ASK = b"GET /known HTTP/1.1\r\nHost: bench\r\n\r\n"
_WARM = 50
_HANDSHAKES = 500

Opened = socket.socket


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds that they say nothing")
    args = parser.parse_args()
    for own_ca in ("1", "0"):
        with (
            tempfile.TemporaryDirectory(prefix="ronda-tls-") as folder,
            Centre(Path(folder) / "var", RONDA_OWN_CA=own_ca) as centre,
        ):
            context = context_of(centre) if own_ca == "1" else None
            print("== TLS" if context else "== without TLS", flush=True)
            measure(centre, context, args.count, args.idle)
    return 0


def context_of(centre: Centre) -> ssl.SSLContext:
    """As an agent's: it believes the authority it enrolled with and nobody else."""
    return tls_context((centre.folder / "tls" / "ca.pem").read_text(), check_dates=True)


def measure(centre: Centre, context: ssl.SSLContext | None, count: int, idle_s: float) -> None:
    ingest = pid_of(centre, "ingest")

    def dial() -> Opened:
        return connected(centre, context)

    closed(opened(dial, _WARM))
    quiet = idle(ingest, idle_s / 2)
    if context:
        handshakes(dial, ingest)
    held, began = pss_mib(ingest), cpu_s(ingest)
    lines = opened(dial, count)
    took = cpu_s(ingest) - began
    full = pss_mib(ingest)
    say("connections open", len(lines), "")
    say("ingest, memory before and with them", held, f"to {full:.1f} MiB")
    say("ingest, memory of each", (full - held) * 1024 / len(lines), "kB")
    say("ingest, CPU of opening one, with one answer", took / len(lines) * 1000, "ms")
    say("ingest, CPU of all of them while idle", (idle(ingest, idle_s) - quiet) * 60, "s a minute")
    alive = sum(1 for line in lines[:: max(1, count // 100)] if answers(line))
    say("still answered afterwards, of a hundred", alive, "")
    closed(lines)
    time.sleep(3)
    say("ingest, memory after they ended", pss_mib(ingest), "MiB")


def handshakes(dial: Callable[[], Opened], ingest: int) -> None:
    """One after the other, nothing kept: what each side spends."""
    began, ours = cpu_s(ingest), time.process_time()
    for _ in range(_HANDSHAKES):
        dial().close()
    spent = time.process_time() - ours
    say("handshake and one answer, ingest", (cpu_s(ingest) - began) / _HANDSHAKES * 1000, "ms CPU")
    say("handshake and one answer, agent's side", spent / _HANDSHAKES * 1000, "ms CPU")


def connected(centre: Centre, context: ssl.SSLContext | None) -> Opened:
    """Open, and one answer read."""
    host, port = split_address(centre.settings.ingest)
    line = socket.create_connection((host, port), timeout=30)
    if context is not None:
        line = context.wrap_socket(line, server_hostname=host)
    if not answers(line):
        raise SystemExit("ingest does not answer")
    return line


def answers(line: Opened) -> bool:
    try:
        line.sendall(_ASK)
        return line.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def opened(dial: Callable[[], Opened], count: int) -> list[Opened]:
    return [dial() for _ in range(count)]


def closed(lines: Sequence[Opened]) -> None:
    for line in lines:
        line.close()


def idle(pid: int, seconds: float) -> float:
    """Cores of a process that nobody asks anything."""
    began = cpu_s(pid)
    time.sleep(seconds)
    return (cpu_s(pid) - began) / seconds


def say(what: str, figure: float, unit: str) -> None:
    print(f"   {what:48} {figure:9.2f} {unit}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
