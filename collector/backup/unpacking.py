"""A backup becomes files in a folder of their own; nothing is used before all of it was read."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector import db
from collector.backup import contents
from collector.backup.pieces import PieceReader
from collector.backup.sealed import unseal

_MOST_SECRET_BYTES = 16 << 20
_SEGMENT = re.compile(r"journal/([0-9a-f]{16})\.seg")
_NEEDED = {
    "sqlite": {contents.STORE, contents.HISTORY},
    "postgresql": {contents.DUMP},
}
_KEYS: dict[str, type | tuple[type, ...]] = {
    "made_at": (int, float),
    "id": str,
    "database": str,
    "revisions": dict,
    "key": str,
    "ca": str,
    "enter_again": list,
}


def judge(header: dict[str, Any], place: str, database: str) -> None:
    """Refused unless this version can use a backup with this header, on this kind of database."""
    for key, kind in _KEYS.items():
        if not isinstance(header.get(key), kind):
            raise Refused(place, f"its header says nothing of {key}")
    for name, head in db.HEADS.items():
        found = str(header["revisions"].get(name, ""))
        if found > head:
            by = f"made by a newer version of ronda ({header.get('ronda')})"
            raise Refused(place, f"{by}: {name} at revision {found}, known {head}")
    if header["database"] != database:
        problem = f"of a centre on {header['database']}, this one is on {database}: database_url"
        raise Refused(place, problem)


def unpack(reader: PieceReader, into: Path, place: str, passphrase: str | None) -> None:
    """Write every member under `into`; Refused when the backup is not whole."""
    names = set()
    for name, chunks in reader.members():
        names.add(name)
        if name == contents.SEALED:
            _unseal(reader.header, chunks, into, place, passphrase)
        elif name in _NEEDED[reader.header["database"]] or contents.is_plain(name):
            _write(into / name, chunks)
        else:
            raise Refused(place, f"holds something unknown: {name[:80]!r}")
    if missing := _NEEDED[reader.header["database"]] - names:
        raise Refused(place, f"{', '.join(sorted(missing))} is missing")


def segments_end(folder: Path) -> int:
    """The position behind the last record of the journal that was unpacked."""
    found = [_SEGMENT.fullmatch(f"journal/{path.name}") for path in folder.glob("*.seg")]
    ends = [int(m[1], 16) + (folder.parent / m[0]).stat().st_size for m in found if m]
    return max(ends, default=0)


def _unseal(
    header: dict[str, Any],
    chunks: Iterator[bytes],
    into: Path,
    place: str,
    passphrase: str | None,
) -> None:
    box = b""
    for chunk in chunks:
        box += chunk
        if len(box) > _MOST_SECRET_BYTES:
            raise Refused(place, "its secrets are larger than 16 MiB")
    for name, data in unseal(box, passphrase or "", header["id"]).items():
        if not contents.is_secret(name):
            raise Refused(place, f"holds something unknown: {name[:80]!r}")
        _write(into / name, iter([data]))


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
