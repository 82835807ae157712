"""Reads one HTTP/1.1 answer from a stream of pieces; knows nothing of sockets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.dial import WireError

_HEAD_BYTES = 32 << 10
_INTERIM_ANSWERS = 8


class NothingCame(WireError):
    """The stream ended before the first byte of an answer."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. Header names are lower-case; `closed`: the connection ended with it;
    `cut`: the body was longer than the limit and only its beginning is here."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    closed: bool = False
    cut: bool = False


class AnswerReader:
    """`fill` returns the next piece of the stream, b"" at its end."""

    def __init__(self, fill: Callable[[], bytes]) -> None:
        self._fill = fill
        self._buffer = bytearray()

    def read(self, method: str, limit_bytes: int) -> Response:
        """The answer to a `method` request; WireError when it is not HTTP or breaks off."""
        for _ in range(_INTERIM_ANSWERS):
            version, status, headers = self._head()
            if status >= 200:
                break
        else:
            raise WireError("too many interim answers")
        options = headers.get("connection", "").lower()
        closed = "close" in options or (version == "HTTP/1.0" and "keep-alive" not in options)
        body, cut = b"", False
        if method != "HEAD" and status not in (204, 304):
            body, cut, ended = self._body(headers, limit_bytes)
            closed = closed or ended
        # bytes nobody asked for cannot be told from the next answer
        return Response(status, headers, body, closed or cut or bool(self._buffer), cut)

    def _head(self) -> tuple[str, int, dict[str, str]]:
        version, _, rest = self._line(_HEAD_BYTES, first=True).partition(" ")
        status = rest[:3]
        if not version.startswith("HTTP/1.") or not (status.isascii() and status.isdigit()):
            raise WireError("the answer is not HTTP")
        budget = _HEAD_BYTES
        headers: dict[str, str] = {}
        while line := self._line(budget):
            budget -= len(line) + 2
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            # a cookie may hold commas: these stay one to a line
            join = "\n" if name == "set-cookie" else ", "
            headers[name] = headers[name] + join + value if name in headers else value
        return version, int(status), headers

    def _body(self, headers: Mapping[str, str], limit: int) -> tuple[bytes, bool, bool]:
        """Body, was it cut, did the stream end with it."""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return *self._chunks(limit), False
        if (length := headers.get("content-length")) is not None:
            # the same length said twice is allowed
            size = _number(length.partition(",")[0].strip(), 10)
            return self._exactly(min(size, limit)), size > limit, False
        while len(self._buffer) <= limit and self._more():
            pass
        cut = len(self._buffer) > limit
        return self._take(limit), cut, True

    def _chunks(self, limit: int) -> tuple[bytes, bool]:
        body = bytearray()
        while True:
            size = _number(self._line(_HEAD_BYTES).partition(";")[0].strip(), 16)
            if size == 0:
                budget = _HEAD_BYTES
                while trailer := self._line(budget):
                    budget -= len(trailer) + 2
                return bytes(body), False
            room = limit - len(body)
            body += self._exactly(min(size, room))
            if size > room:
                return bytes(body), True
            self._line(2)

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            if not self._more():
                raise WireError("the answer breaks off in the middle")
        return self._take(count)

    def _line(self, limit: int, first: bool = False) -> str:
        while (end := self._buffer.find(b"\n")) < 0 and len(self._buffer) <= limit:
            if not self._more():
                if first and not self._buffer:
                    raise NothingCame("the connection ended without an answer")
                raise WireError("the answer breaks off in the middle")
        if end < 0 or end > limit:
            raise WireError("the head of the answer is too long")
        return self._take(end + 1).decode("latin-1").rstrip("\r\n")

    def _more(self) -> bool:
        piece = self._fill()
        self._buffer += piece
        return bool(piece)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def _number(text: str, base: int) -> int:
    digits = "0123456789abcdefABCDEF"[: 10 if base == 10 else None]
    if not text or len(text) > 15 or text.strip(digits):
        raise WireError(f"not a length: {text[:20]!r}")
    return int(text, base)
