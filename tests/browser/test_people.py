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
