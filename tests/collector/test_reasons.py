"""Every line of evidence that a cause can carry is known in the reader's language."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from collector import alarm_cause, cause
from collector.alarm_cause import Alarm, Beside
from collector.availability import Interval
from collector.contracts import Due, Terms, near
from collector.fold.painting import Work, lay
from collector.fold.people import corrected
from collector.judge import Sign
from collector.neighbours import Neighbours
from collector.reasons import find, say
from tests.each import for_each

ENGLISH = {"the", "silent", "provider", "its", "district", "feeder", "days", "sites", "was", "and"}
TWO = frozenset(["Telkom", "ICON+"])
GROUPS = [
    (),
    (Neighbours("the upstream Genteng", 1, frozenset(["Telkom"]), "upstream"),),
    (Neighbours("the district Cluring", 3, frozenset(), "isp", due=4),),
    (Neighbours("the power feeder GTG-2", 3, TWO, "feeder"),),
    (Neighbours("the district Cluring", 3, TWO, battery=1),),
    (Neighbours("the district Cluring", 3, TWO, reserve=1),),
    (Neighbours("the district Cluring", 1, TWO, awake=1),),
    (Neighbours("the district Cluring", 1, frozenset(["Telkom"]), awake=1),),
]


def scenes() -> Iterator[cause.Scene]:
    due = Due("the bill was due 2 days ago", 0.35)
    for sign, beside, isps in product(Sign, GROUPS, [(), ("Telkom",), ("Telkom", "XL")]):
        for reserve, late in product((False, True), (None, due)):
            yield cause.Scene(sign, isps, reserve, late, beside)


def causes() -> Iterator[cause.Cause]:
    guesses = [cause.at_silence(scene) for scene in scenes()]
    yield from guesses
    yield from filter(None, (cause.at_farewell(sign) for sign in Sign))
    for guess, seconds, again in product(guesses[::7], (30, 500, 9000, 900000), (True, False)):
        back = cause.at_return(guess, cause.Return(seconds, seconds, again))
        yield back
        for restarted, some in ((True, True), (False, True), (False, False)):
            yield cause.by_devices(back, cause.Devices(seconds, restarted, some))
    for scene in scenes():
        yield cause.of_down(scene)
    for sign, guess in product(Sign, guesses[::5]):
        yield cause.of_down(cause.Scene(sign), guess, cause.Devices(60.0, True, True))
        yield cause.of_down(cause.Scene(sign), guess)
    yield from (alarm_cause.of_alarm(alarm) for alarm in alarms())


def alarms() -> Iterator[Alarm]:
    beside = [
        [],
        [Beside("dns", "dns", "bad"), Beside("p", "ping", "good")],
        [Beside("p", "ping", "bad")],
        [Beside("k", "known", "bad")],
        [Beside("ap1", "device", "bad"), Beside("ap2", "device", "bad")],
        [Beside("db", "tcp", "bad", "10.0.0.2:3306")],
    ]
    metrics = [
        "ronda_host_clock_skew_seconds",
        "ronda_wifi_up",
        "ronda_dhcp_leases_used_ratio",
        "ronda_host_disk_used_ratio",
        "ronda_device_up",
        "ronda_uplink_optical_rx_dbm",
        "ronda_uplink_content_ok",
        "ronda_uplink_dns_up",
        "ronda_hotspot_journey_up",
        "",
    ]
    steps = ["", "dhcp", "dns", "internet"]
    reasons = ["", "the name x is not found", "certificate expired 3 days ago", "no answer from x"]
    for around, metric, step, reason in product(beside, metrics, steps, reasons):
        labels = {"__name__": metric, "step": step}
        for subject, kind in (("service", "http"), ("device", "snmp"), ("hotspot", "wifi")):
            for near_, far in (("", ""), ("good", "bad"), ("bad", "bad"), ("bad", "good")):
                told = Alarm(
                    subject, kind, reason, labels, "http://10.0.0.2/x", near=near_, far=far
                )
                yield told
                yield Alarm(
                    subject, kind, reason, labels, beside=around, lasted_s=9e4, battery=True
                )
                yield Alarm(subject, kind, reason, labels, "10.0.0.2", 60, beside=around)
    yield Alarm(subject="power")
    yield Alarm(subject="device", battery=True, labels={"__name__": "ronda_device_up"})
    yield Alarm(depends_on="bad", parent="SIAK")
    yield Alarm(reason="certificate is valid only in 3 days", kind="http")


def dates() -> Iterator[str]:
    for terms in (Terms(20), Terms(31, "2026-12-31"), Terms()):
        for day in range(400):
            due = near([terms], date(2026, 1, 1) + timedelta(day))
            if due is not None:
                yield due.line


def people() -> Iterator[str]:
    old = Interval(0, None, "unknown", "silent")
    for note in ("", "the ONT does not run"):
        yield from corrected(old, "theft", "Budi", 1.0, note).evidence
        yield from lay([old], [Work(0, 9, "Budi", 1.0, note)])[0].evidence


def lines() -> list[str]:
    given = {line for each in causes() for line in each.evidence}
    return sorted(given | {*dates(), *people()})


@for_each("line", lines)
def test_all_evidence_is_known_in_indonesian(line: str) -> None:
    said = say(line, "id")
    assert said != line
    assert say(line, "en") == line
    assert not ENGLISH & set(said.replace(",", "").partition(":")[0].split())


def test_what_a_person_says_is_not_translated_in_part() -> None:
    said = say("Budi says: the ONT does not run", "id")
    assert said == "menurut Budi: the ONT does not run"


@pytest.mark.slow
def test_every_cause_that_is_ever_given_is_one_people_know() -> None:
    given = {each.name for each in causes()}
    assert given <= set(cause.CAUSES)
    assert given >= {"power", "fiber", "isp", "suspended", "backbone", "device", "dns", "wifi"}
    assert given >= {"app", "server", "clock", "theft", "unknown"}
    assert all(0 <= each.confidence <= 1 for each in causes())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10 of 150 Mbit/s, measured 3x", "10 dari 150 Mbit/dtk, 3x ukur"),
        (
            "at least 48 of 150 Mbit/s, measured 3x; the centre's side was the limit",
            "paling sedikit 48 dari 150 Mbit/dtk, 3x ukur; batasnya di sisi pusat",
        ),
        (
            "not measured: people use the line (3.4 Mbit/s)",
            "tidak terukur: jalur sedang dipakai orang (3.4 Mbit/dtk)",
        ),
        ("10 of 150 Mbit/s are measured", "terukur 10 dari 150 Mbit/dtk"),
    ],
)
def test_what_is_said_of_a_measured_line_is_known(text: str, said: str) -> None:
    assert say(text, "id") == said


def test_every_decimal_of_what_doctor_found_has_a_comma_in_indonesian() -> None:
    found = "8.4 MiB, 0.5 free in it, of it up to 8 MiB decoded in the memory of each process"
    assert find(found, "id").startswith("8,4 MiB, 0,5 kosong di dalamnya")
