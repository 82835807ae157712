"""Keeps out of memory what an agent imports but never uses."""

import os
import sys
from collections.abc import Sequence
from types import ModuleType

from agent.ground import WINDOWS

_DONE = "RONDA_AGENT_LEAN"
# one heap for all threads, and what is free goes back to the system early
_MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "MALLOC_MMAP_THRESHOLD_": "65536",
}


class _Spare(ModuleType):
    """Stands for a module until somebody wants something of it."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            # the import system asks for these of every module
            raise AttributeError(name)
        from importlib import import_module

        del sys.modules[self.__name__]
        real = import_module(self.__name__)
        return getattr(real, name)


def start_over(module: str, arguments: Sequence[str]) -> None:
    """Become the same program in a leaner interpreter; returns at once in that one.

    The C library reads its settings only when a process starts, and `-S` leaves out what
    site-packages load into every Python. Together 1.2 MiB.
    """
    if os.environ.get(_DONE) or not sys.executable or WINDOWS:
        # Windows starts another process instead, and takes the first one's end for the service's
        return
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = os.pathsep.join(dict.fromkeys([home, *filter(None, sys.path)]))
    environment = {**os.environ, **_MALLOC, _DONE: "1", "PYTHONPATH": found}
    words = [sys.executable, "-S", "-m", module, *arguments]
    try:
        os.execve(sys.executable, words, environment)
    except OSError:
        # a little more memory is no reason not to run
        return


def spare_inspect() -> None:
    """dataclasses imports inspect, 1.2 MiB with all that it brings, to write the docstrings of
    classes that have none; ours have one."""
    if "inspect" not in sys.modules:
        sys.modules["inspect"] = _Spare("inspect")
