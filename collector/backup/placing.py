"""The one moment in which a restored centre takes the place of what was there before.

Nothing is removed: what was there lies in `before-restore-...` afterwards. While files move, a
mark says so, and no centre begins on half of them.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from agent.strict import Refused
from collector.unfinished import UNFINISHED

STAGING = ".restoring"
_ASIDE = "before-restore-"
# not of a centre, but of the processes and the disk
_STAYS = {"run", "lost+found", "migrate.lock", STAGING, UNFINISHED}
_LOCKS = ("run/up.lock", "journal/lock", "window/lock")


def present(folder: Path) -> list[Path]:
    """What of a centre is in the folder."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name not in _STAYS and not path.name.startswith(_ASIDE)
    ]


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """The folder, made if need be, and gone again when nothing comes of it."""
    before = folder.is_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if not before and not present(folder) and not (folder / UNFINISHED).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refused while a centre, or one role of it, runs on the folder; none can begin meanwhile."""
    (folder / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        for name in _LOCKS:
            path = folder / name
            if path.parent.is_dir():
                file = stack.enter_context(path.open("a+"))
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Refused(str(folder), "a centre runs on it: stop it first") from None
        yield


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder on the same disk; gone afterwards, whatever happens."""
    place = folder / STAGING
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def name_aside(folder: Path, now: float) -> str:
    """How what was there before is called from now on."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    name, number = f"{_ASIDE}{stamp}", 1
    while (folder / name).exists():
        number += 1
        name = f"{_ASIDE}{stamp}-{number}"
    return name


def mark(folder: Path) -> None:
    """From here until `unmark` the folder is neither what it was nor what it is to be."""
    (folder / UNFINISHED).touch(0o600)
    sync(folder)


def unmark(folder: Path) -> None:
    sync(folder)
    (folder / UNFINISHED).unlink()
    sync(folder)


def exchange(folder: Path, place: Path, aside: str) -> None:
    """Move what is there into `aside`, and what is in `place` to where that was; or neither."""
    moves = [(path, folder / aside / path.name) for path in present(folder)]
    if moves:
        (folder / aside).mkdir(mode=0o700)
    moves += [(path, folder / path.name) for path in sorted(place.iterdir())]
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except OSError:
        # a part of the folder that is a disk of its own cannot be moved
        for source, target in reversed(done):
            target.rename(source)
        if (folder / aside).is_dir():
            (folder / aside).rmdir()
        raise
    if (folder / aside).is_dir():
        sync(folder / aside)


def carry(folder: Path, aside: str, name: str) -> None:
    """Take a copy of a file or folder over from what was there before."""
    old, new = folder / aside / name, folder / name
    if old.is_dir() and not new.exists():
        shutil.copytree(old, new)
    elif old.is_file() and not new.exists():
        shutil.copy2(old, new)


def sync_all(folder: Path) -> None:
    """The names of all files under it, too."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            sync(path)


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
