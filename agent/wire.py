"""A small HTTP/1.1 client over plain and TLS sockets: every wait and every size has a bound.

http.client would bring the e-mail parser into an agent that has to stay small.
"""

import socket
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING

from agent.answer import AnswerReader, NothingCame, Response
from agent.dial import Address, WireError, dial, left_s, place, say
from agent.meter import Tap, stays_here

if TYPE_CHECKING:
    import ssl

__all__ = [
    "CertificateRefused", "Connection", "Response", "WireError",
    "secure", "split_url", "tls_context",
]  # fmt: skip

_PIECE_BYTES = 16 << 10
_TLS_ENDS = ("SSLEOFError", "SSLZeroReturnError")
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
_PORTS = {"http": 80, "https": 443}
# X509_V_FLAG_NO_CHECK_TIME: the chain and the name count, the dates do not
_NO_CHECK_TIME = 0x200000


class CertificateRefused(WireError):
    """TLS verification failed; `code` is OpenSSL's X509_V_ERR number (10 = expired)."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


def split_url(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path with query) of an http or https URL; ValueError says why not."""
    scheme, colon, rest = url.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in _PORTS:
        raise ValueError(f"expected http://... or https://..., got {url[:80]!r}")
    rest = rest.partition("#")[0]
    end = min((at for at in map(rest.find, "/?") if at >= 0), default=len(rest))
    host, port = _split_host(rest[:end], _PORTS[scheme])
    path = rest[end:] if rest[end:].startswith("/") else "/" + rest[end:]
    return scheme, host, port, _quoted(path)


def tls_context(ca_pem: str | None, check_dates: bool) -> "ssl.SSLContext":
    """Trusts `ca_pem` and nothing else (None: what the system trusts).

    ValueError when `ca_pem` is no certificate. Without `check_dates` the chain and the name
    count but not the dates: for a machine that woke up in 1970.
    """
    # plain HTTP must not pay for OpenSSL
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_pem is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cadata=ca_pem)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("not a certificate in PEM") from error
    if not check_dates:
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    return context


def secure(
    plain: socket.socket, context: "ssl.SSLContext", host: str, port: int, deadline: float
) -> "ssl.SSLSocket":
    """TLS over `plain`; CertificateRefused, WireError, or TimeoutError."""
    plain.settimeout(left_s(deadline))
    try:
        # bytes: see dial.resolve
        return context.wrap_socket(plain, server_hostname=host.encode("ascii", "replace"))
    except TimeoutError:
        raise
    except OSError as error:
        raise _no_tls(error, host, port) from error


class Connection:
    """Keep-alive requests to one server, one after the other; opened when first needed.

    `timeout_s` bounds each wait, `limit_s` of a request all of it. All errors are WireError.
    `address`: where to connect, if not to what the name `host` stands for; `interface`: the only
    one to leave through. `counts`: its bytes go on the meter of the line; by itself only those that
    leave the village.
    """

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int,
        context: "ssl.SSLContext | None" = None,
        timeout_s: float = 10.0,
        address: str = "",
        interface: str = "",
        counts: bool | None = None,
    ) -> None:
        if scheme == "https" and context is None:
            raise ValueError("https needs a TLS context")
        self.scheme, self.host, self.port = scheme, host, port
        self._context = context if scheme == "https" else None
        self._timeout_s = timeout_s
        self._address, self._interface = address or host, interface
        # DER of the server's certificate; it outlives the connection
        self.certificate: bytes | None = None
        self._deadline = 0.0
        self._socket: socket.socket | None = None
        self._reader = AnswerReader(self._receive)
        # where it was connected last
        self.peer: Address | None = None
        self._counts, self._tap = counts, Tap(False)
        # bytes of HTTP over all requests; TLS and TCP add theirs
        self.sent_bytes = 0
        self.received_bytes = 0

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1 << 20,
        limit_s: float = 60.0,
    ) -> Response:
        """Send and return the answer, of any status; again when an idle connection had died.

        So a request may arrive twice: use it for what may be repeated.
        """
        message = self._message(method, path, headers or {}, body)
        self._deadline = monotonic() + limit_s
        reused = self._still_open()
        try:
            try:
                return self._exchange(method, message, limit_bytes)
            except OSError as error:
                if not (reused and _broken_off(error)):
                    raise
            self.close()
            return self._exchange(method, message, limit_bytes)
        except OSError as error:
            self.close()
            raise self._in_words(error) from error.__cause__

    def connect(self, limit_s: float = 60.0) -> None:
        """Open the connection now, which a request would do by itself."""
        self._deadline = monotonic() + limit_s
        try:
            self._open()
        except OSError as error:
            self.close()
            raise self._in_words(error) from error.__cause__

    def close(self) -> None:
        if self._socket is not None:
            self._tap.look(self._socket, 0)
            self._tap.leave()
            self._socket.close()
        self._socket = None

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _message(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        named = place(self.host, self.port)
        if self.port == _PORTS[self.scheme]:
            named = named.rpartition(":")[0]
        lines = [f"{method} {path} HTTP/1.1", f"Host: {named}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(body)}")
        for line in lines:
            if not (line.isascii() and line.isprintable()):
                raise WireError(f"not fit for the head of a request: {line[:60]!r}")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + body

    def _exchange(self, method: str, message: bytes, limit_bytes: int) -> Response:
        if self._socket is None:
            self._open()
        before = self.received_bytes
        trouble = self._send(message)
        try:
            response = self._reader.read(method, limit_bytes)
        except OSError as error:
            raise trouble or error from None
        if self._socket is not None:
            self._tap.look(self._socket, len(message) + self.received_bytes - before)
        if response.closed or trouble:
            self.close()
        return response

    def _open(self) -> None:
        self._reader = AnswerReader(self._receive)
        opened_by = min(self._deadline, monotonic() + self._timeout_s)
        self._socket = plain = dial(self._address, self.port, opened_by, self._interface)
        self.peer = plain.family, plain.getpeername()
        stays = stays_here(str(self.peer[1][0]))
        self._tap = Tap(not stays if self._counts is None else self._counts)
        if self._context is None:
            return
        self._socket = wrapped = secure(plain, self._context, self.host, self.port, opened_by)
        self.certificate = wrapped.getpeercert(True)

    def _in_words(self, error: OSError) -> WireError:
        return (
            error if isinstance(error, WireError) else WireError(say(error, self.host, self.port))
        )

    def _still_open(self) -> bool:
        """Is there a connection to use again? A server ends an idle one without a word."""
        if self._socket is None:
            return False
        try:
            self._socket.settimeout(0)
            self._socket.recv(1)
        except BlockingIOError:
            return True
        except OSError as error:
            # naming the class would load ssl for plain HTTP
            if type(error).__name__ == "SSLWantReadError":
                return True
        self.close()
        return False

    def _send(self, message: bytes) -> OSError | None:
        """What broke, if anything: a server that refuses early has still answered."""
        assert self._socket is not None
        rest = memoryview(message)
        while rest:
            self._socket.settimeout(min(self._timeout_s, left_s(self._deadline)))
            try:
                sent = self._socket.send(rest)
            except OSError as error:
                if not _broken_off(error):
                    raise
                return error
            self.sent_bytes += sent
            rest = rest[sent:]
        return None

    def _receive(self) -> bytes:
        assert self._socket is not None
        self._socket.settimeout(min(self._timeout_s, left_s(self._deadline)))
        piece = self._socket.recv(_PIECE_BYTES)
        self.received_bytes += len(piece)
        return piece


def _no_tls(error: OSError, host: str, port: int) -> WireError:
    if (code := getattr(error, "verify_code", None)) is not None:
        words = getattr(error, "verify_message", "not trusted")
        return CertificateRefused(f"certificate of {host}: {words}", code)
    words = getattr(error, "reason", None) or error.strerror or "handshake broken off"
    if words in _NOT_TLS:
        words = "it does not speak TLS (http instead of https?)"
    return WireError(f"no TLS with {place(host, port)}: {words}")


def _broken_off(error: OSError) -> bool:
    # TLS tells of a dead connection in classes of its own
    return isinstance(error, NothingCame | ConnectionError) or type(error).__name__ in _TLS_ENDS


def _split_host(text: str, port: int) -> tuple[str, int]:
    if "@" in text:
        raise ValueError("no user or password in the address, please")
    host, colon, digits = text.rpartition(":")
    if not colon or "]" in digits:
        host, digits = text, str(port)
    bare = host.removeprefix("[").removesuffix("]")
    if not bare or not (bare.isascii() and bare.isprintable()) or " " in bare:
        raise ValueError(f"not a host: {host[:80]!r}")
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) < 65536):
        raise ValueError(f"not a port: {digits[:20]!r}")
    return bare, int(digits)


def _quoted(path: str) -> str:
    return "".join(chr(b) if 32 < b < 127 else f"%{b:02X}" for b in path.encode())
