"""A collector on localhost:0 that keeps what it is sent and answers as the protocol says.

Answers can be overridden one by one with `script`; everything else is honest.
"""

import contextlib
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.agent.servers import Authority, read_request


@dataclass
class Said:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        zipped = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if zipped else self.body)


@dataclass
class Reply:
    """`lost`: the connection breaks off instead; `kept`: ... after the entries were kept."""

    status: int = 200
    table: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


class FakeCollector:
    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.requests: list[Said] = []
        # None: an honest answer
        self.script: list[Reply | None] = []
        self.kept: dict[tuple[str, int], Any] = {}
        self.repeats = 0
        self.layouts: dict[str, list[str]] = {}
        self.tokens = {"token-1"}
        self.codes = {"ABCD"}
        self.enrolled: dict[tuple[str, str], dict[str, Any]] = {}
        self.rotated: dict[str, str] = {}
        self.config: dict[str, Any] = {}
        self.etag = "c1"
        self.epoch = "e1"
        self.time: float | None = None
        self.orders: list[str] = []
        self.waiting = 0
        self.ca = ""
        self.site = "35.10.06.2005"
        self.honours_tags = True
        self.lose_answers = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self._connections: list[socket.socket] = []
        self.came = threading.Condition()

    @property
    def url(self) -> str:
        scheme = "https" if self.context else "http"
        return f"{scheme}://localhost:{self.port}"

    @property
    def reports(self) -> list[Any]:
        return [r.json for r in self.requests if r.path == "/api/v1/reports"]

    def wait_for(self, reports: int, limit_s: float = 15.0) -> None:
        """Until so many reports have come."""
        with self.came:
            arrived = self.came.wait_for(lambda: len(self.reports) >= reports, limit_s)
        assert arrived, f"{len(self.reports)} reports came, {reports} were expected"

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connection, args=(plain,), daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End all connections."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _connection(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), plain:
            plain.settimeout(60)
            wrapped = self.context.wrap_socket(plain, server_side=True) if self.context else plain
            self._connections.append(wrapped)
            with wrapped:
                self._converse(wrapped)

    def _converse(self, connection: socket.socket) -> None:
        while text := read_request(connection):
            reply = self._reply(_parse(text))
            if reply.lost:
                return
            connection.sendall(_bytes(reply))

    def _reply(self, said: Said) -> Reply:
        with self.came:
            self.requests.append(said)
            self.came.notify_all()
        if self.script and said.path == "/api/v1/reports":
            scripted = self.script.pop(0)
            if scripted is not None:
                return scripted
        place = said.path.removeprefix("/api/v1/")
        reply = getattr(self, f"_{place}", lambda _: Reply(404))(said)
        if self.lose_answers and isinstance(reply, Reply) and reply.status == 200:
            self.lose_answers -= 1
            return Reply(lost=True)
        assert isinstance(reply, Reply)
        return reply

    def _allowed(self, said: Said) -> bool:
        return said.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _reports(self, said: Said) -> Reply:
        if not self._allowed(said):
            return Reply(401, {"error": "unknown token"})
        report = said.json
        self.layouts |= report.get("layouts", {})
        need = {f["layout"] for f in report["frames"]} - set(self.layouts)
        entries = [f for f in report["frames"] if f["layout"] not in need] + report["findings"]
        for entry in entries:
            key = (report["spool"], entry["n"])
            self.repeats += key in self.kept
            self.kept[key] = entry
        answer = {"kept": len(entries), "rejected": [], "need_layouts": sorted(need)}
        answer |= {"config": self.etag, "epoch": self.epoch, "do": self.orders}
        answer["time"] = report["sent_at"] if self.time is None else self.time
        self.orders = []
        return Reply(200, answer)

    def _config(self, said: Said) -> Reply:
        if self.honours_tags and said.headers.get("if-none-match") == f'"{self.etag}"':
            return Reply(304)
        return Reply(200, self.config, {"ETag": f'"{self.etag}"'} if self.etag else {})

    def _enrol(self, said: Said) -> Reply:
        asked = said.json
        key = (asked["code"], asked["nonce"])
        if key not in self.enrolled:
            if asked["code"] not in self.codes:
                return Reply(403, {"reason": "used" if self.enrolled else "unknown"})
            if self.waiting:
                self.waiting -= 1
                return Reply(202, {"state": "waiting"})
            self.codes.discard(asked["code"])
            given = {"agent": "7", "token": "token-1", "key": "k", "site": self.site}
            self.enrolled[key] = given | {"config": {}, "ca": self.ca, "ssh_host_key": ""}
        return Reply(200, self.enrolled[key])

    def _rotate(self, said: Said) -> Reply:
        if not self._allowed(said):
            return Reply(401, {"error": "unknown token"})
        nonce = said.json["nonce"]
        token = self.rotated.setdefault(nonce, f"token-{len(self.rotated) + 2}")
        self.tokens.add(token)
        return Reply(200, {"token": token})


@contextlib.contextmanager
def collector(context: ssl.SSLContext | None = None) -> Iterator[FakeCollector]:
    """A running one."""
    fake = FakeCollector(context)
    thread = threading.Thread(target=fake.serve, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.close()
        thread.join(5)


def showing_its_ca(authority: Authority, folder: Path) -> ssl.SSLContext:
    """A server's context that sends the CA's certificate along with its own."""
    authority.context(folder)
    file = next(folder.glob("server*.pem"))
    file.write_text(file.read_text() + authority.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _parse(text: bytes) -> Said:
    head, _, body = text.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(": ") for line in rest)
    return Said(method, path, {name.lower(): value for name, _, value in pairs}, body)


def _bytes(reply: Reply) -> bytes:
    body = b"" if reply.table is None else json.dumps(reply.table).encode()
    headers = "".join(f"{k}: {v}\r\n" for k, v in reply.headers.items())
    length = "" if reply.status == 304 else f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {reply.status} X\r\n{headers}{length}\r\n".encode() + body
