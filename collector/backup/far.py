"""A folder on another machine, by SFTP: one key signs in, one host key is believed."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import paramiko

from agent.strict import Refused
from collector.backup.shelf import private
from collector.settings import Settings
from collector.ssh_keys import NotAKey, private_key, public_key

CONNECT_S = 20.0
# no answer for so long: the line is gone
SILENT_S = 60.0
PART = ".part"
_CHUNK_BYTES = 32 << 10


class FarFailed(Exception):
    """`permanent`: trying again cannot help, somebody has to change something."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.permanent = reason, permanent


@dataclass(frozen=True, slots=True)
class Target:
    """sftp://USER@HOST:PORT/FOLDER taken apart; FOLDER is from the root, `~/` from the home."""

    user: str
    host: str
    port: int
    folder: str


def target_of(address: str) -> Target:
    parts = urlsplit(address)
    folder = unquote(parts.path)
    folder = folder[3:] or "." if folder.startswith("/~/") else folder
    user, host = unquote(parts.username or ""), parts.hostname or ""
    return Target(user, host, parts.port or 22, folder.rstrip("/"))


class Far:
    """The folder while connected. Every call may raise FarFailed."""

    def __init__(self, client: paramiko.SFTPClient, target: Target) -> None:
        self._client, self._target = client, target

    def sizes(self) -> dict[str, int]:
        """Name and bytes of what lies there."""
        with _told(f"folder {self._target.folder}"):
            found = self._client.listdir_attr(self._target.folder)
        return {one.filename: one.st_size or 0 for one in found}

    def put(self, path: Path) -> int:
        """Bring a file there: under another name until it is whole. Its bytes."""
        whole = self._path(path.name)
        with _told(path.name):
            try:
                size = self._write(path, whole + PART)
                self._rename(whole + PART, whole)
            except BaseException:
                # a full disk stays full with half a backup on it
                with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                    self._client.remove(whole + PART)
                raise
        return size

    def _write(self, path: Path, name: str) -> int:
        with path.open("rb") as source:
            with self._client.open(name, "wb") as target:
                target.set_pipelined(True)
                while chunk := source.read(_CHUNK_BYTES):
                    target.write(chunk)
            size = source.tell()
        there = self._client.stat(name).st_size
        if there != size:
            raise FarFailed(f"{path.name}: {there} bytes arrived of {size} (is its disk full?)")
        self._client.chmod(name, 0o600)
        return size

    def remove(self, name: str) -> None:
        with _told(name):
            self._client.remove(self._path(name))

    def _rename(self, old: str, new: str) -> None:
        try:
            self._client.posix_rename(old, new)
        except OSError:
            # servers other than OpenSSH know only the one that never replaces
            self._client.rename(old, new)

    def _path(self, name: str) -> str:
        return f"{self._target.folder}/{name}"


@contextmanager
def connected(settings: Settings) -> Iterator[Far]:
    """The far folder; FarFailed when it cannot be reached, or is not who it should be."""
    # what goes wrong is told in one line by us
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    target = target_of(settings.backup_sftp)
    key = _own_key(Path(settings.backup_sftp_key_file))
    with contextlib.ExitStack() as stack:
        with _told(f"{target.host}:{target.port}"):
            line = socket.create_connection((target.host, target.port), CONNECT_S)
            stack.callback(line.close)
            transport = paramiko.Transport(line)
            stack.callback(transport.close)
            _sign_in(transport, target, settings.backup_sftp_host_key, key)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            stack.callback(client.close)
            client.get_channel().settimeout(SILENT_S)
        yield Far(client, target)


def _sign_in(
    transport: paramiko.Transport, target: Target, pinned: str, key: paramiko.PKey
) -> None:
    transport.banner_timeout = transport.auth_timeout = CONNECT_S
    known = public_key(pinned)
    # the server has several: it is to show the one that is known here
    try:
        transport.get_security_options().key_types = known.signatures
    except ValueError as error:
        problem = f"backup_sftp_host_key: keys of kind {known.kind} are not understood"
        raise FarFailed(problem, permanent=True) from error
    transport.start_client(timeout=CONNECT_S)
    shown = transport.get_remote_server_key()
    if shown.asbytes() != known.blob:
        problem = f"shows another host key ({shown.get_name()}) than backup_sftp_host_key"
        raise FarFailed(f"{target.host}:{target.port} {problem}", permanent=True)
    transport.auth_publickey(target.user, key)
    if not transport.is_authenticated():
        raise FarFailed(f"{target.host} wants more than a key of {target.user}", permanent=True)


def _own_key(path: Path) -> paramiko.PKey:
    private(path)
    try:
        return private_key(path.read_bytes())
    except (NotAKey, OSError) as error:
        raise Refused(str(path), str(error)) from error


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Whatever the library says becomes one line, and whether trying again can help."""
    try:
        yield
    except paramiko.AuthenticationException as error:
        raise FarFailed(f"{what}: the key is not let in", permanent=True) from error
    except paramiko.ssh_exception.IncompatiblePeer as error:
        problem = "has no host key of the kind in backup_sftp_host_key, or only old ciphers"
        raise FarFailed(f"{what} {problem}: {error}", permanent=True) from error
    except (PermissionError, FileNotFoundError) as error:
        raise FarFailed(f"{what}: {error.strerror or error}", permanent=True) from error
    except TimeoutError as error:
        raise FarFailed(f"{what}: no answer") from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        said = str(error) or type(error).__name__
        # all that SFTP has to say of a full disk
        full = " (is its disk full?)" if said == "Failure" else ""
        raise FarFailed(f"{what}: {said}{full}") from error
