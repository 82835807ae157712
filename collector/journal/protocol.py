"""What a journal is, wherever it lies: records are appended, and read again in their order.

Positions only grow and mean the same after a restart. Between the positions of two records lies
at least one that no record has: what people did there stands between the two (`fold`).
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from collector.journal.framing import Entry, Kind, Record

__all__ = [
    "Entry",
    "JournalFailed",
    "JournalFull",
    "JournalTooLarge",
    "Kind",
    "Reader",
    "Record",
    "Writer",
    "between",
]


class JournalFailed(Exception):
    """Trying again later may help.

    Of an append: nobody was told that it is kept. Files keep nothing of it then; a stream may
    have kept some of it without our hearing so, and whoever sends again is recognised by the fold.
    """


class JournalFull(JournalFailed):
    """There is no room."""


class JournalTooLarge(JournalFailed):
    """One entry is more than can be kept in one piece; sending it again as it is is no use."""


class Writer(Protocol):
    """Appends groups of records; `append` returns when what it was given is durable."""

    # the position after the newest record we know to be durable
    end: int
    # what opening cut off
    torn_bytes: int

    def append(self, entries: Sequence[Entry]) -> int:
        """Keep all of `entries`; a position up to which, these included, all is durable."""

    def close(self) -> None: ...


class Reader(Protocol):
    """Reads records in order, beside writers too; `skipped` counts places of damage.

    JournalFailed where the journal is away: no records are never taken for the end of them.
    """

    skipped: int

    @property
    def start(self) -> int:
        """The oldest position that is still there."""

    @property
    def end(self) -> int:
        """The durable end."""

    def read(self, position: int, limit: int = 5000, limit_bytes: int = 8 << 20) -> list[Record]:
        """The records from `position` on, at most `limit` and about `limit_bytes`; [] at the end.

        A position that is gone (dropped) or inside damage means the next record after it.
        """

    def gave_all(self, until: int) -> bool:
        """After a `read` that gave []: was that all there is before `until`, which is durable?"""

    def from_time(self, at: float, position: int) -> int:
        """Where to begin for all that came in at `at` or later and lies before `position`; further
        back where that is not known."""

    def newest(self) -> list[Record]:
        """Some of the newest records, in order; [] when there are none."""

    def waiting(self, position: int) -> str:
        """How much there is from `position` on, in words."""

    def drop_before(self, position: int, older_than: float, now: float) -> int:
        """Let go of what ends at or before `position` and is older than `older_than` s; how many
        pieces that was. The newest piece stays in any case."""

    def close(self) -> None: ...


def between(journal: Reader, position: int, until: int) -> Iterator[list[Record]]:
    """All records from `position` on that lie before `until`, which is durable, in their order.

    JournalFailed where not all of them are given now: who asks is not to go on with a part.
    """
    while position < until:
        records = [one for one in journal.read(position) if one.position < until]
        if not records:
            if journal.gave_all(until):
                return
            raise JournalFailed("journal: not all that it keeps was given")
        yield records
        position = records[-1].next
