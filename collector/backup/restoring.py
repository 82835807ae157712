"""Makes a centre of a backup: read it whole, renew what must not come back, then change places."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from agent.strict import Refused
from collector import db, erasures
from collector.agents import sites_of_token
from collector.backup import contents, erased, placing, renewal, server, unpacking
from collector.backup.envelope import opened
from collector.backup.pieces import PieceReader
from collector.demo import mark
from collector.erasures import Erasure
from collector.journal.segments import end_path, format_end
from collector.restored import fingerprint
from collector.secret import FILE as KEY
from collector.settings import Settings
from collector.unfinished import refuse_half

# the agent of the centre's own machine, with what it has not delivered yet
_OWN_AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; `aside` is where the data lie that were there before, "" for none."""

    made_at: float
    aside: str
    enter_again: tuple[str, ...]


def header_of(path: Path, settings: Settings, passphrase: str | None = None) -> dict[str, Any]:
    """What a backup says of itself; Refused when it cannot be used here."""
    with opened(path, passphrase) as file:
        header = PieceReader(file, str(path)).header
    unpacking.judge(header, str(path), "postgresql" if settings.database_url else "sqlite")
    return header


def restore(
    settings: Settings, path: Path, passphrase: str | None, now: float, force: bool = False
) -> Restored:
    """Bring a backup back into the data folder and database of `settings`.

    Refused, with nothing changed: a file that is not whole, a centre that runs, data that are
    there (with `force` they are moved aside, never removed).
    """
    header = header_of(path, settings, passphrase)
    folder = settings.folder
    places = (path.absolute().parent, folder)
    gone = erased.since(places, header["made_at"], header["key"])
    with placing.made(folder), placing.alone(folder):
        _check_free(settings, force)
        with placing.staging(folder) as place:
            with opened(path, passphrase) as file:
                unpacking.unpack(PieceReader(file, str(path)), place, str(path), passphrase)
            aside = placing.name_aside(folder, now)
            placing.sync_all(place)
            was_there = bool(placing.present(folder)) or _held(settings)
            if settings.database_url:
                _place_on_server(settings, place, header, gone, aside, now)
            else:
                _renew_files(settings, place, header, gone, str(path), now)
                placing.mark(folder)
                _exchange(folder, place, aside)
            _carry_over(settings, header, aside, now)
            placing.unmark(folder)
    missing = tuple(n for n in header["enter_again"] if not (folder / n).exists())
    return Restored(header["made_at"], str(folder / aside) if was_there else "", missing)


def _check_free(settings: Settings, force: bool) -> None:
    folder = settings.folder
    if not force:
        refuse_half(folder)
    if placing.present(folder) and not force:
        problem = "is not empty; with --force what is in it is moved aside"
        raise Refused(str(folder), problem)
    if settings.database_url:
        with _answering(settings):
            if count := server.others(settings):
                problem = f"{count} others are connected: stop the centre first"
                raise Refused(db.place(settings, "ronda"), problem)
            if _held(settings) and not force:
                problem = "is not empty; with --force its tables are moved aside"
                raise Refused(db.place(settings, "ronda"), problem)


def _held(settings: Settings) -> bool:
    with _answering(settings):
        return bool(settings.database_url) and server.held(settings)


def _renew_files(
    settings: Settings,
    place: Path,
    header: dict[str, Any],
    gone: Sequence[Erasure],
    path: str,
    now: float,
) -> None:
    staged = replace(settings, data=str(place))
    try:
        _renew(staged, place, header, gone, now)
    except DBAPIError as error:
        raise Refused(path, f"its database cannot be used: {error.orig}") from error
    (place / "migrate.lock").unlink(missing_ok=True)


def _exchange(folder: Path, place: Path, aside: str) -> None:
    try:
        placing.exchange(folder, place, aside)
    except OSError:
        placing.unmark(folder)
        raise


def _place_on_server(
    settings: Settings,
    place: Path,
    header: dict[str, Any],
    gone: Sequence[Erasure],
    aside: str,
    now: float,
) -> None:
    dump = place / contents.DUMP
    with _answering(settings):
        schema = aside.replace("-", "_")
        placing.mark(settings.folder)
        server.put_aside(settings, schema)
        try:
            server.load(settings, dump)
        except BaseException:
            # all or nothing was loaded
            server.put_back(settings, schema)
            placing.unmark(settings.folder)
            raise
        _renew(settings, place, header, gone, now)
    dump.unlink()
    placing.exchange(settings.folder, place, aside)


def _renew(
    settings: Settings, place: Path, header: dict[str, Any], gone: Sequence[Erasure], now: float
) -> None:
    """New epoch, and a journal that goes on behind everything the databases have seen."""
    db.migrate(settings, unfinished=True)
    store, history = db.open_store(settings), db.open_history(settings)
    try:
        renewal.renew(store, header, now)
        erased.again(store, gone, now)
        with db.reading(store) as connection:
            known = erasures.known(connection)
            demo = mark.marked(connection)
        if known:
            erasures.write(place, known)
        if demo:
            # nobody takes it for a centre, and it tells nobody, wherever it is
            mark.sign(place)
        journal = place / settings.journal_folder.name
        end = max(renewal.next_position(store, history), unpacking.segments_end(journal))
    finally:
        store.dispose()
        history.dispose()
    journal.mkdir(mode=0o700, exist_ok=True)
    end_path(journal).write_bytes(format_end(end))


def _carry_over(settings: Settings, header: dict[str, Any], aside: str, now: float) -> None:
    """Secrets of this very centre that the backup lacks, and the own agent, stay in use."""
    folder, old = settings.folder, settings.folder / aside
    key = old / KEY
    if key.is_file() and header["key"] and fingerprint(key.read_bytes()) == header["key"]:
        for name in (KEY, contents.CHANNELS, contents.TLS):
            placing.carry(folder, aside, name)
    token = _own_token(old / _OWN_AGENT / "identity.json")
    store = db.open_store(settings)
    try:
        with db.reading(store) as connection:
            known = token and sites_of_token(connection, token, now) is not None
    finally:
        store.dispose()
    if known:
        placing.carry(folder, aside, _OWN_AGENT)


def _own_token(identity: Path) -> str:
    try:
        told = json.loads(identity.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(told.get("token", "")) if isinstance(told, dict) else ""


@contextmanager
def _answering(settings: Settings) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise Refused(db.place(settings, "ronda"), f"cannot be used: {error.orig}") from error
