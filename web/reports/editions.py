"""Editions: a report in all its forms, made at once and kept as files that never change.

All forms of an edition are of one moment and name one head. DATA/reports/KEY/MOMENT/ holds one.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector.inventory import places

FOLDER = "reports"
FIGURES = "figures.json"
# the newest are kept; a report that is older than these can be made again
MOST_KEPT = 60
# of what one form may be: beyond is no report for people
LARGEST = 256 << 20
# by form: how its file is called, and its type
FORMS: Mapping[str, tuple[str, str]] = {
    "pdf": ("laporan.pdf", "application/pdf"),
    "xlsx": (
        "laporan.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "csv": ("laporan.csv", "text/csv; charset=utf-8"),
    "json": ("laporan.json", "application/json"),
    "zip": ("bukti.zip", "application/zip"),
}
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
_LONGEST_ISP = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: a month, an area or site ("": all), a provider ("": all), a language."""

    month: str
    area: str = ""
    isp: str = ""
    language: str = "id"

    def check(self) -> None:
        """Refused says which of these cannot be."""
        if not _MONTH.fullmatch(self.month):
            raise Refused("month", f"expected a month such as 2026-10, got {self.month!r}")
        known = places.AREA_CODE.fullmatch(self.area) or places.SITE_CODE.fullmatch(self.area)
        if self.area and not known:
            raise Refused("area", f"expected a code such as 35.10, got {self.area!r}")
        if len(self.isp) > _LONGEST_ISP:
            raise Refused("isp", f"must be {_LONGEST_ISP} characters at most")

    @property
    def key(self) -> str:
        """As its folder is called."""
        isp = hashlib.sha256(self.isp.casefold().encode()).hexdigest()[:12] if self.isp else "semua"
        return f"{self.month}_{self.area or 'semua'}_{isp}_{self.language}"

    def file(self, form: str) -> str:
        """As a file of it is called where it is downloaded."""
        area = f"-{self.area}" if self.area else ""
        suffix = FORMS[form][0].rpartition(".")[2]
        return f"ronda-{FORMS[form][0].partition('.')[0]}-{self.month}{area}.{suffix}"


@dataclass(frozen=True, slots=True)
class Edition:
    """One that is whole. `figures` as web.reports.figures makes them."""

    folder: Path
    figures: Mapping[str, Any]

    @property
    def at(self) -> float:
        """When it was made."""
        return float(self.folder.name)

    def path(self, form: str) -> Path | None:
        """The file of a form; what a backup left to the pack is taken out of it."""
        path, packed = self.folder / FORMS[form][0], self.folder / FORMS["zip"][0]
        if path.is_file():
            return path
        try:
            with zipfile.ZipFile(packed) as held, held.open(path.name) as inside:
                fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                put(fresh, iter(lambda: inside.read(1 << 16), b""))
                os.replace(fresh, path)
        except (OSError, KeyError, zipfile.BadZipFile):
            return None
        return path


def newest(data: Path, wanted: Wanted) -> Edition | None:
    """The newest edition of a report; None: it was not made, or it is not kept any more."""
    for folder in reversed(_moments(data / FOLDER / wanted.key)):
        try:
            figures = json.loads((folder / FIGURES).read_text())
        except (OSError, ValueError):
            continue
        return Edition(folder, figures)
    return None


def keep(data: Path, wanted: Wanted, at: int, write: Callable[[Path], None]) -> Path:
    """Have the files of an edition written into a folder; it is there whole or not at all."""
    shelf = data / FOLDER / wanted.key
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh, final = shelf / f".{secrets.token_hex(6)}", shelf / f"{at:012d}"
    fresh.mkdir(mode=0o700)
    try:
        write(fresh)
        shutil.rmtree(final, ignore_errors=True)
        os.replace(fresh, final)
    except OSError as error:
        raise Refused(str(shelf), f"cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _forget(data, final)
    return final


def put(path: Path, content: Iterable[bytes]) -> None:
    """Write one file of an edition; Refused where it is larger than any report for people."""
    size = 0
    with path.open("wb") as file:
        for piece in content:
            size += len(piece)
            if size > LARGEST:
                raise Refused(path.name, f"larger than {LARGEST >> 20} MiB: ask for a part of it")
            file.write(piece)


def listing(data: Path) -> list[Path]:
    """Every edition that is kept, the oldest first."""
    found = [each for shelf in _folders(data / FOLDER) for each in _moments(shelf)]
    return sorted(found, key=lambda folder: (folder.name, folder.parent.name))


def _forget(data: Path, newest_of_all: Path) -> None:
    for older in _moments(newest_of_all.parent)[:-1]:
        shutil.rmtree(older, ignore_errors=True)
    for oldest in listing(data)[:-MOST_KEPT]:
        shutil.rmtree(oldest, ignore_errors=True)
        if not any(oldest.parent.iterdir()):
            oldest.parent.rmdir()


def _moments(shelf: Path) -> list[Path]:
    return sorted(each for each in _folders(shelf) if each.name.isdigit())


def _folders(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (each for each in path.iterdir() if each.is_dir())
