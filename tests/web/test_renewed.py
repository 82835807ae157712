"""What takes longer than a page may is made beside it."""

from collections.abc import Callable, Iterator

from web.renewed import Renewed


def spending(each_s: float) -> Callable[[], float]:
    """A clock that moves on between two looks at it."""
    clock: Iterator[float] = iter(n * each_s for n in range(100))
    return lambda: next(clock)


def test_what_is_cheap_is_made_within_the_page() -> None:
    kept = Renewed[int](spending(0.001))
    assert [kept.look("a", turn, lambda turn=turn: turn * 10) for turn in (1, 2, 2)] == [10, 20, 20]


def test_what_is_dear_is_made_beside_and_the_page_reads_what_was() -> None:
    waiting: list[Callable[[], object]] = []
    kept = Renewed[int](spending(1.0), waiting.append)
    assert kept.look("a", 1, lambda: 10) == 10
    assert kept.look("a", 2, lambda: 20) == 10
    waiting.pop()()
    assert kept.look("a", 2, lambda: 30) == 20
    assert waiting == []


def test_another_day_is_never_answered_with_the_one_before() -> None:
    kept = Renewed[int](spending(1.0))
    assert kept.look("today", 1, lambda: 10) == 10
    assert kept.look("tomorrow", 1, lambda: 20) == 20
