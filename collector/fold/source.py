"""The journal as the fold reads it: while it is away the fold waits, and says so once."""

import logging

from collector.journal.framing import Record
from collector.journal.protocol import JournalFailed, Reader

log = logging.getLogger(__name__)

_CHUNK_BYTES = 2 << 20


class Source:
    """Gives what follows a position; [] at the end, or while the journal is `away` (why)."""

    def __init__(self, journal: Reader) -> None:
        self._journal = journal
        self.away = ""

    def read(self, position: int, limit: int) -> list[Record]:
        try:
            records = self._journal.read(position, limit, _CHUNK_BYTES)
        except JournalFailed as error:
            if not self.away:
                log.warning("%s; the fold waits", error)
            self.away = str(error)
            return []
        if self.away:
            log.info("the journal is back")
        self.away = ""
        return records

    def drop_before(self, position: int, older_than: float, now: float) -> None:
        """Let go of what nobody needs; what is away keeps it until it is asked again."""
        try:
            self._journal.drop_before(position, older_than, now)
        except JournalFailed as error:
            log.warning("%s; it is not shortened now", error)
