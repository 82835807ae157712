"""Configurations read from devices, kept sealed: DATA/archives/SITE/DEVICE+PLAYBOOK-TIME.

They hold passwords, so each file is a box that the centre's secret opens, under its own place and
name alone: whoever has the folder has nothing. Those kept before they were sealed, and those named
DEVICE-PLAYBOOK-TIME, which may be of two devices, stay readable.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.strict import Refused
from collector import archive_boxes
from collector.archive_boxes import OVERHEAD, is_box, opened
from collector.settings import Settings
from playbooks.model import Platform
from playbooks.runner import Work
from playbooks.transport.known_secrets import hide_in_export

# of one playbook on one device
MOST_KEPT = 60
_STALE_S = 86400.0
_TIME = "%Y%m%dT%H%M%SZ"


def keep(settings: Settings, clock: Callable[[], float], work: Work, data: bytes) -> str:
    """Seal an archive, whole or not at all; what to say of it. Older ones beyond MOST_KEPT go.

    An export of RouterOS is text: what it has of secrets is taken out before.
    """
    if work.host.platform is Platform.ROUTEROS:
        data = hide_in_export(data)
    path = _placed(settings, work, clock(), data)
    series, _ = of(work.host.device, work.playbook)
    mine = [one for one in listed(settings, work.host.site) if one.of == series]
    for old in mine[MOST_KEPT:]:
        path.with_name(old.name).unlink(missing_ok=True)
    return f"{path.name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"


def of(device: str, playbook: str) -> tuple[str, str]:
    """How what a playbook kept of a device is called, today and before: no device nor playbook has
    a `+` in its name."""
    return f"{device}+{playbook}", f"{device}-{playbook}"


def _placed(settings: Settings, work: Work, now: float, data: bytes) -> Path:
    """Where it lies now; one of the same second is no reason for either to go."""
    folder = archive_boxes.folder_of(settings, work.host.site)
    _tidy(folder, now)
    stem, _ = of(work.host.device, work.playbook)
    for later in range(MOST_KEPT):
        at = datetime.fromtimestamp(now + later, UTC).strftime(_TIME)
        path = folder / f"{stem}-{at}"
        if not path.exists() and archive_boxes.add(settings, path, data):
            return path
    raise Refused("archive", f"{MOST_KEPT} were kept within a minute: wait, and keep it again")


def _tidy(folder: Path, now: float) -> None:
    """What a centre that was killed was about to keep."""
    for part in folder.glob(".*.part"):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < now - _STALE_S:
                part.unlink()


def kept(settings: Settings, site: str) -> list[Path]:
    """The archives of a site, the newest last."""
    folder = archive_boxes.folder_of(settings, site)
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


def _archive(path: Path) -> Archive | None:
    stem, dash, time = path.name.rpartition("-")
    try:
        at = datetime.strptime(time, _TIME).replace(tzinfo=UTC).timestamp()
        size = path.stat().st_size - (OVERHEAD if is_box(path) else 0)
    except (ValueError, FileNotFoundError):
        return None
    return Archive(path.name, stem, at, size) if dash else None
