"""An empty hall is told once, and over as soon as guests are really there."""

import time
from pathlib import Path

import pytest

from tests.alerts.readings import habits
from tests.alerts.readings.regency import Regency, Village, tell

pytestmark = [pytest.mark.slow, pytest.mark.soak]


def test_it_is_over_within_minutes_and_not_for_one_who_passes_by(tmp_path: Path) -> None:
    regency = Regency(tmp_path, time.time() // 3600 * 3600 - habits.WEEKS * habits.WEEK_S)
    try:
        village = Village(regency, "35.10.01.2001", tmp_path / "hall")
        habits.usual(regency, village)
        begun = regency.now
        tell(regency, {"hall": (village, habits.hall(village))})
        told = regency.news[village.code]
        assert told == [("HotspotEmpty", "fired"), ("HotspotEmpty", "resolved")]
        back = begun + 60 * sum(minutes for _, minutes in habits.EMPTY)
        over = regency.told_at[village.code][-1] - back
        assert 3 * 60 <= over <= 6 * 60
    finally:
        regency.close()
