"""300 devices asked for their uptime over SSH: what it costs the centre, beside ssh(1).

One sshd stands for all of them, so the wall is mostly that server's; compare within a run. One
device that takes the connection and says nothing must slow no other.
"""

import argparse
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from playbooks.hosts import Host
from playbooks.session import Unreachable
from playbooks.transport.connecting import Patience, connect
from tests.playbooks.transport.servers import Server, listening, openssh

HOSTS = 300
AT_ONCE = 20
MUST_CPU_MS, MUST_RSS_MIB = 15.0, 300.0
_MANY = ("MaxStartups 1000", "LogLevel ERROR")
_SILENT = Patience(handshake_s=20.0)


@dataclass(frozen=True, slots=True)
class Cost:
    wall_s: float
    cpu_ms: float

    def told(self, what: str) -> str:
        return f"{what:32} {self.wall_s:6.1f} s wall {self.cpu_ms:6.1f} ms CPU a host"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, openssh(Path(folder), *_MANY) as server:
        return _measured(server, given.hosts, given.at_once)


def _measured(server: Server, hosts: int, at_once: int) -> int:
    host = server.host()
    connect(host).close()
    asked = [host] * hosts
    ours = _cost(lambda: _all(asked, at_once), hosts)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    command = _ssh(server)
    theirs = _cost(lambda: _all_by_ssh(command, hosts, at_once), hosts)
    with listening() as (port, _):
        dead_s = _beside_a_dead_one(asked, replace(host, port=port), at_once)
    print(ours.told(f"ours, {hosts} hosts, {at_once} at once"))
    print(theirs.told("ssh(1), same run"))
    print(f"{'wall, ours to ssh(1)':32} {ours.wall_s / theirs.wall_s:6.2f}")
    print(f"{'largest RSS':32} {peak_mib:6.1f} MiB, must be {MUST_RSS_MIB:g}")
    print(f"{'the same beside a dead host':32} {dead_s:6.1f} s wall, one of {at_once} places taken")
    good = ours.cpu_ms <= MUST_CPU_MS and peak_mib <= MUST_RSS_MIB
    return 0 if good else 1


def _cost(work: Callable[[], None], hosts: int) -> Cost:
    began, spent = time.monotonic(), _cpu_s()
    work()
    return Cost(time.monotonic() - began, (_cpu_s() - spent) / hosts * 1000)


def _all(hosts: Sequence[Host], at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as pool:
        assert all(pool.map(_uptime, hosts))


def _uptime(host: Host) -> bool:
    session = connect(host)
    try:
        return session.run("uptime", 30).exit == 0
    finally:
        session.close()


def _beside_a_dead_one(hosts: Sequence[Host], dead: Host, at_once: int) -> float:
    """How long all others take, while one place waits for an answer that never comes."""
    with ThreadPoolExecutor(at_once) as pool:
        waiting = pool.submit(connect, dead, _SILENT)
        began = time.monotonic()
        assert all(pool.map(_uptime, hosts))
        took_s = time.monotonic() - began
        assert isinstance(waiting.exception(), Unreachable)
    return took_s


def _all_by_ssh(command: Sequence[str], hosts: int, at_once: int) -> None:
    def one(number: int) -> bool:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    with ThreadPoolExecutor(at_once) as pool:
        assert all(pool.map(one, range(hosts)))


def _ssh(server: Server) -> Sequence[str]:
    known = server.folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {server.host_key()}\n")
    key = server.folder / "key"
    key.chmod(0o600)
    options = (
        "BatchMode=yes",
        f"UserKnownHostsFile={known}",
        "GlobalKnownHostsFile=none",
        f"IdentityFile={key}",
        "IdentitiesOnly=yes",
        # what ours agrees on with this sshd; ssh's own first choice takes ten times the time
        "KexAlgorithms=curve25519-sha256",
    )
    given = [word for option in options for word in ("-o", option)]
    return ["ssh", "-F", "none", "-p", str(server.port), *given, "root@127.0.0.1", "uptime"]


def _cpu_s() -> float:
    """Of this process and of those it waited for."""
    both = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    raise SystemExit(main())
