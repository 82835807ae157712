"""The story of a hall that is full each week at this hour, and is empty once."""

from tests.alerts.readings.of_devices import radio, wifi
from tests.alerts.readings.regency import Regency, Story, Village

WEEKS = 3
WEEK_S = 7 * 86400.0


def usual(regency: Regency, village: Village) -> None:
    """The hour of each week before, reported as it passed; the clock stands at the next."""
    for _ in range(WEEKS):
        begun = regency.now
        wifi(village)
        radio(village, 8)
        village.look()
        regency.live(75)
        regency.now = begun + WEEK_S


def hall(village: Village) -> Story:
    wifi(village)
    for phones, minutes in ((8, 5), (0, 50), (6, 60)):
        radio(village, phones)
        yield minutes
