"""How a running agent is asked how it does: one JSON object over a socket in its folder.

Windows has no such sockets for Python: there the agent listens on loopback, and the file at that
place says where.
"""

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from typing import Any

from agent.ground import WINDOWS

_WAIT_S = 0.2
_ASK_S = 5.0
_MOST_BYTES = 1 << 20
_MOST_DIGITS = 5


class Visitors:
    """Listens at `path`; a folder that cannot take a socket only costs `status`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.socket: socket.socket | None = None
        listener = _made()
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            _bind(listener, path)
            os.chmod(path, 0o600)
            listener.listen(4)
            listener.setblocking(False)
        except OSError:
            listener.close()
        else:
            self.socket = listener

    def answer(self, status: Mapping[str, Any]) -> None:
        """Tell one visitor; who does not read is left standing."""
        if self.socket is None:
            return
        with contextlib.suppress(OSError):
            visitor, _ = self.socket.accept()
            with visitor:
                visitor.settimeout(_WAIT_S)
                visitor.sendall(json.dumps(status).encode())

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            with contextlib.suppress(OSError):
                os.unlink(self._path)


def ask(path: str) -> dict[str, Any] | None:
    """What the agent that listens at `path` says; None when none runs."""
    with _made() as agent:
        agent.settimeout(_ASK_S)
        said = b""
        try:
            agent.connect(_place(path))
            while len(said) < _MOST_BYTES and (piece := agent.recv(1 << 16)):
                said += piece
            told = json.loads(said)
        except (OSError, ValueError):
            return None
    return told if isinstance(told, dict) else None


def _made() -> socket.socket:
    family = socket.AF_INET if WINDOWS else socket.AF_UNIX
    return socket.socket(family, socket.SOCK_STREAM)


def _bind(listener: socket.socket, path: str) -> None:
    if not WINDOWS:
        listener.bind(path)
        return
    # nothing secret is told there: who is on the machine may hear it
    listener.bind(("127.0.0.1", 0))
    with open(path, "w", encoding="ascii") as file:
        file.write(str(listener.getsockname()[1]))


def _place(path: str) -> Any:
    if not WINDOWS:
        return path
    with open(path, encoding="ascii") as file:
        return ("127.0.0.1", int(file.read(_MOST_DIGITS)))
