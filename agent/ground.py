"""The system beneath, as far as its kinds differ: what POSIX has and Windows does otherwise.

Everything else of the agent asks here, so that nothing that only POSIX has is imported elsewhere.
"""

import os
import sys
from importlib import import_module
from typing import Any

# not `os.name`: tests that stand in for Windows must leave the standard library what it is
WINDOWS = sys.platform == "win32"
# Windows writes another line end into files that were not opened as binary
BINARY: int = getattr(os, "O_BINARY", 0)
_LOCK_FILE = "lock"


def lock(folder: str) -> int:
    """A descriptor that keeps others off the folder until it is closed or the process ends.

    BlockingIOError while another holds it; OSError when the folder cannot be opened. On POSIX it is
    the folder itself: a card that turned read-only, or is full, has no room for a file.
    """
    if WINDOWS:
        return _lock_file(os.path.join(folder, _LOCK_FILE))
    fcntl: Any = import_module("fcntl")
    descriptor = os.open(folder, os.O_RDONLY)
    return _held(descriptor, lambda: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB))


def sync_folder(folder: str) -> None:
    """Without this a power cut may lose the name of a file whose content is safe; NTFS writes its
    names down by itself, and opens no folders."""
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def default_folder() -> str:
    """Where token, configuration and spool are kept when nobody says."""
    if WINDOWS:
        return os.path.join(os.environ.get("PROGRAMDATA", r"C:\ProgramData"), "Ronda", "agent")
    mine = os.geteuid() == 0
    return "/var/lib/ronda-agent" if mine else os.path.expanduser("~/.local/share/ronda-agent")


def ending_signals() -> list[int]:
    """The signals that ask a program to end; SIGBREAK is how Windows says that it goes down."""
    import signal

    names = ("SIGTERM", "SIGINT", "SIGBREAK")
    return [int(getattr(signal, name)) for name in names if hasattr(signal, name)]


def uptime_s() -> float | None:
    """Seconds since boot where they are not in a file; None where they are."""
    if not WINDOWS:
        return None
    from agent.kernel32 import Kernel

    return Kernel().uptime_s()


def resident_bytes() -> float | None:
    """What this process holds in memory; None where the system does not say."""
    try:
        if WINDOWS:
            from agent.kernel32 import Kernel

            return float(Kernel().resident_bytes())
        with open("/proc/self/statm", encoding="ascii") as file:
            return float(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _lock_file(path: str) -> int:
    msvcrt: Any = import_module("msvcrt")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | BINARY, 0o600)
    return _held(descriptor, lambda: msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1))


def _held(descriptor: int, take: Any) -> int:
    try:
        take()
    except OSError as error:
        os.close(descriptor)
        raise BlockingIOError(*error.args) from error
    return descriptor
