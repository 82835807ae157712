"""What happens in villages, told second by second, and what the centre makes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.centre_bench import CUT, FINE, NOW, UPLINK, Centre

SITE = "35.10.06.2005"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(tmp_path)
    made.inventory({"code": SITE})
    yield made
    made.close()


def told(centre: Centre, site: str = SITE) -> list[tuple[str, float, str]]:
    """State, length and source of each interval; the last one is open."""
    return [
        (i.state, -1 if i.until is None else round(i.until - i.since), i.source)
        for i in centre.timeline(site)
    ]


def test_a_site_is_unknown_until_its_first_report_then_normal(centre: Centre) -> None:
    centre.run(30)
    assert (centre.state(SITE).state, centre.state(SITE).reason) == ("unknown", "never reported")
    centre.agent(SITE, phase_s=0)
    centre.run(60)
    assert centre.state(SITE).state == "normal"
    times, values = centre.samples(SITE)[UPLINK]
    assert (times.tolist(), values.tolist()) == ([NOW + 60], [1.0])


def test_a_silent_site_is_unknown_since_its_last_contact(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(600)
    agent.connected = False
    centre.run(149)
    assert centre.state(SITE).state == "normal"
    centre.run(3)
    state = centre.state(SITE)
    assert (state.state, state.reason, state.since) == ("unknown", "silent", NOW + 600.05)
    assert centre.check(SITE).verdict == "unknown"
    assert centre.check(SITE).reason == "site silent"
