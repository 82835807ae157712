"""Beacons as ingest takes them: what fits is answered, everything else is dropped and counted."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent import beacon
from collector.intake import heard
from collector.intake.heard import DEGRADED, ECHO, OFF, ON_BATTERY, SHUTTING_DOWN, SIZE, Heard, pack
from collector.intake.wire import Beat

KEYS = {1: (b"one" * 8,), 2: (b"new" * 8, b"old" * 8), 3: ()}
START = 1_790_000_000 << 32
WALL = 1_790_000_000.0


def table() -> Heard:
    made = Heard(lambda agent: KEYS.get(agent, ()))
    made.news(0.0, WALL)
    return made


def question(agent: int, sequence: int, flags: int = 0, key: bytes | None = None) -> bytes:
    return pack(key or KEYS[agent][0], agent, START | sequence, flags)


def told(made: Heard, steady: float) -> list[tuple[int, int, float, int]]:
    found = made.news(steady, WALL + steady)
    return [(b.agent, b.missed, b.at - WALL, b.flags) for b in found.beats] if found else []


def each_second(made: Heard, first: int, last: int) -> list[tuple[int, int, float, int]]:
    return [one for second in range(first, last + 1) for one in told(made, float(second))]


def test_agent_and_collector_write_the_same_packet() -> None:
    for flags in (0, ON_BATTERY | DEGRADED, SHUTTING_DOWN, ECHO):
        mine, theirs = (m.pack(b"k" * 32, 7, START | 9, flags) for m in (beacon, heard))
        assert mine == theirs
        assert len(mine) == SIZE == beacon.SIZE == 29


def test_the_echo_is_no_larger_than_the_question_and_signed_by_the_same_key() -> None:
    made = table()
    for key in KEYS[2]:
        asked = question(2, 1 + KEYS[2].index(key), ON_BATTERY, key)
        echo = made.take(asked, 1.0)
        assert echo is not None
        assert len(echo) == len(asked)
        assert echo == pack(key, 2, START | (1 + KEYS[2].index(key)), ON_BATTERY | ECHO)


@pytest.mark.parametrize(
    ("packet", "was"),
    [
        (b"", "size"),
        (question(1, 2)[:-1], "size"),
        (question(1, 2) + b"x", "size"),
        (question(1, 2, key=b"wrong"), "hmac"),
        (question(1, 2)[:-1] + b"\0", "hmac"),
        (pack(b"any", 99, START, 0), "unknown"),
        (pack(b"any", 3, START, 0), "unknown"),
        (question(1, 2, ECHO), "unknown"),
        (question(1, 1), "replay"),
        (pack(KEYS[1][0], 1, 5, 0), "replay"),
    ],
    ids=[
        "empty", "short", "long", "another key", "changed on its way", "no such agent", "revoked",
        "an echo sent back to us", "the same again", "of an earlier start",
    ],
)  # fmt: skip
def test_a_bad_packet_is_dropped_counted_and_not_answered(packet: bytes, was: str) -> None:
    made = table()
    assert made.take(question(1, 1), 1.0) is not None
    told(made, 1.0)
    assert made.take(packet, 2.0) is None
    assert made.counts == {"heard": 1, was: 1}
    assert told(made, 3.0) == []


@given(some.binary(max_size=64), some.integers(0, 28), some.integers(1, 255))
def test_no_packet_but_the_agents_own_is_ever_answered(
    junk: bytes, place: int, change: int
) -> None:
    made = table()
    good = bytearray(question(1, 1))
    good[place] ^= change
    for packet in (junk, bytes(good), bytes(good) + junk, bytes(good)[:place]):
        assert made.take(packet, 1.0) is None
    assert made.counts["heard"] == 0
    assert told(made, 1.0) == []
    assert made.take(question(1, 1), 2.0) is not None, "nothing of it stands in the agent's way"


def test_a_counter_that_went_back_is_taken_once_the_agent_named_it_over_tcp() -> None:
    made = table()
    assert made.take(question(1, 700), 1.0) is not None
    lower = pack(KEYS[1][0], 1, (5 << 32) | 1, 0)
    assert made.take(lower, 2.0) is None
    made.name(1, (5 << 32) | 1)
    assert made.take(lower, 3.0) is None, "what it named is used up"
    assert made.take(pack(KEYS[1][0], 1, (5 << 32) | 2, 0), 4.0) is not None
    assert made.take(pack(KEYS[1][0], 1, (5 << 32) | 2, 0), 5.0) is None


def test_what_is_told_are_changes_only() -> None:
    made = table()
    assert made.take(question(1, 1), 1.0) is not None
    assert told(made, 1.0) == [(1, 0, 1.0, 0)]
    for second in range(2, 60):
        if second % 10 == 1:
            assert made.take(question(1, second), float(second)) is not None
        assert told(made, float(second)) == []
    assert each_second(made, 60, 63) == []
    assert told(made, 64.0) == [(1, 1, 51.0, 0)]
    assert each_second(made, 65, 83) == []
    assert told(made, 84.0) == [(1, 3, 51.0, 0)]
    assert each_second(made, 85, 200) == []
    assert made.take(question(1, 300, ON_BATTERY), 200.5) is not None
    assert told(made, 201.0) == [(1, 0, 200.5, ON_BATTERY)]


def test_flags_are_told_when_they_change() -> None:
    made = table()
    flags = [0, ON_BATTERY, ON_BATTERY, DEGRADED, 0]
    seen = []
    for second, flag in enumerate(flags, 1):
        assert made.take(question(1, second, flag), float(second)) is not None
        seen += told(made, float(second))
    assert [flag for *_, flag in seen] == [0, ON_BATTERY, DEGRADED, 0]


def test_who_announced_a_shutdown_misses_nothing() -> None:
    made = table()
    assert made.take(question(1, 1), 1.0) is not None
    assert made.take(question(1, 2, SHUTTING_DOWN), 2.0) is not None
    assert told(made, 3.0) == [(1, 0, 2.0, SHUTTING_DOWN)]
    assert each_second(made, 4, 100) == []


def test_who_ended_its_beacons_misses_nothing() -> None:
    made = table()
    assert made.take(question(1, 1), 1.0) is not None
    made.end(1, 2.0)
    made.end(2, 2.0)
    assert told(made, 3.0) == [(1, 0, 2.0, OFF), (2, 0, 2.0, OFF)]
    assert each_second(made, 4, 100) == []
    assert made.take(question(1, 2), 101.0) is not None
    assert told(made, 101.0) == [(1, 0, 101.0, 0)]


def test_nobody_is_late_because_we_were_not_there() -> None:
    made = table()
    assert made.take(question(1, 1), 1.0) is not None
    told(made, 1.0)
    found = made.news(61.0, WALL + 61)
    assert found is not None
    assert (found.began, found.beats) == (True, [])
    assert made.take(question(1, 2), 62.0) is not None
    assert told(made, 62.0) == [(1, 0, 62.0, 0)]


def test_an_agent_that_was_revoked_is_told_of_once_more_and_forgotten() -> None:
    keys: dict[int, Any] = dict(KEYS)
    made = Heard(lambda agent: keys.get(agent, ()))
    made.news(0.0, WALL)
    assert made.take(question(1, 1), 1.0) is not None
    del keys[1]
    beats = each_second(made, 1, 60)
    assert [(agent, missed) for agent, missed, *_ in beats] == [(1, 0), (1, 1), (1, 3)]
    assert len(made._agents) == 0


LOSS: list[tuple[str, Callable[[int], bool], float]] = [
    ("none", lambda n: True, 0.0),
    ("every second one", lambda n: n % 2 == 1, 0.5),
    ("every fourth one", lambda n: n % 4 != 0, 0.25),
]


@pytest.mark.parametrize(("comes", "ratio"), [c[1:] for c in LOSS], ids=[c[0] for c in LOSS])
def test_loss_is_counted_by_what_the_agent_sent(comes: Callable[[int], bool], ratio: float) -> None:
    made, found = table(), []
    for n in range(1, 100):
        if comes(n):
            assert made.take(question(1, n), n * 10.0) is not None
        for second in range(10):
            news = made.news(n * 10.0 + second, WALL)
            found += news.loss if news else []
    assert found
    assert [agent for agent, _ in found] == [1] * len(found)
    assert all(value == pytest.approx(ratio, abs=0.04) for _, value in found)


def test_a_restart_of_the_agent_is_no_loss() -> None:
    made = table()
    for n in (1, 2, 3):
        assert made.take(question(1, n), n * 100.0) is not None
    later = 1_790_000_900 << 32
    for n in range(1, 40):
        assert made.take(pack(KEYS[1][0], 1, later | n, 0), 1000.0 + 10 * n) is not None
    news = made.news(1500.0, WALL)
    assert news is not None
    assert [ratio for _, ratio in news.loss if ratio > 0] == [] or news.began


def test_the_record_is_small() -> None:
    from collector.intake.wire import Beats, read_beats, write

    many = Beats(False, [Beat(agent, 1, 1_790_000_012.345, 0) for agent in range(10_000)])
    written = write(many)
    assert len(written) < 30 * 10_000
    assert read_beats(written) == many
