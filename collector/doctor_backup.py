"""What `doctor` finds about nights' backups: made, copied, tried; failed, or overdue."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from collector import secret
from collector.backup.records import What, Work, last, last_fine, works
from collector.cli_common import iso
from collector.db import reading
from collector.finding import Finding
from collector.settings import Settings

# a night and the hours that a slow one may take
OVERDUE_S = {What.BACKUP: 30 * 3600.0, What.COPY: 30 * 3600.0, What.TEST: 9 * 86400.0}
_NAMES = {What.BACKUP: "backup", What.COPY: "backup copy", What.TEST: "restore test"}
_AGAIN = {What.BACKUP: "now", What.COPY: "copy", What.TEST: "test"}


def findings(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    if not settings.backup_folder:
        words = "none is made by itself: backup_folder is not set; what this disk loses is lost"
        yield Finding("backup", words, note=True)
        return
    with reading(engine) as connection:
        done = works(connection)
    begun = begun_at(settings)
    for what in What:
        if what is not What.COPY or settings.backup_sftp:
            yield finding(done, what, now, begun)


def begun_at(settings: Settings) -> float:
    """When this centre was made, or brought back; 0 when nobody knows."""
    try:
        return (settings.folder / secret.FILE).stat().st_mtime
    except OSError:
        return 0.0


def finding(done: Sequence[Work], what: What, now: float, begun: float = 0.0) -> Finding:
    """How one kind of work stands with a centre that began then."""
    name, good, newest = _NAMES[what], last_fine(done, what), last(done, what)
    again = f"see ronda backup list, then: ronda backup {_AGAIN[what]}"
    since = f"the last good one {iso(good.at)}" if good is not None else "none was good yet"
    if newest is not None and newest.failed:
        return Finding(name, f"failed {iso(newest.at)}: {newest.error}; {since}", again)
    if good is None and 0 <= now - begun <= OVERDUE_S[what]:
        return Finding(name, "none yet; the first one comes in the night")
    if good is None:
        return Finding(name, "none yet", f"start the centre; its engine does it, or: {again}")
    words = f"{iso(good.at)}, {good.bytes / (1 << 20):.1f} MiB, {good.took_s:.0f} s, {good.where}"
    words = f"{words}: {good.says}"
    if now - good.at > OVERDUE_S[what]:
        return Finding(name, f"overdue; {words}", again)
    return Finding(name, words)
