"""People in a real browser: one is invited, enters, is locked out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}


def test_somebody_is_invited_enters_and_is_locked_out(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    admin = open_as("putri")
    admin.goto("/people")
    admin.get_by_label("Nama", exact=True).fill("budi")
    admin.get_by_label("Peran").select_option("technician")
    admin.locator("#n-areas").fill("35.10.06")
    admin.get_by_role("button", name="Undang").click()
    link = admin.locator("a.mono").inner_text()
    assert barriers(admin) == []
    budi = open_as(viewport=PHONE, color_scheme="dark")
    budi.goto(link)
    budi.fill("#password", "kentongan pagi")
    budi.fill("#again", "kentongan pagi")
    budi.get_by_role("button", name="Simpan dan masuk").click()
    expect(budi.locator("p.who")).to_contain_text("budi")
    admin.get_by_role("link", name="budi").click()
    expect(admin.get_by_text("boleh masuk")).to_be_visible()
    admin.get_by_role("button", name="Kunci", exact=True).click()
    expect(admin.get_by_text("dikunci oleh putri")).to_be_visible()
    assert barriers(admin) == []
    budi.goto("/sites/")
    expect(budi.locator("#password")).to_be_visible()


def test_a_token_of_ones_own_is_made_and_revoked_on_a_phone(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as("lina", viewport=PHONE, color_scheme="dark")
    page.goto("/")
    page.get_by_role("link", name="Akun saya").click()
    page.fill("#t-name", "grafana")
    page.get_by_role("button", name="Buat token").click()
    expect(page.locator("p.mono")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Cabut grafana").click()
    expect(page.get_by_text("tidak membuka apa pun lagi")).to_be_visible()
    expect(page.get_by_text("Belum ada token")).to_be_visible()
