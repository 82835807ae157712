"""Which work of the night is due now? Pure: by what was done, the hour and the clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.backup.records import What, Work, last_fine

# what failed is tried again after so long, then twice so long, and so on
AGAIN_S = 1800.0
MOST_BACKUPS, MOST_COPIES = 4, 6
TEST_EVERY_S = 7 * 86400.0
TEST_AGAIN_S = 86400.0


def newest_moment(now: float, at: str, zone: ZoneInfo) -> float:
    """The last time that the clock in `zone` showed `at`."""
    local = datetime.fromtimestamp(now, zone)
    hour, minute = map(int, at.split("."))
    moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if moment.timestamp() > now:
        moment -= timedelta(days=1)
    return moment.timestamp()


def due(works: Sequence[Work], now: float, at: str, zone: ZoneInfo, copies: bool) -> What | None:
    """What to begin now. Nights that were missed are made good by one backup, not by many."""
    if _again(works, What.BACKUP, newest_moment(now, at, zone), now, MOST_BACKUPS):
        return What.BACKUP
    made = last_fine(works, What.BACKUP)
    if made is None:
        return None
    if copies and _again(works, What.COPY, made.at, now, MOST_COPIES):
        return What.COPY
    return What.TEST if _test_due(works, now) else None


def _again(works: Sequence[Work], what: What, since: float, now: float, most: int) -> bool:
    # a clock that was put back must not keep works of the future in the way for ever
    tried = [one for one in works if one.what == what and since <= one.at <= now]
    if not tried:
        return True
    if any(one.fine for one in tried) or len(tried) >= most:
        return False
    return now - max(one.at for one in tried) >= AGAIN_S * (1 << (len(tried) - 1))


def _test_due(works: Sequence[Work], now: float) -> bool:
    tried = [one for one in works if one.what == What.TEST and one.at <= now]
    if not tried:
        return True
    newest = max(tried, key=lambda one: one.at)
    return now - newest.at >= (TEST_EVERY_S if newest.fine else TEST_AGAIN_S)
