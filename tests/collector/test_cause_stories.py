"""Causes at once and after the backlog, through the real fold; what people say of them."""

from pathlib import Path

import pytest

from collector import states, stirred
from collector.availability import Interval, seconds
from collector.db import reading, writing
from collector.inventory.keeping import put
from tests.collector.cause_stories import AP, LIGHT, ROUTER, STORIES, Story
from tests.collector.centre_bench import FINE, Agent, Centre

pytestmark = pytest.mark.slow

# at most so long is an outage until the site's first silence is told
SILENT_S = 220
WELL = {**FINE, LIGHT: -19.0}


def begin(folder: Path, story: Story) -> tuple[Centre, list[Agent]]:
    centre = Centre(folder, now=story.now)
    codes = [f"35.10.{6 + i * story.apart:02}.20{i:02}" for i in range(len(story.isps))]
    rows = [{"code": c, "isp": isp, **story.row} for c, isp in zip(codes, story.isps, strict=True)]
    centre.inventory(*rows)
    lines = [{"site": code, **line} for code in codes for line in story.lines]
    lines = [
        {**line, "isp": row["isp"]} if line["name"] == "main" else line
        for row in rows
        for line in lines
        if line["site"] == row["code"]
    ]
    if lines:
        with writing(centre.store) as connection:
            put(connection, "uplinks", lines, centre.now, "test")
    agents = [centre.agent(code) for code in codes]
    for agent in agents:
        agent.values = {**WELL, **({ROUTER: 80000.0} if ROUTER in story.back else {})}
    centre.run(240)
    return centre, agents


def fall(centre: Centre, story: Story, agents: list[Agent]) -> None:
    for agent in agents:
        agent.values |= story.last
    agents[0].values |= story.only_first
    centre.run(61)
    for place, agent in enumerate(agents):
        if story.bye:
            agent.send(centre.now, fresh_first=False, bye=True)
        agent.running = story.way != "off"
        agent.connected = story.way == "down" and not (story.half and place % 2)
        agent.values |= story.during
    centre.run(SILENT_S)


def come_back(centre: Centre, story: Story, agents: list[Agent]) -> None:
    centre.run(900)
    for agent in agents:
        if story.way == "off":
            agent.reboot(centre.now)
        agent.connected = True
        agent.values = {**WELL, **story.back}
        # agents tell the newest first
        agent.sample(centre.now)
        agent.send(centre.now)
    for _ in range(600):
        centre.run(1, fold=False)
        for agent in agents:
            for device in story.back:
                if device in (ROUTER, AP):
                    agent.values[device] = (agent.values[device] or 0.0) + 1.0
    centre.fold()


def outage(centre: Centre, code: str) -> Interval:
    line = centre.timeline(code, start=centre.now - 1200, end=centre.now)
    away = [i for i in line if i.state != "normal"] or line
    return max(away, key=lambda interval: min(interval.end, centre.now) - interval.since)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_cause_at_once_and_after_the_backlog(tmp_path: Path, story: Story) -> None:
    centre, agents = begin(tmp_path, story)
    fall(centre, story, agents)
    site = agents[0].site
    now = centre.state(site)
    assert (now.cause, now.state) == (story.once, "down" if story.way == "down" else "unknown")
    assert bool(now.evidence) == (story.once != "unknown")
    alike = {centre.state(agent.site).cause for agent in agents[:: 2 if story.half else 1]}
    if "Icon" not in story.isps[-1:] or len(story.isps) < 8:
        assert alike == {story.once}
    come_back(centre, story, agents)
    told = outage(centre, site)
    assert (told.cause, told.state) == (story.after, story.state)
    assert centre.state(site).state == "normal"
    centre.close()


def test_there_are_at_least_forty_stories() -> None:
    assert len(STORIES) >= 40


def test_a_backlog_of_a_day_corrects_causes_rewrites_states_and_is_no_news(tmp_path: Path) -> None:
    story = Story("cut", "power", "backbone", isps=("Telkom", "Icon", "Telkom", "Icon"))
    centre, agents = begin(tmp_path, story)
    fell_at = centre.now
    fall(centre, story, agents)
    assert {centre.state(agent.site).cause for agent in agents} == {"power"}
    centre.run(40000)
    agents[0].find(centre.now, "bad", "HTTP 502 instead of 200")
    centre.run(86400 - 40000)
    agents[0].find(centre.now, "good")
    read_to = centre.steps[-1][1]
    back_at = centre.now
    for agent in agents:
        agent.connected, agent.values = True, {**WELL}
        agent.sample(centre.now)
        agent.send(centre.now)
    centre.run(3600)
    for agent in agents:
        line = centre.timeline(agent.site)
        spent = seconds(line, fell_at + 120, back_at)
        assert spent["down"] / sum(spent.values()) > 0.99
        down = [i for i in line if i.state == "down" and i.end - i.since > 3600]
        assert {(i.cause, i.source) for i in down} == {("backbone", "backlog")}
        assert centre.state(agent.site).state == "normal"
    with reading(centre.store) as connection:
        # what alerts read: whatever the backlog told of a check is past
        assert stirred.checks_since(connection, read_to, ()).sites == []
        past = states.verdicts_of(connection, agents[0].site, fell_at, back_at)
        assert {(change.verdict, change.live) for change in past[-2:]} >= {("bad", False)}
    centre.close()
