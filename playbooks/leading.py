"""Who leads the runs of a data folder: one process at a time, the engine or a command."""

import fcntl
from pathlib import Path
from typing import IO

_LOCK = Path("run") / "playbooks.lock"


class Lead:
    """The lead of a folder; it goes with the process that has it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _LOCK
        self._file: IO[str] | None = None

    def taken(self) -> bool:
        """Take it, where nobody else has it; whether we have it now."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
