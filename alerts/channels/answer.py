"""The answer to one HTTP request on a socket, whole before a deadline and within a size."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST_BYTES = 64 * 1024


class BadAnswer(Exception):
    """What came back is not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the body as far as it was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read(sock: socket.socket, ends_at: float, stopwatch: Callable[[], float]) -> Answer:
    """The answer; TimeoutError at `ends_at` however slowly it drips, BadAnswer when it is none."""
    text = b""
    while len(text) < MOST_BYTES and not _whole(text):
        left_s = ends_at - stopwatch()
        if left_s <= 0:
            raise TimeoutError
        sock.settimeout(left_s)
        piece = sock.recv(16 * 1024)
        if not piece:
            break
        text += piece
    return parse(text)


def parse(text: bytes) -> Answer:
    """An answer that is here in full, or cut at its end."""
    head, found, body = text.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(None, 2)
    if not found or len(words) < 2 or not first.startswith("HTTP/1.") or not words[1].isdigit():
        raise BadAnswer("the answer is not HTTP" if text else "closed without an answer")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined(body)
    return Answer(int(words[1]), headers, body)


def _whole(text: bytes) -> bool:
    if b"\r\n\r\n" not in text:
        return False
    answer = parse(text)
    length = answer.headers.get("content-length", "")
    if length.isdigit():
        return len(answer.body) >= int(length)
    # without a length the end is a last chunk, or the closing of the connection
    return "transfer-encoding" in answer.headers and text.endswith(b"0\r\n\r\n")


def _joined(body: bytes) -> bytes:
    """Chunks put together, as far as they are whole."""
    whole = b""
    while body:
        line, _, rest = body.partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            break
        if size == 0:
            break
        whole += rest[:size]
        body = rest[size + 2 :]
    return whole
