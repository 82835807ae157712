"""The screen on the wall: it turns, never scrolls, never signs out, and knows when it is old."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from web import walls

pytestmark = pytest.mark.slow

# words smaller than 24 px on a screen 1920 wide
SMALL = """() => [...document.querySelectorAll("main *")].filter(e =>
    e.checkVisibility() && !e.closest(".vh, svg")
    && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    && parseFloat(getComputedStyle(e).fontSize) < innerWidth / 80 - 0.1
).map(e => e.outerHTML)"""
SCREEN = {"viewport": {"width": 1920, "height": 1080}}


def hang(console: Console, *areas: str) -> tuple[int, str]:
    return walls.add(console.data.store, "kiri", areas, "id", "dewi", 0.0)


def test_a_wall_asks_for_no_sign_in_and_shows_its_area_alone(
    open_as: Callable[..., Page], console: Console
) -> None:
    _, path = hang(console, "35.10.07")
    page = open_as(**SCREEN)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kecamatan Muncar")
    expect(page.locator(".incident")).to_have_count(1)
    assert page.context.cookies() == []
    assert page.locator("a").count() == 0, "there is nothing to act on"


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (1280, 720)], ids=str)
def test_a_wall_never_scrolls_and_hides_nothing(
    open_as: Callable[..., Page], console: Console, size: tuple[int, int]
) -> None:
    _, path = hang(console)
    page = open_as(viewport={"width": size[0], "height": size[1]})
    page.goto(path)
    over = "e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1"
    assert not page.locator("html").evaluate(over)
    rows = page.locator(".incident").evaluate_all(f"all => all.filter({over}).length")
    assert rows == 0
    assert page.evaluate(SMALL) == [], "readable at three metres: nothing under 24 px at 1920"


def test_ten_minutes_of_a_wall(open_as: Callable[..., Page], console: Console) -> None:
    number, path = hang(console)
    page = open_as(**SCREEN)
    page.clock.install()
    page.goto(path)
    expect(page.locator("#lost")).to_be_hidden()
    for _ in range(20):
        # it comes back for its next part by itself
        with page.expect_response(lambda answer: path in answer.url and answer.ok):
            page.clock.run_for(30_000)
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator(".incident").first).to_be_visible()
    walls.revoke(console.data.store, number, 1.0)
    page.clock.run_for(30_000)
    expect(page.get_by_text("sudah dicabut")).to_be_visible()


def test_a_wall_that_hears_nothing_says_so_by_its_own_clock(
    open_as: Callable[..., Page], console: Console
) -> None:
    _, path = hang(console)
    page = open_as(**SCREEN)
    page.clock.install()
    page.route(re.compile(r"/live\?"), lambda route: route.abort())
    page.goto(path)
    page.route(f"**{path}", lambda route: route.abort())
    page.clock.run_for(60_000)
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text(re.compile(r"Tidak ada kabar sejak \d\d\.\d\d"))
    expect(page.locator("#wall")).to_have_class(re.compile("stale"))
    page.unroute(f"**{path}")
    with page.expect_response(lambda answer: path in answer.url and answer.ok):
        # what was under way when the line came back ends in real time
        for _ in range(3):
            page.clock.run_for(20_000)
            page.wait_for_timeout(300)
    expect(page.locator("#lost")).to_be_hidden()


def test_a_wall_without_script_comes_back_by_itself(
    open_as: Callable[..., Page], console: Console
) -> None:
    _, path = hang(console)
    page = open_as(java_script_enabled=False, **SCREEN)
    page.goto(path)
    expect(page.locator(".incident").first).to_be_visible()
    assert page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "15"


def test_a_link_is_made_and_revoked_on_its_page(
    open_as: Callable[..., Page], console: Console
) -> None:
    page = open_as("putri")
    page.goto("/walls")
    page.fill("#wall-name", "ruang rapat")
    page.get_by_role("button", name="Buat tautan").click()
    link = page.locator(".note a").inner_text()
    screen = open_as(**SCREEN)
    screen.goto(link)
    expect(screen.locator("#wall")).to_be_visible()
    page.get_by_role("button", name="Cabut ruang rapat").click()
    expect(page.get_by_text("tidak menampilkan apa-apa lagi")).to_be_visible()
    expect(screen.get_by_text("sudah dicabut")).to_be_visible(timeout=20_000)
