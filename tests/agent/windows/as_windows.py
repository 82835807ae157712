"""`python as_windows.py WORDS`: the agent as on Windows, on this machine.

What POSIX alone has is gone, and what Windows does otherwise is done its way: locks by msvcrt,
folders that cannot be opened, renames that refuse to replace, waits for sockets only, another
kernel32. RONDA_BOOTED_S is how long ago this Windows was started.
"""

import ctypes
import errno
import importlib.abc
import os
import select
import selectors
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import types
from typing import Any

# the standard library has to know where it is before the platform changes
_LOADED = (errno, selectors, ssl, tempfile, threading)
GONE = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog", "posix_ipc")
GONE_OF_OS = (
    "geteuid", "getuid", "getgid", "uname", "sysconf", "killpg", "statvfs", "getloadavg", "fork",
    "setsid", "mkfifo", "chown", "getpgid", "posix_spawn",
)  # fmt: skip


class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class Kernel32:
    """Four gigabytes of which one is free, one disk of which a quarter is, half of a day up."""

    def __init__(self) -> None:
        self._busy = 0
        self.GetTickCount64 = lambda: int(float(os.environ.get("RONDA_BOOTED_S", "43200")) * 1000)
        self.GetCurrentProcess = lambda: -1
        self.GetDriveTypeW = lambda root: 3 if root.value == "C:\\" else 5

    def GetSystemTimes(self, idle: Any, kernel: Any, user: Any) -> int:
        self._busy += 1000
        idle._obj.value, kernel._obj.value = 3 * self._busy, 3 * self._busy + self._busy // 2
        user._obj.value = self._busy - self._busy // 2
        return 1

    def GlobalMemoryStatusEx(self, status: Any) -> int:
        assert status._obj.length == ctypes.sizeof(status._obj) == 64
        status._obj.total, status._obj.available = 4 << 30, 1 << 30
        return 1

    def K32GetProcessMemoryInfo(self, process: Any, counters: Any, length: int) -> int:
        assert length == ctypes.sizeof(counters._obj) == 72
        counters._obj.now = 20 << 20
        return 1

    def GetLogicalDrives(self) -> int:
        return 0b1100

    def GetDiskFreeSpaceExW(self, path: Any, ours: Any, total: Any, free: Any) -> int:
        ours._obj.value, total._obj.value, free._obj.value = 25 << 30, 100 << 30, 30 << 30
        return 1


def become_windows() -> None:
    import fcntl

    flock, exclusive = fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.__dict__.update(LK_NBLCK=2, locking=lambda file, mode, count: flock(file, exclusive))
    sys.modules["msvcrt"] = msvcrt
    for name in GONE:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Missing())
    for name in GONE_OF_OS:
        if hasattr(os, name):
            delattr(os, name)
    _otherwise()
    sys.platform = "win32"


def _otherwise() -> None:
    """What Windows has under the same name and does another way."""
    of_unix, pair, waited = socket.AF_UNIX, socket.socketpair, select.select

    def wait(reading: Any, writing: Any, failing: Any, limit: float | None = None) -> Any:
        if any(isinstance(each, int) for each in (*reading, *writing)):
            raise OSError(10038, "An operation was attempted on something that is not a socket")
        return waited(reading, writing, failing, limit)

    _files_otherwise()
    _processes_otherwise()
    select.select = wait
    socket.socketpair = lambda: pair(of_unix)
    del socket.AF_UNIX, socket.TCP_INFO, socket.SO_BINDTODEVICE
    ctypes.WinDLL = lambda name, **_: {"kernel32": Kernel32()}[name]
    signal.SIGBREAK = signal.SIGUSR1


def _files_otherwise() -> None:
    opened = os.open

    def open_file(path: Any, flags: int, *rest: Any) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        text = path != os.devnull and not flags & os.O_BINARY
        assert not text, f"{path} is opened as text: its line ends would change"
        return opened(path, flags & ~os.O_BINARY, *rest)

    def rename(source: str, target: str) -> None:
        raise FileExistsError(errno.EEXIST, "only os.replace replaces", target)

    os.open, os.rename, os.O_BINARY = open_file, rename, 1 << 30


def _processes_otherwise() -> None:
    started, pipe = subprocess.Popen, os.pipe

    class Popen(started):
        def __init__(self, words: Any, *, creationflags: int = 0, **rest: Any) -> None:
            assert not set(rest) & {"start_new_session", "preexec_fn", "pass_fds"}, rest
            super().__init__(words, **rest)

    def execve(*words: Any) -> None:
        raise AssertionError("execve ends the process that Windows watches")

    def make_pipe() -> tuple[int, int]:
        # subprocess makes its own; anybody else would wait for it
        caller = sys._getframe(1).f_globals["__name__"]
        assert caller == "subprocess", f"{caller} makes a pipe"
        return pipe()

    subprocess.Popen, os.execve, os.pipe = Popen, execve, make_pipe


def main() -> int:
    become_windows()
    from agent.cli import main as agent

    return agent(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
