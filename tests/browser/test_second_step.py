"""The second step in a real browser: set up on a phone without script, asked for at a desk."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.seeds import PASSWORD
from web import totp

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}


def code(page: Page, off: int = 0) -> str:
    secret = re.sub(r"\s", "", page.locator("#secret").inner_text())
    return totp.code(secret, totp.step_at(time.time()) + off)


def test_it_is_set_up_on_a_phone_without_script_and_asked_for_at_a_desk(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    phone = open_as("agus", viewport=PHONE, color_scheme="dark", java_script_enabled=False)
    phone.goto("/account")
    phone.fill("#s-old", PASSWORD)
    phone.get_by_role("button", name="Pasang langkah kedua").click()
    expect(phone.locator(".qr svg")).to_be_visible()
    phone.fill("#code", "000000")
    phone.get_by_role("button", name="Pastikan").click()
    expect(phone.get_by_text("Kode tidak cocok")).to_be_visible()
    first = code(phone, off=-1)
    later = code(phone, off=1)
    phone.fill("#code", first)
    phone.get_by_role("button", name="Pastikan").click()
    paper = phone.locator(".codes code").all_inner_texts()
    assert len(paper) == totp.RECOVERY
    phone.get_by_role("link", name="Sudah saya simpan").click()
    expect(phone.get_by_text("Masih tersisa 10 kode")).to_be_visible()

    desk = open_as(viewport={"width": 1366, "height": 768})
    desk.goto("/login?next=/sites/")
    desk.fill("#name", "agus")
    desk.fill("#password", PASSWORD)
    desk.get_by_role("button", name="Masuk").click()
    expect(desk.locator("#code")).to_be_focused()
    assert barriers(desk) == []
    desk.fill("#code", later)
    desk.get_by_role("button", name="Masuk").click()
    desk.wait_for_url("**/sites/")
    desk.goto("/account")
    desk.fill("#s-code", paper[0])
    desk.get_by_role("button", name="Kode pemulihan baru").click()
    assert barriers(desk) == []
    assert set(desk.locator(".codes code").all_inner_texts()).isdisjoint(paper)


def test_the_page_that_sets_it_up_keeps_nobody_out(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as("lina", viewport=PHONE, color_scheme="dark")
    page.goto("/account")
    page.fill("#s-old", PASSWORD)
    page.get_by_role("button", name="Pasang langkah kedua").click()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.emulate_media(color_scheme="light")
    assert barriers(page) == []
