"""The overview, the search and the menu in a real browser."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.seeds import DOWN, SITE, SPARE

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def test_a_first_sign_in(open_as: Callable[..., Page], console: Console) -> None:
    page = open_as()
    page.goto("/sites/" + SITE)
    expect(page).to_have_url(re.compile("/login"))
    page.fill("#name", "dewi")
    page.fill("#password", "salah")
    page.keyboard.press("Enter")
    expect(page.get_by_text("tidak cocok")).to_be_visible()
    page.fill("#password", "kentongan malam")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.url}/sites/{SITE}")


def test_a_change_is_on_the_page_two_seconds_after_the_fact(page: Page, console: Console) -> None:
    page.goto("/")
    expect(page.locator("#fresh")).to_contain_text("Langsung")
    counter = page.locator(".counter.is-down .n")
    before = int(counter.inner_text())
    page.evaluate("window.same = true")
    fact = time.monotonic()
    console.data.turn(SPARE, "down")
    try:
        expect(counter).to_have_text(str(before + 1), timeout=2000)
        assert time.monotonic() - fact < 2.0
        assert page.evaluate("window.same"), "a part was replaced, not the page"
        expect(page.locator(f'.land-map a[href$="{SPARE}"]')).to_be_attached()
    finally:
        console.data.turn(SPARE, "normal")


def test_incidents_stand_by_what_is_left_of_their_time(page: Page) -> None:
    page.goto("/")
    kinds = page.locator("#part-open .clock").evaluate_all("all => all.map(c => c.className)")
    assert [kind.split()[-1] for kind in kinds] == ["late", "soon", "clock", "paused"]


def test_the_menu_stands_in_one_row_and_what_has_no_room_unfolds(
    open_as: Callable[..., Page],
) -> None:
    page = open_as("putri")
    page.goto("/")
    for width in (1920, 1366, 1100, 1000, 768, 721):
        page.set_viewport_size({"width": width, "height": 768})
        tops = {box["y"] for box in map(_box, page.locator(".nav > :visible").all())}
        assert len(tops) == 1, width
        over = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(over) <= 0, width
    page.get_by_text("Lainnya").first.click()
    page.get_by_role("link", name="Laporan").press("Escape")
    expect(page.get_by_role("link", name="Inventaris")).to_be_hidden()
    page.get_by_text("Lainnya").first.press("Enter")
    page.get_by_role("link", name="Inventaris").click()
    expect(page).to_have_url(re.compile("/inventory$"))


def _box(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box


def test_silence_is_never_red(page: Page) -> None:
    page.goto("/")
    red = page.evaluate("getComputedStyle(document.querySelector('.v.down')).color")
    silent = page.locator(".land-map a.unknown").first
    assert silent.evaluate("mark => getComputedStyle(mark).color") != red
    expect(page.locator(".land-map path.hatch")).to_have_count(1)


def test_the_whole_console_by_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("benculuk")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Benculuk")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Benculuk").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/sites/{SITE}$"))


def test_a_search_answers_while_one_writes(page: Page) -> None:
    page.goto("/search")
    page.keyboard.press("/")
    page.keyboard.type("tembok")
    expect(page.get_by_role("link", name="Tembokrejo")).to_be_visible()


def test_a_search_answers_what_was_written_before_the_scripts_came(page: Page) -> None:
    held = list[Route]()
    page.route("**/htmx-*.js*", lambda route: held.append(route))
    page.goto("/search", wait_until="commit")
    page.locator("#search").fill("tembok")
    expect(page.locator("#search")).to_have_value("tembok")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.get_by_role("link", name="Tembokrejo")).to_be_visible()


def test_dark_is_dark_and_can_be_chosen(open_as: Callable[..., Page]) -> None:
    page = open_as("dewi", color_scheme="dark")
    page.goto("/")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(13, 17, 23)"
    page.get_by_role("button", name="terang").click()
    assert page.evaluate(background) == "rgb(243, 245, 248)"
    page.get_by_role("button", name="ikut perangkat").click()
    assert page.evaluate(background) == "rgb(13, 17, 23)"


def test_both_languages(open_as: Callable[..., Page]) -> None:
    page = open_as("lina")
    page.goto("/")
    expect(page.get_by_role("heading", name="Gangguan terbuka")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Open incidents")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(page.get_by_role("heading", name="Gangguan terbuka")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/sites/", f"/sites/{DOWN}", "/search?q=desa", "/walls"])
def test_nothing_is_wider_than_a_phone(look_as: Callable[..., Page], path: str) -> None:
    page = look_as("putri", viewport={"width": 320, "height": 640}, has_touch=True)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_page_is_whole_without_script(open_as: Callable[..., Page]) -> None:
    page = open_as("dewi", java_script_enabled=False, **PHONE)
    page.goto("/")
    expect(page.locator("#part-open .incident")).to_have_count(4)
    page.locator("#search").fill("benculuk")
    page.locator("#search").press("Enter")
    page.get_by_role("link", name="Benculuk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Benculuk")


def test_a_stalled_engine_takes_the_colour_out(
    open_as: Callable[..., Page], console: Console
) -> None:
    console.data.stall(True)
    try:
        page = open_as("dewi")
        page.goto("/")
        expect(page.locator("#live")).to_have_class(re.compile("stale"))
        expect(page.get_by_text("Tidak ada desa yang disalahkan")).to_be_visible()
        colour = "mark => getComputedStyle(mark).color"
        down, unknown = (
            page.locator(f".counter.is-{name} .v").evaluate(colour) for name in ("down", "unknown")
        )
        assert down == unknown
    finally:
        console.data.stall(False)
