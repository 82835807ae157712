"""Real SSH servers on loopback for tests: OpenSSH as Debian has it, dropbear as OpenWrt has it.

Each lives in a mount namespace of its own, with a root who has another password, home and shell
than this machine's. None is left behind.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from playbooks.hosts import Host, Login
from playbooks.model import Platform
from tests.playbooks.devices.nodes import own_dev

PASSWORD = "kopi $tubruk' 7"
_MOUNTED = """
set -e
mount --make-rprivate /
for name in passwd shadow shells; do mount --bind {folder}/$name /etc/$name; done
mkdir {folder}/dev
{dev}
mount --rbind {folder}/dev /dev
{more}
exec {command}
"""
_BUSYBOX = "mount --bind /usr/bin/busybox $(readlink -f /bin/sh)"


@dataclass(frozen=True)
class Server:
    """Where it is, and what it shows."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"

    def host_key(self, kind: str = "ed25519") -> str:
        return (self.folder / f"host_{kind}.pub").read_text().strip()

    @property
    def key(self) -> str:
        return (self.folder / "key").read_text()

    def host(self, platform: Platform = Platform.DEBIAN, kind: str = "ed25519") -> Host:
        return Host(
            site="genteng",
            device="router",
            platform=platform,
            address="127.0.0.1",
            port=self.port,
            login=Login("root", key=self.key),
            host_keys=(self.host_key(kind),),
        )

    def by_password(self, password: str = PASSWORD) -> Host:
        return replace(self.host(), login=Login("root", password=password))


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "", *more: str) -> str:
    size = ("-b", "2048") if kind == "rsa" else ()
    command = [
        "ssh-keygen",
        "-q",
        "-a",
        "1",
        "-t",
        kind,
        *size,
        "-N",
        passphrase,
        "-f",
        str(path),
        *more,
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=60)
    return path.read_text()


@contextmanager
def openssh(folder: Path, *settings: str) -> Iterator[Server]:
    """sshd with some lines of configuration before its own."""
    port = _furnished(folder)
    own = (
        "ListenAddress 127.0.0.1",
        f"Port {port}",
        f"AuthorizedKeysFile {folder}/home/.ssh/authorized_keys",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        *(f"HostKey {folder}/host_{kind}" for kind in ("ed25519", "rsa", "ecdsa")),
    )
    config = folder / "sshd_config"
    config.write_text("\n".join((*settings, *own)))
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with _served(folder, port, f"/usr/sbin/sshd -D -e -f {config}", "") as server:
        yield server


@contextmanager
def dropbear(folder: Path) -> Iterator[Server]:
    """With busybox for a shell, as on a router."""
    port = _furnished(folder)
    key = f"-r {folder}/host_ed25519.dropbear"
    command = f"dropbear -F -E -p 127.0.0.1:{port} {key} -P {folder}/pid"
    with _served(folder, port, command, _BUSYBOX) as server:
        yield server


@contextmanager
def listening(answer: bytes = b"") -> Iterator[tuple[int, socket.socket]]:
    """A port that takes connections and says nothing but `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door.getsockname()[1], door


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def _keys() -> "tempfile.TemporaryDirectory[str]":
    """The same for all servers of a run: a key of RSA takes a second to make."""
    made = tempfile.TemporaryDirectory(prefix="ronda-keys-")
    folder = Path(made.name)
    for kind in ("ed25519", "rsa", "ecdsa"):
        make_key(folder / f"host_{kind}", kind)
    make_key(folder / "key")
    of_dropbear = folder / "host_ed25519.dropbear"
    command = ["dropbearkey", "-t", "ed25519", "-f", str(of_dropbear)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    told = done.stdout
    line = next(line for line in told.splitlines() if line.startswith("ssh-ed25519"))
    (folder / "host_dropbear.pub").write_text(line)
    return made


@cache
def _hashed(password: str) -> str:
    command = ["openssl", "passwd", "-6", "-stdin"]
    done = subprocess.run(
        command, input=password, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def _furnished(folder: Path) -> int:
    shutil.copytree(_keys().name, folder, dirs_exist_ok=True)
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    (home / ".ssh" / "authorized_keys").write_bytes((folder / "key.pub").read_bytes())
    nobody = "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin"
    guest = f"tamu:x:0:0::{home}:/usr/sbin/nologin"
    (folder / "passwd").write_text(f"root:x:0:0:root:{home}:/bin/sh\n{guest}\n{nobody}\n")
    (folder / "shadow").write_text(f"root:{_hashed(PASSWORD)}:19000:0:99999:7:::\n")
    (folder / "shells").write_text("/bin/sh\n/usr/sbin/nologin\n")
    return free_port()


@contextmanager
def _served(folder: Path, port: int, command: str, more: str) -> Iterator[Server]:
    # what tests write lies there, too, where memory takes the place of a disk
    dev = own_dev(f"{folder}/dev", shm="/dev/shm")
    script = _MOUNTED.format(folder=folder, command=command, more=more, dev=dev)
    with (folder / "log").open("wb") as log:
        # the server takes the place of the shell: what is ended is the server itself
        process = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stderr=log)
    try:
        _wait_until_served(port, process, folder / "log")
        yield Server(port, folder, process)
    finally:
        for pid in _living_with(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        process.wait(10)


def descendants(pid: int) -> Sequence[int]:
    """The processes that a process began, and those that these did, innermost first."""
    own = [int(word) for word in _read(f"/proc/{pid}/task/{pid}/children").split()]
    return [each for child in own for each in (*descendants(child), child)]


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _living_with(pid: int) -> Sequence[int]:
    """A server and all that commands left behind: whoever sees the mounts that it alone has."""
    mounts = _linked(f"/proc/{pid}/ns/mnt")
    if mounts in ("", _linked("/proc/self/ns/mnt")):
        return [pid]
    alike = (path for path in Path("/proc").glob("[0-9]*") if _linked(path / "ns/mnt") == mounts)
    return [int(path.name) for path in alike]


def _linked(path: str | Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _wait_until_served(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("the server does not answer")
