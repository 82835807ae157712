"""What the public pages show: words, shapes, sizes, where to go on, and what never stands there."""

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, insert

from collector import schema
from collector.db import writing
from collector.evidence.ninety import Day
from tests.each import for_each
from tests.web.conftest import HOUR, NOW, Regency
from tests.web.public.seeded import DAY, DISTRICT, FIELD, KEMIREN, REGENCY, SILENT, TAMAN
from web.public import PREFIX, remembering, safe
from web.public.badge import drawing
from web.public.spots import verdict, worst
from web.public.strip import kind, strip

MOST_BYTES = 30_000
ATOM = "{http://www.w3.org/2005/Atom}"
WHOLE = 86_400


def sheet(anybody: Any, page: str) -> str:
    href = re.findall(r'href="([^"]+\.css)"', page)
    assert len(href) == 1, "one small stylesheet and nothing else"
    text: str = anybody.page(href[0])
    return text


@pytest.mark.usefixtures("open_centre")
def test_a_page_says_when_it_was_so_and_leads_on(anybody: Any) -> None:
    page = anybody.page(f"{PREFIX}/{KEMIREN}")
    assert "Diperiksa 16.1" in page and "WIB" in page
    assert f'href="{PREFIX}/{REGENCY}"' in page and f'href="{PREFIX}/{DISTRICT}"' in page
    assert f'href="{PREFIX}/{KEMIREN}/follow"' in page
    assert "Wifi dan layanan Desa Kemiren" in page and "OpenSID" in page
    district = anybody.page(f"{PREFIX}/{DISTRICT}")
    assert "Kecamatan Glagah" in district and f'href="{PREFIX}/{TAMAN}"' in district
    assert "Lapangan Kemiren: Internet putus" in district, "where, as there are several places"
    first = anybody.page(f"{PREFIX}/")
    assert "Kabupaten Banyuwangi" in first and f'href="{PREFIX}/{REGENCY}/apps"' in first


@pytest.mark.usefixtures("open_centre")
def test_a_public_page_of_an_engine_that_is_silent_blames_nobody(
    app: Flask, anybody: Any, clock: Any
) -> None:
    clock.now = NOW + HOUR
    page = anybody.page(f"{PREFIX}/{FIELD}")
    assert "Belum ada kabar" in page and "Diperiksa 16.1" in page
    assert "verdict down" not in page and "verdict slow" not in page


@pytest.mark.usefixtures("open_centre")
def test_the_days_stand_there_as_soon_as_they_are_looked_up(app: Flask, anybody: Any) -> None:
    assert "tersedia 9" not in anybody.page(f"{PREFIX}/{REGENCY}")
    assert remembering.remember(app, lambda: False, lambda _: None) == 4
    page = anybody.page(f"{PREFIX}/{REGENCY}")
    assert page.count('<svg class="strip"') >= 1
    assert re.search(r"tersedia 9\d,\d%", page)


@pytest.mark.usefixtures("open_centre")
def test_the_feed_is_one_that_readers_read(anybody: Any) -> None:
    answer = anybody.get(f"{PREFIX}/{KEMIREN}/atom.xml")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.get_data(as_text=True))
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) >= 3
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert each.findtext(f"{ATOM}{name}"), name
    ids = [each.findtext(f"{ATOM}id") for each in entries]
    assert len(set(ids)) == len(ids)
    again = ElementTree.fromstring(anybody.page(f"{PREFIX}/{KEMIREN}/atom.xml?lang=en"))
    assert {each.findtext(f"{ATOM}id") for each in again.findall(f"{ATOM}entry")} == set(ids)
    links = [each.get("href", "") for each in feed.iter(f"{ATOM}link")]
    assert all(link.startswith("https://noc.banyuwangikab.go.id/status/") for link in links)


@pytest.mark.usefixtures("open_centre")
@pytest.mark.parametrize("code", [REGENCY, KEMIREN, SILENT])
def test_a_badge_is_a_small_whole_picture(anybody: Any, code: str) -> None:
    answer = anybody.get(f"{PREFIX}/{code}/badge.svg")
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert ElementTree.fromstring(answer.get_data(as_text=True)).tag.endswith("svg")
    assert len(answer.get_data()) < 1500


@pytest.mark.parametrize("shape", ["normal", "slow", "down", "unknown", "maintenance"])
def test_each_state_has_its_own_sign_on_a_badge(shape: str) -> None:
    others = {drawing("x", each, "y") for each in ("normal", "slow", "down", "unknown")}
    found = drawing("a & b", shape, "<c>")
    ElementTree.fromstring(found)
    assert found not in others


@pytest.mark.usefixtures("open_centre")
@pytest.mark.parametrize(
    "path",
    ["", f"/{REGENCY}", f"/{DISTRICT}", f"/{KEMIREN}", f"/{REGENCY}/apps", f"/{KEMIREN}/follow",
     "/nowhere", f"/{KEMIREN}?lang=en"],
)  # fmt: skip
def test_a_page_with_all_it_needs_fits_2g(anybody: Any, path: str) -> None:
    page = anybody.get(f"{PREFIX}{path or '/'}").get_data(as_text=True)
    assert len(page.encode()) + len(sheet(anybody, page).encode()) <= MOST_BYTES
    assert "<script" not in page and "style=" not in page


@pytest.mark.slow
def test_the_largest_places_fit_it_too(store: Engine, app: Flask, anybody: Any) -> None:
    """A subdistrict of a hundred villages; a village of ten sites with all that can be used."""
    many(store)
    remembering.remember(app, lambda: False, lambda _: None)
    for path in (f"/{REGENCY}", f"/{DISTRICT}", f"/{DISTRICT}.2001", f"/{REGENCY}/apps",
                 f"/{DISTRICT}.2001/atom.xml", f"/{DISTRICT}/part/2"):  # fmt: skip
        page = anybody.page(f"{PREFIX}{path}")
        whole = page + ("" if path.endswith("xml") else sheet(anybody, page))
        assert len(whole.encode()) <= MOST_BYTES, (path, len(whole.encode()))
    first, second = (anybody.page(f"{PREFIX}/{DISTRICT}{part}") for part in ("", "/part/2"))
    named = [set(re.findall(r"Sumberagung Kulon \d+(?=</b>)", page)) for page in (first, second)]
    assert [len(each) for each in named] == [60, 40] and not named[0] & named[1]
    assert anybody.get(f"{PREFIX}/{DISTRICT}/part/3").status_code == 404
    assert anybody.get(f"{PREFIX}/{DISTRICT}/part/1").status_code == 404


def many(store: Engine) -> None:
    regency = Regency(store)
    regency.fold(NOW)
    codes = [f"{DISTRICT}.{2001 + n}" for n in range(100)]
    codes += [f"{DISTRICT}.2001-pos{n}" for n in range(9)]
    sites = [
        {"code": code, "row": 100 + n, "name": f"Sumberagung Kulon {n}", "district": "Glagah",
         "regency": "Banyuwangi", "isp": "Telkom"}
        for n, code in enumerate(codes)
    ]  # fmt: skip
    checks = [
        {"site": code, "name": f"Layanan Mandiri {k}", "kind": "http" if k else "journey",
         "verdict": "bad" if k % 2 else "good", "since": NOW - HOUR, "rev": 1}
        for code in codes
        for k in range(6)
    ]  # fmt: skip
    states = [
        {"site": code, "state": ("normal", "down", "unknown")[(n + k) % 3], "rev": 1, "cause": "",
         "since": NOW - (90 - k) * DAY, "until": None if k == 89 else NOW - (89 - k) * DAY}
        for n, code in enumerate(codes)
        for k in range(0, 90)
    ]  # fmt: skip
    with writing(store) as connection:
        connection.execute(insert(schema.sites), sites)
        connection.execute(insert(schema.checks), checks)
        connection.execute(insert(schema.states), states)
    for number, code in enumerate(codes[:40]):
        regency.incident(
            f"Sumberagung {number}", code, key=f"site:{code}", details='{"kind": "down"}',
            cause="fiber",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "name"),
    [
        pytest.param(Day(normal=WHOLE), "n", id="well"),
        pytest.param(Day(normal=WHOLE - 299, down=299), "n", id="a blip"),
        pytest.param(Day(normal=WHOLE - 300, down=300), "d", id="an outage"),
        pytest.param(Day(unknown=WHOLE), "u", id="nobody saw it"),
        pytest.param(Day(normal=100, unknown=WHOLE - 100), "u", id="hardly anybody saw it"),
        pytest.param(Day(unknown=WHOLE - 900, down=900), "d", id="down, then silent"),
        pytest.param(Day(normal=WHOLE // 2, slow=WHOLE // 2), "s", id="slow"),
        pytest.param(Day(maintenance=WHOLE), "m", id="worked on"),
        pytest.param(Day(unknown=WHOLE, not_counted=WHOLE), "", id="nobody was to look"),
        pytest.param(Day(), "", id="before its time"),
    ],
)
def test_what_sort_of_day_it_was(day: Day, name: str) -> None:
    assert kind(day) == name


def test_a_strip_rises_with_trouble_and_leaves_out_what_nobody_was_to_see() -> None:
    well, bad = Day(normal=WHOLE), Day(normal=WHOLE // 2, down=WHOLE // 2)
    drawn = strip([Day(), well, well, bad, Day(unknown=WHOLE), Day(down=WHOLE)])
    assert drawn.width == 60
    assert dict(drawn.paths) == {
        "n": "M11 26h18",
        "u": "M41 27v-13h8v13z",
        "d": "M35 28v-20M55 28v-28",
    }
    assert drawn.share == 2.5 / 4
    assert strip([Day()] * 90).paths == []


@pytest.mark.parametrize(
    ("states", "shape"),
    [
        ([], "unknown"),
        (["unknown", "unknown"], "unknown"),
        (["normal"], "normal"),
        (["normal", "unknown"], "unknown"),
        (["normal", "down"], "slow"),
        (["down", "down"], "down"),
        (["down", "unknown"], "down"),
        (["normal", "slow"], "slow"),
        (["normal", "maintenance"], "maintenance"),
    ],
)
def test_the_verdict_on_a_place(states: list[str], shape: str) -> None:
    assert verdict(states)[0] == shape
    assert worst(states) in (states or ["unknown"])


@for_each(
    ("text", "shown"),
    [
        ("Smart Kampung", True),
        ("kemiren.desa.id", True),
        ("Layanan 2026", True),
        ("Server Pak Slamet", False),
        ("H. Ahmad", False),
        ("0812-3456-7890", False),
        ("+62 333 412345", False),
        ("10.20.30.40", False),
        ("db:3306", False),
        ("aa:bb:cc:dd:ee:ff", False),
        ("budi@desa.id", False),
        ("http://dalam", False),
        ("", False),
        ("x" * 90, False),
    ],
)
def test_which_names_may_stand_there(text: str, shown: bool) -> None:
    assert safe.name(text, "?") == (text if shown else "?")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://kemiren.desa.id/siteman", "kemiren.desa.id"),
        ("kemiren.desa.id", "kemiren.desa.id"),
        ("http://10.20.30.40/", ""),
        ("http://nas.local/", ""),
        ("http://server/", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_only_a_public_host_is_named(url: str, host: str) -> None:
    assert safe.host(url) == host


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+62333412345", "+62333412345"), ("0333 412345", "0333412345"), ("112", "112"),
     ("+6281234567890", ""), ("08123456789", ""), ("", ""), ("abc", "")],
)  # fmt: skip
def test_only_an_offices_number_is_told(number: str, shown: str) -> None:
    assert safe.office_phone(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [("pmd@banyuwangikab.go.id", True), ("info@kemiren.desa.id", True),
     ("budi.santoso@banyuwangikab.go.id", False), ("pmd@gmail.com", False), ("", False),
     ("x@evilgo.id", False)],
)  # fmt: skip
def test_only_an_offices_mailbox_is_told(address: str, shown: bool) -> None:
    assert safe.office_mail(address) == (address if shown else "")
