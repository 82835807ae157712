"""How a running agent is asked how it does: one JSON object over a socket in its folder."""

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from typing import Any

_WAIT_S = 0.2
_ASK_S = 5.0
_MOST_BYTES = 1 << 20


class Visitors:
    """Listens at `path`; a folder that cannot take a socket only costs `status`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.socket: socket.socket | None = None
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            listener.bind(path)
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
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        agent.settimeout(_ASK_S)
        said = b""
        try:
            agent.connect(path)
            while len(said) < _MOST_BYTES and (piece := agent.recv(1 << 16)):
                said += piece
            told = json.loads(said)
        except (OSError, ValueError):
            return None
    return told if isinstance(told, dict) else None
