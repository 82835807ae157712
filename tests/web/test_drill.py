"""Every page of a demo says that it is one; no page of a centre does."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from collector.db import meta_set, writing
from collector.settings import Settings
from tests.web.conftest import NOW, SITE, Regency
from web import walls
from web.paper import Sheets

PAGES = ["/", "/sites/", "/incidents", "/rules", "/plans", "/search?q=x", "/nowhere"]
PAST_S = 90 * 86_400.0


@pytest.fixture
def of_a_demo(settings: Settings) -> None:
    (settings.folder / "LATIHAN").touch()


def tell(store: Engine, holes: list[tuple[float, float]]) -> None:
    with writing(store) as connection:
        meta_set(connection, "demo", json.dumps({"born": NOW, "holes": holes, "lived": NOW}))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("of_a_demo", "regency")
def test_a_page_of_a_demo_says_so_first(signed_in: Callable[..., Any], path: str) -> None:
    text = signed_in("admin").client.get(path).text
    assert text.index("LATIHAN: kabupaten ini tidak ada") < text.index("<main")
    assert text.count('class="drill"') == 1


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("regency")
def test_a_page_of_a_centre_does_not(signed_in: Callable[..., Any], path: str) -> None:
    assert "LATIHAN" not in signed_in("admin").client.get(path).text


@pytest.mark.usefixtures("of_a_demo")
def test_pages_without_a_session_say_so_too(
    visitor: Callable[[], Any], store: Engine, regency: Regency
) -> None:
    _, wall = walls.add(store, "kiri", [], "id", "dewi", NOW)
    for path in (wall, "/wall/forged", "/login", "/t/forged"):
        assert "LATIHAN: kabupaten ini tidak ada" in visitor().client.get(path).text, path


@pytest.mark.usefixtures("of_a_demo", "regency")
def test_how_much_of_the_past_is_told_is_said_until_it_is(
    signed_in: Callable[..., Any], store: Engine
) -> None:
    browser = signed_in("admin")
    tell(store, [(NOW - PAST_S, NOW - PAST_S / 3)])
    assert "33% dari masa lalunya sudah terisi" in browser.client.get("/").text
    tell(store, [])
    assert "sudah terisi" not in browser.client.get("/").text


@pytest.mark.parametrize("demo", [True, False])
def test_a_paper_of_a_demo_says_so_on_each_sheet(
    settings: Settings, regency: Any, signed_in: Callable[..., Any], demo: bool
) -> None:
    number = regency.incident("internet putus", SITE)
    path = f"/incidents/{number}/berita-acara.pdf"
    browser = signed_in("admin")
    plain = browser.get(path).data
    if demo:
        (settings.folder / "LATIHAN").touch()
    told = browser.get(path).data
    assert told.startswith(b"%PDF-") and (told != plain) is demo


def test_a_stamp_lies_across_every_sheet() -> None:
    turned = []
    for stamp in ("LATIHAN", ""):
        sheets = Sheets("t", "f", stamp)
        for _ in range(200):
            sheets.text("baris")
        parts = re.findall(rb"stream\r?\n(.*?)endstream", sheets.pdf(), re.DOTALL)
        drawn = [
            zlib.decompress(base64.a85decode(one.strip()[:-2])) for one in parts if b"~>" in one
        ]
        pages = [one for one in drawn if b" Tf " in one]
        assert len(pages) > 2
        turned.append({b".615661" in one for one in pages})
    assert turned == [{True}, {False}]
