"""Begins each night's work in a process of its own, and ends it when it takes too long."""

import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, fields
from typing import IO
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from collector import errand
from collector.backup import records
from collector.backup.due import due
from collector.backup.records import What
from collector.db import reading, writing
from collector.settings import Settings

log = logging.getLogger(__name__)

_WORDS = {What.BACKUP: "now", What.COPY: "copy", What.TEST: "test"}
_SAID_BYTES = 4096
_CLOSE_S = 5.0


@dataclass
class _Running:
    """A child; the pipe's writing end is ours, and closes when we die."""

    what: What
    process: "subprocess.Popen[bytes]"
    said: IO[bytes]
    begun_at: float
    held: ExitStack

    def last_words(self) -> str:
        self.said.seek(0)
        lines = self.said.read(_SAID_BYTES).decode("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.held.close()


class Keeper:
    """`look` now and then; one piece of work at a time."""

    def __init__(
        self, settings: Settings, store: Engine, command: Sequence[str] = errand.RONDA
    ) -> None:
        self._settings, self._store, self._command = settings, store, command
        self._zone = ZoneInfo(settings.timezone)
        self._running: _Running | None = None
        self._closed = False

    def look(self, now: float) -> What | None:
        """Begin what is due, or look after what runs; what was begun."""
        try:
            if self._running is not None:
                self._look_after(self._running, now)
                return None
            return self._begin_due(now)
        except SQLAlchemyError as error:
            log.warning("backup: the database cannot be read: %s", getattr(error, "orig", error))
            return None

    def close(self) -> None:
        """What is under way ends; it is begun again by the next start."""
        self._closed = True
        running, self._running = self._running, None
        if running is not None:
            running.end()

    def _begin_due(self, now: float) -> What | None:
        with reading(self._store) as connection:
            works = records.works(connection)
        copies = bool(self._settings.backup_sftp)
        what = due(works, now, self._settings.backup_at, self._zone, copies)
        if what is not None and not self._closed:
            self._running = self._begin(what, now)
        return what

    def _begin(self, what: What, now: float) -> _Running:
        backups = (one.name for one in fields(Settings) if one.name.startswith("backup_"))
        names = [*errand.CENTRE, *backups]
        with ExitStack() as held:
            said = held.enter_context(tempfile.TemporaryFile())
            words = [*self._command, "backup", _WORDS[what]]
            process, ours = errand.begin(words, self._settings, names, said)
            held.callback(os.close, ours)
            return _Running(what, process, said, now, held.pop_all())

    def _look_after(self, running: _Running, now: float) -> None:
        code = running.process.poll()
        late = now - running.begun_at > self._settings.backup_limit_s
        if code is None and not late:
            return
        self._running = None
        words = running.last_words()
        running.end()
        if code == 0:
            return
        if code is None:
            words = f"took longer than {self._settings.backup_limit_s:.0f} s (backup_limit_s)"
        elif code < 0:
            words = f"killed by signal {-code}"
        log.warning("%s did not go well: %s", running.what, words or f"status {code}")
        with writing(self._store) as connection:
            records.fail_open(connection, words or f"status {code}", now)
