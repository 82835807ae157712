"""Two machines of one centre beside three servers of NATS and a PostgreSQL, and who may die."""

import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from collector import db, positions
from collector.fold.commit import FOLD
from collector.journal.opening import open_reader
from collector.journal.protocol import JournalFailed, Reader
from tests import nats
from tests.postgres import Server
from tests.stories.centre import Centre, ask, wait_for
from tests.stories.streams import on_streams

KINDS = ("ingest", "engine", "machine", "NATS", "PostgreSQL")
# who delivers, or writes down what a gateway answered, dies with these
DELIVERING = ("engine", "machine", "PostgreSQL")
_SERVES_S = 120.0


class Machines:
    """Everything that a centre on several machines consists of; `one` and `other` are alike."""

    def __init__(
        self, folder: Path, nodes: Sequence[nats.Node], postgres: Server, **given: str
    ) -> None:
        self.nodes, self.postgres = nodes, postgres
        self.url = postgres.migrated()
        self.one, self.other = self.both = [
            on_streams(folder / name, nodes, self.url, **given) for name in ("one", "other")
        ]

    @property
    def urls(self) -> list[str]:
        """The two ways in."""
        return [centre.ingest_url for centre in self.both]

    @contextmanager
    def running(self) -> Iterator["Machines"]:
        with ExitStack() as stack:
            stack.enter_context(self.one)
            self.other.folder.mkdir(mode=0o700)
            shutil.copy(self.one.folder / "secret.key", self.other.folder)
            stack.enter_context(self.other)
            yield self

    def victim(self, kind: str, chance: random.Random) -> tuple[str, Callable[[], object]]:
        """Somebody of this kind is killed now: who, and what brings them back."""
        if kind == "PostgreSQL":
            self.postgres.kill()
            return kind, self.postgres.start
        if kind == "NATS":
            node = chance.choice(self.nodes)
            node.kill()
            return f"NATS {node.name}", lambda: node.start().wait()
        centre = chance.choice(self.both)
        if kind == "machine":
            end(centre)
            return f"machine {centre.folder.name}", centre.start
        # its supervisor starts it again
        centre.kill(kind)
        return f"{kind} of {centre.folder.name}", lambda: None

    def serve(self) -> bool:
        """Both ways in say that they are well."""
        return all(centre.health()["status"] == "ok" for centre in self.both)

    def working(self) -> list[str]:
        """The machines of whose consoles a proxy would choose."""
        asked = {c.folder.name: ask("GET", f"{c.console_url}/healthz?engine") for c in self.both}
        return [name for name, (status, _) in asked.items() if status == 200]


def end(centre: Centre) -> None:
    """SIGKILL of all its processes at once: the machine lost its power."""
    assert centre.process is not None
    pids = [centre.process.pid, *(centre.pid(role) for role in ("ingest", "engine", "web"))]
    for pid in pids:
        # one that has just died is not started again any more
        if _is_ronda(pid):
            os.kill(pid, signal.SIGKILL)
    centre.process.wait(10)


def _is_ronda(pid: int) -> bool:
    try:
        return b"ronda" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


class Fold:
    """How far the engine that works has come, looked at from outside."""

    def __init__(self, machines: Machines) -> None:
        self._store = db.open_store(machines.one.settings)
        self._journal: Reader = open_reader(machines.one.settings)

    def close(self) -> None:
        self._journal.close()
        self._store.dispose()

    def catches_up(self) -> None:
        """Wait until it has committed what is in the journal now."""
        end = wait_for("the journal can be read", self._end, _SERVES_S)
        wait_for("an engine folds", lambda: self._position() >= end, _SERVES_S)

    def _end(self) -> int:
        try:
            return self._journal.end
        except JournalFailed:
            return 0

    def _position(self) -> int:
        try:
            with db.reading(self._store) as connection:
                return positions.get(connection, FOLD)
        except SQLAlchemyError:
            return -1


@contextmanager
def looking(machines: Machines) -> Iterator[Fold]:
    with closing(Fold(machines)) as fold:
        yield fold
