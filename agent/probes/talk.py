"""A conversation with a server, by lines or by bytes: every wait and every size has a bound."""

import socket
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from agent.dial import WireError, dial, left_s, place, say
from agent.probes.certificate import OF_DATES, judge_dates, validity
from agent.probes.visit import Trust, tls_for
from agent.wire import CertificateRefused, secure

if TYPE_CHECKING:
    import ssl

_PIECE_BYTES = 4096
_MOST_BYTES = 64 << 10
_LINE_BYTES = 4096


class Talk:
    """An open connection; everything that goes wrong with it is a WireError."""

    def __init__(self, connection: socket.socket, host: str, port: int, deadline: float) -> None:
        self._socket: socket.socket | ssl.SSLSocket = connection
        self._host, self._port, self._deadline = host, port, deadline
        self._buffer = b""
        self._came = 0
        self.most_bytes = _MOST_BYTES
        # DER of the server's certificate, once it spoke TLS
        self.certificate: bytes | None = None

    @property
    def where(self) -> str:
        return place(self._host, self._port) if self._port else self._host

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def secure(self, trust: Trust) -> None:
        """TLS from here on; what came before it in the clear is no part of it."""
        self._buffer = b""
        try:
            context = tls_for(trust)
            wrapped = secure(self._socket, context, self._host, self._port, self._deadline)
        except OSError as error:
            raise self._in_words(error) from error.__cause__
        self._socket = wrapped
        self.certificate = wrapped.getpeercert(True)

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(left_s(self._deadline))
            self._socket.sendall(data)
        except OSError as error:
            raise self._in_words(error) from error.__cause__

    def line(self) -> str:
        """The next line, without its end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_BYTES:
                raise WireError(f"{self.where} answers in lines without an end")
            self._more()
        text, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return text.decode("utf-8", "replace").rstrip("\r")

    def exactly(self, count: int) -> bytes:
        if count > self.most_bytes:
            raise WireError(f"{self.where} answers with too much")
        while len(self._buffer) < count:
            self._more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def rest(self) -> bytes:
        """All that comes until the server ends it."""
        while self.piece():
            pass
        return self._buffer

    def piece(self) -> bytes:
        """What comes next; b"" at the end."""
        try:
            self._socket.settimeout(left_s(self._deadline))
            piece: bytes = self._socket.recv(_PIECE_BYTES)
        except OSError as error:
            raise self._in_words(error) from error.__cause__
        self._buffer += piece
        self._came += len(piece)
        if self._came > self.most_bytes:
            raise WireError(f"{self.where} answers with too much")
        return piece

    def _more(self) -> None:
        if self.piece():
            return
        if not self._came:
            raise WireError(f"{self.where} accepts but says nothing")
        raise WireError("the answer breaks off in the middle")

    def _in_words(self, error: OSError) -> WireError:
        if isinstance(error, TimeoutError) and not self._came:
            return WireError(f"{self.where} accepts but says nothing")
        if isinstance(error, WireError):
            return error
        return WireError(say(error, self._host, self._port))


def talk(host: str, port: int, deadline: float, address: str = "") -> Talk:
    """A connection to `host`, over `address` instead of where its name leads."""
    return Talk(dial(address or host, port, deadline), host, port, deadline)


Look = Callable[[Trust], "tuple[str, bytes | None]"]


def certified(look: Look, trust: Trust, now: float) -> tuple[str, float | None]:
    """What is wrong by `look`, and until when the certificate is valid that it met.

    A certificate that is refused for its dates is looked at again, without believing it.
    """
    why, der = "", None
    try:
        why, der = look(trust)
    except CertificateRefused as refused:
        why = str(refused)
        if refused.code in OF_DATES:
            return _out_of_dates(look, now, why)
    except (WireError, TimeoutError) as error:
        why = str(error)
    try:
        return why, validity(der)[1] if der else None
    except ValueError as error:
        return why or str(error), None


def _out_of_dates(look: Look, now: float, why: str) -> tuple[str, float | None]:
    try:
        begins_at, expires_at = validity(look(Trust(verified=False))[1] or b"")
    except (WireError, TimeoutError, ValueError):
        return why, None
    return judge_dates(begins_at, expires_at, now) or why, expires_at


def deadline_in(timeout_s: float) -> float:
    return monotonic() + timeout_s
