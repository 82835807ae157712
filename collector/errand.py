"""A command of ours in a process of its own, which ends when we do."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import IO

from collector import lifeline
from collector.settings import Settings

RONDA = (sys.executable, "-m", "ronda")
# what every command needs to know of the centre
CENTRE = ("data", "database_url", "timezone", "language")


def begin(
    command: Sequence[str], settings: Settings, names: Iterable[str], stderr: IO[bytes] | int
) -> "tuple[subprocess.Popen[bytes], int]":
    """The process, and the end of its lifeline that the caller closes; OSError: there is none.

    The settings named in `names` are handed on, wherever we have them from.
    """
    theirs, ours = os.pipe()
    told = {f"RONDA_{name.upper()}": str(getattr(settings, name)) for name in names}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env={**os.environ, **told, lifeline.VARIABLE: str(theirs)},
            pass_fds=(theirs,),
            start_new_session=True,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return process, ours
