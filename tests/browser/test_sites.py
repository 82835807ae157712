"""The list of sites and the page of one in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.seeds import SITE, SPARE

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}


def test_a_filtered_list_follows_the_facts(page: Page, console: Console) -> None:
    page.goto("/sites/?state=down")
    expect(page.locator("#fresh")).to_contain_text("Langsung")
    row = page.locator(f'tr[data-key="{SPARE}"]')
    expect(row).to_have_count(0)
    console.data.turn(SPARE, "down")
    try:
        expect(row).to_be_visible(timeout=5000)
    finally:
        console.data.turn(SPARE, "normal")
    expect(row).to_have_count(0)


def test_a_view_is_saved_and_opened_by_keyboard(page: Page) -> None:
    page.goto("/sites/?state=down&isp=Telkom")
    page.locator("summary", has_text="Simpan tampilan ini").press("Enter")
    page.fill("#v-name", "Telkom putus")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tampilan disimpan.")).to_be_visible()
    page.goto("/sites/")
    page.get_by_role("link", name="Telkom putus").press("Enter")
    expect(page.locator("#f-state")).to_have_value("down")
    expect(page.locator("#f-isp")).to_have_value("Telkom")
    page.get_by_role("button", name="Hapus tampilan ini").press("Enter")
    expect(page.get_by_text("Tampilan dihapus.")).to_be_visible()


def test_what_somebody_is_writing_stays_while_the_page_moves(page: Page, console: Console) -> None:
    page.goto(f"/sites/{SITE}")
    expect(page.locator("#fresh")).to_contain_text("Langsung")
    page.fill("#n-new", "belum selesai")
    before = page.locator("#part-hero").inner_text()
    console.data.turn(SITE, "down")
    try:
        expect(page.locator("#part-hero")).to_contain_text("Putus", timeout=5000)
        assert page.locator("#part-hero").inner_text() != before
        assert page.input_value("#n-new") == "belum selesai"
    finally:
        console.data.turn(SITE, "slow")


def test_a_village_writes_a_note_on_a_phone_without_script(open_as: Callable[..., Page]) -> None:
    page = open_as("agus", viewport=PHONE, java_script_enabled=False)
    page.goto(f"/sites/{SITE}")
    page.fill("#n-new", "Kunci di Pak Carik")
    page.get_by_role("button", name="Catat", exact=True).click()
    expect(page.get_by_text("Sudah dicatat.")).to_be_visible()
    expect(page.locator("#notes .said").first).to_have_text("Kunci di Pak Carik")
    page.get_by_role("button", name="Periksa sekarang").click()
    expect(page.locator("main .note")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    ["/sites/", "/sites/?q=x&cause=fiber", f"/sites/{SITE}?range=7d"],
    ids=["list", "filtered", "site"],
)
def test_nothing_is_wider_than_the_screen(look_as: Callable[..., Page], path: str) -> None:
    page = look_as("dewi")
    page.goto(path)
    for width in (1920, 1366, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["/", "/sites/", "/plans", "/incidents"])
def test_paper_is_white_and_wide_enough_and_asks_nothing(
    look_as: Callable[..., Page], path: str
) -> None:
    page = look_as("putri", viewport={"width": 720, "height": 1000}, color_scheme="dark")
    page.goto(path)
    page.emulate_media(media="print")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    text = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert (ground, text) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(beyond) <= 1, "but for a hair of rounding"
    assert page.locator("form:visible, button:visible").count() == 0
    empty = """() => [...document.querySelectorAll('.panel > header')].filter(header =>
        header.offsetParent && header.parentElement.offsetHeight - header.offsetHeight < 4
    ).map(header => header.textContent)"""
    assert page.evaluate(empty) == []
