"""The story of a hall that is full each week at this hour, and is empty once."""

from tests.alerts.readings.of_devices import radio, wifi
from tests.alerts.readings.regency import Regency, Story, Village

WEEKS = 1
WEEK_S = 7 * 86400.0
# phones, and for how many minutes: one who only passes by, then guests
EMPTY = ((8, 5), (0, 95), (1, 1), (0, 4))
BACK = (6, 15)


def usual(regency: Regency, village: Village) -> None:
    """These hours of each week before, reported as they passed; the clock stands at the next."""
    for _ in range(WEEKS):
        begun = regency.now
        wifi(village)
        radio(village, 8)
        village.look()
        # an hour of which nothing but its numbers is asked for
        regency.live(sum(minutes for _, minutes in (*EMPTY, BACK)) + 10, round_s=60)
        regency.now = begun + WEEK_S


def hall(village: Village) -> Story:
    wifi(village)
    for phones, minutes in (*EMPTY, BACK):
        radio(village, phones)
        yield minutes
