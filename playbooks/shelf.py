"""The playbooks of a centre as its files are now, read again only when one of them changed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from playbooks import library
from playbooks.library import ENDINGS, FOLDER, PACK, Library

Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(slots=True)
class Shelf:
    """To read all files takes as long as to answer many pages."""

    data: str
    _kept: tuple[Signature, Library] | None = field(default=None, init=False)

    def now(self) -> Library:
        """All of them by name, and what is wrong with those that cannot be used."""
        # taken before the files are read: what changes meanwhile is read again next time
        signature = tuple(_files(self.data))
        kept = self._kept
        if kept is None or kept[0] != signature:
            kept = self._kept = (signature, library.load(self.data))
        return kept[1]


def _files(data: str) -> Iterator[tuple[str, int, int, int]]:
    for folder in (PACK, Path(data) / FOLDER):
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(ENDINGS):
                # one that goes meanwhile, or a link to nothing, is no playbook
                with suppress(OSError):
                    stat = entry.stat()
                    yield entry.path, stat.st_mtime_ns, stat.st_size, stat.st_ino
