"""The way to a device: a network between, which a change on the device can really cut.

A relay listens on this machine's loopback; what it connects goes out of the street's namespace from
an address that the device reaches by its default route only.
"""

import ctypes
import os
import select
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.agent.hotspot.room import Room

CENTRE, GATE, DEVICE = "198.51.100.1", "10.99.0.1", "10.99.0.2"
ROOT = Path(__file__).parents[3]
_CLONE_NEWNET = 0x40000000


class Street:
    """`port`: where 127.0.0.1 leads to the device's port 22, as long as there is a way."""

    def __init__(self) -> None:
        self.room = Room()
        self.room.run("ip", "addr", "add", f"{CENTRE}/32", "dev", "lo")
        command = [sys.executable, "-m", "tests.playbooks.devices.street", self.room.pid]
        self._relay = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._relay.stdout is not None
        ready, _, _ = select.select([self._relay.stdout], [], [], 60)
        assert ready, "the relay does not say where it listens"
        self.port = int(self._relay.stdout.readline())

    def join(self, device: Room, its: str) -> None:
        """Lay the cable to a device that has just been switched on."""
        # connections that were open may keep the old device's network for a while
        self.room.run("sh", "-c", "ip link del lane 2>/dev/null || true")
        self.room.cable("lane", device, its)
        self.room.run("ip", "addr", "add", f"{GATE}/24", "dev", "lane")

    def close(self) -> None:
        assert self._relay.stdin is not None and self._relay.stdout is not None
        self._relay.stdin.close()
        self._relay.wait(timeout=10)
        self._relay.stdout.close()
        self.room.close()


def _relay(pid: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/proc/{pid}/ns/net", encoding="ascii") as net:
        # a socket stays in the network it was made in
        if libc.setns(net.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_serve, args=(listener,), daemon=True).start()
    sys.stdin.read()
    os._exit(0)


def _serve(listener: socket.socket) -> None:
    while True:
        near, _ = listener.accept()
        threading.Thread(target=_join, args=(near,), daemon=True).start()


def _join(near: socket.socket) -> None:
    try:
        far = socket.create_connection((DEVICE, 22), timeout=3, source_address=(CENTRE, 0))
    except OSError:
        near.close()
        return
    far.settimeout(None)
    threading.Thread(target=_pump, args=(near, far), daemon=True).start()
    _pump(far, near)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    _relay(sys.argv[1])
