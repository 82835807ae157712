"""Is there a backup, is it young, and is something in it? Only looks at names, sizes and times."""

import fnmatch
import os
from dataclasses import dataclass
from time import time
from typing import Any, ClassVar

from agent.probes import limits
from agent.probes.certificate import span
from agent.probes.system import rooted
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused

_MOST_FILES = 20_000
# files that a backup is still being written to
_UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".swp")


@dataclass(frozen=True)
class BackupAge:
    """`path`: a file, or a folder whose newest file counts; `files`: names that count in it."""

    name: str
    path: str
    files: str = "*"
    max_age_h: float = 26.0
    min_bytes: int = 1

    least_every_s: ClassVar[float] = 300.0

    def check(self) -> None:
        if not self.path.startswith("/") or not self.path.isprintable() or len(self.path) > 1000:
            raise Refused("path", f"expected a path from /, got {self.path[:80]!r}")
        if not self.files or "/" in self.files or len(self.files) > 200:
            raise Refused("files", f"not a name with * and ?: {self.files[:80]!r}")
        limits.between("max_age_h", self.max_age_h, 0.01, 24 * 400)
        limits.between("min_bytes", self.min_bytes, 0, 1 << 50)

    @property
    def limit_s(self) -> float:
        return 20.0

    def measure(self, memory: dict[str, Any]) -> Reading:
        why = self._look(time())
        return Reading(Verdict.BAD if why else Verdict.GOOD, {}, why[:200])

    def _look(self, now: float) -> str:
        path = rooted(self.path)
        try:
            newest = self._newest(path) if os.path.isdir(path) else os.stat(path)
        except FileNotFoundError:
            newest = None
        except OSError as error:
            raise ProbeFailed(f"{self.path}: {error.strerror}") from error
        return judge(self, newest, now)

    def _newest(self, folder: str) -> os.stat_result | None:
        newest = None
        seen = 0
        with os.scandir(folder) as entries:
            for entry in entries:
                seen += 1
                if seen > _MOST_FILES:
                    raise ProbeFailed(f"{self.path} holds more than {_MOST_FILES} files")
                name = entry.name
                if name.startswith(".") or name.lower().endswith(_UNFINISHED):
                    continue
                if not fnmatch.fnmatchcase(name, self.files) or not entry.is_file():
                    continue
                found = entry.stat()
                if newest is None or found.st_mtime > newest.st_mtime:
                    newest = found
        return newest


def judge(rule: BackupAge, newest: os.stat_result | None, now: float) -> str:
    """What is wrong with the newest backup; "" when nothing is."""
    if newest is None:
        return f"there is no backup in {rule.path}"
    if newest.st_size < rule.min_bytes:
        return f"the newest backup in {rule.path} has only {newest.st_size} bytes"
    age_s = now - newest.st_mtime
    if age_s > rule.max_age_h * 3600:
        return f"the newest backup in {rule.path} is {span(age_s)} old"
    return ""
