"""Makes a backup while the centre runs: databases first, then the journal behind them."""

import os
import secrets as chance
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from agent.strict import Refused
from collector import db, release
from collector.backup import contents, server, snapshots
from collector.backup.aside import beside
from collector.backup.envelope import Sealer
from collector.backup.pieces import PieceWriter, Sink
from collector.backup.placing import sync
from collector.backup.sealed import seal
from collector.restored import AUTHORITY, digest, fingerprint
from collector.secret import FILE as KEY
from collector.settings import Settings

_BEGINS = b"ronda backup "


@dataclass(frozen=True, slots=True)
class Made:
    """What was written; `end` is the journal position up to which everything is in it.

    `left_out`: what lies among the rules, playbooks and templates and cannot be carried.
    """

    bytes: int
    end: int
    enter_again: tuple[str, ...]
    left_out: tuple[str, ...]


def make(
    settings: Settings, target: Path, passphrase: str | None, now: float, closed: bool = False
) -> Made:
    """Write a backup to `target`, which appears when it is whole; with a passphrase also secrets.

    `closed`: all of it is under the passphrase, not the secrets alone.

    Refused, or OSError of the disk: nothing is left behind, and what was there before stays.
    """
    _check_target(target)
    header = _header(settings, passphrase is not None, now)
    with beside(target) as aside:
        fresh = aside / "backup"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sealer = Sealer(file, passphrase) if closed and passphrase is not None else None
            with _readable(settings):
                end = _write(settings, sealer or file, header, passphrase, aside)
            if sealer is not None:
                sealer.finish()
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        os.replace(fresh, target)
    sync(target.parent)
    left_out = contents.left_out(settings.folder)
    return Made(size, end, tuple(header["enter_again"]), tuple(left_out))


def _write(
    settings: Settings,
    file: Sink,
    header: dict[str, Any],
    passphrase: str | None,
    aside: Path,
) -> int:
    backup = PieceWriter(file, header)
    if passphrase is not None:
        box = seal(contents.secrets(settings.folder), passphrase, header["id"])
        backup.member(contents.SEALED, [box])
    with closing(snapshots.HeldJournal(settings.journal_folder)) as journal:
        # held before the databases are read: what they do not know yet is not dropped until the end
        if settings.journal_folder.is_dir():
            journal.hold()
        if settings.database_url:
            backup.member(contents.DUMP, server.dump(settings))
        else:
            _write_sqlite(settings, backup, aside)
        if settings.journal_folder.is_dir():
            journal.hold()
        for name, chunks in journal.members():
            backup.member(name, chunks)
        end = journal.end
    put_files(backup, contents.plain(settings.folder))
    if passphrase is None and (channels := settings.folder / contents.CHANNELS).is_file():
        backup.member(contents.TO_ENTER, [contents.to_enter(channels.read_bytes())])
    backup.end()
    return end


def put_files(backup: PieceWriter, files: Iterable[tuple[str, Path]]) -> None:
    """Each file under its name; one that went since it was listed is left out."""
    for name, path in files:
        # an older archive goes when a newer one comes
        with suppress(FileNotFoundError), path.open("rb") as opened:
            backup.member(name, snapshots.chunks(opened))


def _write_sqlite(settings: Settings, backup: PieceWriter, aside: Path) -> None:
    with snapshots.both(settings) as held:
        for name, connection in held.items():
            copied = aside / f"{name}.db"
            snapshots.copy(connection, copied)
            connection.close()
            with copied.open("rb") as opened:
                backup.member(copied.name, snapshots.chunks(opened))
            copied.unlink()


def _header(settings: Settings, with_key: bool, now: float) -> dict[str, Any]:
    secrets = contents.secrets(settings.folder) if settings.folder.is_dir() else {}
    with _readable(settings):
        revisions = _revisions(settings)
    return {
        "made_at": now,
        "ronda": release.number(),
        "id": chance.token_hex(8),
        "database": "postgresql" if settings.database_url else "sqlite",
        "revisions": revisions,
        "with_key": with_key,
        "key": fingerprint(secrets.get(KEY, b"")),
        "ca": digest(secrets.get(AUTHORITY, b"")),
        "enter_again": [] if with_key else sorted(secrets),
    }


def _revisions(settings: Settings) -> dict[str, str]:
    found = {}
    for name, head in db.HEADS.items():
        place = db.place(settings, name)
        if not settings.database_url and not Path(place).is_file():
            raise Refused(place, "is not there: start the centre once: ronda up")
        engine = (db.open_store if name == "ronda" else db.open_history)(settings)
        try:
            found[name] = db.revision(engine)
        finally:
            engine.dispose()
        if not found[name]:
            raise Refused(place, "has no tables: start the centre once: ronda up")
        if found[name] > head:
            raise Refused(place, f"made by a newer version of ronda (revision {found[name]})")
    return found


@contextmanager
def _readable(settings: Settings) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        why = getattr(error, "orig", error)
        raise Refused(db.place(settings, "ronda"), f"cannot be backed up: {why}") from error


def _check_target(target: Path) -> None:
    """What is no backup is not written over."""
    if not target.parent.is_dir():
        raise Refused(str(target), f"no folder {target.parent}")
    if target.is_dir():
        raise Refused(str(target), "is a folder")
    if target.exists():
        with target.open("rb") as file:
            begins = file.read(len(_BEGINS))
        if begins != _BEGINS:
            raise Refused(str(target), "is there already, and is no backup")
