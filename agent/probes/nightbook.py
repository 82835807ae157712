"""The book of a line's nights on disk, which outlasts a restart; what is there is judged first."""

import json
import os
from typing import Any

from agent import diary
from agent.probes import nights
from agent.probes.nights import Book
from agent.report import ProbeFailed
from agent.strict import Refused

# books beside the agent's other files: how many are told of, how large one may be
_PREFIX, _MOST_BOOKS, _BOOK_BYTES = "measured-", 16, 64 << 10


def kept_nights(folder: str) -> dict[str, Any]:
    """For `ronda-agent status`: how many nights were measured, and how many not, by why."""
    found: dict[str, Any] = {}
    for name in _books(folder):
        try:
            book = nights.from_table(_table(os.path.join(folder, name)), float("inf"))
        except (OSError, ValueError, RecursionError, Refused):
            continue
        check = name.removeprefix(_PREFIX).removesuffix(".json")
        found[check] = {"measured": book.measured, **dict(book.missed), "why": book.why}
    return found


def _books(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(n for n in names if n.startswith(_PREFIX) and n.endswith(".json"))[:_MOST_BOOKS]


def _table(path: str) -> object:
    with open(path, "rb") as file:
        return json.loads(file.read(_BOOK_BYTES))


class Keep:
    """The book on disk: a night that was measured is over, also after a restart."""

    def __init__(self, folder: str, name: str) -> None:
        safe = "".join(c if c.isalnum() else "-" for c in name)
        self._path = os.path.join(folder, f"{_PREFIX}{safe}.json") if folder else ""

    def read(self, now: float) -> Book:
        """A new book where there is none, or none that can be believed."""
        if not self._path:
            return Book()
        try:
            return nights.from_table(_table(self._path), now)
        except FileNotFoundError:
            return Book()
        except (OSError, ValueError, RecursionError, Refused) as error:
            why = str(error) or type(error).__name__
            diary.say(f"{self._path} cannot be believed and is begun anew: {why[:200]}")
            return Book()

    def write(self, book: Book) -> None:
        if not self._path:
            return
        try:
            with open(self._path + ".new", "w", encoding="utf-8") as file:
                json.dump(nights.as_table(book), file)
            os.replace(self._path + ".new", self._path)
        except OSError as error:
            raise ProbeFailed(f"{self._path} cannot be written") from error
