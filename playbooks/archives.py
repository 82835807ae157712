"""Configurations read from devices, kept as files: DATA/archives/SITE/DEVICE-PLAYBOOK-TIME."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collector.settings import Settings
from playbooks.runner import Work

FOLDER = "archives"
# of one playbook on one device
MOST_KEPT = 60
_TIME = "%Y%m%dT%H%M%SZ"


def keep(settings: Settings, clock: Callable[[], float], work: Work, data: bytes) -> str:
    """Write an archive, whole or not at all; what to say of it. Older ones beyond MOST_KEPT go."""
    folder = settings.folder / FOLDER / work.host.site
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = datetime.fromtimestamp(clock(), UTC).strftime(_TIME)
    stem = f"{work.host.device}-{work.playbook}-"
    path = folder / f"{stem}{at}"
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    for old in sorted(folder.glob(f"{stem}*"))[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
    return f"{path.name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def kept(settings: Settings, site: str) -> list[Path]:
    """The archives of a site, the newest last."""
    folder = settings.folder / FOLDER / site
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


@dataclass(frozen=True, slots=True)
class Archive:
    """One file that is kept: `of` says of which device and playbook, `at` when it was read."""

    name: str
    of: str
    at: float
    size: int


def listed(settings: Settings, site: str) -> list[Archive]:
    """The archives of a site by what they are of, the newest first."""
    found = (_archive(path) for path in kept(settings, site))
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: (one.of, -one.at))


def read(settings: Settings, site: str, name: str) -> bytes | None:
    """What is in one of them; None where none is called so."""
    path = next((path for path in kept(settings, site) if path.name == name), None)
    try:
        return None if path is None else path.read_bytes()
    except FileNotFoundError:
        # an older one, just taken away
        return None


def _archive(path: Path) -> Archive | None:
    stem, dash, time = path.name.rpartition("-")
    try:
        at = datetime.strptime(time, _TIME).replace(tzinfo=UTC).timestamp()
        size = path.stat().st_size
    except (ValueError, FileNotFoundError):
        return None
    return Archive(path.name, stem, at, size) if dash else None
