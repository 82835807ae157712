"""A gateway that notes whom it was asked to tell what; sometimes it says no, or nothing at all."""

import json
import random
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# parts of all messages: taken without an answer, and not taken
_NO_ANSWER, _REFUSED = 0.03, 0.03


@dataclass(frozen=True, slots=True)
class Message:
    """One that was taken; `reader` is the end of the address it came to."""

    at: float
    reader: str
    notice: int
    incident: int
    news: str
    answered: bool


class Gateway:
    """Serves on a free port of loopback while the `with` block lasts."""

    def __init__(self, seed: int) -> None:
        self._taken: list[Message] = []
        self.refused = 0
        self._chance = random.Random(seed)
        gateway = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = gateway.take(self.path.strip("/"), json.loads(body))
                if status:
                    self.send_response(status)
                    self.end_headers()
                else:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def url(self, reader: str) -> str:
        """The address of one reader."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{reader}"

    @property
    def taken(self) -> list[Message]:
        """So far, in their order."""
        return list(self._taken)

    def take(self, reader: str, told: dict[str, Any]) -> int:
        """The status to answer with; 0: none."""
        chosen = self._chance.random()
        if chosen < _REFUSED:
            self.refused += 1
            return 503
        answered = chosen >= _REFUSED + _NO_ANSWER
        number, incident, news = told["notice"], told["incident"], told["news"]
        self._taken.append(Message(time.time(), reader, number, incident, news, answered))
        return 200 if answered else 0
