"""Words of somebody else on one line: nothing in them moves a terminal or forges a line."""

from collections.abc import Iterable


def on_one_line(text: Iterable[str]) -> str:
    """What can be printed, other signs and runs of space as one space, none at the ends."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
