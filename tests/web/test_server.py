"""The console's process over real sockets: pages, live news, proxies, rude visitors."""

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, insert

from agent.strict import Refused
from collector import schema
from collector.db import open_store, writing
from collector.settings import Settings
from tests.stores import migrated
from web import accounts, people
from web.accounts import RONDA
from web.server import serve

pytestmark = pytest.mark.slow

SITE, OTHER = "35.10.06.2005", "35.10.11.2002"
PASSWORD = "kentongan malam"


class Running:
    """A console in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._settings = replace(settings, console=f"127.0.0.1:{self.port}")
        self._ready = threading.Event()
        self._open: list[HTTPConnection | HTTPResponse] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))

    async def _main(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        await serve(self._settings, self._stop, self._ready.set)

    def __enter__(self) -> "Running":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        for each in self._open:
            each.close()
        assert not self._thread.is_alive(), "it stops within five seconds, open pages or not"

    def ask(
        self, path: str, cookie: str = "", body: str | None = None, **headers: str
    ) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        self._open.append(connection)
        given = {"Cookie": cookie, "Accept": "text/html"}
        if body is not None:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        method = "GET" if body is None else "POST"
        connection.request(method, path, body, given | headers)
        answer = connection.getresponse()
        self._open.append(answer)
        return answer

    def sign_in(self, name: str) -> str:
        """The cookie of a session."""
        form = self.ask("/login")
        cookie = str(form.headers["Set-Cookie"]).split(";")[0]
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', form.read().decode())
        assert found
        fields = {"form_token": found[1], "name": name, "password": PASSWORD}
        answer = self.ask("/login", cookie, urlencode(fields))
        assert answer.status == 303
        return str(answer.headers["Set-Cookie"]).split(";")[0]


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    migrated(settings)
    engine = open_store(settings)
    with writing(engine) as connection:
        for row, code in enumerate((SITE, OTHER)):
            values = {"code": code, "row": row, "name": f"Desa {row}"}
            connection.execute(insert(schema.sites).values(**values))
    for name, areas in (("dewi", []), ("agus", [OTHER])):
        token = accounts.add(engine, RONDA, name, "village" if areas else "noc", areas, time.time())
        people.use_link(engine, token.rpartition("/")[2], name, PASSWORD, time.time())
    yield engine
    engine.dispose()


@pytest.fixture
def console(settings: Settings, store: Engine) -> Iterator[Running]:
    with Running(settings) as running:
        yield running


def event(stream: HTTPResponse, name: str) -> dict[str, Any]:
    """The next event of that name."""
    while line := stream.readline().decode():
        if line == f"event: {name}\n":
            found: dict[str, Any] = json.loads(stream.readline().decode().removeprefix("data: "))
            return found
    raise AssertionError(f"the stream ended before {name}")


def test_a_change_is_on_the_open_page_within_two_seconds(console: Running, store: Engine) -> None:
    stream = console.ask("/live", console.sign_in("dewi"))
    assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    event(stream, "hello")
    event(stream, "tick")
    time.sleep(0.6)
    began = time.monotonic()
    change(store, SITE, rev=5)
    event(stream, "changed")
    assert time.monotonic() - began < 2


def change(store: Engine, code: str, rev: int) -> None:
    row = {"site": code, "name": f"check {rev}", "verdict": "bad", "since": 0.0, "rev": rev}
    with writing(store) as connection:
        connection.execute(insert(schema.checks).values(**row))


def test_a_page_hears_only_of_its_own_area(console: Running, store: Engine) -> None:
    stream = console.ask("/live", console.sign_in("agus"))
    event(stream, "tick")
    time.sleep(0.6)
    change(store, SITE, rev=5)
    time.sleep(0.6)
    began = time.monotonic()
    change(store, OTHER, rev=6)
    event(stream, "changed")
    assert time.monotonic() - began > 0.01, "the news of the other area was not the one heard"


def test_a_taken_address_is_refused_in_one_line(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        console = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Refused, match="Address already in use"):
            asyncio.run(serve(replace(settings, console=console), asyncio.Event()))


LIVE_REFUSED: dict[str, tuple[str, str, int]] = {
    "a stranger": ("", "/live", 401),
    "a forged cookie": ("ronda=eyJ1c2VyIjoiZGV3aSJ9.x.y", "/live", 401),
    "a site of another area": ("agus", f"/live?site={SITE}", 404),
}


@pytest.mark.parametrize("who", LIVE_REFUSED)
def test_live_is_refused_to(who: str, console: Running) -> None:
    cookie, path, status = LIVE_REFUSED[who]
    assert (
        console.ask(path, console.sign_in(cookie) if cookie == "agus" else cookie).status == status
    )


def test_an_ended_session_ends_its_stream(console: Running, store: Engine) -> None:
    stream = console.ask("/live", console.sign_in("dewi"))
    event(stream, "tick")
    accounts.sign_out(store, RONDA, "dewi", time.time())
    assert b"" in iter(stream.readline, b"never"), "the stream ends"


def test_it_stops_with_pages_open(settings: Settings, store: Engine) -> None:
    with Running(settings) as running:
        streams = [running.ask("/live", running.sign_in("dewi")) for _ in range(3)]
        for stream in streams:
            event(stream, "tick")
        began = time.monotonic()
    assert time.monotonic() - began < 2


def test_open_pages_do_not_take_the_threads_of_others(console: Running) -> None:
    cookie = console.sign_in("dewi")
    for _ in range(150):
        console.ask("/live", cookie)
    began = time.monotonic()
    assert console.ask("/", cookie).status == 200
    assert time.monotonic() - began < 5
    refused = console.ask("/live", cookie)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert b"this account has" in refused.read()
    figures = console.ask("/metrics").read().decode()
    assert "ronda_console_live_clients 150.0" in figures
    assert 'ronda_console_live_refused_total{full="own"} 1.0' in figures


RUDE: dict[str, tuple[bytes, bytes]] = {
    "a large body": (b"POST /login HTTP/1.1\r\nContent-Length: 10000000\r\n", b"413"),
    "an endless body": (
        b"POST /login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
        b"413",
    ),
    "bytes in the query": (b"GET /?q=\xff HTTP/1.1\r\n", b"400"),
    "bytes in the path": (b"GET /%ff%fe HTTP/1.1\r\n", b"404"),
    "a byte in the live query": (b"GET /live?site=\xff HTTP/1.1\r\n", b"40"),
    "a method that is none": (b"BREW / HTTP/1.1\r\n", b"4"),
}


@pytest.mark.parametrize("what", RUDE)
def test_rude_requests_are_answered_and_the_next_one_too(what: str, console: Running) -> None:
    head, status = RUDE[what]
    with socket.create_connection(("127.0.0.1", console.port), timeout=10) as rude:
        rude.sendall(head + b"Host: x\r\nConnection: close\r\n\r\n")
        if b"chunked" in head:
            rude.sendall((b"4000\r\n" + b"a" * 0x4000 + b"\r\n") * 5)
        answer = rude.recv(4000)
    assert answer.split(b" ", 2)[1].startswith(status), answer[:200]
    assert b"Traceback" not in answer
    assert console.ask("/healthz").status == 200


@pytest.mark.parametrize(
    ("proxies", "secure"), [(("127.0.0.1",), True), ((), False)], ids=["listed", "not listed"]
)
def test_only_a_listed_proxy_is_believed(
    proxies: tuple[str, ...], secure: bool, settings: Settings, store: Engine
) -> None:
    with Running(replace(settings, proxies=proxies)) as running:
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        page = running.ask("/login", **headers)
        assert ("Secure" in str(page.headers["Set-Cookie"])) is secure
        assert running.ask("/metrics", **headers).status == 401
