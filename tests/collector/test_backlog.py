"""What a run of late frames says of its time."""

from collector.availability import Interval, Word, overlay
from collector.cause import UNKNOWN
from collector.fold.backlog import known_as, story, stretch
from collector.fold.events import Past
from collector.fold.shapes import Shape
from collector.fold.timelines import gives_way, worded
from collector.judge import Thresholds

UP, LOSS = 'ronda_uplink_up{uplink="main"}', 'ronda_uplink_loss_ratio{target="x"}'
SHAPE = Shape((UP, LOSS))
EVERY_S, NEAR_S = 60.0, 150.0


def frames(*told: tuple[float, float, float]) -> list[Past]:
    return [Past(time, [up, loss], time, 0.0) for time, up, loss in told]


def states(intervals: list[Interval]) -> list[tuple[str, float, float | None]]:
    return [(i.state, i.since, i.until) for i in intervals]


def tell(*told: tuple[float, float, float]) -> list[Interval]:
    return story(frames(*told), SHAPE, Thresholds(), EVERY_S, NEAR_S, lambda *seen: UNKNOWN)


def test_a_frame_speaks_until_the_next_one() -> None:
    told = tell((0, 1, 0), (60, 1, 0), (120, 0, 1), (240, 0, 1), (300, 1, 0))
    assert states(told) == [("normal", 0, 120), ("down", 120, 300), ("normal", 300, 360)]


def test_what_was_thought_of_a_time_is_what_was_thought_of_its_own_silence() -> None:
    never, first, second = (Interval(at, at + 100, "unknown") for at in (0, 200, 400))
    silences = [never, first, second]
    assert known_as(silences, 420, 480) is second
    assert known_as(silences, 150, 250) is first
    assert known_as(silences, 320, 380) is never, "as of the whole stretch"
    dark = Interval(500, 900, "unknown", cause="power")
    assert known_as([second, dark], 450, 600) is dark, "the centre was in the dark before"


def test_over_a_long_hole_a_frame_speaks_for_one_interval() -> None:
    assert states(tell((0, 1, 0), (1000, 1, 0))) == [("normal", 0, 60), ("normal", 1000, 1060)]


def test_one_slow_frame_is_no_news_two_are() -> None:
    told = tell((0, 1, 0), (60, 1, 0.5), (120, 1, 0), (180, 1, 0.5), (240, 1, 0.5), (300, 1, 0))
    assert states(told) == [("normal", 0, 180), ("slow", 180, 300), ("normal", 300, 360)]


def test_it_joins_the_known_time_on_both_sides() -> None:
    line = [
        Interval(0, 1000, "normal"),
        Interval(1000, 1300, "unknown", "silent"),
        Interval(1300, None, "normal"),
    ]
    told = stretch(tell((1050, 0, 1), (1110, 0, 1), (1170, 0, 1), (1230, 0, 1)), line, 60, 150)
    made = overlay(line, told, gives_way)
    assert [(i.state, i.since) for i in made] == [
        ("normal", 0),
        ("normal", 1000),
        ("down", 1050),
        ("normal", 1300),
    ]


def test_a_long_silence_before_the_first_frame_stays_unknown() -> None:
    line = [Interval(0, 1000, "normal"), Interval(1000, None, "unknown", "silent")]
    made = overlay(line, stretch(tell((2000, 1, 0)), line, 60, 150), gives_way)
    assert states(made)[1:] == [
        ("unknown", 1000, 2000),
        ("normal", 2000, 2060),
        ("unknown", 2060, None),
    ]


def test_people_have_the_last_word_on_the_cause() -> None:
    said = Word("Budi", 50.0, "the ONT is gone", "isp", 0.5, ("a guess",))
    line = [Interval(0, None, "unknown", "silent", "theft", 1.0, ("b",), "person", said)]
    told = tell((100, 0, 1), (160, 0, 1), (220, 1, 0))
    made = worded(overlay(line, told, gives_way), line)
    assert [(i.state, i.since, i.cause) for i in made] == [
        ("unknown", 0, "theft"),
        ("down", 100, "theft"),
        ("normal", 220, ""),
        ("unknown", 280, "theft"),
    ]
    assert made[1].word is not None
    assert (made[1].word.by, made[1].word.cause, made[1].source) == ("Budi", "unknown", "person")
