"""The count after many kills finds what would be wrong: else it would prove nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pytest

from alerts.incidents import Incident
from tests.stories.gateway import Message
from tests.stories.mischief import Fault
from tests.stories.reckoning import Heard, Reckoning, reckon
from tests.stories.witness import Witness

CHECKED, SILENT = "35.10.12.2001", "35.10.12.2002"


@dataclass
class Story:
    """A check that was bad from 100 to 130, a site that said nothing from 200 to 240."""

    faults: list[Fault]
    incidents: list[Incident]
    told: list[Message]
    heard: Heard
    died: list[float] = field(default_factory=list)

    def count(self) -> Reckoning:
        return reckon(self.faults, self.incidents, self.heard, self.told, self.died)


@pytest.fixture
def story() -> Story:
    checked, silent = (Witness("", "", site, 1, agent=n) for n, site in ((1, CHECKED), (2, SILENT)))
    faults = [
        Fault(checked, "app", began=100.0, ended=130.0, over=True),
        Fault(silent, over=True),
    ]
    incidents = [
        incident(1, CHECKED, "app", down_since=100.0, opened_at=101.0, resolved_at=130.0),
        incident(2, SILENT, "", down_since=200.0, opened_at=221.0, resolved_at=240.0),
    ]
    heard = Heard({2: [(200.0, (199.9,)), (240.1, (240.0,))]})
    steps = [
        (n, news, who) for n in (1, 2) for news in ("opened", "resolved") for who in ("noc", n)
    ]
    places = {1: CHECKED, 2: SILENT, "noc": "noc"}
    told = [
        Message(300.0 + 20 * notice, places[who], notice, number, news, answered=True)
        for notice, (number, news, who) in enumerate(steps)
    ]
    return Story(faults, incidents, told, heard)


def incident(number: int, site: str, check: str, **values: Any) -> Incident:
    nothing: dict[str, Any] = {one.name: None for one in fields(Incident)}
    return Incident(**nothing | {"id": number, "site": site, "check": check} | values)


def test_a_story_that_went_well_is_complete(story: Story) -> None:
    assert story.count() == Reckoning([], incidents=2, messages=8, twice=0)


def test_what_is_not_there_yet_is_missing(story: Story) -> None:
    del story.incidents[1], story.told[1:]
    altered(story, 0, resolved_at=None)
    assert story.count().missing == [
        f"the end of #1, {(CHECKED, 'app')}",
        f"no incident of {(SILENT, '')}",
        f"#1 opened to {CHECKED}",
    ]


def another(story: Story, **values: Any) -> None:
    story.incidents.append(replace(story.incidents[0], id=3, **values))


def altered(story: Story, place: int, **values: Any) -> None:
    story.incidents[place] = replace(story.incidents[place], **values)


def again(story: Story, **values: Any) -> None:
    story.told.append(replace(story.told[0], at=story.told[0].at + 5, **values))


def away(story: Story) -> None:
    story.heard.resumed.append(210.0)


WRONG: dict[str, tuple[Callable[[Story], None], str]] = {
    "two incidents": (lambda s: another(s), "several incidents"),
    "of nothing": (lambda s: another(s, check="other"), "nothing was wrong"),
    "a storm": (lambda s: altered(s, 0, parent="POP"), "nobody fell together"),
    "begun later": (lambda s: altered(s, 0, down_since=101.0), "began at 100.0"),
    "ended later": (lambda s: altered(s, 0, resolved_at=131.0), "ended at"),
    "silent too late": (lambda s: altered(s, 1, down_since=205.0), "began at 200.0"),
    "silent while nobody listened": (away, "began at 210.0"),
    "back too late": (lambda s: altered(s, 1, resolved_at=241.0), "ended at"),
    "ended and still bad": (lambda s: setattr(s.faults[0], "over", False), "is not over"),
    "told again": (lambda s: again(s), "answered, and sent again"),
    "told under two numbers": (lambda s: again(s, notice=99), "several numbers"),
    "told to a stranger": (lambda s: again(s, reader=SILENT), "nobody should"),
    "told of something else": (lambda s: again(s, news="flapping"), "nobody should"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(story: Story, what: str) -> None:
    spoil, said = WRONG[what]
    spoil(story)
    with pytest.raises(AssertionError, match=said):
        story.count()


def test_twice_is_right_where_no_answer_was_given_or_kept(story: Story) -> None:
    again(story)
    story.died.append(story.told[0].at + 1)
    assert story.count().twice == 1
    story.died[0] = story.told[0].at + 30
    story.told[0] = replace(story.told[0], answered=False)
    assert story.count().twice == 1
