"""The work of a night, one at a time: a backup that is whole, its copy elsewhere, a trial of it."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from agent.strict import Refused
from collector import db
from collector.backup import erased, records, shelf, trial
from collector.backup.aside import beside
from collector.backup.making import make
from collector.backup.placing import sync
from collector.backup.records import What, Work
from collector.finding import few
from collector.settings import Settings

_LOCK = "run/backup.lock"


@dataclass(frozen=True)
class Night:
    """The three works. Each gives its outcome, which is kept; a failure is one, too."""

    settings: Settings
    clock: Callable[[], float] = time.time
    wait: Callable[[float], object] = time.sleep

    def backup(self) -> Work:
        """Make one, read it through, put it in its place; only then the oldest go."""
        return self._kept(What.BACKUP, self._backup)

    def copy(self) -> Work:
        """Bring what is not there yet to the other machine."""
        return self._kept(What.COPY, self._copy)

    def test(self) -> Work:
        """Restore the newest one apart, and look at what came out."""
        return self._kept(What.TEST, self._test)

    def _backup(self, begun: Work) -> Work:
        folder, passphrase = shelf.folder_of(self.settings), shelf.passphrase_of(self.settings)
        target = folder / shelf.name_of(shelf.mark_of(self.settings), begun.at)
        with beside(target) as place:
            fresh = place / "whole"
            made = make(self.settings, fresh, passphrase, begun.at, closed=True)
            trial.check(fresh, passphrase)
            os.replace(fresh, target)
            sync(folder)
        self._publish()
        gone = shelf.let_go(self.settings)
        says = f"journal up to {made.end}" + (f"; {len(gone)} old removed" if gone else "")
        # what a backup cannot carry is lost with the machine, so somebody has to read it
        says += f"; left out: {few(made.left_out)}" if made.left_out else ""
        return replace(begun, bytes=made.bytes, where=str(target), says=says)

    def _copy(self, begun: Work) -> Work:
        # the library is large, and nobody else needs it
        from collector.backup.copying import copy
        from collector.backup.far import FarFailed, connected, target_of

        if not self.settings.backup_sftp:
            raise Refused("backup_sftp", "is not set")
        try:
            done = copy(self.settings, connected, self.wait)
        except FarFailed as failed:
            raise Refused("sftp", failed.reason) from failed
        to = target_of(self.settings.backup_sftp)
        where = f"{to.user}@{to.host}:{to.folder}"
        return replace(begun, bytes=done.bytes, where=where, says=f"{done.files} brought there")

    def _test(self, begun: Work) -> Work:
        passphrase = shelf.passphrase_of(self.settings)
        newest = next(iter(shelf.ours(self.settings)), None)
        if newest is None:
            raise Refused(self.settings.backup_folder, "there is no backup in it yet")
        says = trial.restore_apart(self.settings, newest, passphrase, begun.at)
        return replace(begun, bytes=newest.stat().st_size, where=str(newest), says=says)

    def _publish(self) -> None:
        store = db.open_store(self.settings)
        try:
            if problem := erased.publish(self.settings, store):
                raise Refused("erased", problem)
        finally:
            store.dispose()

    def _kept(self, what: What, work: Callable[[Work], Work]) -> Work:
        with _alone(self.settings.folder):
            begun = Work(what, self.clock())
            self._write(lambda connection: records.begin(connection, what, begun.at))
            try:
                done = work(begun)
            except Refused as refused:
                done = replace(begun, error=_line(str(refused)))
            except (DBAPIError, sqlite3.Error) as error:
                done = replace(begun, error=_line(str(getattr(error, "orig", error))))
            except OSError as error:
                place = f"{error.filename}: " if error.filename else ""
                done = replace(begun, error=_line(f"{place}{error.strerror or error}"))
            done = replace(done, took_s=round(max(0.0, self.clock() - begun.at), 1))
            self._write(lambda connection: records.end(connection, done))
            return done

    def _write(self, change: Callable[[Connection], None]) -> None:
        store = db.open_store(self.settings)
        try:
            with db.writing(store) as connection:
                change(connection)
        except DBAPIError as error:
            place = db.place(self.settings, "ronda")
            raise Refused(place, f"cannot be written: {error.orig}") from error
        finally:
            store.dispose()


def _line(text: str) -> str:
    return " ".join(text.split())[:500]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    if not folder.is_dir():
        raise Refused(str(folder), "is not there: start the centre once: ronda up")
    path = folder / _LOCK
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(str(folder), "another night's work is under way") from None
        yield
