"""Every page of a demo says that it is one; no page of a centre does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from collector.db import meta_set, writing
from collector.settings import Settings
from tests.web.conftest import NOW, Regency
from web import walls

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
