"""How fast do bytes come, and go? One transfer, counted as it runs and never kept.

Bounded in bytes and in seconds; what ends first ends it.
"""

import os
import socket
from dataclasses import dataclass, replace
from time import monotonic, thread_time
from typing import TYPE_CHECKING

from agent.dial import WireError, dial, place, say
from agent.meter import METER, carried
from agent.wire import secure, split_url, tls_context

if TYPE_CHECKING:
    import ssl

_PIECE_BYTES = 64 << 10
_HEAD_BYTES = 16 << 10
_CONNECT_S = 8.0
_STILL_S = 5.0
# TCP begins slowly: of a transfer that lasts, this part does not count
_RAMP = 0.25
_RAMP_FROM_S = 1.0
_LEAST_BYTES = 64_000
# so much of its time in our own code: this machine is what limits
_OWN_LIMIT = 0.9
# so near to what the centre gives: its side is what limits
_THEIR_LIMIT = 0.85
LIMIT = "x-ronda-limit"
# of the centre: asked for at once, and so many ahead, which is 4 MB on the way
_ASK_BYTES = 512 << 10
_AHEAD = 8


class Busy(WireError):
    """The centre asks to come again in `after_s`."""

    def __init__(self, after_s: float) -> None:
        super().__init__("the centre is busy")
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Way:
    """Where to, what to show there, whom to trust."""

    url: str
    token: str = ""
    ca: str = ""
    dates: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """What one transfer came to; `floor` says what else than the line was its limit, if anything
    was: the line carries that much at least."""

    bits_per_s: float
    floor: str = ""


class Tally:
    """Bytes over time; the rate once TCP is up to speed."""

    def __init__(self) -> None:
        self.began, self.worked = monotonic(), thread_time()
        self.total = 0
        self._marks: list[tuple[float, int]] = [(self.began, 0)]

    def add(self, count: int) -> None:
        self.total += count
        now = monotonic()
        if now - self._marks[-1][0] >= 0.02:
            self._marks.append((now, self.total))

    @property
    def lasted_s(self) -> float:
        return monotonic() - self.began

    def end(self, limit: float) -> Flow:
        """`limit`: bits per second that the other side gives at most; 0 when nobody said."""
        now, worked = monotonic(), thread_time() - self.worked
        if self.total < _LEAST_BYTES:
            raise WireError(f"only {self.total} bytes came")
        rate = steady_rate([*self._marks, (now, self.total)])
        if limit and rate >= limit * _THEIR_LIMIT:
            return Flow(rate, "the centre's side was the limit")
        slow = worked >= (now - self.began) * _OWN_LIMIT
        return Flow(rate, "this machine was the limit" if slow else "")


def steady_rate(marks: list[tuple[float, int]]) -> float:
    """Bits per second of (time, bytes so far), without the slow beginning of a long transfer."""
    (began, _), (ended, total) = marks[0], marks[-1]
    after = began + (ended - began) * _RAMP if ended - began >= _RAMP_FROM_S else began
    start, before = next((mark for mark in marks if mark[0] >= after), marks[0])
    if ended <= start or total <= before:
        start, before = began, 0
    return (total - before) * 8 / max(ended - start, 1e-6)


def pieces(way: Way, most_bytes: int, most_s: float) -> Flow:
    """Fetch from the centre piece by piece, some asked for ahead so that the line never waits."""
    size = max(_LEAST_BYTES, min(_ASK_BYTES, most_bytes // _AHEAD))
    count = -(-most_bytes // size)
    with _Wire(replace(way, url=f"{way.url}?bytes={size}")) as wire:
        for _ in range(min(_AHEAD, count)):
            wire.send_head("GET", [], keep=True)
        asked, limit = min(_AHEAD, count), 0.0
        tally = Tally()
        for place in range(count):
            status, headers, rest = wire.head()
            if status != 200 and place:
                break
            _judge(status, headers, True)
            limit, size = _limit(headers), _size(headers, size)
            wire.give_back(rest[size:])
            tally.add(min(len(rest), size))
            left = size - len(rest)
            while left > 0 and (piece := wire.receive(left)):
                tally.add(len(piece))
                left -= len(piece)
            if left > 0 or tally.lasted_s >= most_s:
                break
            if asked < count:
                wire.send_head("GET", [], keep=True)
                asked += 1
        return tally.end(limit)


def download(way: Way, most_bytes: int, most_s: float) -> Flow:
    """Fetch a file and throw it away; WireError, or Busy."""
    with _Wire(way) as wire:
        wire.send_head("GET", [])
        status, headers, rest = wire.head()
        _judge(status, headers, bool(way.token))
        tally, most = Tally(), _size(headers, most_bytes)
        tally.add(len(rest))
        while tally.total < most and tally.lasted_s < most_s:
            piece = wire.receive()
            if not piece:
                break
            tally.add(len(piece))
        return tally.end(_limit(headers))


def upload(way: Way, most_bytes: int, most_s: float) -> Flow:
    """Send what nobody can press together; only what the centre says has arrived counts."""
    with _Wire(way) as wire:
        wire.send_head("POST", ["Transfer-Encoding: chunked", "Expect: 100-continue"])
        status, headers, _ = wire.head()
        if status == 100:
            tally = Tally()
            while tally.total < most_bytes and tally.lasted_s < most_s:
                piece = os.urandom(min(_PIECE_BYTES, most_bytes - tally.total))
                wire.send(b"%x\r\n%b\r\n" % (len(piece), piece))
                tally.add(len(piece))
            wire.send(b"0\r\n\r\n")
            status, headers, _ = wire.head()
        _judge(status, headers, True)
        arrived = _float(headers.get("x-ronda-arrived", ""))
        if not arrived:
            raise WireError("the centre does not say how fast it came")
        limit = _limit(headers)
        floor = "the centre's side was the limit" if limit and arrived >= limit * 0.85 else ""
        return Flow(arrived, floor)


class _Wire:
    """One connection for one transfer; errors are WireError."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._socket: socket.socket | None = None
        self._ahead = b""

    def __enter__(self) -> "_Wire":
        scheme, host, port, _ = split_url(self._way.url)
        deadline = monotonic() + _CONNECT_S
        context = tls_context(self._way.ca or None, self._way.dates) if scheme == "https" else None
        plain = dial(host, port, deadline)
        self._socket = _secured(plain, context, host, port, deadline) if context else plain
        self._socket.settimeout(_STILL_S)
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            METER.add(carried(self._socket) or 0)
            self._socket.close()

    def send_head(self, method: str, further: list[str], keep: bool = False) -> None:
        _, host, port, path = split_url(self._way.url)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {place(host, port)}"]
        lines += [] if keep else ["Connection: close"]
        lines += ["User-Agent: ronda-agent", "Accept-Encoding: identity", *further]
        if self._way.token:
            lines.append(f"Authorization: Bearer {self._way.token}")
        self.send("\r\n".join([*lines, "", ""]).encode("ascii"))

    def send(self, data: bytes) -> None:
        assert self._socket is not None
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self._in_words(error) from error

    def give_back(self, data: bytes) -> None:
        """These bytes belong to what comes next."""
        self._ahead = data

    def receive(self, most: int = _PIECE_BYTES) -> bytes:
        assert self._socket is not None
        if self._ahead:
            data, self._ahead = self._ahead[:most], self._ahead[most:]
            return data
        try:
            return self._socket.recv(min(most, _PIECE_BYTES))
        except OSError as error:
            raise self._in_words(error) from error

    def head(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and what came behind them already."""
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            piece = self.receive()
            if not piece or len(data) > _HEAD_BYTES:
                raise WireError("the answer is not HTTP")
            data += piece
        first, *lines = data[:end].decode("latin-1").split("\r\n")
        words = first.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise WireError("the answer is not HTTP")
        pairs = (line.partition(":") for line in lines)
        return (
            int(words[1]),
            {k.strip().lower(): v.strip() for k, _, v in pairs},
            bytes(data[end + 4 :]),
        )

    def _in_words(self, error: OSError) -> WireError:
        _, host, port, _ = split_url(self._way.url)
        return WireError(say(error, host, port))


def _secured(
    plain: socket.socket, context: "ssl.SSLContext", host: str, port: int, deadline: float
) -> socket.socket:
    try:
        return secure(plain, context, host, port, deadline)
    except OSError:
        plain.close()
        raise


def _judge(status: int, headers: dict[str, str], centre: bool) -> None:
    if status in (429, 503):
        raise Busy(min(_float(headers.get("retry-after", "")) or 30.0, 3600.0))
    if status != 200:
        raise WireError(f"HTTP {status} instead of 200")
    if centre and LIMIT not in headers:
        raise WireError("another page instead of the centre's")


def _size(headers: dict[str, str], most: int) -> int:
    text = headers.get("content-length", "")
    return min(most, int(text)) if text.isdigit() and len(text) < 16 else most


def _limit(headers: dict[str, str]) -> float:
    return _float(headers.get(LIMIT, ""))


def _float(text: str) -> float:
    """A number of digits; 0 for anything else."""
    plain = text.replace(".", "", 1)
    return float(text) if plain.isascii() and plain.isdigit() and len(text) < 20 else 0.0
