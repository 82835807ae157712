"""What day and hour a number of seconds is, in UTC."""

from collections.abc import Callable

import numpy as np

from collector.promql.segments import Floats

# years -9999 to 9999 in seconds; nothing beyond is a date anybody asks for
_FARTHEST = 3.0e11


def _days(seconds: Floats) -> np.ndarray:
    return np.floor(_whole(seconds) / 86400.0).astype(np.int64).astype("datetime64[D]")


def _whole(seconds: Floats) -> Floats:
    return np.trunc(np.clip(np.nan_to_num(seconds), -_FARTHEST, _FARTHEST))


def _number(days: np.ndarray) -> np.ndarray:
    found: np.ndarray = days.astype(np.int64)
    return found


def _minute(seconds: Floats) -> np.ndarray:
    return np.floor_divide(np.mod(_whole(seconds), 3600.0), 60.0)


def _hour(seconds: Floats) -> np.ndarray:
    return np.floor_divide(np.mod(_whole(seconds), 86400.0), 3600.0)


def _day_of_week(seconds: Floats) -> np.ndarray:
    return np.mod(_days(seconds).astype(np.int64) + 4, 7)


def _day_of_month(seconds: Floats) -> np.ndarray:
    days = _days(seconds)
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    return _number(days - first) + 1


def _day_of_year(seconds: Floats) -> np.ndarray:
    days = _days(seconds)
    first = days.astype("datetime64[Y]").astype("datetime64[D]")
    return _number(days - first) + 1


def _days_in_month(seconds: Floats) -> np.ndarray:
    month = _days(seconds).astype("datetime64[M]")
    begin, end = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    return _number(end - begin)


def _month(seconds: Floats) -> np.ndarray:
    return np.mod(_days(seconds).astype("datetime64[M]").astype(np.int64), 12) + 1


def _year(seconds: Floats) -> np.ndarray:
    return _days(seconds).astype("datetime64[Y]").astype(np.int64) + 1970


PARTS: dict[str, Callable[[Floats], np.ndarray]] = {
    "minute": _minute,
    "hour": _hour,
    "day_of_week": _day_of_week,
    "day_of_month": _day_of_month,
    "day_of_year": _day_of_year,
    "days_in_month": _days_in_month,
    "month": _month,
    "year": _year,
}


def part(name: str, seconds: Floats) -> Floats:
    """One part of the date; of what is not a number, not a number."""
    return np.where(np.isnan(seconds), np.nan, PARTS[name](seconds).astype(np.float64))
