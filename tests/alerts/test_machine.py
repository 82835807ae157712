"""The life of an alarm, as stories: what was seen at which second, and what people hear."""

import pytest

from alerts.machine import Life, News, Phase, Seen, advance

B, G, U = Seen.BAD, Seen.GOOD, Seen.UNKNOWN
Story = list[tuple[float, Seen]]

STORIES: dict[str, tuple[Story, float, float, list[tuple[float, News]], Phase | None]] = {
    "without a hold it fires at once": ([(0, B)], 0, 0, [(0, News.FIRED)], Phase.FIRING),
    "it holds, then fires": (
        [(0, B), (30, B), (60, B)], 60, 0, [(60, News.FIRED)], Phase.FIRING,
    ),
    "a blip is no news": ([(0, B), (30, G), (60, B)], 60, 0, [], Phase.PENDING),
    "blind while pending starts the hold anew": (
        [(0, B), (30, U), (60, B), (90, B)], 60, 0, [], Phase.PENDING,
    ),
    "good again ends it": (
        [(0, B), (10, G)], 0, 0, [(0, News.FIRED), (10, News.RESOLVED)], None,
    ),
    "it is kept for a while after": (
        [(0, B), (10, G), (60, G), (70, G)], 0, 60,
        [(0, News.FIRED), (70, News.RESOLVED)], None,
    ),
    "bad again while kept is the same alarm": (
        [(0, B), (10, G), (20, B), (30, G), (90, G)], 0, 60,
        [(0, News.FIRED), (90, News.RESOLVED)], None,
    ),
    "blind while it fires holds it": ([(0, B), (10, U)], 0, 0, [(0, News.FIRED)], Phase.HELD),
    "seen bad again after blindness is no news": (
        [(0, B), (10, U), (500, B)], 0, 0, [(0, News.FIRED)], Phase.FIRING,
    ),
    "seen good after blindness ends it": (
        [(0, B), (10, U), (500, G)], 0, 0, [(0, News.FIRED), (500, News.RESOLVED)], None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_an_alarm_lives_as_told(name: str) -> None:
    story, for_s, keep_s, news, phase = STORIES[name]
    life: Life | None = None
    heard = []
    for at, seen in story:
        life, said = advance(life, seen, for_s, keep_s, at)
        if said is not None:
            heard.append((at, said))
    assert heard == news
    assert (None if life is None else life.phase) == phase


def test_the_first_bad_second_is_remembered() -> None:
    life, _ = advance(None, B, 60, 0, 5)
    life, _ = advance(life, B, 60, 0, 70)
    assert life == Life(Phase.FIRING, 70, 5, 70)
