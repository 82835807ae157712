"""Configurations read from devices, kept as files: DATA/archives/SITE/DEVICE-PLAYBOOK-TIME."""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from collector.settings import Settings
from playbooks.runner import Work

FOLDER = "archives"
# of one playbook on one device
MOST_KEPT = 60


def keep(settings: Settings, clock: Callable[[], float], work: Work, data: bytes) -> str:
    """Write an archive, whole or not at all; what to say of it. Older ones beyond MOST_KEPT go."""
    folder = settings.folder / FOLDER / work.host.site
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = datetime.fromtimestamp(clock(), UTC).strftime("%Y%m%dT%H%M%SZ")
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
