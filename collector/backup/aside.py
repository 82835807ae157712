"""A folder beside the file being made; what a killed backup left there goes with the next."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".ronda-backup-"


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A new folder on the same disk as `target`; gone afterwards, if need be by the next backup."""
    _sweep(target.parent)
    place, lock = _make(target.parent)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _make(parent: Path) -> tuple[Path, int]:
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # one who sweeps may have been faster than the lock
        if place.is_dir():
            return place, lock
        os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove folders that nobody holds any more; those of other people are left alone."""
    for place in parent.glob(f"{PREFIX}*"):
        try:
            lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(place, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
