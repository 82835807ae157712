"""News is committed soon and in company; who is told to end begins nothing more."""

from pathlib import Path

import pytest

from collector.fold.fold import Fold
from collector.fold.tempo import BEHIND_S, MOST_RECORDS, SOON_S, Tempo
from tests.collector.centre_bench import Centre

EVERY_S = 0.5
NOW = 1000.0


@pytest.mark.parametrize(
    ("after_s", "lag_s", "news", "due"),
    [
        pytest.param(SOON_S / 2, 0.0, True, False, id="news waits for company"),
        pytest.param(SOON_S * 1.1, 0.0, True, True, id="but not for long"),
        pytest.param(SOON_S * 1.1, 0.0, False, False, id="numbers may wait longer"),
        pytest.param(EVERY_S * 1.1, 0.0, False, True, id="as long as was set"),
        pytest.param(SOON_S * 1.1, BEHIND_S * 2, True, False, id="so does news of who is behind"),
        pytest.param(EVERY_S * 1.1, BEHIND_S * 2, True, True, id="and no longer"),
        pytest.param(-3600.0, 0.0, False, True, id="a clock that was set back owes nothing"),
    ],
)
def test_when_there_is_a_commit(after_s: float, lag_s: float, news: bool, due: bool) -> None:
    tempo = Tempo(EVERY_S)
    assert tempo.due(NOW, lag_s, news)
    tempo.committed(NOW)
    tempo.took(1)
    assert tempo.due(NOW + after_s, lag_s, news) == due


def test_no_more_is_folded_than_one_commit_may_hold() -> None:
    tempo = Tempo(EVERY_S)
    tempo.committed(NOW)
    tempo.took(MOST_RECORDS - 1)
    assert tempo.room == 1
    assert not tempo.due(NOW, 0.0, True)
    tempo.took(3)
    assert tempo.room == 0
    assert tempo.due(NOW, 0.0, False)


def test_memories_are_saved_as_often_as_without_news() -> None:
    tempo = Tempo(EVERY_S)
    assert [tempo.remembers(NOW + tenth / 10, many=True) for tenth in range(7)] == [
        *[True, False, False, False, False],
        *[True, False],
    ]


def test_who_is_behind_saves_memories_of_many_a_minute_later_and_once_only() -> None:
    tempo = Tempo(EVERY_S)
    tempo.due(NOW, BEHIND_S * 2, True)
    assert tempo.remembers(NOW, many=False)
    waits = [tempo.remembers(NOW + 1.0 + second, many=True) for second in range(62)]
    assert waits == [False] * 60 + [True, True]
    # with some seconds in between in which it was not behind
    tempo.due(NOW + 70.0, 0.0, True)
    assert tempo.remembers(NOW + 70.0, many=True)
    tempo.due(NOW + 80.0, BEHIND_S * 2, True)
    assert tempo.remembers(NOW + 80.0, many=True)
    assert tempo.remembers(NOW + 90.0, many=False)
    assert not tempo.remembers(NOW + 91.0, many=True)


def test_what_an_engine_left_unsaved_the_next_one_does_not_put_off() -> None:
    tempo = Tempo(EVERY_S)
    tempo.resume(many=True)
    tempo.due(NOW, BEHIND_S * 2, True)
    assert tempo.remembers(NOW, many=True)


def test_who_is_told_to_end_writes_what_was_folded_and_begins_nothing_more(
    tmp_path: Path,
) -> None:
    centre = Centre(tmp_path)
    centre.inventory({"code": "35.10.06.2000"})
    centre.agent("35.10.06.2000")
    centre.run(120, fold=False)
    centre.write_out()
    told: list[float] = []
    fold = Fold.open(centre.settings, [lambda now, rev: told.append(now)], ending=lambda: True)
    fold.run_once()
    fold.commit()
    fold.close()
    assert told == []
    assert centre.state("35.10.06.2000").state == "normal"
    centre.close()
