"""A server on loopback that says exactly what it is told to, and keeps what it hears."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Listener:
    """`heard` are whole requests; `drip_s` is the pause between two bytes of the answer."""

    answer: bytes
    drip_s: float = 0.0
    heard: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

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
            for piece in self._pieces():
                link.sendall(piece)
                time.sleep(self.drip_s)
        except OSError:
            pass  # they hung up on us, as they should

    def _pieces(self) -> Sequence[bytes]:
        if not self.drip_s:
            return [self.answer]
        return [self.answer[i : i + 1] for i in range(len(self.answer))]


@contextmanager
def listening(answer: bytes, drip_s: float = 0.0) -> Iterator[Listener]:
    made = Listener(answer, drip_s)
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
