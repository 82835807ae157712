"""Stories of “probe now”: asked, waited for, answered or not."""

import pytest

from web.probing import Asking, Phase, judge

ASKED = 1000.0
STORIES = [
    pytest.param(None, (), 60, 1000, Phase.NEVER, id="nobody asked"),
    pytest.param(ASKED, (), 60, 1010, Phase.WAITING, id="just asked"),
    pytest.param(ASKED, (1030.0,), 60, 1031, Phase.WAITING, id="a frame was under way"),
    pytest.param(ASKED, (1030.0, 1034.0), 60, 1035, Phase.ANSWERED, id="the next one answers"),
    pytest.param(ASKED, (), 60, 1181, Phase.UNANSWERED, id="three intervals without a word"),
    pytest.param(ASKED, (), 10, 1080, Phase.WAITING, id="a quick agent is given time, too"),
    pytest.param(ASKED, (), 900, 3000, Phase.WAITING, id="a slow line is waited for"),
    pytest.param(ASKED, (1030.0, 1034.0), 60, 4601, Phase.NEVER, id="an hour later it is over"),
]


@pytest.mark.parametrize(("at", "frames", "every_s", "now", "phase"), STORIES)
def test_where_an_asking_stands(
    at: float | None, frames: tuple[float, ...], every_s: float, now: float, phase: Phase
) -> None:
    found = judge("siti", at, frames, every_s, now)
    assert found.phase is phase
    assert found.again is (phase is not Phase.WAITING)


def test_the_answer_is_when_it_was_measured() -> None:
    found = judge("siti", ASKED, (1030.0, 1034.0, 1090.0), 60, 1100.0)
    assert found == Asking(Phase.ANSWERED, "siti", ASKED, 1034.0)
