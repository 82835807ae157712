"""Has the centre a backup it can rely on? What is wrong with nights' work becomes an ailment."""

from dataclasses import dataclass

from sqlalchemy import Connection

from collector.backup import records
from collector.backup.records import What
from collector.doctor_backup import OVERDUE_S
from collector.settings import Settings

LOOK_EVERY_S = 30.0
# one failure of a night is tried again first; a trial that fails is bad news at once
_FAILURES = {What.BACKUP: 2, What.COPY: 2, What.TEST: 1}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, since when."""

    reason: str
    since: float


class Watch:
    """Looks now and then; in between it says what it said."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked_at = float("-inf")
        self._trouble: Trouble | None = None

    def look(self, connection: Connection, now: float) -> Trouble | None:
        if not self._settings.backup_folder:
            return None
        if not 0 <= now - self._looked_at < LOOK_EVERY_S:
            self._looked_at = now
            copies = bool(self._settings.backup_sftp)
            self._trouble = trouble(records.works(connection), now, copies)
        return self._trouble


def trouble(works: list[records.Work], now: float, copies: bool) -> Trouble | None:
    """The first thing that is wrong: no backup before no copy, no copy before a bad trial."""
    for what in What:
        if what is What.COPY and not copies:
            continue
        good = records.last_fine(works, what)
        since = good.at if good is not None else float("-inf")
        failed = [one for one in works if one.what == what and one.failed and one.at > since]
        if len(failed) >= _FAILURES[what]:
            return Trouble(f"{what}: {failed[0].error}", failed[-1].at)
        if good is not None and now - good.at > OVERDUE_S[what]:
            return Trouble(f"{what} overdue", good.at + OVERDUE_S[what])
    return None
