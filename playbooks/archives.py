"""Configurations read from devices, kept sealed: DATA/archives/SITE/DEVICE+PLAYBOOK-TIME.

They hold passwords, so each file is a box that the centre's secret opens, under its own place and
name alone: whoever has the folder has nothing. Those kept before they were sealed, and those named
DEVICE-PLAYBOOK-TIME, which may be of two devices, stay readable.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.strict import Refused
from collector import sealing
from collector.secret import load_secret
from collector.settings import Settings
from playbooks.model import Platform
from playbooks.runner import Work
from playbooks.transport.known_secrets import hide_in_export

FOLDER = "archives"
# of one playbook on one device
MOST_KEPT = 60
PURPOSE = "archives of devices"
_TIME = "%Y%m%dT%H%M%SZ"
_SEALED = b"ronda-sealed-1\n"
_STALE_S = 86400.0


def keep(settings: Settings, clock: Callable[[], float], work: Work, data: bytes) -> str:
    """Seal an archive, whole or not at all; what to say of it. Older ones beyond MOST_KEPT go.

    An export of RouterOS is text: what it has of secrets is taken out before.
    """
    if work.host.platform is Platform.ROUTEROS:
        data = hide_in_export(data)
    folder = settings.folder / FOLDER / work.host.site
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _placed(settings, folder, work, clock(), data)
    series = of(work.host.device, work.playbook)
    mine = [
        one for one in map(_archive, kept(settings, work.host.site)) if one and one.of in series
    ]
    for old in sorted(mine, key=lambda one: one.at)[:-MOST_KEPT]:
        (folder / old.name).unlink(missing_ok=True)
    return f"{path.name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def of(device: str, playbook: str) -> tuple[str, str]:
    """How what a playbook kept of a device is called, today and before: no device nor playbook has
    a `+` in its name."""
    return f"{device}+{playbook}", f"{device}-{playbook}"


def _placed(settings: Settings, folder: Path, work: Work, now: float, data: bytes) -> Path:
    """Where it lies now; one of the same second is no reason for either to go."""
    _tidy(folder, now)
    part = folder / f".{work.run}.{work.host.device}.part"
    stem, _ = of(work.host.device, work.playbook)
    for later in range(MOST_KEPT):
        at = datetime.fromtimestamp(now + later, UTC).strftime(_TIME)
        path = folder / f"{stem}-{at}"
        if path.exists():
            continue
        _written(part, _closed(settings, path, data))
        try:
            os.link(part, path)
        except FileExistsError:
            continue
        finally:
            part.unlink(missing_ok=True)
        return path
    raise Refused("archive", f"{MOST_KEPT} were kept within a minute: wait, and keep it again")


def _tidy(folder: Path, now: float) -> None:
    """What a centre that was killed was about to keep."""
    for part in folder.glob(".*.part"):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < now - _STALE_S:
                part.unlink()


def _written(part: Path, box: bytes) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(box)
        file.flush()
        os.fsync(file.fileno())


def kept(settings: Settings, site: str) -> list[Path]:
    """The archives of a site, the newest last."""
    folder = settings.folder / FOLDER / site
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


@dataclass(frozen=True, slots=True)
class Archive:
    """One file that is kept: `of` says of which device and playbook, `at` when it was read, `size`
    how many bytes it has once it is opened."""

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
    """What is in one of them; None where none is called so, or this centre cannot open it."""
    path = next((path for path in kept(settings, site) if path.name == name), None)
    return None if path is None else opened(settings, path)


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
    return sealing.opened_bytes(load_secret(settings.folder), PURPOSE, _bound(path), box)


def _closed(settings: Settings, path: Path, data: bytes) -> bytes:
    box = sealing.closed_bytes(load_secret(settings.folder), PURPOSE, _bound(path), data)
    return _SEALED + box


def _bound(path: Path) -> str:
    """The place of an archive: one of another site or device is none of this."""
    return f"{path.parent.name}/{path.name}"


def _archive(path: Path) -> Archive | None:
    stem, dash, time = path.name.rpartition("-")
    try:
        at = datetime.strptime(time, _TIME).replace(tzinfo=UTC).timestamp()
        with path.open("rb") as file:
            sealed = file.read(len(_SEALED)) == _SEALED
        more = len(_SEALED) + sealing.OVERHEAD if sealed else 0
        size = path.stat().st_size - more
    except (ValueError, FileNotFoundError):
        return None
    return Archive(path.name, stem, at, size) if dash else None
