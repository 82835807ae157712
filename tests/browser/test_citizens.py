"""A citizen's way on an old phone without script, the desk that answers, and nobody kept out."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from alerts.citizens import door
from alerts.citizens.filing import Said, file
from alerts.citizens.report import Kind
from collector.settings import Settings
from tests.browser.conftest import Console, Settle
from tests.browser.seeds import SITE, SPARE

pytestmark = pytest.mark.slow

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1366, "height": 768}
FORM = f"/status/lapor/{SITE}"


@pytest.fixture(scope="module")
def settle() -> Settle:
    """Open to everybody."""

    def make(settings: Settings, _: str) -> Settings:
        told = {"public": True, "citizens": True, "citizen_number": "0812-3456-7890"}
        return replace(settings, public_url="https://noc.example.go.id", **told)

    return make


def test_from_the_poster_to_the_answer_without_script(
    console: Console, open_as: Callable[..., Page]
) -> None:
    phone = open_as(viewport=PHONE, java_script_enabled=False)
    phone.goto(FORM)
    phone.get_by_label("Wifi lambat").check()
    phone.get_by_label("Ceritakan").fill("lambat sejak pagi, hub 081234567890")
    trap = phone.locator("input[name=website]").bounding_box()
    assert trap is not None and trap["x"] < 0, "nobody sees the trap"
    time.sleep(door.YOUNGEST_S + 0.2)  # the console's clock is that of the wall
    phone.get_by_role("button", name="Kirim laporan").click()
    number = phone.url.rpartition("/")[2]
    assert number in phone.inner_text("h1") and "081234" not in phone.content()
    desk = open_as("agus", viewport=PHONE)
    desk.goto("/citizens")
    desk.get_by_role("row", name=number).get_by_role("link").first.click()
    assert "lambat sejak pagi, hub [nomor]" in desk.inner_text("main")
    desk.get_by_label("Yang dibaca pelapor").fill("Teknisi datang siang ini.")
    desk.get_by_role("button", name="Kirim jawaban").click()
    desk.wait_for_url(f"**/citizens/{number}")
    assert "Teknisi datang siang ini." in desk.inner_text("#h-done >> xpath=../..")


@pytest.fixture(scope="module")
def number(console: Console) -> str:
    """A report that is there before anybody looks."""
    said = Said(SPARE, Kind.DEAD, "elsewhere", "mati, goblok", "+6281230000001")
    filed = file(console.data.store, said, time.time() - 5 * 3600)
    assert filed.report is not None
    return filed.report.number


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", FORM),
        ("", "/status/laporan"),
        ("", "/status/laporan/NUMBER"),
        ("putri", "/citizens"),
        ("putri", "/citizens/NUMBER"),
        ("putri", "/posters"),
        ("putri", f"/posters/print?site={SITE}"),
    ],
)
def test_a_page_of_citizens_has_no_barriers(
    look_as: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    number: str,
    who: str,
    path: str,
) -> None:
    page = look_as(who, viewport=DESK)
    page.goto(path.replace("NUMBER", number))
    for scheme, size in (("light", DESK), ("dark", DESK), ("light", PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        assert barriers(page) == [], scheme
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_each_poster_is_one_sheet(open_as: Callable[..., Page]) -> None:
    page = open_as("putri")
    page.goto("/posters/print?area=35.10.06")
    posters = page.locator(".poster").count()
    paper = page.pdf(prefer_css_page_size=True)
    assert posters > 1 and paper.count(b"/Type /Page\n") == posters
