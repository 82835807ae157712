"""Why, by what was seen: tables of evidence and the cause it makes."""

import pytest

from collector.cause import UNKNOWN, Cause, Return, Scene, at_return, at_silence, of_down, spell
from collector.judge import Sign
from collector.neighbours import Neighbours

SAME = Neighbours("the district 35.10.06", 4, frozenset({"Telkom"}))
OTHERS = Neighbours("the district 35.10.06", 4, frozenset({"Telkom", "Icon"}))
FEEDER = Neighbours("the power feeder GTG-2", 9, frozenset({"Telkom", "Icon"}))
ALONE = Neighbours("the district 35.10.06", 0, frozenset({"Telkom"}))

SILENCES = {
    "nothing known": (0, [], "unknown"),
    "nobody beside": (0, [ALONE], "unknown"),
    "on battery": (Sign.ON_BATTERY | Sign.LINK_KEPT, [SAME], "power"),
    "neighbours of two ISPs": (Sign.LINK_KEPT, [OTHERS], "power"),
    "neighbours of one ISP": (0, [SAME], "isp"),
    "the surer group wins": (0, [SAME, FEEDER], "power"),
    "link lost": (Sign.LINK_LOST, [], "device"),
    "link kept": (Sign.LINK_KEPT, [], "fiber"),
    "no light": (Sign.NO_LIGHT | Sign.LINK_KEPT, [], "fiber"),
    "the page of the provider": (Sign.WRONG_CONTENT | Sign.LINK_KEPT, [SAME], "suspended"),
}


@pytest.mark.parametrize(("signs", "beside", "name"), SILENCES.values(), ids=SILENCES.keys())
def test_a_silence_has_a_cause(signs: int, beside: list[Neighbours], name: str) -> None:
    cause = at_silence(Scene(signs, ("Telkom",), neighbours=tuple(beside)))
    assert cause.name == name
    assert bool(cause.evidence) == (name != "unknown")
    assert 0 <= cause.confidence <= 1


GUESS = Cause("isp", 0.8, ("4 more sites fell silent at the same time",))
POWER = Cause("power", 0.8, ("4 more sites fell silent at the same time",))
RETURNS = {
    "it started anew": (UNKNOWN, True, "power"),
    "it started anew, against a guess": (GUESS, True, "power"),
    "it started anew, as guessed": (POWER, True, "power"),
    "it ran on": (UNKNOWN, False, "isp"),
    "it ran on, as guessed": (GUESS, False, "isp"),
}


@pytest.mark.parametrize(("before", "rebooted", "name"), RETURNS.values(), ids=RETURNS.keys())
def test_a_return_tells_more(before: Cause, rebooted: bool, name: str) -> None:
    cause = at_return(before, Return(7200.0, 180.0, rebooted))
    assert cause.name == name
    assert ("3 min" if rebooted else "2 h") in cause.evidence[-1]


DOWNS = {
    "the page of the provider": (Sign.WRONG_CONTENT, UNKNOWN, "suspended"),
    "no light": (Sign.NO_LIGHT | Sign.LINK_KEPT, GUESS, "fiber"),
    "as the neighbours": (Sign.LINK_KEPT, GUESS, "isp"),
    "link lost": (Sign.LINK_LOST, UNKNOWN, "device"),
    "link kept": (Sign.LINK_KEPT, UNKNOWN, "fiber"),
    "no link to look at": (0, UNKNOWN, "isp"),
}


@pytest.mark.parametrize(("signs", "before", "name"), DOWNS.values(), ids=DOWNS.keys())
def test_a_down_uplink_has_a_cause(signs: int, before: Cause, name: str) -> None:
    assert of_down(Scene(signs), before).name == name


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (180, "3 min"), (7200, "2 h"), (3 * 86400, "3 days")]
)
def test_times_are_told_as_people_say_them(seconds: float, words: str) -> None:
    assert spell(seconds) == words
