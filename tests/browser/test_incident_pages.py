"""Incidents in a real browser: one tap on a phone without script, a threshold, what is live."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from alerts import incidents, links
from collector import schema
from collector.db import reading, writing
from collector.inventory import Contact
from tests.browser.conftest import Console
from tests.browser.seeds import SILENT, SITE, SPARE

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
AGUS = Contact(SITE, "Agus Prasetyo", "village", 1, "id", "+6281200000151", "", "", "", "")


@pytest.fixture
def fresh(console: Console) -> int:
    """An incident of its own, that Agus was told of."""
    now = time.time()
    number = console.data.regency.incident(
        "Desa 2010", SPARE, key=f"site:{SPARE}", opened_at=now - 600, down_since=now - 600
    )
    told = {"incident": number, "news": "opened", "person": AGUS.name, "channel": "whatsapp"}
    told |= {"target": AGUS.whatsapp, "body": "{}", "state": "sent"}
    with writing(console.data.store) as connection:
        connection.execute(insert(schema.notices).values(**told, next_try=now, created_at=now))
    return number


@pytest.fixture
def link(console: Console, fresh: int) -> str:
    made = links.maker(replace(console.data.settings, public_url=console.url))
    return made.url(fresh, AGUS, time.time())


def state(console: Console, number: int) -> str:
    with reading(console.data.store) as connection:
        found = incidents.find(connection, number)
    assert found is not None
    return found.state


def sideways(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


def test_a_village_takes_it_with_one_tap_on_a_phone_without_script(
    open_as: Callable[..., Page], console: Console, fresh: int, link: str
) -> None:
    page = open_as(**PHONE)
    page.goto(link)
    button = page.get_by_role("button", name="Saya tangani")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 740, "it is under the thumb, before any scrolling"
    assert box["height"] >= 44
    button.click()
    expect(page.get_by_text("Tercatat: Anda yang menangani.")).to_be_visible()
    assert state(console, fresh) == "acknowledged"
    page.get_by_label("Apa yang dilakukan").fill("kabel ditekan lagi")
    page.get_by_role("button", name="Sudah tertangani").click()
    expect(page.get_by_text("tertangani oleh Agus Prasetyo")).to_be_visible()
    assert state(console, fresh) == "handled"


def test_the_console_takes_it_on_a_phone_without_script(
    open_as: Callable[..., Page], console: Console, fresh: int
) -> None:
    page = open_as("dewi", **PHONE)
    page.goto(f"/incidents/{fresh}")
    page.get_by_role("button", name="Saya tangani").click()
    expect(page.get_by_role("button", name="Tandai tertangani")).to_be_visible()
    page.get_by_text("Jeda jam").first.click()
    page.get_by_label("Alasan").first.fill("menunggu PLN")
    page.get_by_role("button", name="Jeda jam").click()
    expect(page.locator("#part-clock")).to_contain_text("menunggu PLN")
    assert state(console, fresh) == "acknowledged"


def test_a_threshold_is_looked_at_and_then_saved(page: Page) -> None:
    page.goto("/rules")
    page.locator('a[href="/rules/UplinkSlow"]').click()
    page.get_by_label("Kode lokasi").fill(SITE)
    page.get_by_label("Ambang", exact=True).fill("0,5")
    page.get_by_role("button", name="Lihat 30 hari terakhir").click()
    save = page.get_by_role("button", name="Simpan")
    expect(save).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 dari 1 lokasi")).to_be_visible()
    save.click()
    expect(page.get_by_role("row", name=re.compile(SITE))).to_contain_text("> 0,5")


def test_the_list_follows_what_somebody_else_does(
    page: Page, open_as: Callable[..., Page], fresh: int
) -> None:
    page.goto("/incidents")
    expect(page.locator("#fresh")).to_contain_text("Langsung")
    row = page.locator(f'li[data-key="{fresh}"]')
    expect(row.get_by_role("button")).to_be_visible()
    other = open_as("rian")
    other.goto(f"/incidents/{fresh}")
    other.get_by_role("button", name="Saya tangani").click()
    expect(row).to_contain_text("rian", timeout=5000)


def test_members_stand_on_the_map(page: Page, console: Console) -> None:
    page.goto(f"/incidents/{console.data.incidents['soon']}")
    silent = page.locator(f'.land-map a[href$="{SILENT}"]')
    expect(silent).to_be_visible()


PATHS = [
    "/incidents",
    "/incidents?state=resolved&cause=fiber",
    "INCIDENT",
    "/rules",
    "/rules/UplinkSlow",
    "/plans",
    "/duty",
    "/duty/handover",
]


@pytest.mark.parametrize("path", [*PATHS, "LINK"])
def test_nothing_keeps_anybody_out_and_nothing_scrolls_sideways(
    path: str,
    look_as: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    console: Console,
    link: str,
) -> None:
    many = console.data.incidents["soon"]
    target = {"INCIDENT": f"/incidents/{many}", "LINK": link}.get(path, path)
    page = look_as("putri" if path != "LINK" else "", viewport={"width": 1366, "height": 768})
    page.goto(target)
    assert barriers(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []
    assert sideways(page) <= 0
    page.set_viewport_size({"width": 320, "height": 740})
    assert sideways(page) <= 0
