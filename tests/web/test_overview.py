"""The overview tells the whole regency: shares, incidents, people, today, and how true it is."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event, insert

from alerts import members
from collector import schema
from collector.db import meta_set, writing
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.test_pages import text_of
from web import trend
from web.crowd import Counter, count


@pytest.fixture
def districts(store: Engine) -> None:
    rows = [("35.10", "Banyuwangi", "regency"), ("35.10.06", "Cluring", "district")]
    rows += [("35.10.11", "Songgon", "district"), ("35.10.07", "Muncar", "district")]
    ring = [[114.0, -8.0], [114.1, -8.0], [114.1, -7.9], [114.0, -7.9], [114.0, -8.0]]
    shape = json.dumps({"type": "Polygon", "coordinates": [ring]})
    with writing(store) as connection:
        for code, name, level in rows:
            boundary = shape if code == "35.10.06" else None
            row = {"code": code, "name": name, "level": level, "boundary": boundary}
            connection.execute(insert(schema.areas).values(**row))


def test_shares_of_a_district_count_down_and_silent_apart(
    regency: Any, signed_in: Callable[..., Any], districts: None
) -> None:
    for number, state in enumerate(["down", "slow", "unknown", "", "normal", "normal"]):
        regency.site(f"35.10.06.200{number}", f"Desa {number}", state, lat=-7.95, lon=114.05)
    page = signed_in("noc").page("/")
    assert "Cluring: 1 putus, 1 lambat, 2 tidak melapor, dari 6" in page
    assert re.search(r'<path class="k k2" d="[^"]+">', page), "a sixth is down"
    assert "67%" in text_of(page)


def test_without_boundaries_districts_stand_as_tiles(
    regency: Any, signed_in: Callable[..., Any], districts: None
) -> None:
    regency.site(OTHER, "Bayu", "unknown")
    regency.site(SITE, "Benculuk", "normal", lat=-7.95, lon=114.05)
    page = signed_in("noc").page("/")
    assert '<li class="k u3 hatched">' in page
    assert page.count('class="land-map"') == 1, "those with a boundary are drawn beside"


def test_a_silent_site_is_drawn_grey_and_a_place_unknown_is_told(
    regency: Any, signed_in: Callable[..., Any], districts: None
) -> None:
    regency.site(SITE, "Benculuk", "unknown", lat=-7.95, lon=114.05)
    regency.site("35.10.06.2006", "Sraten", "down")
    page = signed_in("noc").page("/")
    marks = re.findall(r'<a href="/sites/[^"]+" class="(\w+)" aria-label="([^"]+)"', page)
    assert marks == [("unknown", "Benculuk: Tidak diketahui")]
    assert "1 lokasi tidak punya koordinat" in page


@pytest.mark.parametrize(
    ("areas", "told"),
    [
        pytest.param([], ["#1", "#2", "#3"], id="everywhere, also what is of no site"),
        pytest.param(["35.10.06"], ["#1", "#2"], id="a district: its own, and what it is part of"),
        pytest.param([OTHER], ["#2"], id="a village"),
        pytest.param(["35.10.07"], [], id="another district"),
    ],
)
def test_everybody_reads_of_the_incidents_of_their_area(
    areas: list[str], told: list[str], regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "down")
    regency.site(OTHER, "Bayu", "unknown")
    regency.incident("internet putus", SITE)
    regency.incident("POP Srono", "", [SITE, OTHER], parent="POP Srono", unseen=True)
    regency.incident("ruang kendali buta")
    page = signed_in("technician", areas).page("/")
    assert re.findall(r'<p class="why">(#\d)', page) == told


def test_an_incident_of_many_names_no_district_of_others(
    regency: Any, signed_in: Callable[..., Any], districts: None
) -> None:
    regency.site(SITE, "Benculuk", "unknown")
    regency.site(OTHER, "Bayu", "unknown")
    regency.incident("POP Srono", "", [SITE, OTHER], parent="POP Srono", unseen=True)
    assert "Cluring 1/1, Songgon 1/1" in text_of(signed_in("noc").page("/"))
    text = text_of(signed_in("technician", ["35.10.06"]).page("/"))
    assert "Cluring 1/1" in text
    assert "Songgon" not in text


def test_what_is_handled_but_not_yet_good_stands_last_with_who_has_it(
    regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "down")
    mine = {"acknowledged_by": "Rian"}
    regency.incident("serat putus", SITE, state="handled", handled_at=NOW - 60, **mine)
    regency.incident("listrik padam", SITE, state="acknowledged", **mine)
    regency.incident("server mati", SITE)
    browser = signed_in("noc")
    page = browser.page("/")
    assert re.findall(r'<p class="why">(#\d)', page) == ["#2", "#3", "#1"]
    text = text_of(page)
    assert "3, urut sisa jam 4; 1 belum diakui; 1 ditangani, belum pulih" in text
    assert "Rian belum pulih tertangani" in text
    assert text_of(browser.page("/incidents")).count("3 terbuka") == 1


def test_what_many_hang_on_is_not_back_while_its_own_alarm_goes_on(
    regency: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    number = regency.incident("POP Srono", "", [SITE, ""], parent="POP Srono")
    with writing(store) as connection:
        members.mark(connection, [(number, f"uplink:{SITE}", NOW - 60, False)])
    browser = signed_in("noc")
    for page in ("/", "/incidents"):
        text = text_of(browser.page(page))
        assert "1 kembali, diamati" in text and "(Tidak melapor)" in text
    assert "(Kembali, diamati)" in text_of(signed_in("technician", [SITE]).page("/"))


def test_nothing_is_called_normal_beside_an_open_incident(
    regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    browser = signed_in("noc")
    assert "Semua normal" in browser.page("/")
    regency.incident("OpenSID", SITE, subject="service")
    text = text_of(browser.page("/"))
    assert "Semua normal" not in text
    assert "Tidak ada lokasi putus, lambat, atau diam" in text


def test_a_blind_centre_blames_nobody(
    regency: Any, signed_in: Callable[..., Any], store: Engine
) -> None:
    regency.site(SITE, "Benculuk", "unknown")
    with writing(store) as connection:
        meta_set(connection, "fold_ticks", json.dumps([NOW, NOW - 180, NOW - 9999]))
    page = signed_in("noc").page("/")
    assert "Ruang kendali buta sejak 16.09" in page
    assert re.search(r'id="live" class="stack stale"', page)


def test_people_are_counted_at_hotspots_and_else_at_access_points(
    regency: Any, signed_in: Callable[..., Any], numbers: Any
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    numbers.put('ronda_wifi_clients{ap="a",ssid="x"}', [NOW - 30], [12])
    numbers.put('ronda_wifi_clients{ap="b",ssid="x"}', [NOW - 30], [5])
    assert "17 dihitung di 1 lokasi, 16.12" in text_of(signed_in("noc").page("/"))
    numbers.put("ronda_hotspot_sessions", [NOW - 20], [9])
    assert count(numbers, NOW).of(np.array([0])) == (9, 1)


def test_an_old_number_of_people_is_none(numbers: Any) -> None:
    numbers.put("ronda_hotspot_sessions", [NOW - 3600], [9])
    assert count(numbers, NOW).of(np.array([0, 1])) == (0, 0)
    numbers.put("ronda_hotspot_sessions", [NOW - 10], [float("nan")])
    assert count(numbers, NOW).of(np.array([0])) == (0, 0)


def test_a_site_that_reports_seldom_is_counted_until_it_should_have_reported(
    regency: Any, signed_in: Callable[..., Any], numbers: Any
) -> None:
    numbers.put("ronda_hotspot_sessions", [NOW - 1400], [9])
    for seldom, told in (([600.0], (9, 1)), ([500.0], (0, 0)), ([0.0, 600.0], (0, 0))):
        assert count(numbers, NOW, np.array(seldom)).of(np.array([0])) == told
    regency.site(SITE, "Benculuk", "normal", profile="hemat", report_every_s=600)
    assert "9 dihitung di 1 lokasi" in text_of(signed_in("noc").page("/"))


def test_people_are_counted_again_after_a_while(numbers: Any) -> None:
    counter = Counter(numbers)
    assert counter.look(NOW).of(np.array([0])) == (0, 0)
    numbers.put("ronda_hotspot_sessions", [NOW], [9])
    assert counter.look(NOW + 5).of(np.array([0])) == (0, 0)
    assert counter.look(NOW + 15).of(np.array([0])) == (9, 1)


def test_no_page_waits_for_people_who_are_dear_to_count(numbers: Any) -> None:
    spent, asked = iter([0.0, 0.3, 1.0, 1.3]), list[Any]()
    counter = Counter(numbers, lambda: next(spent), asked.append)
    first = counter.look(NOW)
    numbers.put("ronda_hotspot_sessions", [NOW + 11], [9])
    assert counter.look(NOW + 11) is first and asked
    asked.pop()()
    assert counter.look(NOW + 12).of(np.array([0])) == (9, 1)
    assert not asked


def test_a_count_that_is_very_old_is_made_within_the_page(numbers: Any) -> None:
    spent = iter([0.0, 0.3, 1.0, 1.3])
    counter = Counter(numbers, lambda: next(spent), lambda _: pytest.fail("it was left to others"))
    counter.look(NOW)
    numbers.put("ronda_hotspot_sessions", [NOW + 900], [9])
    assert counter.look(NOW + 900).of(np.array([0])) == (9, 1)


def test_no_page_waits_for_a_count_of_a_minute_either(numbers: Any) -> None:
    spent, asked = iter([0.0, 60.0]), list[Any]()
    counter = Counter(numbers, lambda: next(spent), asked.append)
    first = counter.look(NOW)
    assert counter.look(NOW + 1199) is first and not asked
    assert counter.look(NOW + 1201) is first and asked


def test_a_state_that_changes_is_there_at_the_next_look(
    regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    browser = signed_in("noc")
    figures = r'class="n">(\d+)<'
    assert re.findall(figures, browser.page("/")) == ["0", "0", "0", "1"]
    with writing(regency.store) as connection:
        connection.execute(schema.states.update().values(until=NOW - 5, rev=7))
    regency.state(SITE, "down", NOW - 5, rev=7)
    assert re.findall(figures, browser.page("/")) == ["1", "0", "0", "0"]
    regency.site(OTHER, "Bayu", "slow")
    assert re.findall(figures, browser.page("/")) == ["1", "1", "0", "0"]


TODAY = [
    pytest.param([], [], [0, 0, 0, 0], id="a calm day"),
    pytest.param([(-9e9, np.inf)], [], [1, 1, 1, 1], id="since ever"),
    pytest.param([(900, 1800)], [], [0, 1, 0, 0], id="one quarter"),
    pytest.param([(1000, np.inf), (100, 200)], [], [0, 1, 1, 1], id="a blip between two is none"),
    pytest.param([(2600, np.inf)], [0], [0, 0, 1, 1], id="silence counts too"),
]


@pytest.mark.parametrize(("spans", "quiet", "bad"), TODAY)
def test_today_by_quarters(
    spans: list[tuple[float, float]], quiet: list[int], bad: list[int]
) -> None:
    first, last = (np.array([span[end] for span in spans], float) for end in (0, 1))
    silent = np.isin(np.arange(len(spans)), quiet)
    made = trend.trend(0.0, 3000.0, first, last, silent)
    assert made.bad == bad
    assert made.silent == (bad if quiet else [0, 0, 0, 0])
    assert made.top >= max(bad)


@pytest.mark.parametrize(("most", "top"), [(0, 2), (3, 4), (9, 10), (11, 20), (83763, 100000)])
def test_the_top_of_a_chart_is_round(most: int, top: int) -> None:
    assert trend.rounded(most) == top


@pytest.mark.parametrize(
    ("areas", "path", "status"),
    [
        ([], "/?area=35.10.06", 200),
        (["35.10.06"], "/?area=35.10.06", 200),
        (["35.10.06"], "/?area=35.10", 200),
        (["35.10.06"], "/?area=35.10.07", 404),
        ([], "/?area=x", 400),
        ([], "/?area=35.10.06.2005.1", 400),
    ],
)
def test_one_area_of_it(
    areas: list[str], path: str, status: int, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "down")
    regency.site("35.10.07.2003", "Tembokrejo", "down")
    answer = signed_in("technician", areas).get(path)
    assert answer.status_code == status
    if status == 200:
        assert 'class="n">1<' in answer.get_data(as_text=True)


def test_a_country_stands_by_province(regency: Any, signed_in: Callable[..., Any]) -> None:
    for province in (33, 35):
        for number in range(1, 51):
            regency.site(f"{province}.{number:02d}.01.2001", f"Desa {number}", "normal")
    page = signed_in("noc").page("/")
    assert "per provinsi" in page
    assert page.count("hatched") == 0
    assert page.count('href="/?area=3') == 2


def test_a_site_that_is_not_watched_counts_nowhere_and_hides_nothing(
    regency: Any, signed_in: Callable[..., Any], districts: None
) -> None:
    regency.site(SITE, "Benculuk", "normal", lat=-7.95, lon=114.05)
    regency.site("35.10.06.2006", "Lama", "down", lifecycle="retired", lat=-7.95, lon=114.05)
    regency.incident("pusat tidak melihat")
    page = signed_in("noc").page("/")
    assert "Lama" not in text_of(page)
    assert "pusat tidak melihat" in text_of(page), "what is of no site is shown all the same"


def test_yesterday_stands_behind_today_quarter_by_quarter() -> None:
    day = 86400.0
    spans = [(0.0, 1800.0), (900.0, day + 900.0), (day + 10.0, np.inf)]
    first, last = (np.array([span[end] for span in spans], float) for end in (0, 1))
    made = trend.trend(day, day + 3000.0, first, last, np.zeros(3, bool), 0.0)
    assert made.bad == [2, 1, 1, 1]
    assert made.before == [1, 2, *[1] * 94]
    assert made.then == 1
    assert made.top == 2
    assert made.line() == "M0 20H1V0H2V20H96"


def test_the_day_before_is_asked_for_once_in_a_while(
    regency: Any, store: Engine, signed_in: Callable[..., Any], clock: Any
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    regency.state(SITE, "down", NOW - 24 * 3600, until=NOW - 20 * 3600)
    browser = signed_in("noc")
    assert "kemarin; pada jam ini 1" in browser.page("/")
    asked: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *told: asked.append(told[2]))
    browser.page("/")
    assert not [text for text in asked if "states.until <=" in text]
    clock.now += 900
    browser.page("/")
    assert len([text for text in asked if "states.until <=" in text]) == 1
