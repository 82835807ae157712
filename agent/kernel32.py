"""What Windows says of the machine, from its kernel32.dll: time since boot, load, memory, disks."""

from importlib import import_module
from typing import Any

_DRIVE_FIXED = 3


class Kernel:
    """`library` is kernel32.dll, or a stand-in; OSError when it does not answer."""

    def __init__(self, library: Any = None) -> None:
        # no names that only Windows has are written in the file: type checkers run elsewhere
        self._c: Any = import_module("ctypes")
        self._library = library or self._c.WinDLL("kernel32", use_last_error=True)

    def uptime_s(self) -> float:
        """Seconds since boot. After a fast start, a kind of sleep, since the one before."""
        tell = self._library.GetTickCount64
        # else only the lower half comes, which begins anew after 49 days
        tell.restype = self._c.c_ulonglong
        return float(tell()) / 1000

    def ticks(self) -> tuple[int, int]:
        """(busy, all) ticks of all processors since boot."""
        idle, kernel, user = (self._c.c_ulonglong() for _ in range(3))
        self._ask("GetSystemTimes", *map(self._c.byref, (idle, kernel, user)))
        # the idle time is in the kernel's
        total = kernel.value + user.value
        return total - idle.value, total

    def memory(self) -> tuple[int, int]:
        """(to be had, all) bytes of memory."""
        # MEMORYSTATUSEX
        status = self._form(
            "length load", "total available paging paging_left virtual virtual_left more",
            self._c.c_ulonglong,
        )  # fmt: skip
        self._ask("GlobalMemoryStatusEx", self._c.byref(status))
        return status.available, status.total

    def resident_bytes(self) -> int:
        """What this process holds in memory."""
        # PROCESS_MEMORY_COUNTERS
        counters = self._form(
            "length faults", "most now paged_most paged fixed_most fixed file file_most",
            self._c.c_size_t,
        )  # fmt: skip
        self._library.GetCurrentProcess.restype = self._c.c_void_p
        own = self._c.c_void_p(self._library.GetCurrentProcess())
        self._ask("K32GetProcessMemoryInfo", own, self._c.byref(counters), counters.length)
        return int(counters.now)

    def drives(self) -> list[str]:
        """The disks that are built in, as `C:`."""
        letters = int(self._library.GetLogicalDrives())
        names = [f"{chr(ord('A') + at)}:" for at in range(26) if letters >> at & 1]
        kind = self._library.GetDriveTypeW
        return [n for n in names if kind(self._c.c_wchar_p(f"{n}\\")) == _DRIVE_FIXED]

    def room(self, drive: str) -> tuple[int, int]:
        """(to be had by us, all) bytes of a disk."""
        ours, total, free = (self._c.c_ulonglong() for _ in range(3))
        path = self._c.c_wchar_p(f"{drive}\\")
        self._ask("GetDiskFreeSpaceExW", path, *map(self._c.byref, (ours, total, free)))
        return ours.value, total.value

    def _form(self, words: str, numbers: str, wide: Any) -> Any:
        """A structure of these fields; the first says how long it is."""
        fields = [(name, self._c.c_uint32) for name in words.split()]
        fields += [(name, wide) for name in numbers.split()]
        form = type("Form", (self._c.Structure,), {"_fields_": fields})()
        form.length = self._c.sizeof(form)
        return form

    def _ask(self, name: str, *words: Any) -> None:
        if not getattr(self._library, name)(*words):
            raise OSError(f"{name} does not answer")
