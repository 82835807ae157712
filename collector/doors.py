"""What a centre has for itself: the addresses it listens on, and its data folder."""

import asyncio
import contextlib
import fcntl
import resource
import socket
import time
from pathlib import Path
from typing import IO, Any

from agent.strict import Refused
from collector.settings import split_address

# processes of a centre that was killed hold their addresses for up to a second
PATIENCE_S = 3.0
_LOOK_EVERY_S = 0.1
_OPEN_EVERY_S = 0.01
_SPARE_FILES = 256


def claim(setting: str, address: str, patience_s: float = 0.0) -> None:
    """Refused, naming the setting, when somebody listens at `address` for `patience_s`.

    The servers themselves would share it without a word, or end in a panic.
    """
    deadline = time.monotonic() + patience_s
    while True:
        problem = _problem(address)
        if problem is None:
            return
        if time.monotonic() >= deadline:
            raise Refused(setting, f"{address}: {problem}")
        time.sleep(_LOOK_EVERY_S)


async def until_open(address: str, serving: "asyncio.Task[Any]") -> None:
    """Wait until the server answers there, or has ended."""
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(*split_address(address))
            writer.close()
            return
        await asyncio.sleep(_OPEN_EVERY_S)


def open_files() -> int:
    """As many connections as files the system lets us open; the soft limit is raised to it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return max(64, soft - _SPARE_FILES)


def _problem(address: str) -> str | None:
    host, port = split_address(address)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        return error.strerror or str(error)
    return None


class OnlyOne:
    """Holds the lock of a data folder; a second centre on it is refused while the first lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "run" / "up.lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(str(self._path.parent.parent), "a centre already runs on it") from None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
