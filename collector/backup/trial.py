"""A backup is worth what comes out of it: one is restored as on another machine, and looked at."""

import sqlite3
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

from agent.strict import Refused
from collector import db, inventory
from collector.backup import server
from collector.backup.aside import beside
from collector.backup.envelope import opened
from collector.backup.pieces import PieceReader
from collector.backup.restoring import header_of, restore
from collector.journal.files import FileReader
from collector.restored import fingerprint
from collector.secret import FILE as KEY
from collector.settings import Settings


def check(path: Path, passphrase: str | None) -> None:
    """Read every piece of a backup; Refused names the first that is not as it was written."""
    with opened(path, passphrase) as file:
        for _, chunks in PieceReader(file, str(path)).members():
            for _ in chunks:
                pass


def restore_apart(settings: Settings, path: Path, passphrase: str | None, now: float) -> str:
    """Restore into a folder (and database) that is gone afterwards; what was found in it.

    Refused when anything of it is not as it should be.
    """
    header = header_of(path, settings, passphrase)
    scratch = server.scratch(settings) if settings.database_url else nullcontext("")
    with beside(path) as place, scratch as url:
        there = replace(settings, data=str(place / "var"), database_url=url)
        restore(there, path, passphrase, now)
        if not url:
            for name in db.HEADS:
                _whole(there.folder / f"{name}.db", path)
        key = there.folder / KEY
        if header["with_key"] and fingerprint(key.read_bytes()) != header["key"]:
            raise Refused(str(path), f"{KEY} in it is not the one of its centre")
        return _found(there)


def _whole(database: Path, path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise Refused(str(path), f"{database.name} in it is damaged: {said}")


def _found(there: Settings) -> str:
    """Both databases answer at this version, and the journal can be read to its end."""
    for open_one, name in ((db.open_store, "ronda"), (db.open_history, "history")):
        engine = open_one(there)
        try:
            if db.revision(engine) != db.HEADS[name]:
                raise Refused(name, f"restored at revision {db.revision(engine)}")
        finally:
            engine.dispose()
    engine = db.open_store(there)
    try:
        with db.reading(engine) as connection:
            sites = len(inventory.site_rows(connection))
    finally:
        engine.dispose()
    return f"{sites} sites, {_records(there)} records of the journal"


def _records(there: Settings) -> int:
    reader = FileReader(there.journal_folder)
    try:
        count, at = 0, reader.start
        while records := reader.read(at):
            count, at = count + len(records), records[-1].next
        return count
    finally:
        reader.close()
