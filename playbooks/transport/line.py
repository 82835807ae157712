"""One connection that has signed in: gives a device one command at a time, each with a limit."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import paramiko

from playbooks.session import Unreachable
from playbooks.transport.stream import Stream, decoded

Clock = Callable[[], float]
_PIECE_BYTES = 65_536
# what stands in stderr must be taken, too, or the device waits for room
_GLANCE_S = 0.25
_MOST_COMPLAINT = 4_000
_MOST_PIECES = 64
# what a command left in the background may hold its channel open
_SETTLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Ended:
    """`complaint`: what came beside the output, where the two were not made one."""

    took_s: float
    complaint: str


class Line:
    """`name` stands in reasons; `opened` is closed with it."""

    def __init__(self, transport: Any, name: str, opened: ExitStack, clock: Clock) -> None:
        self._transport, self._name = transport, name
        self._opened, self._clock = opened, clock

    def exchange(self, command: str, script: bytes, stream: Stream, limit_s: float) -> Ended:
        """Run `command`, which reads `script`, until the stream has ended or nothing more comes.

        A script does nothing before its last byte has arrived: only then was a command sent. Where
        there is none, `command` itself is what was sent.
        """
        began = self._clock()
        asked = _Asked(limit_s, began + limit_s, self._clock)
        with self._told(asked), self._channel(limit_s) as channel:
            asked.sent = not script
            self._begin(channel, command, asked)
            if script:
                for begin in range(0, len(script), _PIECE_BYTES):
                    channel.settimeout(asked.left_s())
                    channel.sendall(script[begin : begin + _PIECE_BYTES])
                asked.sent = True
                channel.shutdown_write()
            complaint = self._read(channel, stream, asked)
            took_s = self._clock() - began
            # dropbear mistakes the next command for this one while it is still at its end
            if not channel.closed:
                channel.event.wait(_SETTLE_S)
            complaint += _taken(channel)
        return Ended(took_s, decoded(complaint[:_MOST_COMPLAINT]))

    def lost(self, why: str, sent: bool) -> Unreachable:
        return Unreachable(f"{self._name}: {why}", sent)

    def close(self) -> None:
        self._opened.close()

    @contextmanager
    def _channel(self, limit_s: float) -> Iterator[Any]:
        channel = self._transport.open_session(timeout=limit_s)
        try:
            yield channel
        finally:
            with suppress(OSError, EOFError, paramiko.SSHException):
                channel.close()

    def _begin(self, channel: Any, command: str, asked: "_Asked") -> None:
        # the library waits for the answer without end
        watch = threading.Timer(max(0.0, asked.left_s()), channel.close)
        watch.daemon = True
        watch.start()
        try:
            channel.exec_command(command)
        except paramiko.SSHException:
            asked.left_s()
            if not self._transport.is_active():
                raise
            # one that was run and ended before the answer that it would be: a channel that was
            # refused ends as well, but says nothing and has no status
            if not (asked.sent and (channel.exit_status >= 0 or channel.recv_ready())):
                asked.sent = False
                raise _Answered("takes no commands: allow them to this account") from None
        finally:
            watch.cancel()
        # from here on it tells of the end
        channel.event.clear()

    def _read(self, channel: Any, stream: Stream, asked: "_Asked") -> bytes:
        complaint = b""
        while not stream.ended:
            channel.settimeout(min(_GLANCE_S, asked.left_s()))
            with suppress(TimeoutError):
                piece = channel.recv(_PIECE_BYTES)
                if not piece:
                    self._must_live(channel)
                    stream.finish()
                    break
                stream.feed(piece)
            complaint += _taken(channel)[: _MOST_COMPLAINT - len(complaint)]
        return complaint

    @contextmanager
    def _told(self, asked: "_Asked") -> Iterator[None]:
        """Whatever the library says becomes one line."""
        try:
            yield
        except _Answered as error:
            raise self.lost(str(error), asked.sent) from None
        except _Late:
            raise self.lost(asked.late(), asked.sent) from None
        except paramiko.ChannelException as error:
            raise self.lost(f"opens no channel for a command: {error.text}", asked.sent) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            late = self._clock() >= asked.until and self._transport.is_active()
            why = asked.late() if late else "the connection was lost"
            raise self.lost(why, asked.sent) from error

    def _must_live(self, channel: Any) -> None:
        """The end of a command, not of the connection; some servers do not announce it."""
        if not channel.eof_received:
            self._transport.join(0.5)
            if not self._transport.is_active() or not self._transport.is_alive():
                raise EOFError


class _Answered(Exception):
    """The device said what is wrong."""


@dataclass(slots=True)
class _Asked:
    """One command: how long it may take, and whether the device may have begun it."""

    limit_s: float
    until: float
    clock: Clock
    sent: bool = False

    def left_s(self) -> float:
        left = self.until - self.clock()
        if left <= 0:
            raise _Late
        return left

    def late(self) -> str:
        if self.sent:
            limit_s = round(self.limit_s, 1)
            return f"a command did not end within {limit_s:g} s and may still be running there"
        return f"did not take a command within {self.limit_s:g} s"


class _Late(Exception):
    """The time of a command is over."""


def _taken(channel: Any) -> bytes:
    """What stands in stderr by now; of one that never stops, a part, so that time is looked at."""
    taken = b""
    for _ in range(_MOST_PIECES):
        if not channel.recv_stderr_ready():
            break
        taken += channel.recv_stderr(_PIECE_BYTES)[: _MOST_COMPLAINT - len(taken)]
    return taken
