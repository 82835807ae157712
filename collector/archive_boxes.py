"""Boxes that configurations of devices lie in, DATA/archives/SITE/NAME: closed, opened, moved.

A box opens by the centre's secret under its own site and name alone, so a site that gets another
code needs its boxes closed anew.
"""

import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

from collector import sealing
from collector.secret import load_secret
from collector.settings import Settings

FOLDER = "archives"
_PURPOSE = "archives of devices"
_SEALED = b"ronda-sealed-1\n"
# how much longer a box is than what is in it
OVERHEAD = len(_SEALED) + sealing.OVERHEAD


def folder_of(settings: Settings, site: str) -> Path:
    """Where those of a site lie."""
    return settings.folder / FOLDER / site


def is_box(path: Path) -> bool:
    """False for what was kept before there were boxes: anybody can read it."""
    with path.open("rb") as file:
        return file.read(len(_SEALED)) == _SEALED


def write(settings: Settings, path: Path, data: bytes) -> None:
    """Put it into a box at `path`, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _place(path, _closed(settings, path, data))


def add(settings: Settings, path: Path, data: bytes) -> bool:
    """The same; False where something lies there already, which stays as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # of this thread alone: two may be about to keep something under one name
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    _write(part, _closed(settings, path, data))
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def opened(settings: Settings, path: Path) -> bytes | None:
    """What is in the file; None where it is gone, or was sealed elsewhere or by another centre."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        # an older one, just taken away
        return None
    if not data.startswith(_SEALED):
        return data
    box = data[len(_SEALED) :]
    return sealing.opened_bytes(load_secret(settings.folder), _PURPOSE, _bound(path), box)


def copy(settings: Settings, moved: Iterable[tuple[str, str]]) -> None:
    """Those of sites, told as (old, new), lie under their new codes as well."""
    for old, new in moved:
        for path in sorted(folder_of(settings, old).glob("[!.]*")):
            to = folder_of(settings, new) / path.name
            data = opened(settings, path) if is_box(path) else None
            if data is not None:
                write(settings, to, data)
            else:
                to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # no box, or one that only its own centre opens: as it is
                _place(to, path.read_bytes())


def drop(settings: Settings, sites: Iterable[str]) -> None:
    """Nothing lies under these codes any more."""
    for site in sites:
        shutil.rmtree(folder_of(settings, site), ignore_errors=True)


def _place(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    _write(part, data)
    part.replace(path)


def _write(part: Path, data: bytes) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _closed(settings: Settings, path: Path, data: bytes) -> bytes:
    box = sealing.closed_bytes(load_secret(settings.folder), _PURPOSE, _bound(path), data)
    return _SEALED + box


def _bound(path: Path) -> str:
    """The place of an archive: one of another site or device is none of this."""
    return f"{path.parent.name}/{path.name}"
