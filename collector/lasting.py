"""How long something lasted, in whole units: one rule for pages, messages and papers.

Rounded down: nothing is told as longer than it was, and four hours are not over before they are.
"""

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def units_of(seconds: float) -> tuple[int, int, int, int]:
    """Days, hours, minutes and seconds; nothing for a length below nothing."""
    left = max(0, int(seconds))
    days, left = divmod(left, DAY_S)
    hours, left = divmod(left, HOUR_S)
    minutes, left = divmod(left, MINUTE_S)
    return days, hours, minutes, left
