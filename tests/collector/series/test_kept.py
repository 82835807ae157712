"""What was worked out is known by its mark, and takes no more than its room."""

from collector.series.kept import Kept


def test_another_mark_is_another_thing() -> None:
    kept = Kept[str]()
    kept.put("a", 1, "one", 100)
    assert (kept.get("a", 1), kept.get("a", 2), kept.get("b", 1)) == ("one", None, None)
    kept.put("a", 2, "two", 100)
    assert (kept.get("a", 1), kept.get("a", 2)) == (None, "two")


def test_what_nobody_asked_for_longest_goes_first() -> None:
    kept = Kept[int](most_bytes=5_000)
    for number in range(5):
        kept.put(number, 0, number, 1_000)
        assert kept.held_bytes <= 5_000
        assert kept.get(0, 0) == 0
    assert [kept.get(number, 0) for number in range(5)] == [0, None, None, 3, 4]
    kept.put(3, 0, 3, 9_000)
    assert kept.get(3, 0) is None and kept.held_bytes == 2_800
