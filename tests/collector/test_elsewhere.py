"""What an agent says of another site's checks, and with whose silence it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.report import series
from collector import acts, agents, states
from collector.db import reading, writing
from tests.collector.centre_bench import FINE, Agent, Centre

pytestmark = pytest.mark.slow

WATCHER, SUCCESSOR, VILLAGE = "35.10.01.1001", "35.10.01.1002", "35.10.06.2005"
NAME = "luar OpenSID"
UP = series("ronda_check_up", {"check": NAME, "kind": "opensid", "site": VILLAGE})


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(tmp_path)
    made.inventory({"code": WATCHER}, {"code": SUCCESSOR}, {"code": VILLAGE})
    yield made
    made.close()


def grant(centre: Centre, agent: Agent, *scopes: str) -> None:
    with writing(centre.store) as connection:
        agents.grant(connection, agent.id, scopes)
        body = {"agent": agent.id, "scopes": list(scopes)}
        acts.record(connection, centre.now, "siti", agents.GRANT, WATCHER, body)


def both(centre: Centre) -> tuple[Agent, Agent]:
    watcher = centre.agent(WATCHER, phase_s=0)
    village = centre.agent(VILLAGE, phase_s=0)
    grant(centre, watcher, "35.10.06")
    centre.run(60)
    watcher.values = {**FINE, UP: 1.0}
    centre.run(180)
    return watcher, village


def test_a_frame_of_another_site_tells_its_check_with_its_kind(centre: Centre) -> None:
    watcher, _ = both(centre)
    check = centre.check(VILLAGE, NAME)
    assert (check.verdict, check.kind) == ("good", "opensid")
    watcher.values = {**FINE, UP: 0.0}
    centre.run(60)
    assert centre.check(VILLAGE, NAME).verdict == "bad"
    # the numbers lie with the village
    inside = series("ronda_check_up", {"check": NAME, "kind": "opensid"})
    assert 0.0 in centre.samples(VILLAGE, [inside])[inside][1].tolist()


def test_the_silence_of_the_village_says_nothing_of_it(centre: Centre) -> None:
    _, village = both(centre)
    village.connected = False
    centre.run(300)
    assert centre.state(VILLAGE).reason == "silent"
    assert centre.check(VILLAGE).verdict == "unknown"
    assert centre.check(VILLAGE, NAME).verdict == "good"


def test_the_silence_of_who_looks_makes_it_unknown(centre: Centre) -> None:
    watcher, _ = both(centre)
    watcher.connected = False
    centre.run(300)
    check = centre.check(VILLAGE, NAME)
    assert (check.verdict, check.reason) == ("unknown", "who looks at it is silent")
    assert centre.check(VILLAGE).verdict == "good"
    watcher.connected = True
    centre.run(180)
    assert centre.check(VILLAGE, NAME).verdict == "good"


def test_what_nobody_looks_at_any_more_is_gone(centre: Centre) -> None:
    watcher, _ = both(centre)
    watcher.values = dict(FINE)
    centre.run(1200)
    with reading(centre.store) as connection:
        assert NAME not in [check.name for check in states.checks_of(connection, VILLAGE)]


def test_who_was_not_granted_a_site_writes_nothing_there(centre: Centre) -> None:
    watcher, _ = both(centre)
    grant(centre, watcher)
    centre.run(600)
    inside = series("ronda_check_up", {"check": NAME, "kind": "opensid"})
    times, _ = centre.samples(VILLAGE, [inside])[inside]
    assert times[-1] < centre.now - 400


def moved(centre: Centre) -> tuple[Agent, Agent]:
    """Another agent looks from now on, and the first one is told that it need not."""
    first, _ = both(centre)
    second = centre.agent(SUCCESSOR, phase_s=0)
    grant(centre, second, "35.10.06")
    centre.run(60)
    second.values = {**FINE, UP: 1.0}
    first.values = dict(FINE)
    centre.run(120)
    return first, second


def test_a_check_that_another_agent_took_over_is_not_gone_with_the_first(centre: Centre) -> None:
    moved(centre)
    centre.run(1200)
    assert centre.check(VILLAGE, NAME).verdict == "good"


def test_the_silence_of_who_looked_before_says_nothing(centre: Centre) -> None:
    first, _ = moved(centre)
    first.connected = False
    centre.run(300)
    assert centre.state(WATCHER).reason == "silent"
    assert centre.check(VILLAGE, NAME).verdict == "good"
