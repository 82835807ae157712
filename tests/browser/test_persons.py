"""A person's data in a real browser: found, shown, erased, on a phone without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}


def test_a_person_is_found_shown_and_erased(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as("putri", viewport=PHONE, color_scheme="dark")
    page.goto("/people/agus")
    page.get_by_role("link", name="Yang tersimpan tentang orang ini").click()
    page.locator("main").get_by_role("button", name="Cari").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Tampilkan yang tersimpan").click()
    expect(page.get_by_role("heading", name="akun", exact=True)).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Akibat penghapusan").click()
    assert barriers(page) == []
    page.fill("#e-word", "agus")
    page.get_by_role("button", name="Hapus selamanya").click()
    expect(page.get_by_text("Dihapus. Dalam yang tetap ada")).to_be_visible()
    page.goto("/people/agus")
    expect(page.get_by_text("Akun ini tidak ada")).to_be_visible()


def test_one_reads_what_is_held_about_oneself_and_takes_it_along(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as("lina", viewport=PHONE, java_script_enabled=False)
    page.goto("/account")
    page.get_by_role("link", name="Yang tersimpan tentang saya").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Sebagai berkas").click()
    assert download.value.suggested_filename.startswith("ronda-person-")
