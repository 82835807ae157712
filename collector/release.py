"""Which version of Ronda this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def number() -> str:
    """`1.2.3` as it was installed; `unknown` when it runs from a folder without an installation."""
    try:
        return version("ronda")
    except PackageNotFoundError:
        return "unknown"
