"""Each rule that comes with Ronda fires from what an agent really reads, and resolves."""

import time
from collections.abc import Callable

import pytest

from alerts.rules.loading import PACK, files
from alerts.rules.reading import read_file
from tests.alerts.readings import habits, of_devices, of_lines, of_machines, of_services
from tests.alerts.readings.regency import Regency, Story, Village, tell

pytestmark = pytest.mark.slow

RULES = [r.name for path in files(PACK) for r in read_file(path).rules if not r.record]
STORIES: dict[str, Callable[[Village], Story]] = {
    "HotspotEmpty": habits.hall,
    **of_machines.STORIES,
    **of_devices.STORIES,
    **of_lines.STORIES,
    **of_services.STORIES,
}
# of a battery that runs low the mains was told to be gone already
BESIDE = {"BatteryLow": "OnBattery"}
News = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> News:
    """What was told of each village, when every story had been told."""
    folder = tmp_path_factory.mktemp("regency")
    # certificates and domains are signed for the days in which this runs
    regency = Regency(folder, time.time() // 3600 * 3600 - habits.WEEKS * habits.WEEK_S)
    try:
        stories = {}
        for number, (rule, story) in enumerate(STORIES.items()):
            village = Village(regency, f"35.10.01.{2001 + number}", folder / rule)
            if rule == "HotspotEmpty":
                habits.usual(regency, village)
            stories[rule] = (village, story(village))
        tell(regency, stories)
    finally:
        regency.close()
    return {rule: regency.news.get(village.code, []) for rule, (village, _) in stories.items()}


def test_no_rule_is_without_its_story() -> None:
    assert sorted(STORIES) == sorted(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_it_fires_and_resolves_and_nothing_else_is_told(rule: str, news: News) -> None:
    beside = BESIDE.get(rule)
    told = [one for one in news[rule] if one[0] != beside]
    assert told == [(rule, "fired"), (rule, "resolved")]
