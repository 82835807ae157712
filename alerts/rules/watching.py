"""Have the rule files changed? Then what they say now; a bad change leaves what was before."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from alerts.rules.loading import (
    MOST_FILES,
    PACK,
    Loaded,
    files,
    folder_of,
    own_name,
    pack_name,
    together,
)
from alerts.rules.reading import Page, read_file
from alerts.rules.rule import Rule, RuleSet
from collector.yaml_files.problems import Problem

LOOK_EVERY_S = 2.0
# a file changed so short ago may change again within the same instant of its file system's clock
_FRESH_NS = 3_000_000_000

Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _File:
    """What is known of one file: `good` is the last page that could be used.

    `fresh`: when it was read it had changed so short ago that its stamp proves nothing.
    """

    stamp: Stamp
    fresh: bool
    digest: bytes
    page: Page
    good: Page | None


@dataclass(slots=True)
class Watch:
    """Looks at the rule files of a centre now and then; the first look always finds something."""

    data: str
    loaded: Loaded = field(default_factory=lambda: Loaded(RuleSet()))
    _pack: list[Page] = field(default_factory=list)
    _files: dict[Path, _File] = field(default_factory=dict)
    _looked_at: float | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files as they are now."""
        return self.loaded.problems

    @property
    def replaced(self) -> tuple[Rule, ...]:
        return self.loaded.replaced

    def look(self, now: float) -> RuleSet | None:
        """The rules when they have changed, else None; looks at most every two seconds."""
        if self._looked_at is not None and 0 <= now - self._looked_at < LOOK_EVERY_S:
            return None
        first = self._looked_at is None
        self._looked_at = now
        if first:
            self._pack = [read_file(path, pack_name(path)) for path in files(PACK)]
        if not self._changed() and not first:
            return None
        before = self.loaded
        self.loaded = self._together()
        return self.loaded.rules if first or self.loaded.rules != before.rules else None

    def _changed(self) -> bool:
        """Read what is new or other than it was."""
        there = files(folder_of(self.data))[:MOST_FILES]
        gone = self._files.keys() - set(there)
        for path in gone:
            del self._files[path]
        return any([self._reread(path) for path in there]) or bool(gone)

    def _reread(self, path: Path) -> bool:
        known = self._files.get(path)
        stamp, fresh = _stamp(path, int((self._looked_at or 0) * 1e9))
        if known is not None and known.stamp == stamp and not known.fresh:
            return False
        digest = _digest(path)
        if known is not None and known.digest == digest:
            known.stamp, known.fresh = stamp, fresh
            return False
        page = read_file(path, own_name(path))
        good = page if not page.refused else None if known is None else known.good
        self._files[path] = _File(stamp, fresh, digest, page, good)
        return True

    def _together(self) -> Loaded:
        pages = [self._files[path] for path in sorted(self._files)]
        good = [_kept(file) for file in pages]
        loaded = together(self._pack, good)
        lost = len(files(folder_of(self.data))) - MOST_FILES
        if lost <= 0:
            return loaded
        told = f"{lost} more files are left out: {MOST_FILES} are the most"
        more = Problem(f"{folder_of(self.data).name}/", 1, told)
        return Loaded(loaded.rules, (*loaded.problems, more), loaded.replaced)


def _kept(file: _File) -> Page:
    """The groups of the last good page, the problems of the newest."""
    groups = () if file.good is None else file.good.groups
    problems = file.page.problems
    if file.page.refused and file.good is not None:
        told = "the rules of its last good version run on"
        problems = (*problems, Problem(file.page.file, problems[0].line, told, fatal=False))
    return Page(file.page.file, groups, problems)


def _stamp(path: Path, now_ns: int) -> tuple[Stamp, bool]:
    """Size, time and number of the file, and whether it was changed just now."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0), True
    stamp = (found.st_size, found.st_mtime_ns, found.st_ino)
    return stamp, abs(now_ns - found.st_mtime_ns) < _FRESH_NS


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
