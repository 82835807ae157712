"""A receiver of remote_write for tests: keeps what it takes, and answers as it is told to."""

import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from collector.foreign.body import inflate
from collector.foreign.protobuf import Sent, read_request

STALE = 0x7FF0000000000002
# status, headers, words
Said = tuple[int, dict[str, str], str]
TAKEN: Said = (204, {}, "")


class Receiver:
    """`judge` sees the series of each request and says what is answered; 2xx keeps them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[tuple[str, str], ...], dict[int, int]] = {}
        self.asked: list[dict[str, str]] = []
        self.posts = 0
        self.judge: Callable[[list[Sent]], Said] = lambda _: TAKEN
        self.url = ""

    def take(self, body: bytes) -> Said:
        self.posts += 1
        sent = list(read_request(inflate(body)))
        said = self.judge(sent)
        if 200 <= said[0] < 300:
            for series in sent:
                labels = tuple((name.decode(), value.decode()) for name, value in series.labels)
                known = self.kept.setdefault(labels, {})
                known.update(zip(series.times_ms, series.bits, strict=True))
        return said


def number(bits: int) -> float:
    """The float that these 64 bits are."""
    told: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return told


@contextmanager
def running(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a port of the loopback, with a certificate where a context brings one."""
    made = Receiver()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # head and body are two packets, and the second is not to wait until the first is known
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            made.asked.append(dict(self.headers))
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers, words = made.take(body)
            said = words.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            # whoever does not believe our certificate hangs up
            return

    server = Server(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    made.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}/api/v1/write"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
