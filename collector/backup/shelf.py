"""The folder that nights' backups lie in: how each is called, which are this centre's, which go."""

import re
import stat
from datetime import UTC, datetime
from pathlib import Path

from agent.strict import Refused
from collector.restored import fingerprint
from collector.secret import load_secret
from collector.settings import Settings

_NAME = re.compile(r"ronda-([0-9a-f]{8})-\d{8}-\d{6}\.backup")
MARK_CHARS = 8
_LEAST_CHARS = 12
_MOST_BYTES = 4096


def mark_of(settings: Settings) -> str:
    """Tells backups of this centre from those of others that share a folder."""
    return fingerprint(load_secret(settings.folder))[:MARK_CHARS]


def name_of(mark: str, now: float) -> str:
    """The name of a backup made now; names sort by time."""
    return f"ronda-{mark}-{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}.backup"


def is_ours(name: str, mark: str) -> bool:
    found = _NAME.fullmatch(name)
    return found is not None and found[1] == mark


def folder_of(settings: Settings) -> Path:
    """Refused when it is not there: what should be another disk may not be mounted."""
    folder = Path(settings.backup_folder)
    if not settings.backup_folder:
        raise Refused("backup_folder", "is not set")
    if not folder.is_dir():
        raise Refused(str(folder), "there is no such folder: make it, or mount its disk")
    return folder


def ours(settings: Settings) -> list[Path]:
    """This centre's backups, the newest first."""
    mark = mark_of(settings)
    found = [one for one in folder_of(settings).iterdir() if is_ours(one.name, mark)]
    return sorted(found, key=lambda one: one.name, reverse=True)


def let_go(settings: Settings) -> list[str]:
    """Remove what is older than the newest `backup_keep`; their names."""
    gone = []
    for one in ours(settings)[settings.backup_keep :]:
        one.unlink(missing_ok=True)
        gone.append(one.name)
    return gone


def passphrase_of(settings: Settings) -> str:
    """The first line of the file; Refused when others may read it, or it is easily guessed."""
    path = Path(settings.backup_passphrase_file)
    private(path)
    with path.open("rb") as file:
        lines = file.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    words = lines[0].strip() if lines else ""
    if len(words) < _LEAST_CHARS:
        raise Refused(str(path), f"its first line has fewer than {_LEAST_CHARS} characters")
    return words


def private(path: Path) -> None:
    """Refused unless it is a file that nobody but its owner may read."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise Refused(str(path), f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise Refused(str(path), "is not a file")
    if mode & 0o077:
        raise Refused(str(path), f"others may read it (mode {stat.S_IMODE(mode):o}): chmod 600")
