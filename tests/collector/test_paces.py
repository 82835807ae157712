"""An agent that reports less often, and says so, is not called silent for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.db import reading, writing
from collector.doctor import examine
from collector.intake.wire import Report, Used, write
from collector.inventory.importing import bring, parse
from collector.journal.framing import Kind
from collector.usage import usage
from tests.collector.centre_bench import Agent, Centre

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    made = Centre(tmp_path, database_url=database_url)
    made.inventory({"code": SITE})
    yield made
    made.close()


def word(centre: Centre, agent: Agent, every_s: float | None, used: Used | None = None) -> None:
    """A report without entries."""
    up = centre.now - agent.started
    report = Report(1, agent.spool, centre.now, agent.boot, up, every_s=every_s, used=used)
    centre.write(Kind.REPORT, centre.now + 0.05, agent.id, write(report))


def test_who_says_that_it_reports_less_often_is_waited_for_so_long(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(300)
    agent.connected = False
    word(centre, agent, 1800.0)
    centre.run(600)
    assert centre.state(SITE).state == "normal"
    # what was said outlasts a restart of the engine
    centre.stop_fold()
    centre.run(1200)
    assert centre.state(SITE).state == "normal"
    word(centre, agent, 1800.0)
    centre.run(2.5 * 1800 - 60)
    assert centre.state(SITE).state == "normal"
    centre.run(120)
    assert (centre.state(SITE).state, centre.state(SITE).reason) == ("unknown", "silent")


def test_with_the_next_report_that_says_nothing_of_it_the_plan_holds_again(
    centre: Centre,
) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(300)
    word(centre, agent, 1800.0)
    centre.run(120)
    agent.connected = False
    centre.run(240)
    assert centre.state(SITE).state == "unknown"


def test_nobody_is_waited_for_less_than_planned(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(300)
    agent.connected = False
    word(centre, agent, 5.0)
    centre.run(100)
    assert centre.state(SITE).state == "normal"


def test_of_two_agents_the_one_heard_last_says_how_long_to_wait(centre: Centre) -> None:
    often = centre.agent(SITE, phase_s=0)
    sparing = centre.agent(SITE, every_s=1e9)
    centre.run(300)
    word(centre, sparing, 1800.0)
    centre.run(120)
    often.connected = False
    centre.run(240)
    assert centre.state(SITE).state == "unknown"


def test_what_agents_use_stands_beside_the_quota(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    with writing(centre.store) as connection:
        text = f"site,name,quota_gb\n{SITE},main,10\n".encode()
        bring(connection, parse("uplinks", text, "a.csv"), centre.now, "siti")
    centre.run(60)
    word(centre, agent, None, Used("2026-09-21", 8_100_000, 700_000_000, 8_000_000))
    centre.run(120)
    with reading(centre.store) as connection:
        (found,) = usage(connection, [SITE])
    assert found.as_json() == {
        "agent": agent.id,
        "day": "2026-09-21",
        "today": 8_100_000,
        "month": 700_000_000,
        "most": 8_000_000,
        "quota": 1e10,
        "quota_part": 0.07,
    }
    (told,) = [one for one in examine(centre.settings, centre.now) if one.name == "bytes"]
    assert told.says == (
        f"1 agents count them; most: {SITE} 8.1 MB on 2026-09-21, 700.0 MB in its month "
        f"(7.0% of its quota); the day's are used up at {SITE}"
    )
    assert not told.fine
