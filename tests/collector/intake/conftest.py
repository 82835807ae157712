"""A real ingest in a thread, with its database, and a client that speaks to it."""

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from collector import agents, db
from collector.intake.listen import Limits
from collector.intake.server import serve
from collector.intake.wire import Report, read_report
from collector.journal.files import FileReader
from collector.journal.framing import Kind, Record
from collector.schema import sites
from collector.settings import Settings
from tests.stores import migrated

SITE = "35.10.06.2005"


class Clock:
    """A wall clock that the test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Centre:
    """Ingest on a port of its own; `ask` sends one request and gives status, body, headers."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.settings = Settings(
            data=str(folder), ingest=f"127.0.0.1:{free_port()}", database_url=database_url
        )
        self.clock = Clock(1_790_000_000.0)
        self.limits = Limits()
        self.free_bytes = 1 << 40
        migrated(self.settings)
        self.engine: Engine = db.open_store(self.settings)
        self.add_site(SITE, 0)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.failure: BaseException | None = None

    @property
    def port(self) -> int:
        return int(self.settings.ingest.rpartition(":")[2])

    def add_site(self, code: str, row: int) -> None:
        with db.writing(self.engine) as connection:
            connection.execute(insert(sites).values(code=code, row=row, name=code))

    def start(self) -> None:
        up = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(up,))
        self._thread.start()
        assert up.wait(20)
        if self.failure is not None:
            self._thread.join(20)
            self._thread, failure, self.failure = None, self.failure, None
            raise failure

    def stop(self) -> None:
        if self._thread is None:
            return
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self._thread = None

    def _run(self, up: threading.Event) -> None:
        async def main() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            await serve(
                self.settings,
                self._stop,
                self.clock,
                up.set,
                self.limits,
                lambda folder: self.free_bytes,
            )

        try:
            asyncio.run(main())
        except BaseException as error:
            self.failure = error
            up.set()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        token: str | None = None,
    ) -> tuple[int, bytes, dict[str, str]]:
        if isinstance(body, dict):
            body = json.dumps(body)
        given = dict(headers or {})
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            # too large a body is answered, and the connection closed, before all of it was sent
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def ask_json(self, *args: Any, **more: Any) -> tuple[int, Any]:
        status, body, _ = self.ask(*args, **more)
        return status, json.loads(body)

    def report(self, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        return self.ask_json("POST", "/api/v1/reports", body, token=token)

    def code(self, site: str = SITE, days: float = 30, approval: bool = False) -> str:
        with db.writing(self.engine) as connection:
            return agents.issue_code(connection, site, self.clock.now, days, approval)

    def enrol(self, site: str = SITE, nonce: str = "nonce-of-8") -> dict[str, Any]:
        status, answer = self.ask_json(
            "POST", "/api/v1/enrol", {"code": self.code(site), "nonce": nonce, "name": "a"}
        )
        assert status == 200
        assert isinstance(answer, dict)
        return answer

    def journal(self) -> list[Record]:
        reader = FileReader(self.settings.journal_folder)
        records: list[Record] = []
        while found := reader.read(records[-1].next if records else 0):
            records += found
        reader.close()
        return records

    def reports(self) -> list[Report]:
        return [read_report(r.payload) for r in self.journal() if r.kind == Kind.REPORT]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def its_database() -> str:
    """SQLite; a module that is to run on PostgreSQL too says so by its own fixture."""
    return ""


@pytest.fixture
def centre(tmp_path: Path, its_database: str) -> Iterator[Centre]:
    """Made, not yet started, so that a test can set limits first."""
    made = Centre(tmp_path / "data", its_database)
    yield made
    made.stop()
    made.engine.dispose()
    if made.failure is not None:
        raise made.failure


@pytest.fixture
def running(centre: Centre) -> Centre:
    centre.start()
    return centre


@pytest.fixture
def report() -> Callable[..., dict[str, Any]]:
    """A small good report; keywords replace its parts."""

    def make(**parts: Any) -> dict[str, Any]:
        base: dict[str, Any] = {
            "v": 1,
            "spool": "9f1c22d0",
            "boot": "6b0e",
            "sent_at": 1_790_000_000.4,
            "up": 86_413.5,
            "layouts": {"k7Qx81Zp0aBc": ['ronda_uplink_rtt_seconds{target="gateway"}', "b"]},
            "frames": [
                {
                    "n": 1,
                    "at": 1_790_000_000.2,
                    "up": 86_411.3,
                    "layout": "k7Qx81Zp0aBc",
                    "values": [0.0021, None],
                }
            ],
            "findings": [],
            "dropped": 0,
        }
        return {**base, **parts}

    return make
