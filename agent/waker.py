"""One place to wait: for a time, for a word from another thread, for a visitor, for the end."""

import contextlib
import os
import select
import signal
import socket
from types import FrameType

LIFELINE = "RONDA_LIFELINE"


class Waker:
    """`stopping` is "" until somebody asks for the end: then "signal" or "parent"."""

    def __init__(self, visitors: socket.socket | None = None) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        self._visitors = visitors
        text = os.environ.get(LIFELINE, "")
        # the parent holds the other end and never writes: it closes when the parent dies
        self._lifeline = int(text) if text.isdigit() else None
        self.stopping = ""

    def on_signals(self) -> None:
        """SIGTERM and SIGINT end the wait."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def wake(self) -> None:
        """End the wait, from any thread or a signal."""
        # a full pipe: so many calls wait already that one more changes nothing
        with contextlib.suppress(BlockingIOError):
            os.write(self._in, b"!")

    def wait(self, wait_s: float) -> socket.socket | None:
        """Until somebody calls or the time is over; a visitor who came is returned."""
        watched: list[int | socket.socket] = [self._out]
        if self._lifeline is not None:
            watched.append(self._lifeline)
        if self._visitors is not None:
            watched.append(self._visitors)
        ready, _, _ = select.select(watched, (), (), max(0.0, wait_s))
        if self._out in ready:
            os.read(self._out, 4096)
        if self._lifeline in ready:
            self.stopping = self.stopping or "parent"
        if self._visitors is not None and self._visitors in ready:
            return self._visitors
        return None

    def close(self) -> None:
        os.close(self._in)
        os.close(self._out)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.stopping = "signal"
        self.wake()
