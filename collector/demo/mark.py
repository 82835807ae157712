"""A demo says in its folder and in its database that it is one; no centre ever becomes one.

What stands in the database also says how much of the past is told already.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, func, select

from agent.strict import Refused
from collector.db import meta_get, meta_set
from collector.schema import sites
from collector.settings import DEMO, Settings, tamed

FOLDER = "./var-demo"
DAYS = 90
DAY_S = 86_400.0
_KEY = "demo"
# what a data folder of a centre has in any case
_OF_A_CENTRE = ("ronda.db", "journal", "secret.key")
_HOLE_S = 60.0  # a shorter stop leaves nothing to tell

Hole = tuple[float, float]


@dataclass(frozen=True)
class Book:
    """How far the demo is: since when it is, which times are not told yet, until when it lived."""

    born: float
    holes: Sequence[Hole]
    lived: float

    @property
    def told(self) -> float:
        """The part of the past that is told, 0 to 1."""
        left = sum(end - begin for begin, end in self.holes)
        return min(1.0, max(0.0, 1 - left / (DAYS * DAY_S)))


def claim(settings: Settings, wanted: bool) -> Settings:
    """The settings to run with; Refused: a demo is asked of a centre, or a centre of a demo."""
    folder = settings.folder
    if not wanted:
        if settings.demo:
            raise Refused(str(folder), "holds a demo (LATIHAN); start it with --demo")
        return settings
    if not settings.demo:
        if any((folder / name).exists() for name in _OF_A_CENTRE):
            raise Refused(str(folder), "holds a centre; give the demo a folder of its own (--data)")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sign(folder)
    return tamed(settings)


def sign(folder: Path) -> None:
    """Let a folder say that it holds a demo."""
    (folder / DEMO).write_text("LATIHAN: a regency that does not exist; see ronda up --demo\n")


def marked(connection: Connection) -> bool:
    """Whether a database is that of a demo."""
    return bool(meta_get(connection, _KEY))


def confirm(connection: Connection, settings: Settings) -> None:
    """The same of the database, which may be another than the folder's own."""
    if marked(connection) and not settings.demo:
        raise Refused("database", "holds a demo (LATIHAN); start it with --demo")
    if settings.demo and not marked(connection):
        if connection.execute(select(func.count()).select_from(sites)).scalar_one():
            raise Refused("database", "holds a centre; give the demo a database of its own")
        meta_set(connection, _KEY, "{}")


def read(connection: Connection) -> Book | None:
    """None: nothing is begun yet."""
    told = json.loads(meta_get(connection, _KEY) or "{}")
    if not told:
        return None
    return Book(told["born"], [(begin, end) for begin, end in told["holes"]], told["lived"])


def write(connection: Connection, book: Book) -> None:
    """Keep it for the next start."""
    meta_set(connection, _KEY, json.dumps(asdict(book)))


def resumed(book: Book | None, now: float) -> Book:
    """The book at a start: the past, or what is left of it and the time nobody lived through."""
    if book is None:
        return Book(now, [(now - DAYS * DAY_S, now)], now)
    stopped = [(book.lived, now)] if now - book.lived > _HOLE_S else []
    return replace(book, holes=[*book.holes, *stopped], lived=now)


def days(holes: Sequence[Hole]) -> Iterator[Hole]:
    """The holes in pieces of at most a day, newest first."""
    for begin, end in sorted(holes, reverse=True):
        while end > begin:
            cut = max(begin, end - DAY_S)
            yield cut, end
            end = cut


def parted(holes: Sequence[Hole], at: float) -> tuple[list[Hole], list[Hole]]:
    """What of the holes lies before a moment, and what after it."""
    before = [(begin, min(end, at)) for begin, end in holes if begin < at]
    return before, [(max(begin, at), end) for begin, end in holes if end > at]


def filled(book: Book, piece: Hole) -> Book:
    """`piece` is told now; it is the newest part of one hole."""
    left = [(a, piece[0] if b == piece[1] else b) for a, b in book.holes]
    return replace(book, holes=[(a, b) for a, b in left if b > a])
