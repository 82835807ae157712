"""A round of the demo's faults by a given clock: each is seen, with its cause, and heals."""

from collections.abc import Iterator
from itertools import dropwhile

import pytest
import uvloop

from alerts.incidents import Incident
from collector.demo import regency, story
from collector.demo.run import SEED
from collector.simulate.geography import Village
from collector.simulate.scenario import Event, Kind
from tests.stories.drill import Drill

pytestmark = pytest.mark.slow

START = 1_790_000_040.0
ROUND = 0
# about how long ninety days take to tell
TOLD_S = 420.0
# agents look every 12 s and report every 30, three beacons are 30, a storm waits 20
SEEN_S, HEALED_S = 60.0, 60.0
# a line must be slow for so long before anybody hears
LASTING_S = 300.0
EVENTS = {event.kind: event for event in story.live(regency.villages(), ROUND, SEED)}


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    made = Drill(tmp_path_factory.mktemp("drill") / "demo", START)
    uvloop.run(made.play(ROUND, story.ROUND_S, TOLD_S))
    yield made
    made.close()


def befallen(event: Event) -> set[str]:
    """The villages that an event names."""
    return {village.code for village in regency.villages() if named(event.sites, village)}


def named(sites: object, village: Village) -> bool:
    if isinstance(sites, dict):
        return all(getattr(village, group) == name for group, name in sites.items())
    return isinstance(sites, list) and village.code in sites


def of(drill: Drill, event: Event) -> list[Incident]:
    """The incidents that it opened, as soon as it may; each is over soon after it."""
    assert event.until_s is not None
    begin, end = START + event.at_s, START + event.until_s
    last = begin + SEEN_S + (LASTING_S if event.kind is Kind.SLOW_EVENING else 0.0)
    found = [one for one in drill.incidents() if begin <= one.opened_at <= last]
    for one in found:
        assert one.state == "resolved"
        assert one.merged_into or (one.resolved_at or 0.0) <= end + HEALED_S
    return found


def was(drill: Drill, event: Event) -> set[tuple[str, str]]:
    """What the states of its villages were in the middle of it, with their causes."""
    assert event.until_s is not None
    middle = START + (event.at_s + event.until_s) / 2
    return {
        (one.state, one.cause)
        for code in befallen(event)
        for one in drill.timeline(code)
        if one.since <= middle < (one.until or drill.now)
    }


def test_an_application_that_fails_is_told_as_one(drill: Drill) -> None:
    event = EVENTS[Kind.SERVICE_DOWN]
    (only,) = of(drill, event)
    assert (only.rule, only.check, only.cause) == ("ServiceDown", "opensid", "app")
    assert {only.site} == befallen(event)
    assert was(drill, event) == {("normal", "")}


def test_a_cut_fiber_is_one_villages_and_a_fiber(drill: Drill) -> None:
    event = EVENTS[Kind.FIBER_CUT]
    (only,) = of(drill, event)
    assert ({only.site}, only.cause) == (befallen(event), "fiber")


def test_a_pop_that_falls_is_one_incident_of_the_provider(drill: Drill) -> None:
    event = EVENTS[Kind.POP_DOWN]
    (storm,) = of(drill, event)
    assert isinstance(event.sites, dict)
    assert (storm.parent_kind, storm.parent) == ("upstream", event.sites["upstream"])
    assert storm.cause == "isp"
    assert drill.sites_of(storm) == befallen(event)
    assert was(drill, event) <= {("down", "isp"), ("down", "fiber")}


def test_a_feeder_without_power_is_one_incident_and_power(drill: Drill) -> None:
    event = EVENTS[Kind.BLACKOUT]
    found = of(drill, event)
    # who has a battery says so before the dark
    assert {one.rule for one in found} <= {"", "OnBattery", "BatteryLow"}
    (storm,) = [one for one in found if not one.rule]
    assert isinstance(event.sites, dict)
    assert (storm.parent_kind, storm.parent) == ("feeder", event.sites["power_feeder"])
    assert {one.cause for one in found} == {"power"}
    assert drill.sites_of(storm) == befallen(event)
    assert was(drill, event) == {("unknown", "power")}


def test_a_slow_evening_is_slow_everywhere_told_and_over(drill: Drill) -> None:
    event = EVENTS[Kind.SLOW_EVENING]
    found = of(drill, event)
    assert was(drill, event) == {("slow", "")}
    for rule in ("UplinkSlow", "UplinkLossy"):
        told = [one for one in found if rule in (one.rule, one.parent_kind.partition("/")[2])]
        assert {code for one in told for code in drill.sites_of(one)} == befallen(event)
    assert {one.cause for one in found if one.parent} == {"isp"}
    assert any("lambat" in message for message in drill.messages())


def test_a_suspended_line_is_told_by_its_page(drill: Drill) -> None:
    event = EVENTS[Kind.ISOLIR]
    (only,) = of(drill, event)
    assert (only.rule, only.cause) == ("UplinkWrongContent", "suspended")
    assert {only.site} == befallen(event)
    assert was(drill, event) == {("normal", "")}


def test_nobody_else_is_hit_and_all_are_well_in_the_end(drill: Drill) -> None:
    hit = {code for event in EVENTS.values() for code in befallen(event)}
    for village in regency.villages():
        # before its first report nobody knew how it was: of the past nothing is told here
        line = [one.state for one in drill.timeline(village.code)]
        states = [*dropwhile(lambda state: state == "unknown", line)]
        assert states[-1] == "normal"
        if village.code not in hit:
            assert set(states) == {"normal"}
    explained = {one.id for event in EVENTS.values() for one in of(drill, event)}
    assert explained == {one.id for one in drill.incidents()}


def test_everything_told_is_a_drill_and_to_nobody(drill: Drill) -> None:
    told = drill.messages()
    assert len(told) > 50
    for message in told:
        to, said = message.split("\n", 1)
        assert to.startswith("[LATIHAN] +620")
        assert said.startswith("LATIHAN: ")
