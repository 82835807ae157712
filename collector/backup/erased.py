"""Erased people stay away: the list of them lies outside of backups, and a restore goes by it."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from agent.strict import Refused
from collector import erasing, erasures
from collector.backup import shelf
from collector.backup.shelf import MARK_CHARS
from collector.db import reading, writing
from collector.erasures import Erasure
from collector.settings import Settings

# a backup says when it was begun; what it holds is a little newer
_SLACK_S = 60.0


def publish(settings: Settings, store: Engine) -> str:
    """Write the list beside the data and beside the nights' backups; why it could not be."""
    with reading(store) as connection:
        known = erasures.known(connection)
    if not known:
        return ""
    try:
        erasures.write(settings.folder, known)
        if settings.backup_folder:
            erasures.write(shelf.folder_of(settings), known, name_of(settings))
    except Refused as refused:
        return str(refused)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    return ""


def name_of(settings: Settings) -> str:
    """The list's name where several centres keep their backups."""
    return _called(shelf.mark_of(settings))


def _called(mark: str) -> str:
    return f"erased-{mark}.jsonl"


def listed(settings: Settings) -> list[Path]:
    """The list in the folder of backups, if there is one."""
    path = shelf.folder_of(settings) / name_of(settings)
    return [path] if path.is_file() else []


def since(folders: Sequence[Path], made_at: float, key: str = "") -> list[Erasure]:
    """Who was erased after a backup was made, by the lists in these folders; `key`: the backup's,
    because of another centre somebody else may have the same name."""
    theirs = _called(key[:MARK_CHARS] if key else "*")
    known = erasures.read(folders, (erasures.FILE, theirs))
    return [one for one in known if one.at >= made_at - _SLACK_S]


def again(store: Engine, those: Sequence[Erasure], now: float) -> int:
    """Erase from a restored database who was erased since its backup; how many came back."""
    count = 0
    with writing(store) as connection:
        for one in those:
            person = erasures.back(connection, one)
            if person.nobody:
                erasures.keep(connection, one)
            else:
                erasing.erase(connection, person, now, "", one)
                count += 1
    return count
