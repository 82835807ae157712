"""The page of regencies: what their centres tell, and what it says of one that is silent."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from collector import centres
from collector.db import writing
from tests.web.conftest import NOW
from web.upward import figures
from web.upward.figures import Hour, Part

HERE, THERE = "35.10", "35.11"


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.split("<main")[1].split("</main>")[0]).split())


class Below:
    """Centres that report here, and what each said last."""

    def __init__(self, store: Engine, regency: Any, numbers: Any) -> None:
        self._store, self._regency = store, regency
        self._said: dict[int, Mapping[str, tuple[float, float]]] = {}
        self.last = numbers.last
        numbers.latest = lambda row, recent=None: self._said.get(row, {})

    def add(self, area: str, name: str, state: str = "normal", url: str = "") -> int:
        with writing(self._store) as connection:
            site, _ = centres.add(connection, area, name, url, 60, 1.0, NOW, "dewi")
            rows = {one.site: one.row for one in centres.listing(connection)}
        self._regency.state(site, state, NOW - 3600)
        return rows[site]

    def says(self, row: int, area: str, part: Part, heard: float = NOW - 20) -> None:
        made = figures.told(area, part, heard) | figures.told_of_hour(area, 7, Hour())
        found = {name: (heard, float("nan") if v is None else v) for name, v in made.items()}
        self._said[row] = {**self._said.get(row, {}), **found}
        self.last[row] = heard


@pytest.fixture
def below(store: Engine, regency: Any, numbers: Any) -> Below:
    return Below(store, regency, numbers)


def test_no_centre_below_and_no_way_there_from_the_overview(signed_in: Callable[..., Any]) -> None:
    browser = signed_in("admin")
    assert "ronda centres add AREA" in text_of(browser.page("/centres"))
    assert 'href="/centres"' not in browser.page("/")


def test_a_regency_is_shown_by_its_own_word(below: Below, signed_in: Callable[..., Any]) -> None:
    row = below.add(HERE, "Banyuwangi", url="https://bwi.example")
    part = Part(Counter(normal=200, down=12, unknown=5), Counter(under_4h=2, older=1), 40, 1234)
    part.available, part.available_day = 0.98765, NOW - 86400
    below.says(row, HERE, part)
    browser = signed_in("noc")
    page = browser.page("/centres")
    text = text_of(page)
    for words in ("200 normal", "12 putus", "2 1 sampai 4 jam", "1 lebih dari sehari"):
        assert words in text, words
    for words in ("terbesar: 40 lokasi", "1.234", "98,8%", "20 dtk lalu", "217 lokasi"):
        assert words in text, words
    assert 'href="https://bwi.example"' in page
    assert 'href="/centres"' in browser.page("/")


@pytest.mark.parametrize("heard", [None, NOW - 7200], ids=["never heard", "silent for two hours"])
def test_a_silent_one_is_unknown_and_never_down(
    below: Below, signed_in: Callable[..., Any], heard: float | None
) -> None:
    row = below.add(HERE, "Banyuwangi", "unknown")
    if heard is not None:
        below.says(row, HERE, Part(Counter(down=200)), heard)
    below.says(below.add(THERE, "Bondowoso"), THERE, Part(Counter(normal=9)))
    page = signed_in("noc").page("/centres")
    text = text_of(page)
    assert "Tidak diketahui" in text
    assert "9 lokasi, 0 gangguan terbuka; 1 wilayah diam, tidak terhitung" in text
    assert "200" not in text and "putus" not in text.replace("bukan putus", "")
    assert 'class="v down"' not in page.split("<main")[1]


def test_what_a_province_heard_long_ago_of_a_regency_is_unknown(
    below: Below, signed_in: Callable[..., Any]
) -> None:
    row = below.add("35", "Jawa Timur")
    below.says(row, HERE, Part(Counter(down=3)), NOW - 3600)
    below.says(row, THERE, Part(Counter(normal=9)))
    text = text_of(signed_in("noc").page("/centres"))
    assert "9 normal" in text and "3 putus" not in text
    assert "lewat Jawa Timur" in text


def test_a_reader_sees_the_regencies_of_their_areas(
    below: Below, signed_in: Callable[..., Any]
) -> None:
    for area, name in ((HERE, "Banyuwangi"), (THERE, "Bondowoso")):
        below.says(below.add(area, name), area, Part(Counter(normal=1)))
    text = text_of(signed_in("noc", areas=(HERE,)).page("/centres"))
    assert "Banyuwangi" in text and "Bondowoso" not in text


def test_what_a_centre_says_of_areas_that_are_not_its_own_stands_nowhere(
    below: Below, signed_in: Callable[..., Any]
) -> None:
    row = below.add(HERE, "Banyuwangi")
    below.says(row, HERE, Part(Counter(normal=7)))
    below.says(row, THERE, Part(Counter(down=99)))
    text = text_of(signed_in("noc").page("/centres"))
    assert "7 normal" in text and "99" not in text and THERE not in text


@pytest.mark.slow
def test_a_centre_is_no_village(below: Below, regency: Any, signed_in: Callable[..., Any]) -> None:
    regency.site("35.10.06.2005", "Benculuk", "normal")
    below.add(HERE, "Pusat Banyuwangi", "unknown")
    browser = signed_in("noc")
    page = browser.page("/sites/")
    assert "Pusat Banyuwangi" not in page and "Benculuk" in page
    assert "Pusat Banyuwangi" in browser.page("/sites/?lifecycle=centre")
    assert "Pusat Banyuwangi" in browser.page("/sites/35.10.00.0000-pusat")
    for path in ("/inventory/readiness", "/inventory/codes", "/inventory/upstreams", "/"):
        assert "Pusat Banyuwangi" not in browser.page(path)
    assert re.findall(r'class="n">(\d+)<', page) == ["0", "0", "0", "1"]
