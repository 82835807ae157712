"""The inventory in a real browser: a regency comes from a file, is seen planned, goes again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def villages(tmp_path: Path) -> Path:
    """A file of areas as Excel saves it in Indonesia: thirty villages of two districts."""
    lines = ["code;name;level;parent;lat;lon;kind"]
    lines += [
        f"35.10.{7 + n % 2 * 4:02d}.{2100 + n};Désa {n};;;-8,4{n:02d};114,2{n:02d};desa"
        for n in range(30)
    ]
    path = tmp_path / "wilayah areas.csv"
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def test_a_regency_comes_from_a_file_and_goes_again(
    page: Page, barriers: Callable[[Page], list[str]], villages: Path
) -> None:
    page.goto("/inventory/imports")
    assert barriers(page) == []
    page.set_input_files("#i-files", str(villages))
    page.get_by_label("Setiap desa di berkas wilayah").check()
    page.get_by_role("button", name="Tampilkan yang berubah").click()
    expect(page.get_by_text("Belum ada yang ditulis.")).to_be_visible()
    expect(page.get_by_text("baru 30").first).to_be_visible()
    page.locator("main summary").first.press("Enter")
    expect(page.get_by_text("35.10.07.2100").first).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_text("Sudah diimpor.")).to_be_visible()
    assert barriers(page) == []
    taken = page.url
    page.get_by_role("link", name="Lihat di peta").click()
    expect(page.locator(".land-map .coming")).to_be_visible()
    page.goto(taken)
    page.get_by_role("link", name="Batalkan impor ini").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Batalkan sekarang").click()
    expect(page.get_by_text("Dibatalkan: 60 baris.")).to_be_visible()
    page.goto("/")
    expect(page.locator(".land-map .coming")).to_have_count(0)


def test_rows_that_are_refused_are_read_on_a_phone_in_the_dark(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as("dewi", viewport=PHONE, color_scheme="dark", java_script_enabled=False)
    page.goto("/inventory/imports")
    page.fill("#i-table", "code;name;lat\n3,51001E+09;A;-8364660\n")
    page.select_option("#i-kind", "sites")
    page.get_by_role("button", name="Tampilkan yang berubah").click()
    expect(page.get_by_text("lembar kerja mengubahnya menjadi 3,51001E+09")).to_be_visible()
    expect(page.get_by_role("button", name="Terapkan")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # axe waits for timers, which a window without script has not
    looking = open_as("dewi", viewport=PHONE, color_scheme="dark")
    looking.goto(page.url)
    assert barriers(looking) == []


def test_two_people_edit_one_site_and_nothing_is_lost(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    first, second = open_as("dewi"), open_as("putri", viewport=PHONE)
    first.goto("/inventory")
    assert barriers(first) == []
    first.get_by_role("link", name="Lokasi", exact=True).click()
    first.fill("#r-q", "2010")
    first.get_by_role("button", name="Cari", exact=True).click()
    assert barriers(first) == []
    first.get_by_role("link", name="35.10.06.2010").click()
    second.goto(first.url)
    assert barriers(second) == []
    first.fill("#f-power_feeder", "GTG-2")
    first.get_by_role("button", name="Simpan", exact=True).click()
    expect(first.get_by_text("Sudah disimpan.")).to_be_visible()
    second.fill("#f-upstream", "POP Muncar")
    second.get_by_role("button", name="Simpan", exact=True).click()
    expect(second.get_by_text("dewi mengubah baris ini selagi Anda menulis")).to_be_visible()
    assert barriers(second) == []
    expect(second.locator("#f-power_feeder")).to_have_value("GTG-2")
    expect(second.locator("#f-upstream")).to_have_value("POP Muncar")
    second.get_by_role("button", name="Simpan", exact=True).click()
    expect(second.get_by_text("Sudah disimpan.")).to_be_visible()
