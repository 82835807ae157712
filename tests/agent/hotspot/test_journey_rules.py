"""Readings of a real hotspot in the default rules: one alert fires for a broken step, and ends."""

from collections.abc import Iterator

import pytest

from agent.report import parse_series
from alerts.rules.loading import PACK, files
from alerts.rules.reading import read_file
from alerts.rules.running import Run
from alerts.rules.stage import Stage
from collector.promql.vectors import STALE
from tests.agent.hotspot.village import Look, Village

pytestmark = pytest.mark.slow

LOGIN = {
    "portal": "http://10.77.0.1:8080/login",
    "login": True,
    "logout": "http://10.77.0.1:8080/logout",
}
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    made = Village(tmp_path_factory.mktemp("village"))
    try:
        made.password("10.77.0.1", "warga:desa")
        made.serve()
        made.lease()
        made.capture()
        made.wait(lambda: made.look(**LOGIN).verdict == "good")
        yield made
    finally:
        made.close()


def fired(looks: list[Look]) -> list[set[tuple[str, str]]]:
    """Which rules fire at each minute, with the step, when these readings come one a minute."""
    stage = Stage()
    named: dict[str, list[float | None]] = {'ronda_site_up{site="a"}': [1.0] * len(looks)}
    for look in looks:
        for step, up in look.steps.items():
            name = f'ronda_hotspot_journey_up{{site="a",step="{step}"}}'
            # null ends a series until the next number, as a stale mark does
            named.setdefault(name, []).append(stale(up))
        up = {"good": 1.0, "bad": 0.0}.get(look.verdict)
        named.setdefault('ronda_check_up{check="h",kind="journey",site="a"}', []).append(stale(up))
        content = stale(0.0 if look.suspended else None)
        named.setdefault('ronda_uplink_content_ok{site="a"}', []).append(content)
    for name, points in named.items():
        metric, labels = parse_series(name)
        stage.load({"__name__": metric, **labels}, points, 0, MINUTE_MS)
    groups = [group for path in files(PACK) for group in read_file(path).groups]
    run = Run(stage, groups, 15_000)
    found = []
    for at_ms in range(0, len(looks) * MINUTE_MS, 15_000):
        assert list(run.evaluate(at_ms)) == []
        if at_ms % MINUTE_MS == 0:
            names = {running.rule.name for _, rules in run.rules for running in rules}
            alarms = [(name, alarm) for name in names for alarm in run.firing(name)]
            found.append({(name, alarm.labels.get("step", "")) for name, alarm in alarms})
    return found


def stale(value: float | None) -> float:
    return STALE if value is None else value


@pytest.mark.parametrize(
    ("where", "mode", "well", "alert"),
    [
        pytest.param("portal", "500", "form", ("HotspotJourneyBroken", "portal"), id="portal"),
        pytest.param("internet", "broken", "well", ("HotspotJourneyBroken", "internet"), id="net"),
        pytest.param("internet", "bill", "well", ("UplinkWrongContent", ""), id="bill"),
    ],
)
def test_one_alert_for_a_broken_step_and_none_when_it_is_mended(
    village: Village, where: str, mode: str, well: str, alert: tuple[str, str]
) -> None:
    good = village.look(**LOGIN)
    village.mode(where, mode)
    bad = village.look(**LOGIN)
    village.mode(where, well)
    mended = village.look(**LOGIN)
    assert (good.verdict, bad.verdict, mended.verdict) == ("good", "bad", "good")
    seen = fired([good, bad, bad, bad, mended, mended])
    assert seen[0] == set()
    assert seen[3] == {alert}
    assert seen[4:] == [set(), set()]


def test_dhcp_that_is_dead_is_one_alert(village: Village) -> None:
    good = village.look(**LOGIN)
    village.stop("dnsmasq")
    bad = village.look(**LOGIN)
    village.serve()
    village.wait(lambda: village.look(**LOGIN).verdict == "good")
    assert fired([good, bad, bad, bad, good])[3:] == [{("HotspotJourneyBroken", "dhcp")}, set()]
