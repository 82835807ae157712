"""Runs snmpsim over a folder of recordings; each worker of the tests has its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.probes.snmp.message import Ask, oid
from agent.probes.snmp.session import Session, Silent
from agent.probes.snmp.who import Community

_READY_S = 60.0
_DESCR = oid("1.3.6.1.2.1.1.1.0")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def simulator(recordings: Path, cache: Path) -> Iterator[int]:
    """The port on which every recording answers to its name as community."""
    port, program = free_port(), Path(sys.executable).parent / "snmpsim-command-responder"
    words = [
        str(program),
        f"--agent-udpv4-endpoint=127.0.0.1:{port}",
        f"--data-dir={recordings}",
        f"--cache-dir={cache}",
        "--logging-method=null",
    ]
    if os.geteuid() == 0:
        # it would become nobody, who cannot read the home of root
        words += ["--process-user=root", "--process-group=root"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, next(recordings.glob("*.snmprec")).stem)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, community: str, version: int = 2) -> None:
    """Until somebody answers there."""
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        session = Session("127.0.0.1", port, Community(community, version), 0.5, until)
        try:
            session.ask(Ask((_DESCR,)), 1)
            return
        except Silent:
            continue
        except OSError:
            time.sleep(0.1)
        finally:
            session.close()
    raise TimeoutError(f"nothing answers on port {port}")
