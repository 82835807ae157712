"""A private PostgreSQL for tests: a cluster of its own in a temporary folder, on loopback."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.pool import Pool

from collector import db
from collector.settings import Settings

USER = "ronda"
# sorts as a person would and not by bytes, as the servers of a data centre do
LOCALE = ("--locale-provider=icu", "--icu-locale=en-US", "--encoding=UTF8", "--locale=C.UTF-8")
FAST = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")
_EMPTY = "empty_ronda"
# databases that were made with all tables: nobody need look at each whether they are there
MIGRATED = set[str]()
# waits for the end of the tests, however they end, and leaves nothing of the server
_SWEEP = """
read -r _
kill -QUIT "$(head -1 "$1/data/postmaster.pid")" && sleep 1
rm -rf "$1"
"""


def programs() -> Path:
    """Where Debian keeps initdb and pg_ctl; AssertionError when they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL is not installed: apt-get install postgresql"
    return found[-1].parent


class Server:
    """One cluster; `database` makes a database in it and gives its URL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._numbers = count(1)
        self._running = False
        # of its administrator: another one for each word would be another process there
        self._desk: psycopg.Connection[Any] | None = None
        # the server refuses to run as root
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as_user:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "--no-sync", *LOCALE)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> "Server":
        options = [*FAST, f"port={self.port}", "listen_addresses=127.0.0.1"]
        options.append(f"unix_socket_directories={self.folder}")
        given = " ".join(f"-c {option}" for option in options)
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-l", log, "-o", given, "-w", "start")
        self._running = True
        return self

    def stop(self, mode: str = "fast") -> None:
        """`fast` ends sessions and goes in order, `immediate` is a crash."""
        self._leave_desk()
        if self._running:
            self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")
        self._running = False

    def kill(self) -> None:
        """SIGKILL of all its processes at once; `start` goes on from what lies on the disk."""
        self._leave_desk()
        file = self.folder / "data" / "postmaster.pid"
        first = int(file.read_text().split()[0])
        # whom it begot meanwhile would hold its memory, and none else could start
        os.kill(first, signal.SIGSTOP)
        pids = [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(_lives(pid) for pid in pids):
            time.sleep(0.01)
        # nobody may have waited for it: then its number is still taken, and no other would start
        for lock in (file, *self.folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()
        self._running = False

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def database(self, template: str = "template0") -> str:
        """The URL of a new database like `template`."""
        name = f"test_{next(self._numbers)}"
        self._ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def migrated(self) -> str:
        """The URL of a new database with all tables and no rows."""
        if not self._ask(f"SELECT 1 FROM pg_database WHERE datname = '{_EMPTY}'"):
            self._ask(f"CREATE DATABASE {_EMPTY} TEMPLATE template0")
            with own_connections(), tempfile.TemporaryDirectory() as folder:
                db.migrate(Settings(data=folder, database_url=self.url(_EMPTY)))
        url = self.database(_EMPTY)
        MIGRATED.add(url)
        return url

    def drop(self, url: str) -> None:
        MIGRATED.discard(url)
        self._ask(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _ask(self, statement: str) -> Sequence[Any]:
        if self._desk is None:
            where = f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"
            self._desk = psycopg.connect(where, autocommit=True)
        done = self._desk.execute(statement)
        return done.fetchall() if done.description else []

    def _leave_desk(self) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(programs() / program), *arguments]
        # a server keeps what it inherits open, so its words go to a file and not into a pipe
        with (self.folder / f"{program}.log").open("a+") as said:
            done = subprocess.run(command, cwd="/", stdout=said, stderr=said, timeout=60)
            said.seek(0)
            assert done.returncode == 0, f"{program}: {said.read()}{self._last_words()}"

    def _last_words(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-2000:] if log.exists() else ""


@contextmanager
def running_server() -> Iterator[Server]:
    """A server that is gone afterwards."""
    # not under pytest's folder: only its owner may walk through that
    folder = Path(tempfile.mkdtemp(prefix="ronda-postgres-"))
    sweeper = subprocess.Popen(
        ["sh", "-c", _SWEEP, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with sweeper:
        server = Server(folder).start()
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def own_connections() -> Iterator[None]:
    """Closes what pools opened meanwhile: a test that fails, or forgets, leaves none behind."""
    made: list[Any] = []

    def keep(connection: Any, _record: object) -> None:
        made.append(connection)

    event.listen(Pool, "connect", keep)
    try:
        yield
    finally:
        event.remove(Pool, "connect", keep)
        for connection in made:
            connection.close()


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
