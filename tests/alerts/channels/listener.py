"""A server on loopback that says exactly what it is told to, and keeps what it hears."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from alerts.channels.http import Web
from collector.reach import parse

LOOPBACK = Web(parse(["127.0.0.0/8", "::1/128"]))


@dataclass
class Listener:
    """`heard` are whole requests; `drip_s` is the pause between two bytes of the answer."""

    answers: list[bytes]
    drip_s: float = 0.0
    heard: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.base}/hook?a=1"

    def serve(self, server: socket.socket) -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link:
                self._one(link)

    def _one(self, link: socket.socket) -> None:
        link.settimeout(5)
        request = b""
        while not _whole(request):
            request += link.recv(65536)
        self.heard.append(request)
        try:
            for piece in self._pieces(self.answers.pop(0) if self.answers[1:] else self.answers[0]):
                link.sendall(piece)
                time.sleep(self.drip_s)
        except OSError:
            pass  # they hung up on us, as they should

    def _pieces(self, answer: bytes) -> Sequence[bytes]:
        if not self.drip_s:
            return [answer]
        return [answer[i : i + 1] for i in range(len(answer))]


@contextmanager
def listening(*answers: bytes, drip_s: float = 0.0) -> Iterator[Listener]:
    """Gives the answers in their order; the last one again and again."""
    made = Listener(list(answers), drip_s)
    with socket.create_server(("127.0.0.1", 0)) as server:
        made.port = server.getsockname()[1]
        thread = threading.Thread(target=made.serve, args=(server,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def reply(status: int, body: str = "", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body.encode()


def _whole(request: bytes) -> bool:
    head, found, body = request.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return True
