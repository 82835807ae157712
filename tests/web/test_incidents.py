"""The list of incidents: the loudest first, filtered, a page at a time, each reader's own area."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from alerts import incident_rows, incidents
from alerts.incident_rows import Clock, Wanted
from collector.db import writing
from collector.inventory.scope import Scope
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE
from tests.web.test_pages import text_of

CLOCK = Clock(NOW, 4 * HOUR)


@pytest.fixture
def cases(store: Engine, regency: Any) -> Cases:
    regency.site(SITE, "Benculuk", "down", isp="Telkom")
    regency.site(OTHER, "Bayu", "down", district="Songgon", isp="ICON+|Telkom")
    regency.site("35.10.12.2004", "Kemiren", "unknown", isp="Icon")
    return Cases(store)


def order(store: Engine, **wanted: Any) -> list[int]:
    with store.connect() as connection:
        return incident_rows.numbers(connection, Scope(), Wanted(**wanted), CLOCK, 100)


def test_the_loudest_stands_first(cases: Cases, store: Engine) -> None:
    handled = cases.open(SITE, "handled", 3)
    cases.change(handled, state="handled", handled_at=NOW)
    paused = cases.open(SITE, "paused", 9)
    cases.change(paused, paused_at=NOW - 8 * HOUR, paused_why="PLN")
    held = {"state": "acknowledged", "acknowledged_by": "dewi", "acknowledged_at": NOW}
    silent = cases.open("35.10.12.2004", "silent", 3, details={"kind": "silent"})
    unseen = cases.open(SITE, "unseen", 2, key="ServiceDown|x")
    slow = cases.open(SITE, "slow", 3.5, key="UplinkSlow|x", severity="warning")
    down = cases.open(SITE, "down", 1, key="ServiceDown|y")
    for number in (silent, unseen, slow, down):
        cases.change(number, **held)
    cases.change(unseen, unseen=True)
    nobody = cases.open(SITE, "nobody", 0.5, key="ServiceDown|z", severity="warning")
    older = cases.open(SITE, "nobody, older", 2, key="ServiceDown|w")
    late = cases.open(SITE, "late", 5, key="ServiceDown|v")
    cases.change(late, **held)
    for_information = cases.open(SITE, "info", 9, key="HotspotEmpty|x", severity="info")
    cases.change(for_information, **held)
    loud = [late, older, nobody, down, for_information, slow, silent, unseen, paused, handled]
    assert order(store) == loud


def test_what_stood_is_not_late(cases: Cases, store: Engine) -> None:
    stood = cases.open(SITE, "stood", 5)
    cases.change(stood, paused_s=2 * HOUR, assigned_to="dewi")
    other = cases.open(OTHER, "late", 5)
    cases.change(other, assigned_to="dewi")
    assert order(store) == [other, stood]
    with store.connect() as connection:
        assert incident_rows.counts(connection, Scope(), CLOCK).overdue == 1


def test_counts_are_of_what_is_open(cases: Cases, signed_in: Callable[..., Any]) -> None:
    cases.open(SITE, "late", 5)
    held = cases.open(OTHER, "held", 1)
    cases.change(held, state="acknowledged", acknowledged_by="x", acknowledged_at=NOW)
    over = cases.open("35.10.12.2004", "over", 2)
    cases.change(over, state="resolved", resolved_at=NOW)
    text = text_of(signed_in("noc").page("/incidents"))
    assert "2 terbuka, 1 terlambat , 1 belum ada yang menangani" in text
    assert "Pulih dalam 24 jam terakhir" in text


FILTERS = [
    pytest.param({"area": "35.10.11"}, {"bayu", "storm"}, id="area"),
    pytest.param({"area": "35.1"}, set(), id="half an area's code is none"),
    pytest.param({"subject": "service"}, {"app"}, id="subject"),
    pytest.param({"state": "handled"}, {"app"}, id="state"),
    pytest.param({"state": "resolved"}, {"over"}, id="over"),
    pytest.param({"isp": "ICON+"}, {"bayu", "storm"}, id="one of a site's ISPs"),
    pytest.param({"isp": "Icon"}, {"storm"}, id="an ISP by its whole name"),
    pytest.param({"cause": "fiber"}, {"bayu"}, id="cause"),
    pytest.param({"cause": "unknown"}, {"benculuk", "app", "storm"}, id="no cause yet"),
    pytest.param({"mine": "dewi"}, {"benculuk", "app"}, id="mine"),
    pytest.param({"words": ("songgon",)}, {"bayu"}, id="a district"),
    pytest.param({"words": ("T-77",)}, {"storm"}, id="a ticket"),
    pytest.param({"words": ("#1",)}, {"benculuk"}, id="a number"),
    pytest.param({"words": ("%",)}, set(), id="a percent sign is itself"),
]


@pytest.mark.parametrize(("wanted", "titles"), FILTERS)
def test_filters(cases: Cases, store: Engine, wanted: dict[str, Any], titles: set[str]) -> None:
    mine = {"assigned_to": "dewi"}
    named = {cases.open(SITE, "benculuk"): "benculuk"}
    cases.change(1, **mine)
    named[cases.open(OTHER, "bayu", cause="fiber", confidence=0.8)] = "bayu"
    named[cases.open(SITE, "app", key="A|x", subject="service")] = "app"
    handled = {"state": "handled", "handled_at": NOW, "acknowledged_by": "dewi"}
    cases.change(3, **handled)
    named[cases.storm("storm", [OTHER, "35.10.12.2004"])] = "storm"
    cases.change(4, ticket="T-7719")
    named[cases.open("35.10.12.2004", "over")] = "over"
    cases.change(5, state="resolved", resolved_at=NOW)
    assert {named[number] for number in order(store, **wanted)} == titles


def shown(page: str) -> set[str]:
    return set(re.findall(r'href="/incidents/(\d+)"', page))


@pytest.mark.slow
def test_everybody_sees_their_own_area(cases: Cases, signed_in: Callable[..., Any]) -> None:
    here, there = cases.open(SITE, "Benculuk"), cases.open(OTHER, "Bayu")
    storm = cases.storm("POP Genteng", [OTHER, "35.10.12.2004"])
    placeless = cases.open("", "NOC", key="centre:blind")
    noc = signed_in("noc")
    assert shown(noc.page("/incidents")) == {str(n) for n in (here, there, storm, placeless)}
    village = signed_in("village", [SITE])
    assert shown(village.page("/incidents")) == {str(here)}
    technician = signed_in("technician", ["35.10.11"])
    assert shown(technician.page("/incidents")) == {str(there), str(storm)}
    for number in (there, storm, placeless):
        assert village.get(f"/incidents/{number}").status_code == 404
        assert village.get(f"/incidents/{number}/berita-acara.pdf").status_code == 404


def test_pages_of_fifty_keep_the_filter(cases: Cases, signed_in: Callable[..., Any]) -> None:
    for number in range(51):
        cases.open(SITE, f"n{number}", key=f"k{number}", subject="device")
    cases.open(SITE, "another")
    browser = signed_in("noc")
    first = browser.page("/incidents?subject=device")
    assert len(shown(first)) == 50
    (onward,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert "subject=device" in onward
    second = browser.page(onward.replace("&amp;", "&"))
    assert len(shown(second)) == 1
    assert not shown(first) & shown(second)


def test_an_empty_list_says_so(regency: Any, signed_in: Callable[..., Any]) -> None:
    browser = signed_in("viewer")
    assert "Tidak ada gangguan terbuka" in text_of(browser.page("/incidents"))
    assert "Tidak ada gangguan yang cocok" in text_of(browser.page("/incidents?cause=fiber"))


@pytest.mark.parametrize(("role", "button"), [("viewer", False), ("village", True), ("noc", True)])
def test_who_acts_takes_it_from_the_list(
    role: str, button: bool, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    number = cases.open(SITE, "Benculuk")
    browser = signed_in(role, [SITE])
    assert ("Saya tangani" in browser.page("/incidents")) is button
    if button:
        answer = browser.post(f"/incidents/{number}/take", form_on="/incidents", next="list")
        assert answer.headers["Location"] == "/incidents"
        assert cases.find(number).acknowledged_by == f"{role}.a"


def test_a_page_that_is_followed_has_the_mark_of_incidents(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    number = cases.open(SITE, "Benculuk")
    browser = signed_in("noc")
    for path, live in (
        ("/incidents", "incidents=1"),
        (f"/incidents/{number}", f"incident={number}"),
    ):
        page = browser.page(path)
        assert f'data-live="/live?{live}"' in page
        with store.connect() as connection:
            mark = ".".join(map(str, incident_rows.rev(connection)))
        assert f'data-rev="{mark}"' in page


def test_what_changed_is_known_with_its_sites(cases: Cases, store: Engine) -> None:
    cases.open(SITE, "Benculuk")
    with store.connect() as connection:
        before = incident_rows.rev(connection)
    storm = cases.storm("POP Genteng", [OTHER, "35.10.12.2004"])
    with store.connect() as connection:
        assert incident_rows.changed(connection, before, 10) == {
            storm: {"", OTHER, "35.10.12.2004"}
        }
        middle = incident_rows.rev(connection)
    with writing(store) as connection:
        assert incidents.acknowledge(connection, 1, "dewi", NOW)
    with store.connect() as connection:
        assert list(incident_rows.changed(connection, middle, 10)) == [1]
