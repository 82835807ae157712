"""Which file systems can fill up or turn read-only, and how full are they?"""

import os
from dataclasses import dataclass

from agent.probes.system import rooted

_MOST_MOUNTS = 16
_REAL = ("ext", "xfs", "btrfs", "f2fs", "jffs2", "ubifs", "vfat", "exfat", "ntfs", "fuseblk", "zfs")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system."""

    folder: str
    read_only: bool


def worth_watching(text: str, named: tuple[str, ...] = ()) -> list[Mount]:
    """The mounts to watch in the text of /proc/mounts: the named ones, else / and real disks.

    Of several views of one disk the first stands for it; of several mounts on one folder the last
    hides the others.
    """
    mounts: dict[str, tuple[str, str, bool]] = {}
    for line in text.splitlines():
        parts = line.split(" ")
        if len(parts) >= 4:
            folder = _plain(parts[1])
            mounts[folder] = (parts[0], parts[2], "ro" in parts[3].split(","))
    if named:
        return [Mount(folder, mounts[folder][2]) for folder in named if folder in mounts]
    found = []
    devices: set[str] = set()
    for folder, (device, kind, read_only) in mounts.items():
        if folder != "/" and (not kind.startswith(_REAL) or device in devices):
            continue
        devices.add(device)
        found.append(Mount(folder, read_only))
    return sorted(found, key=lambda mount: mount.folder)[:_MOST_MOUNTS]


def use(folder: str) -> tuple[float | None, float | None]:
    """Used part of space and of inodes as df counts them; None where there is no telling."""
    try:
        seen = os.statvfs(rooted(folder))
    except OSError:
        return None, None
    disk = used_part(seen.f_blocks - seen.f_bfree, seen.f_bavail)
    inodes = 1 - seen.f_ffree / seen.f_files if seen.f_files else None
    return disk, inodes


def used_part(used: int, available: int) -> float | None:
    """What is kept for root is neither used nor to be had."""
    room = used + available
    return used / room if room else None


def _plain(escaped: str) -> str:
    """The kernel writes space, tab, newline and backslash as octal numbers."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        escaped = escaped.replace(code, character)
    return escaped
