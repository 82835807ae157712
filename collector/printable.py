"""Words of somebody else on one line: nothing in them moves a terminal or forges a line."""

from collections.abc import Iterable

_NAME_CHARS = 30


def on_one_line(text: Iterable[str]) -> str:
    """What can be printed, other signs and runs of space as one space, none at the ends."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def cut_short(text: str, most: int) -> str:
    """On one line, of so many characters at most."""
    flat = on_one_line(text)
    return flat if len(flat) <= most else f"{flat[: most - 3]}..."


def called(name: str) -> str:
    """A person's name as messages to others have it."""
    return cut_short(name, _NAME_CHARS)
