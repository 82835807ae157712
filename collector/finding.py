"""What `doctor` says of one thing that it looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is and, where it is not in order, what to do.

    `note`: nothing is wrong, but something is left unset, and `says` what follows from that.
    """

    name: str
    says: str
    do: str = ""
    note: bool = False

    @property
    def fine(self) -> bool:
        return not self.do


def few(names: Sequence[str], most: int = _NAMED) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
