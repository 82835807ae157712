"""What databases and journal hold at one moment, read while others go on writing them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from collector import db
from collector.backup.pieces import CHUNK_BYTES
from collector.journal.segments import keep_all, list_segments, read_end, segment_path
from collector.settings import Settings


@contextmanager
def both(settings: Settings) -> Iterator[dict[str, sqlite3.Connection]]:
    """Connections that see ronda.db and history.db as of now, whatever is written meanwhile.

    Nobody commits to ronda.db between the two, so history is ahead by what a crash could leave.
    """
    with ExitStack() as stack:
        store = db.open_store(settings)
        stack.callback(store.dispose)
        held: dict[str, sqlite3.Connection] = {}
        with db.writing(store):
            for name in db.HEADS:
                held[name] = stack.enter_context(closing(_look(settings.folder / f"{name}.db")))
        yield held


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Write what `connection` sees to a new file; in one step, else writers make it begin anew."""
    with closing(sqlite3.connect(path)) as target:
        target.execute("PRAGMA synchronous = OFF")
        connection.backup(target, pages=-1)


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """A file by the MiB."""
    while part := file.read(CHUNK_BYTES):
        yield part


class HeldJournal:
    """Segments from `hold` to `close`: the fold drops none of them, nor of those that follow.

    A backup may take longer than the journal is kept. What was folded since the databases were
    looked at is in no other place of it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[int, int] = {}
        self._stops: dict[int, int] = {}
        self._kept: int | None = None

    def hold(self) -> None:
        """Take hold of every segment there is now, up to the durable end."""
        if self._kept is None:
            self._kept = keep_all(self._folder)
        end = read_end(self._folder)
        if end is None:
            return
        for segment in list_segments(self._folder):
            if segment.start not in self._files:
                self._files[segment.start] = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
            self._stops[segment.start] = min(segment.stop, end)

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Name and bytes of each segment, oldest first."""
        for start in sorted(self._files):
            name = f"{self._folder.name}/{segment_path(self._folder, start).name}"
            yield name, self._bytes(start)

    @property
    def end(self) -> int:
        """The position behind the last record that is held."""
        return max(self._stops.values(), default=0)

    def close(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files.clear()
        if self._kept is not None:
            os.close(self._kept)
            self._kept = None

    def _bytes(self, start: int) -> Iterator[bytes]:
        size, at = self._stops[start] - start, 0
        while at < size:
            part = os.pread(self._files[start], min(CHUNK_BYTES, size - at), at)
            if not part:
                # a torn tail that a new writer cut off: nobody was told that it is safe
                return
            at += len(part)
            yield part


def _look(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    # a transaction sees what there is at its first read
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection
