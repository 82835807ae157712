"""The playbooks of the centre as its files are now, read again only when one of them changed."""

import os
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from playbooks import library
from playbooks.library import ENDINGS, FOLDER, PACK, Library
from web.context import centre

Signature = tuple[tuple[str, int, int, int], ...]
_KEY = "playbooks"


def shelf() -> Library:
    """All of them by name, and what is wrong with those that cannot be used."""
    data = centre().settings.data
    # taken before the files are read: what changes meanwhile is read again next time
    now = tuple(_files(data))
    kept: tuple[Signature, Library] | None = current_app.extensions.get(_KEY)
    if kept is None or kept[0] != now:
        kept = (now, library.load(data))
        current_app.extensions[_KEY] = kept
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
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size, stat.st_ino
