"""A private OpenSSH server for tests: one user, one key, files only, on loopback."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROGRAM = Path("/usr/sbin/sshd")
_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_ed25519
HostKey {folder}/host_rsa
AuthorizedKeysFile {folder}/allowed
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


@dataclass(frozen=True)
class SftpServer:
    """Where it is, what it shows, and the key that it lets in."""

    port: int
    folder: Path
    files: Path

    @property
    def address(self) -> str:
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.files}"

    @property
    def key_file(self) -> str:
        return str(self.folder / "key")

    def host_key(self, kind: str = "ed25519") -> str:
        return (self.folder / f"host_{kind}.pub").read_text().strip()


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> None:
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@cache
def _keys() -> "tempfile.TemporaryDirectory[str]":
    """The same for all servers of a run: a key of RSA takes a second to make."""
    folder = tempfile.TemporaryDirectory(prefix="ronda-keys-")
    for name, kind in (("host_ed25519", "ed25519"), ("host_rsa", "rsa"), ("key", "ed25519")):
        make_key(Path(folder.name) / name, kind)
    return folder


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """A server that is gone afterwards; its files lie in `folder`/files."""
    assert PROGRAM.exists(), "OpenSSH is not installed: apt-get install openssh-server"
    shutil.copytree(_keys().name, folder, dirs_exist_ok=True)
    (folder / "allowed").write_bytes((folder / "key.pub").read_bytes())
    files = folder / "files"
    files.mkdir()
    if os.geteuid() == 0:
        # made at a start of the machine where there is one
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "sshd_config"
    config.write_text(_CONFIG.format(port=port, folder=folder))
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([PROGRAM, "-D", "-e", "-f", config], stderr=log)
    try:
        _wait_until_served(port, server)
        yield SftpServer(port, folder, files)
    finally:
        server.terminate()
        server.wait(10)


def _wait_until_served(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        assert server.poll() is None, "sshd ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("sshd does not answer")
