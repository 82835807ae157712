"""A person's word on a cause stands beside the guess; maintenance lies over what agents say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.strict import Refused
from collector import acts, erasing, states
from collector.availability import seconds
from collector.corrections import correct
from collector.db import reading, writing
from collector.persons import Person
from tests.collector.centre_bench import CUT, FINE, NOW, Agent, Centre

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    made = Centre(tmp_path, database_url=database_url)
    made.inventory({"code": SITE})
    yield made
    made.close()


@pytest.fixture
def agent(centre: Centre) -> Agent:
    made = centre.agent(SITE, phase_s=0)
    centre.run(600)
    return made


def say(centre: Centre, cause: str, note: str, since: float, site: str = SITE) -> int:
    with writing(centre.store) as connection:
        return correct(connection, "Budi", centre.now, site, since, cause, note)


def test_both_the_word_and_the_guess_are_kept(centre: Centre, agent: Agent) -> None:
    agent.values, agent.connected = dict(CUT), False
    centre.run(300)
    guess = centre.state(SITE)
    say(centre, "theft", "the ONT  is\ngone", guess.since)
    centre.run(1)
    told = centre.state(SITE)
    assert (told.cause, told.confidence, told.source) == ("theft", 1.0, "person")
    assert told.evidence == ("Budi says: the ONT is gone",)
    word = told.word
    assert word is not None
    assert (word.by, word.at, word.note) == ("Budi", centre.now - 1, "the ONT is gone")
    assert (word.cause, word.confidence, word.evidence) == (
        guess.cause,
        guess.confidence,
        guess.evidence,
    )
    say(centre, "device", "it was found", guess.since)
    centre.run(1)
    again = centre.state(SITE).word
    assert again is not None
    assert (again.note, again.cause) == ("it was found", guess.cause)


def test_a_name_that_was_taken_out_does_not_come_back_at_the_end(
    centre: Centre, agent: Agent
) -> None:
    agent.values, agent.connected = dict(CUT), False
    centre.run(300)
    began = centre.state(SITE).since
    say(centre, "theft", "the ONT is gone", began)
    centre.run(1)
    with writing(centre.store) as connection:
        name = erasing.erase(connection, Person("Budi"), centre.now, "putri")
    centre.run(1)
    agent.values, agent.connected = dict(FINE), True
    centre.run(600)
    with reading(centre.store) as connection:
        told = states.timeline(connection, SITE, began, centre.now)
    words = [one.word for one in told if one.word is not None]
    assert words and {word.by for word in words} == {name}
    assert not [line for one in told for line in one.evidence if "Budi" in line]


def test_the_backlog_tells_the_state_and_leaves_the_word(centre: Centre, agent: Agent) -> None:
    agent.values, agent.connected = dict(CUT), False
    centre.run(600)
    say(centre, "theft", "the ONT is gone", centre.now)
    centre.run(600)
    agent.values, agent.connected = dict(FINE), True
    centre.run(600)
    down = next(i for i in centre.timeline(SITE) if i.state == "down")
    assert (down.cause, down.source) == ("theft", "person")
    # the newest frames were live again: nobody had said anything of them
    assert down.end - down.since >= 1200 - 240
    assert down.word is not None
    assert (down.word.cause, down.word.note) == ("fiber", "the ONT is gone")
    assert centre.state(SITE).state == "normal"


REFUSALS = {
    "a cause nobody knows": ("gremlins", "I saw them", NOW + 700, "cause: 'gremlins' is not"),
    "no reason": ("theft", " \n ", NOW + 700, "note: say how you know"),
    "a long reason": ("theft", "x" * 501, NOW + 700, "note: at most 500 characters, this has 501"),
    "a time of which nothing is known": ("theft", "gone", 5.0, "since: nothing is known of"),
    "a time at which all was well": ("theft", "gone", NOW + 300, "since: 35.10.06.2005 was normal"),
}


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("cause", "note", "since", "why"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_correction_may_be_refused(
    centre: Centre, agent: Agent, cause: str, note: str, since: float, why: str
) -> None:
    agent.connected = False
    centre.run(300)
    with pytest.raises(Refused) as refused:
        say(centre, cause, note, since)
    assert str(refused.value).startswith(why)
    with reading(centre.store) as connection:
        assert [act.verb for act in acts.waiting(connection)] == []


def work(centre: Centre, name: str, since: float, until: float | None, **more: Any) -> None:
    body = {"sites": [SITE], "since": since, "until": until, "why": "new mast", **more}
    with writing(centre.store) as connection:
        acts.record(connection, centre.now, "Sari", "maintenance", name, body)


def shown(centre: Centre) -> list[tuple[str, float, float | None]]:
    line = centre.timeline(SITE, start=NOW + 200)
    return [(i.state, i.since - NOW, i.until and i.until - NOW) for i in line]


def test_maintenance_begins_and_ends_by_itself(centre: Centre, agent: Agent) -> None:
    work(centre, "w1", NOW + 900, NOW + 1500)
    centre.run(200)
    assert centre.state(SITE).state == "normal"
    centre.run(200)
    now = centre.state(SITE)
    assert (now.state, now.cause, now.source) == ("maintenance", "maintenance", "person")
    assert now.evidence == ("Sari works on it: new mast",)
    # whatever its agent says meanwhile
    agent.values = dict(CUT)
    centre.run(180)
    assert centre.state(SITE).state == "maintenance"
    centre.run(400)
    assert centre.state(SITE).state == "down"
    assert shown(centre)[1:] == [("maintenance", 900, 1500), ("down", 1500, None)]
    agent.values = dict(FINE)
    centre.run(60)
    assert centre.state(SITE).state == "normal"


def test_a_silence_in_maintenance_is_one_after_it(centre: Centre, agent: Agent) -> None:
    work(centre, "w1", NOW + 610, NOW + 1500)
    centre.run(30)
    agent.connected = False
    centre.run(600)
    assert centre.state(SITE).state == "maintenance"
    centre.run(400)
    state = centre.state(SITE)
    assert (state.state, state.reason, state.since) == ("unknown", "silent", NOW + 1500)
    agent.connected = True
    centre.run(300)
    assert seconds(centre.timeline(SITE), NOW + 620, NOW + 1900) == {
        "maintenance": pytest.approx(880),
        "normal": pytest.approx(400),
    }


def test_maintenance_told_late_lies_over_what_was(centre: Centre, agent: Agent) -> None:
    agent.values = dict(CUT)
    centre.run(300)
    agent.values = dict(FINE)
    centre.run(300)
    before = shown(centre)
    work(centre, "w1", NOW + 630, NOW + 870)
    centre.run(1)
    assert [s for s in shown(centre) if s[0] == "maintenance"] == [("maintenance", 630, 870)]
    # taken back: it is as it was
    work(centre, "w1", NOW + 630, NOW + 630)
    centre.run(1)
    assert shown(centre) == before


def test_maintenance_without_an_end_ends_when_somebody_says_so(
    centre: Centre, agent: Agent
) -> None:
    work(centre, "w1", NOW + 610, None)
    centre.run(300)
    agent.values = dict(CUT)
    centre.run(300)
    work(centre, "w1", NOW + 610, NOW + 1000)
    centre.run(1)
    assert shown(centre)[1:] == [("maintenance", 610, 1000), ("down", 1000, None)]
    centre.stop_fold()
    centre.run(120)
    assert shown(centre)[1:] == [("maintenance", 610, 1000), ("down", 1000, None)]


def test_a_crash_in_maintenance_changes_nothing(centre: Centre, agent: Agent) -> None:
    work(centre, "w1", NOW + 700, NOW + 1300)
    for _ in range(8):
        centre.run(100)
        centre.stop_fold()
        agent.values = dict(CUT if agent.values == FINE else FINE)
    assert [s for s in shown(centre) if s[0] == "maintenance"] == [("maintenance", 700, 1300)]
    held = centre.timeline(SITE, start=NOW + 700, end=NOW + 1300)[0].beneath
    assert (held[0].since, held[-1].until) == (NOW + 700, NOW + 1300)
    assert {piece.state for piece in held} == {"normal", "down"}


def test_two_works_may_overlap(centre: Centre, agent: Agent) -> None:
    work(centre, "w1", NOW + 700, NOW + 1300)
    work(centre, "w2", NOW + 1000, NOW + 1600, why="new router")
    centre.run(1200)
    line = [i for i in centre.timeline(SITE) if i.state == "maintenance"]
    assert (line[0].since, line[-1].until) == (NOW + 700, NOW + 1600)
    assert seconds(centre.timeline(SITE), NOW + 600, NOW + 1800)["maintenance"] == 900
    with reading(centre.store) as connection:
        assert states.current(connection, [SITE])[0].state == "normal"
