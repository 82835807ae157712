"""Stories of alarms: what a village reports, tick by tick, and what its alarms become."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.evaluation import Rounds, Why
from alerts.rules.loading import load
from alerts.rules.rule import Group, RuleSet
from collector.settings import Settings
from tests.alerts.evaluation.scene import START, Different, Scene, groups, rule, told

A, B = "35.10.06.2005", "35.09.01.2001"
LOAD, UP = "ronda_host_load1", 'ronda_check_up{check="app",kind="http"}'


def busy(**more: object) -> object:
    return groups(rule("Busy", "ronda_host_load1 > 5", **more))


def test_a_number_over_its_threshold_fires_and_is_resolved(two: Scene) -> None:
    two.rules = busy(labels={"severity": "critical"}, annotations={"message": "load"})
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    two.put(B, START, {LOAD: 1})
    (change,) = rounds.step(START + 1)
    assert (change.news, change.alarm.site, change.alarm.value) == ("fired", A, 9)
    assert change.alarm.labels == {
        "alertname": "Busy",
        "district": "Cluring",
        "isp": "Telkom",
        "regency": "Banyuwangi",
        "severity": "critical",
        "site": A,
        "upstream": "POP",
        "village": "Desa 0",
    }
    assert change.alarm.annotations == {"message": "load"}
    assert rounds.step(START + 2) == []
    two.put(A, START + 60, {LOAD: 2})
    assert told(rounds.step(START + 61)) == [(A, "resolved", "resolved")]


def test_labels_and_texts_are_filled_for_each_alarm(two: Scene) -> None:
    two.rules = busy(
        labels={"of": "{{ $labels.village }}"},
        annotations={"message": "{{ $labels.site }}: {{ $value }}"},
    )
    two.put(A, START, {LOAD: 9.5})
    (change,) = two.rounds().step(START)
    assert change.alarm.labels["of"] == "Desa 0"
    assert change.alarm.annotations == {"message": f"{A}: 9.5"}


def test_a_threshold_may_be_a_product(two: Scene) -> None:
    two.rules = groups(rule("Ends", "ronda_host_load1 - 1 < 2 * 3 unless on (site) vector(0) > 1"))
    two.different = [Different("Ends", A, 20.0)]
    for site in (A, B):
        two.put(site, START, {LOAD: 9})
    assert told(two.rounds().step(START)) == [(A, "firing", "fired")]


def test_it_must_last_for_as_long_as_the_rule_says(two: Scene) -> None:
    two.rules = busy(for_s=90.0)
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    assert told(rounds.step(START)) == [(A, "pending", "")]
    two.put(A, START + 60, {LOAD: 9})
    assert rounds.step(START + 60) == []
    assert rounds.step(START + 85) == []
    # nothing new was reported, but the time has passed
    assert told(rounds.step(START + 90)) == [(A, "firing", "fired")]


def test_a_pending_alarm_that_is_good_again_is_no_news(two: Scene) -> None:
    two.rules = busy(for_s=90.0)
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.put(A, START + 60, {LOAD: 1})
    assert told(rounds.step(START + 60)) == [(A, "passed", "")]


def test_it_keeps_firing_for_as_long_as_the_rule_says(two: Scene) -> None:
    two.rules = busy(keep_firing_for_s=100.0)
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.put(A, START + 60, {LOAD: 1})
    assert told(rounds.step(START + 60)) == [(A, "keeping", "")]
    assert told(rounds.step(START + 160)) == [(A, "resolved", "resolved")]


def test_a_number_that_could_not_be_measured_holds_what_fires(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.put(A, START + 60, {LOAD: None})
    assert told(rounds.step(START + 60)) == [(A, "held", "")]
    two.put(A, START + 120, {LOAD: 9})
    assert told(rounds.step(START + 120)) == [(A, "firing", "")]


def test_a_step_that_is_mended_is_resolved_though_others_are_not_measured(two: Scene) -> None:
    """The first of several that is there hides the others' values, not that they can be judged."""
    (journey,) = (r for r in load("/nowhere").rules if r.name == "HotspotJourneyBroken")
    two.rules = groups(replace(journey, for_s=0.0))
    rounds = two.rounds()
    steps = [f'ronda_hotspot_journey_up{{step="{s}"}}' for s in ("dhcp", "dns", "portal", "login")]
    well = dict(zip(steps, (1, 1, 1, None), strict=True))
    two.put(A, START, {**well, steps[2]: 0})
    assert told(rounds.step(START)) == [(A, "firing", "fired")]
    two.put(A, START + 60, {**well, steps[2]: None})
    assert told(rounds.step(START + 60)) == [(A, "held", "")]
    two.put(A, START + 120, well)
    assert told(rounds.step(START + 120)) == [(A, "resolved", "resolved")]


def test_a_silent_site_holds_what_fires_and_forgets_what_is_pending(two: Scene) -> None:
    two.rules = groups(
        rule("Busy", "ronda_host_load1 > 5"), rule("Long", "ronda_host_load1 > 5", for_s=600.0)
    )
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.state(A, "unknown", START + 151)
    assert told(rounds.step(START + 152)) == [(A, "held", ""), (A, "passed", "")]
    two.put(A, START + 200, {LOAD: 1})
    two.state(A, "normal", START + 200)
    assert told(rounds.step(START + 200)) == [(A, "resolved", "resolved")]


@pytest.mark.parametrize("lifecycle", ["planned", "retired"])
def test_only_active_sites_raise_alarms(centre: Scene, lifecycle: str) -> None:
    centre.site(A, lifecycle=lifecycle)
    centre.rules = groups(
        rule("Busy", "ronda_host_load1 > 5"),
        rule("All", "sum(ronda_host_load1) > 5"),
        rule("Old", "ronda_report_age_seconds > 1"),
    )
    centre.put(A, START, {LOAD: 9})
    assert centre.rounds().step(START + 60) == []


def test_alarms_of_a_site_that_retires_go(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.change_site(A, START + 5, lifecycle="retired")
    assert told(rounds.step(START + 5)) == [(A, "retired", "")]


def test_a_village_that_is_renamed_keeps_its_alarms(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.change_site(A, START + 5, name="Sarimulyo", isp="XL")
    assert rounds.step(START + 5) == []


def test_an_alarm_of_a_check_that_is_no_longer_made_goes(two: Scene) -> None:
    two.rules = groups(rule("Dead", "ronda_check_up == 0"))
    rounds = two.rounds()
    two.put(A, START, {UP: 0, LOAD: 1})
    assert told(rounds.step(START)) == [(A, "firing", "fired")]
    for minute in range(1, 7):
        two.put(A, START + 60 * minute, {LOAD: 1})
    two.check(A, "app", "no longer checked")
    assert told(rounds.step(START + 361)) == [(A, "held", ""), (A, "retired", "")]


def test_what_nobody_has_seen_for_a_day_though_its_site_reports_goes(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.put(A, START + 60, {LOAD: None})
    rounds.step(START + 60)
    assert rounds.step(START + 86_400) == []
    assert told(rounds.step(START + 86_465)) == [(A, "blind", "")]


def test_rules_that_are_deleted_take_their_alarms_with_them(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    two.save(rounds.step(START))
    two.rules = groups(rule("Other", "ronda_host_load1 > 50"))
    (change,) = rounds.step(START + 1)
    assert (change.gone, change.why, change.rule) == (True, Why.RULE_GONE, None)
    # and so they do when the rule went while nobody looked
    again = two.rounds()
    assert told(again.step(START + 2)) == [(A, "rule gone", "")]


def test_a_rule_that_is_read_again_keeps_its_alarms(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.rules = busy(annotations={"message": "other"})
    assert rounds.step(START + 1) == []


def test_alarms_are_taken_up_again_as_they_were_saved(two: Scene) -> None:
    two.rules = busy(for_s=60.0, labels={"severity": "info"})
    two.put(A, START, {LOAD: 9})
    two.save(two.rounds().step(START))
    assert [(a.rule, a.site, a.life.phase) for a in two.stored()] == [("Busy", A, "pending")]
    again = two.rounds()
    two.put(A, START + 60, {LOAD: 9})
    two.save(again.step(START + 60))
    (alarm,) = two.stored()
    assert (alarm.life.phase, alarm.life.active_at, alarm.life.fired_at) == (
        "firing",
        START,
        START + 60,
    )
    two.put(A, START + 120, {LOAD: 1})
    two.save(again.step(START + 120))
    assert two.stored() == []


def test_what_was_not_saved_is_told_again(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    first = rounds.step(START)
    with two.store.connect() as connection:
        rounds.wake(connection)
    assert told(rounds.step(START + 1)) == told(first)


def test_the_centre_that_was_away_starts_the_timers_again(two: Scene) -> None:
    two.rules = busy(for_s=90.0)
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    rounds.step(START)
    two.resumed(START + 60)
    two.put(A, START + 61, {LOAD: 9})
    rounds.step(START + 61)
    assert rounds.step(START + 95) == []
    assert told(rounds.step(START + 151)) == [(A, "firing", "fired")]


def test_a_backlog_pages_nobody(two: Scene) -> None:
    two.rules = groups(
        rule("Busy", "ronda_host_load1 > 5"),
        rule("Was", "max_over_time(ronda_host_load1[1h]) > 5"),
        rule("Day", "max_over_time(ronda_host_load1[1d]) > 5"),
        rule("Sum", "sum(ronda_host_load1) > 5"),
    )
    two.put(A, START, {LOAD: 1})
    two.late(A, {START - 600: 50.0, START - 60: 50.0, START - 7 * 3600: 50.0}, LOAD)
    rounds = two.rounds()
    assert rounds.step(START + 1) == []


def test_series_that_follow_from_states_count_without_any_report(two: Scene) -> None:
    two.rules = groups(
        rule("Old", "ronda_report_age_seconds > 100"),
        rule("Down", "ronda_site_up == 0"),
        rule("Unknown", 'ronda_site_state{state="unknown"} == 1'),
    )
    rounds = two.rounds()
    two.put(A, START, {LOAD: 1})
    two.put(B, START, {LOAD: 1})
    assert rounds.step(START + 1) == []
    assert told(rounds.step(START + 101)) == [(B, "firing", "fired"), (A, "firing", "fired")]
    two.state(A, "down", START + 102)
    two.state(B, "unknown", START + 102)
    news = rounds.step(START + 106)
    assert {(c.alarm.rule, c.alarm.site) for c in news} == {("Down", A), ("Unknown", B)}


def test_findings_are_evaluated_at_once(two: Scene) -> None:
    two.rules = groups(rule("Dead", "ronda_check_up == 0"))
    rounds = two.rounds()
    two.put(A, START, {UP: 1})
    assert rounds.step(START + 1) == []
    two.put(A, START + 2, {UP: 0})
    assert rounds.step(START + 2) == []
    rounds.found([A])
    (change,) = rounds.step(START + 2)
    assert (change.alarm.site, change.alarm.labels["check"]) == (A, "app")


def test_a_round_that_began_late_makes_the_next_no_later(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    two.put(A, START, {LOAD: 1})
    assert (rounds.step(START + 1), rounds.step(START + 6.9)) == ([], [])
    two.put(A, START + 9, {LOAD: 9})
    assert rounds.step(START + 10.9) == []
    assert told(rounds.step(START + 11)) == [(A, "firing", "fired")]


def test_a_finding_is_news_to_rules_that_look_at_findings(two: Scene) -> None:
    two.rules = groups(rule("Well", "ronda_check_up == 1"), rule("Busy", "ronda_host_load1 > 5"))
    rounds = two.rounds()
    two.put(A, START, {LOAD: 1})
    assert rounds.step(START + 1) == []
    two.put(A, START + 2, {UP: 1, LOAD: 9})
    assert rounds.step(START + 2) == []
    rounds.found([], [A])
    assert [change.alarm.rule for change in rounds.step(START + 3)] == ["Well"]
    # the others are due with the round
    assert [change.alarm.rule for change in rounds.step(START + 6)] == ["Busy"]
    assert rounds.wrong() == {A}
    two.put(A, START + 7, {UP: 0, LOAD: 9})
    rounds.found([], [A])
    assert told(rounds.step(START + 7)) == [(A, "resolved", "resolved")]


def test_of_very_many_changed_sites_the_rest_comes_with_the_next_step(two: Scene) -> None:
    two.rules = groups(rule("Dead", "ronda_check_up == 0"))
    rounds = two.rounds()
    two.put(A, START, {UP: 1})
    assert rounds.step(START + 1) == []
    two.put(A, START + 2, {UP: 0})
    rounds.found([*(f"35.11.01.{n:04d}" for n in range(2500)), A])
    assert rounds.step(START + 2) == []
    assert told(rounds.step(START + 2)) == [(A, "firing", "fired")]


def test_a_threshold_of_one_site_or_area_wins(two: Scene) -> None:
    two.rules = groups(
        rule("Busy", "ronda_host_load1 > 5"),
        rule("Sum", "sum by (site) (ronda_host_load1) + scalar(0 * max(ronda_host_load1)) > 5"),
    )
    two.different = [Different("Busy", "35.10", 20.0), Different("Sum", "35.10.06", 20.0)]
    rounds = two.rounds()
    for site in (A, B):
        two.put(site, START, {LOAD: 9})
    assert {(c.alarm.rule, c.alarm.site) for c in rounds.step(START)} == {("Busy", B), ("Sum", B)}
    two.different = [*two.different, Different("Busy", A, 7.0), Different("Sum", A, off=True)]
    assert told(rounds.step(START + 5)) == [(A, "firing", "fired")]


def test_a_rule_can_be_switched_off_at_a_site_or_be_more_patient_there(two: Scene) -> None:
    two.rules = busy()
    rounds = two.rounds()
    for site in (A, B):
        two.put(site, START, {LOAD: 9})
    rounds.step(START)
    two.different = [Different("Busy", A, off=True), Different("Busy", B, for_s=60.0)]
    assert told(rounds.step(START + 5)) == [(A, "not active", "")]
    two.put(B, START + 60, {LOAD: 1})
    rounds.step(START + 60)
    two.put(B, START + 120, {LOAD: 9})
    assert told(rounds.step(START + 120)) == [(B, "pending", "")]


def test_two_rules_of_one_name_have_alarms_of_their_own(two: Scene) -> None:
    two.rules = groups(
        rule("Busy", "ronda_host_load1 > 5", labels={"severity": "warning"}),
        rule("Busy", "ronda_host_load1 > 8", labels={"severity": "critical"}),
    )
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    two.save(rounds.step(START))
    assert sorted(a.labels["severity"] for a in two.stored()) == ["critical", "warning"]
    again = two.rounds()
    two.put(A, START + 60, {LOAD: 6})
    two.save(again.step(START + 60))
    assert [a.labels["severity"] for a in two.stored()] == ["warning"]


def test_recorded_series_serve_the_rules_after_them(two: Scene) -> None:
    two.rules = groups(
        rule("site:load", "ronda_host_load1 / 2", record=True, labels={"of": "two"}),
        rule("all:load", "sum(site:load)", record=True),
        rule("Half", 'site:load{of="two"} > 4'),
        rule("All", "all:load > 4"),
        rule("Regency", "sum by (regency) (site:load) > 4"),
    )
    rounds = two.rounds()
    two.put(A, START, {LOAD: 9})
    two.put(B, START, {LOAD: 1})
    news = rounds.step(START)
    assert {(c.alarm.rule, c.alarm.site, c.alarm.value) for c in news} == {
        ("Half", A, 4.5),
        ("All", "", 5.0),
        ("Regency", "", 4.5),
    }
    two.put(A, START + 60, {LOAD: 1})
    assert {c.why for c in rounds.step(START + 60)} == {Why.RESOLVED}


def test_a_group_has_its_own_interval_and_limit(two: Scene) -> None:
    slow = replace(rule("Slow", "ronda_host_load1 > 5"), group="slow")
    two.rules = RuleSet(
        (
            Group("g", "test.yml", (rule("Busy", "ronda_host_load1 > 5"),), limit=1),
            Group("slow", "test.yml", (slow,), interval_s=60.0),
        )
    )
    rounds = two.rounds()
    assert rounds.step(START) == []
    for site in (A, B):
        two.put(site, START + 1, {LOAD: 9})
    assert [c.alarm.rule for c in rounds.step(START + 5)] == ["Busy"]
    told_of = rounds.status(START + 5).rules or {}
    assert told_of["test.yml;g;0"].error == "1 alarms more than its limit of 1"
    assert [c.alarm.rule for c in rounds.step(START + 60)] == ["Slow", "Slow"]
    # of the group at START, START + 5 and START + 60, of the slow one at START and START + 60
    assert rounds.ended == 5


def test_a_rule_that_fails_says_why_and_the_others_go_on(two: Scene) -> None:
    two.rules = groups(
        rule("Bad", "ronda_check_up == on (site) ronda_host_load1"),
        rule("Wide", "sum(ronda_check_up) == on () ronda_host_load1"),
        rule("Busy", "ronda_host_load1 > 5"),
    )
    rounds = two.rounds()
    other = UP.replace("app", "web")
    for site in (A, B):
        two.put(site, START, {LOAD: 9, UP: 9, other: 9})
    assert [c.alarm.rule for c in rounds.step(START)] == ["Busy", "Busy"]
    told_of = rounds.status(START).rules or {}
    assert "multiple matches" in told_of["test.yml;g;0"].error
    assert "found duplicate series" in told_of["test.yml;g;1"].error
    assert told_of["test.yml;g;2"].health == "ok"


def test_a_rule_over_a_day_reads_what_is_older_than_the_window(two: Scene) -> None:
    two.rules = groups(rule("Falling", "ronda_host_load1 < ronda_host_load1 offset 1d - 3"))
    two.put(A, START, {LOAD: 9})
    rounds = two.rounds()
    assert rounds.step(START + 1) == []
    assert rounds.resting


def test_of_a_time_long_ago_only_sites_that_have_it_are_read(two: Scene) -> None:
    two.rules = groups(rule("Was", "ronda_host_load1 offset 1d > 3"))
    two.put(A, START, {LOAD: 1})
    two.put(B, START, {LOAD: 9})
    two.packed(A, START - 86_400, 7.0, LOAD)
    rounds = two.rounds()
    assert told(rounds.step(START + 1)) == [(A, "firing", "fired")]
    assert rounds.resting


def test_rules_over_days_rest_nine_times_as_long_as_they_work(two: Scene) -> None:
    two.rules = groups(rule("Was", "ronda_host_load1 offset 1d > 3"))
    two.put(A, START, {LOAD: 1})
    two.packed(A, START - 86_400, 7.0, LOAD)
    watch = Watch()
    rounds = two.rounds(stopwatch=watch, slice_s=0.05)
    spent = [bool(watch.of(lambda: rounds.step(START + 1)) > 0.02) for _ in range(3)]
    assert (spent, rounds.resting) == ([True, False, False], False)
    for _ in range(4):
        watch.at += 1.0
        rounds.step(START + 1)
    assert rounds.resting


class Watch:
    """A stopwatch by which each look at it takes 10 ms."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 0.01
        return self.at

    def of(self, work: Callable[[], object]) -> float:
        begun = self.at
        work()
        return self.at - begun


def test_series_of_other_programs_raise_alarms_too(two: Scene) -> None:
    two.rules = groups(
        rule("Pressure", "water_bar < 2"),
        rule("water:bar", "water_bar", record=True),
        rule("Recorded", "water:bar < 2"),
    )
    two.foreign({"__name__": "water_bar", "pump": "a"}, START, 1.5)
    two.foreign({"__name__": "water_bar", "pump": "b", "site": A}, START, 1.0)
    news = two.rounds().step(START + 1)
    assert {(c.alarm.rule, c.alarm.site, c.alarm.labels["pump"]) for c in news} == {
        ("Pressure", "", "a"),
        ("Pressure", A, "b"),
        ("Recorded", "", "a"),
        ("Recorded", A, "b"),
    }


def test_after_a_failure_everything_is_looked_at_again(two: Scene) -> None:
    two.rules = busy()
    asked: list[int] = []

    def overrides(_connection: object) -> list[Different]:
        asked.append(1)
        if len(asked) == 2:
            raise OSError("away")
        return []

    rounds = two.rounds(overrides=overrides)
    two.put(A, START, {LOAD: 1})
    rounds.step(START)
    two.put(A, START + 5, {LOAD: 9})
    with pytest.raises(OSError, match="away"):
        rounds.step(START + 5)
    assert told(rounds.step(START + 40)) == [(A, "firing", "fired")]


def test_settings_that_cannot_be_are_refused(store_settings: Settings) -> None:
    with pytest.raises(Exception, match="rules_every_s: must be more than 0"):
        replace(store_settings, rules_every_s=0.0).check()


@pytest.mark.parametrize("later", [0, 4], ids=["at the same tick", "at a later tick"])
def test_a_round_that_has_read_its_numbers_says_nothing_of_what_came_in_since(
    two: Scene, later: int
) -> None:
    two.rules = groups(rule("Busy", "ronda_host_load1 > 5"), rule("Down", "ronda_check_up == 0"))
    two.put(A, START, {UP: 0, LOAD: 9})
    # each look at it takes as long as a slice: a step does one thing
    rounds = two.rounds(slice_s=3.0, stopwatch=itertools.count().__next__)
    while not (fired := told(rounds.step(START + 1))):
        pass
    assert fired == [(A, "firing", "fired")]
    # the first rule has been looked at, the numbers of the second are read
    two.put(A, START + 0.5, {UP: 1, LOAD: 9})
    rounds.found([A])
    assert rounds.step(START + 1 + later) == []
    assert not rounds.resting
    while not rounds.resting:
        assert rounds.step(START + 1 + later) == []


def slow(scene: Scene) -> Rounds:
    """Rounds that do one thing a step: each look at the watch takes a second."""
    return scene.rounds(slice_s=2.5, stopwatch=itertools.count().__next__)


def rest(rounds: Rounds, at: float) -> list[tuple[str, str, str]]:
    """What is told until the round that is under way is over."""
    news = told(rounds.step(at))
    while not rounds.resting:
        news += told(rounds.step(at))
    return news


def test_a_finding_hides_no_other_numbers_of_its_site_from_the_round(two: Scene) -> None:
    two.rules = groups(
        rule("Busy", "ronda_host_load1 > 5", for_s=10.0), rule("Down", "ronda_check_up == 0")
    )
    rounds = slow(two)
    two.put(A, START, {UP: 1, LOAD: 9})
    two.put(B, START, {UP: 1, LOAD: 1})
    assert rest(rounds, START + 2) == [(A, "pending", "")]
    two.put(A, START + 8, {UP: 1, LOAD: 1})
    two.put(B, START + 8, {UP: 1, LOAD: 9})
    assert (rounds.step(START + 12), rounds.resting) == ([], False)
    # another agent found that of B: B itself has said nothing since
    two.put(A, START + 12.5, {UP: 0, LOAD: 1})
    rounds.found([], [A, B])
    assert told(rounds.step(START + 13)) == [(A, "firing", "fired")]
    assert set(rest(rounds, START + 14)) == {(A, "passed", ""), (B, "pending", "")}
    assert rest(rounds, START + 22) == [(B, "firing", "fired")]


def test_rules_over_days_pass_by_no_site_that_was_looked_at_at_once(two: Scene) -> None:
    two.rules = groups(rule("Was", "ronda_host_load1 offset 1d > 3"))
    two.put(A, START, {LOAD: 1})
    two.packed(A, START - 86_400, 7.0, LOAD)
    watch = Watch()
    rounds = two.rounds(slice_s=0.035, stopwatch=watch)
    assert (rounds.step(START + 1), rounds.resting) == ([], False)
    watch.at += 1.0
    rounds.found([A])
    assert rest(rounds, START + 2) == [(A, "firing", "fired")]


def test_what_is_found_is_looked_at_though_the_time_went_back_a_little(two: Scene) -> None:
    two.rules = groups(rule("Down", "ronda_check_up == 0"))
    rounds = slow(two)
    two.put(A, START, {UP: 1})
    # the round has looked at its numbers and is not over
    assert (rounds.step(START + 12), rounds.step(START + 12)) == ([], [])
    rounds.found([A])
    assert (rounds.step(START + 13), rounds.resting) == ([], False)
    two.put(A, START + 9, {UP: 0})
    rounds.found([A])
    assert told(rounds.step(START + 10)) == [(A, "firing", "fired")]
    assert not rounds.resting
