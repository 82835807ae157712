"""An engine that answers as it is told to: the real ones are in `engines`."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from collector.external.place import Place
from collector.outward.post import Receiver

# what it is asked, and how it answers: status and body
Answer = Callable[[Mapping[str, list[str]]], tuple[int, bytes]]


@dataclass
class Fake:
    """`answers` by path; a path that is not there is a 404. `asked` counts the paths."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    port: int = 0

    def place(self, timeout_s: float = 5.0, secret: str = "") -> Place:
        base = f"http://127.0.0.1:{self.port}"
        return Place(base, Receiver(f"{base}/api/v1/write", secret=secret), timeout_s)


def says(status: int, body: bytes = b"") -> Answer:
    return lambda _: (status, body)


def hangs(seconds: float) -> Answer:
    def answer(_: Mapping[str, list[str]]) -> tuple[int, bytes]:
        time.sleep(seconds)
        return 200, b""

    return answer


@contextmanager
def fake(**answers: Answer) -> Iterator[Fake]:
    """Answers by the last word of their path."""
    made = Fake({f"/api/v1/{name}": answer for name, answer in answers.items()})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.asked.append(self.path)
            made.seen.append(self.headers.get("authorization", ""))
            answer = made.answers.get(self.path, says(404, b"no such path"))
            form = "form" in self.headers.get("content-type", "")
            status, told = answer(parse_qs(body.decode()) if form else {})
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
