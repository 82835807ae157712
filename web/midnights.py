"""When days began where the clocks show a zone."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache


def midnights(now: float, zone: tzinfo, days: int) -> list[float]:
    """The beginnings of the last so many days, the last one today's."""
    return [*_until(datetime.fromtimestamp(now, zone).date(), zone, days)]


@lru_cache(maxsize=64)
def _until(today: date, zone: tzinfo, days: int) -> tuple[float, ...]:
    # asking a zone for ninety days takes a millisecond, which every page would pay
    begin = datetime(today.year, today.month, today.day, tzinfo=zone)
    return tuple((begin - timedelta(days=back)).timestamp() for back in range(days - 1, -1, -1))
