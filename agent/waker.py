"""One place to wait: for a time, for a word from another thread, for a visitor, for the end."""

import contextlib
import os
import select
import signal
import socket
from types import FrameType

from agent import ground

LIFELINE = "RONDA_LIFELINE"


class Waker:
    """`stopping` is "" until somebody asks for the end: then "signal" or "parent"."""

    def __init__(self, visitors: socket.socket | None = None) -> None:
        # no pipe: Windows waits for sockets only
        self._out, self._in = socket.socketpair()
        self._out.setblocking(False)
        self._in.setblocking(False)
        self._visitors = visitors
        text = os.environ.get(LIFELINE, "")
        # the parent holds the other end and never writes: it closes when the parent dies
        self._lifeline = int(text) if text.isdigit() else None
        self.stopping = ""

    def on_signals(self) -> None:
        """SIGTERM, SIGINT and their like end the wait."""
        for number in ground.ending_signals():
            signal.signal(number, self._signalled)
        if ground.WINDOWS:
            # its signals do not end a wait by themselves
            signal.set_wakeup_fd(self._in.fileno(), warn_on_full_buffer=False)

    def wake(self) -> None:
        """End the wait, from any thread or a signal."""
        # full: so many calls wait already that one more changes nothing
        with contextlib.suppress(BlockingIOError):
            self._in.send(b"!")

    def wait(self, wait_s: float) -> socket.socket | None:
        """Until somebody calls or the time is over; a visitor who came is returned."""
        watched: list[int | socket.socket] = [self._out]
        if self._lifeline is not None:
            watched.append(self._lifeline)
        if self._visitors is not None:
            watched.append(self._visitors)
        ready, _, _ = select.select(watched, (), (), max(0.0, wait_s))
        if self._out in ready:
            self._out.recv(4096)
        if self._lifeline in ready:
            self.stopping = self.stopping or "parent"
        if self._visitors is not None and self._visitors in ready:
            return self._visitors
        return None

    def close(self) -> None:
        self._in.close()
        self._out.close()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.stopping = "signal"
        self.wake()
