"""A fenced check reaches what it may, also by a name and behind a redirect; others go anywhere."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.config import Check, read
from agent.report import Verdict
from agent.runner import measure

OFF = ["127.0.0.0/8", "::1/128", "10.20.0.0/16"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 200)
            if self.path == "/away":
                self.send_header("Location", f"http://127.0.0.2:{port}/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("0.0.0.0", 0), Page)
    port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield port
    server.shutdown()
    server.server_close()
    thread.join()


def fenced(entry: dict[str, object], *allowed: str) -> Check:
    check = {"name": "x", "fenced": True, **entry}
    table = {"off_limits": OFF, "allowed": list(allowed), "checks": [check]}
    return read(table).checks[0]


REFUSED = "is the centre's own: list it in allow_targets to reach it"


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({"kind": "http", "url": "http://127.0.0.1:{port}/"}, "127.0.0.1"),
        ({"kind": "http", "url": "http://localhost:{port}/"}, "1"),
        ({"kind": "tcp", "host": "127.0.0.1", "port": 1}, "127.0.0.1"),
        ({"kind": "ping", "host": "10.20.3.4"}, "10.20.3.4"),
        ({"kind": "dns", "query": "desa.id", "server": "127.0.0.1"}, "127.0.0.1"),
        ({"kind": "mail_domain", "domain": "desa.id", "server": "127.0.0.1"}, "127.0.0.1"),
    ],
    ids=["page", "name", "port", "ping", "dns", "mail"],
)
def test_what_is_off_limits_is_not_looked_at(
    port: int, entry: dict[str, object], where: str
) -> None:
    filled = {k: v.format(port=port) if isinstance(v, str) else v for k, v in entry.items()}
    reading = measure(fenced(filled), {})
    assert reading.verdict is Verdict.UNKNOWN
    assert REFUSED in reading.reason
    assert where in reading.reason


def test_a_redirect_to_what_is_off_limits_is_not_followed(port: int) -> None:
    url = f"http://127.0.0.1:{port}/away"
    check = fenced({"kind": "http", "url": url, "follow_redirects": True}, "127.0.0.1/32")
    reading = measure(check, {})
    assert reading.verdict is Verdict.UNKNOWN
    assert reading.reason == f"127.0.0.2 {REFUSED}"


def test_what_is_allowed_is_reached(port: int) -> None:
    check = fenced({"kind": "http", "url": f"http://127.0.0.1:{port}/"}, "127.0.0.0/8")
    assert measure(check, {}).verdict is Verdict.GOOD


def test_a_check_without_a_fence_goes_anywhere(port: int) -> None:
    entry = {"name": "x", "kind": "http", "url": f"http://127.0.0.1:{port}/"}
    check = read({"off_limits": OFF, "checks": [entry]}).checks[0]
    # in the same thread as a fenced one before it
    measure(fenced({"kind": "tcp", "host": "127.0.0.1", "port": 1}), {})
    assert measure(check, {}).verdict is Verdict.GOOD
