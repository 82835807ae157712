"""The id of a row of the inventory: the parts of its key with commas between, safe in a path."""

from collections.abc import Mapping
from typing import Any

from collector.inventory.kinds import Kind

# a slash would end a part of the path, a comma a part of the key
_ESCAPED = (("~", "~0"), ("/", "~1"), (",", "~2"))


def write(kind: Kind, row: Mapping[str, Any]) -> str:
    """The id of a row."""
    return ",".join(_escape(str(row[column] or "")) for column in kind.key)


def read(kind: Kind, text: str) -> list[str] | None:
    """The key that an id stands for; None for an id of no row."""
    parts = [_plain(part) for part in text.split(",")]
    key = [part for part in parts if part is not None]
    fits = len(key) == len(parts) == len(kind.key)
    return key if fits and any(key) else None


def _escape(text: str) -> str:
    for plain, escaped in _ESCAPED:
        text = text.replace(plain, escaped)
    return text


def _plain(text: str) -> str | None:
    for plain, escaped in reversed(_ESCAPED[1:]):
        text = text.replace(escaped, plain)
    bare = text.replace("~0", "")
    return None if "~" in bare else text.replace("~0", "~")
