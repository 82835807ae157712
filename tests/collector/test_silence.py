"""Who is silent, and when was it the centre that was away?"""

from collector.silence import Ticks, Watch


def test_a_site_is_silent_after_its_limit() -> None:
    watch = Watch()
    watch.expect(3, 150.0)
    watch.heard(3, 1000.0)
    assert watch.silent(1150.0, 0.0).tolist() == []
    assert watch.silent(1150.1, 0.0).tolist() == [3]


def test_a_new_contact_starts_the_limit_again() -> None:
    watch = Watch()
    watch.expect(0, 150.0)
    watch.heard(0, 1000.0)
    assert watch.silent(1100.0, 0.0).tolist() == []
    watch.heard(0, 1100.0)
    assert watch.silent(1200.0, 0.0).tolist() == []
    assert watch.silent(1251.0, 0.0).tolist() == [0]


def test_timers_restart_when_the_centre_comes_back() -> None:
    watch = Watch()
    watch.expect(0, 150.0)
    watch.heard(0, 1000.0)
    assert watch.silent(5000.0, 4990.0).tolist() == []
    assert watch.silent(5141.0, 4990.0).tolist() == [0]


def test_a_site_that_is_not_expected_is_never_silent() -> None:
    watch = Watch()
    watch.heard(90_000, 1000.0)
    assert watch.contact(90_000) == 1000.0
    assert watch.contact(5) is None
    assert watch.contact(10**9) is None
    assert watch.silent(1e12, 0.0).tolist() == []


def test_ticks_each_second_are_no_gap() -> None:
    ticks = Ticks()
    assert [ticks.tick(float(second), True) for second in range(20)] == [None] * 20
    assert ticks.in_order


def test_missing_ticks_are_a_gap_from_the_last_one() -> None:
    ticks = Ticks()
    ticks.tick(100.0, True)
    assert ticks.tick(161.0, True) == 100.0
    assert ticks.resumed == 161.0
    assert ticks.tick(162.0, True) is None


def test_a_report_before_the_first_tick_shows_the_gap_too() -> None:
    ticks = Ticks()
    ticks.tick(100.0, True)
    assert ticks.passed(160.5) == 100.0
    assert ticks.tick(161.0, True) is None


def test_a_centre_that_took_no_reports_was_away_until_it_did() -> None:
    ticks = Ticks()
    ticks.tick(100.0, True)
    for second in range(101, 140):
        assert ticks.tick(float(second), False) is None
        assert not ticks.in_order
    assert ticks.tick(140.0, True) == 100.0
    assert ticks.resumed == 140.0
    assert ticks.in_order


def test_a_short_trouble_is_no_gap() -> None:
    ticks = Ticks()
    ticks.tick(100.0, True)
    ticks.tick(101.0, False)
    assert ticks.tick(102.0, True) is None


def test_who_could_not_report_for_a_few_seconds_gets_the_time_to() -> None:
    watch, ticks = Watch(), Ticks()
    watch.expect(0, 5.0)
    for second in (100.0, 101.0, 108.0):
        ticks.tick(second, True)
    watch.heard(0, 101.0)
    assert ticks.listening == 108.0
    assert ticks.resumed == 0.0, "it was not away"
    assert watch.silent(108.0, ticks.resumed, ticks.listening).tolist() == []
    assert watch.silent(110.5, ticks.resumed, ticks.listening).tolist() == []
    assert watch.silent(111.0, ticks.resumed, ticks.listening).tolist() == [0]


def test_where_ticks_are_missing_again_and_again_silence_is_told_all_the_same() -> None:
    watch, ticks = Watch(), Ticks()
    watch.expect(0, 150.0)
    watch.heard(0, 100.0)
    silent = {}
    for second in range(100, 400, 3):
        ticks.tick(float(second), True)
        silent[second] = watch.silent(float(second), ticks.resumed, ticks.listening).tolist()
    assert [second for second, rows in silent.items() if rows][0] == 337


def test_a_tick_that_is_a_little_late_gives_nobody_more_time() -> None:
    ticks = Ticks()
    for second in (100.0, 101.0, 102.9, 104.0):
        ticks.tick(second, True)
    assert ticks.listening == 0.0
