"""Values in a query: read strictly, told with their schema."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from collector.inventory.places import AREA_CODE
from web.api import cursors
from web.api.cursors import CURSOR
from web.api.table import MOST, USUAL, Param

LONGEST = 100
_SEEN = r"[^\x00-\x1f\x7f]"


def choice(name: str, about: str, allowed: Sequence[str], usual: str = "") -> Param:
    """One of these words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    told: dict[str, Any] = {"type": "string", "enum": list(allowed)}
    return Param(name, about, read, told | ({"default": usual} if usual else {}))


def text(name: str, about: str, longest: int = LONGEST) -> Param:
    """Some words on one line."""
    return shaped(name, about, rf"{_SEEN}{{1,{longest}}}", f"1 to {longest} characters on a line")


def words(about: str) -> Param:
    """What to look for."""
    word = r"[^\x00-\x20\x7f]{1,40}"
    return shaped("q", about, rf"{word}( {word}){{0,4}}", "1 to 5 words")


def shaped(name: str, about: str, pattern: str, wanted: str, **more: Any) -> Param:
    """A text of one shape."""
    shape = re.compile(pattern)

    def read(given: str) -> str:
        if not shape.fullmatch(given):
            raise ValueError(f"must be {wanted}")
        return given

    return Param(name, about, read, {"type": "string", "pattern": f"^{pattern}$", **more})


def flag(name: str, about: str) -> Param:
    """Yes or no."""

    def read(given: str) -> bool:
        if given not in ("true", "false"):
            raise ValueError("must be true or false")
        return given == "true"

    return Param(name, about, read, {"type": "boolean", "default": False})


def number(name: str, about: str, low: int, high: int, usual: int) -> Param:
    """A whole number within bounds."""

    def read(given: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", given) or not low <= int(given) <= high:
            raise ValueError(f"must be a whole number, {low} to {high}")
        return int(given)

    told = {"type": "integer", "minimum": low, "maximum": high, "default": usual}
    return Param(name, about, read, told)


def cursor(read: Callable[[str], tuple[Any, ...]]) -> Param:
    """Where the page before ended."""
    told = {"type": "string", "pattern": f"^{CURSOR.pattern}$", "minLength": 1, "maxLength": 400}
    return Param("cursor", "`next` of the page before", read, told)


AREA = shaped(
    "area", "only what lies in this area", AREA_CODE.pattern, "a code such as 35.10 or 35.10.06"
)
LIMIT = number("limit", "how many at most", 1, MOST, USUAL)
# pages of lists whose key is one number, or some words
NUMBERED: tuple[Param, ...] = (cursor(partial(cursors.figures, 1)), LIMIT)
NAMED: tuple[Param, ...] = (cursor(partial(cursors.words, 1)), LIMIT)
PAIRED: tuple[Param, ...] = (cursor(partial(cursors.words, 2)), LIMIT)
