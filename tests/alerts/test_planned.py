"""Which faults planned work and mutes keep silent, and until when."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.strict import Refused
from alerts import planned
from alerts.planned import Mute, Told, Why, Window, maintenance_due, muted
from alerts.spans import Span
from tests.each import for_each

JAKARTA, JAYAPURA = "Asia/Jakarta", "Asia/Jayapura"
SITE = "35.10.12.2004"
TOLD = Told(SITE, "UplinkSlow", "sideka", ("POP Genteng",), 4821)


def at(text: str, zone: str = JAKARTA) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def window(**more: object) -> Window:
    base = Window(1, f"site:{SITE}", "ganti UPS", "mute", "2026-11-23T22:00", 120, by="Dewi")
    known = {name: getattr(base, name) for name in Window.__slots__}
    return Window(**{**known, **more})


# 23 November 2026 is a Monday
@for_each(
    ("more", "when", "holds"),
    [
        ({}, "2026-11-23T21:59", False),
        ({}, "2026-11-23T22:00", True),
        ({}, "2026-11-23T23:59", True),
        ({}, "2026-11-24T00:00", False),
        ({}, "2026-11-24T22:30", False),
        ({"minutes": 240}, "2026-11-24T01:59", True),
        ({"minutes": 240}, "2026-11-24T02:00", False),
        ({"repeats": "daily"}, "2026-11-22T22:30", False),
        ({"repeats": "daily"}, "2027-02-28T22:30", True),
        ({"repeats": "daily", "minutes": 240}, "2026-12-01T01:30", True),
        ({"repeats": "daily", "last_day": "2026-11-25"}, "2026-11-25T23:00", True),
        ({"repeats": "daily", "last_day": "2026-11-25"}, "2026-11-26T23:00", False),
        ({"repeats": "daily", "last_day": "2026-11-25", "minutes": 240}, "2026-11-26T01:00", True),
        ({"repeats": "weekly:1,3"}, "2026-11-25T22:30", True),
        ({"repeats": "weekly:1,3"}, "2026-11-24T22:30", False),
        ({"repeats": "weekly:7", "minutes": 240}, "2026-11-30T01:00", True),
        ({"repeats": "monthly:15"}, "2026-12-15T22:30", True),
        ({"repeats": "monthly:15"}, "2026-12-16T22:30", False),
        ({"repeats": "monthly:31"}, "2026-12-31T22:30", True),
        ({"repeats": "monthly:31", "minutes": 240}, "2027-01-01T01:00", True),
        ({"minutes": 3 * 1440}, "2026-11-26T21:59", True),
        ({"cancelled_at": 1.0}, "2026-11-23T22:30", False),
    ],
)
def test_a_window_holds_at_its_local_times(more: dict[str, object], when: str, holds: bool) -> None:
    found = muted(TOLD, [], [window(**more)], at(when))
    assert (found is not None) is holds


def test_a_window_is_in_the_zone_it_was_written_in() -> None:
    papua = window(zone=JAYAPURA)
    assert papua.at(at("2026-11-23T22:30", JAYAPURA)) == Span(
        at("2026-11-23T20:00"), at("2026-11-23T22:00")
    )


def test_a_window_comes_again_on_the_next_day_that_has_its_date() -> None:
    leap = window(repeats="monthly:29")
    assert leap.after(at("2027-01-30T00:00")) == Span(
        at("2027-03-29T22:00"), at("2027-03-30T00:00")
    )


SCOPES = [
    (f"site:{SITE}", True),
    ("site:35.10.12.2005", False),
    ("area:35.10.12", True),
    ("area:35.10.1", None),
    ("area:35", True),
    ("area:35.11", False),
    ("rule:UplinkSlow", True),
    ("rule:UplinkDown", False),
    (f"check:{SITE}/sideka", True),
    (f"check:{SITE}/web", False),
    ("check:35.10.12.2005/sideka", False),
    ("upstream:POP Genteng", True),
    ("upstream:POP", False),
    ("incident:4821", True),
    ("incident:4820", False),
]


@for_each(("scope", "covered"), [s for s in SCOPES if s[1] is not None])
def test_a_scope_covers_what_it_names(scope: str, covered: bool) -> None:
    assert planned.covers(scope, TOLD) is covered


@pytest.mark.parametrize(
    "told", [Told(), Told(rule="x"), Told(incident=1)], ids=["nothing", "a rule", "a number"]
)
def test_a_fault_of_no_site_is_in_no_area(told: Told) -> None:
    assert not planned.covers("area:35", told)
    assert not planned.covers(f"site:{SITE}", told)


def test_a_mute_says_who_asked_until_when_and_why() -> None:
    mute = Mute(7, f"site:{SITE}", "Dewi", "teknisi naik tiang", 100.0, 500.0)
    found = muted(TOLD, [mute], [], 100.0)
    assert found == planned.Muted(Why.MUTE, 500.0, "Dewi", "teknisi naik tiang", f"site:{SITE}", 7)
    assert str(found) == "somebody asked for silence (mute 7 by Dewi: teknisi naik tiang)"


@pytest.mark.parametrize(
    ("mute", "now"),
    [
        (Mute(7, f"site:{SITE}", "Dewi", "x", 100.0, 500.0), 99.0),
        (Mute(7, f"site:{SITE}", "Dewi", "x", 100.0, 500.0), 500.0),
        (Mute(7, f"site:{SITE}", "Dewi", "x", 100.0, 500.0, 200.0), 300.0),
        (Mute(7, "site:35.10.12.2005", "Dewi", "x", 100.0, 500.0), 300.0),
    ],
    ids=["not yet", "over: it is told then", "lifted", "of another site"],
)
def test_a_mute_that_does_not_hold_keeps_nothing_silent(mute: Mute, now: float) -> None:
    assert muted(TOLD, [mute], [], now) is None


def test_of_several_the_one_that_ends_last_says_until_when() -> None:
    mutes = [Mute(n, "rule:UplinkSlow", "x", "x", 0.0, 100.0 * n) for n in (1, 3, 2)]
    found = muted(TOLD, mutes, [], 50.0)
    assert found is not None
    assert found.until == 300.0


def test_in_a_window_of_mode_run_people_are_told_and_read_that_work_goes_on() -> None:
    running = window(mode="run")
    now = at("2026-11-23T22:30")
    assert muted(TOLD, [], [running], now) is None
    assert planned.planned(TOLD, [window(), running], now) == running
    assert planned.planned(Told(), [running], now) is None


SITES = [Told(SITE, upstreams=("POP Genteng",)), Told("35.10.13.2001")]


@pytest.mark.parametrize(
    ("scope", "codes"),
    [
        (f"site:{SITE}", (SITE,)),
        ("area:35.10", (SITE, "35.10.13.2001")),
        ("upstream:POP Genteng", (SITE,)),
        ("upstream:POP Jajag", None),
    ],
)
def test_a_window_of_mode_skip_is_due_to_be_written_once(
    scope: str, codes: tuple[str, ...] | None
) -> None:
    skip = window(mode="skip", scope=scope, id=9)
    now, since = at("2026-11-23T22:30"), at("2026-11-23T22:00")
    due = maintenance_due([skip, window()], SITES, frozenset(), now)
    assert [one.sites for one in due] == ([codes] if codes else [])
    if codes:
        assert due[0].body == {
            "sites": list(codes),
            "since": since,
            "until": since + 7200,
            "why": "ganti UPS",
        }
    assert maintenance_due([skip], SITES, frozenset({(9, since)}), now) == []
    assert maintenance_due([skip], SITES, frozenset(), at("2026-11-24T22:30")) == []


REFUSED = [
    ({"scope": "desa:x"}, "scope: expected site:CODE"),
    ({"scope": "site:"}, "scope: expected site:CODE"),
    ({"scope": "site:Benculuk"}, "scope: expected site:CODE"),
    ({"scope": "area:35.1"}, "scope: expected site:CODE"),
    ({"scope": f"check:{SITE}"}, "scope: expected site:CODE"),
    ({"scope": "incident:0"}, "scope: expected site:CODE"),
    ({"scope": "incident:-1"}, "scope: expected site:CODE"),
    ({"scope": "incident:²"}, "scope: expected site:CODE"),
    ({"scope": "rule:a\nb"}, "scope: expected site:CODE"),
    ({"mode": "quiet"}, "mode: expected one of skip, mute, run"),
    ({"mode": "skip", "scope": "rule:UplinkSlow"}, "scope: only a site"),
    ({"begins": "22:00"}, "begins: expected local time"),
    ({"begins": "2026-11-23"}, "begins: expected local time"),
    ({"begins": "2026-11-23T22:00+07:00"}, "begins: expected local time"),
    ({"minutes": 0}, "minutes: must be 1 to 20160"),
    ({"minutes": 20161}, "minutes: must be 1 to 20160"),
    ({"repeats": "weekly"}, "repeats: expected daily"),
    ({"repeats": "weekly:8"}, "repeats: expected days like 1,3,5"),
    ({"repeats": "monthly:32"}, "repeats: expected daily"),
    ({"repeats": "monthly:"}, "repeats: expected daily"),
    ({"repeats": "yearly"}, "repeats: expected daily"),
    ({"repeats": "daily", "last_day": "2026-11-22"}, "repeats: it never comes"),
    ({"last_day": "besok"}, "last_day: expected a day"),
    ({"zone": "Asia/Banyuwangi"}, "zone: there is no zone"),
    ({"title": " "}, "title: say what is done"),
]


@for_each(("more", "problem"), REFUSED, ids=[str(more) for more, _ in REFUSED])
def test_a_window_that_cannot_be_is_refused_by_name(more: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        replace(window(), **more).check()
