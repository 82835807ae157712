"""A regency of 289 villages, from tables on a desk to sheets to print, as a person does it."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.soak]

VILLAGES = 289
MOST_S = 600.0
REGENCY = "33.01"


def codes() -> list[str]:
    """Villages of 24 districts."""
    return [f"{REGENCY}.{n % 24 + 1:02d}.{2001 + n // 24}" for n in range(VILLAGES)]


def saved(folder: Path, name: str, header: str, rows: list[str]) -> str:
    """A table as Excel saves it in Indonesia."""
    path = folder / name
    path.write_bytes("\r\n".join([header, *rows, ""]).encode("cp1252"))
    return str(path)


@pytest.fixture
def areas(tmp_path: Path) -> str:
    rows = [f"{REGENCY};Kabupaten Cilacap;;;kabupaten"]
    rows += [f"{REGENCY}.{n:02d};Kecamatan {n};;;kecamatan" for n in range(1, 25)]
    rows += [
        f"{code};Desa {n};-7,{500 + n:04d};108,{700 + n:04d};desa" for n, code in enumerate(codes())
    ]
    return saved(tmp_path, "areas.csv", "code;name;lat;lon;kind", rows)


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    """People, lines and checks of each village."""
    people = [f"{code};Petugas {n};village;08{12000000 + n}" for n, code in enumerate(codes())]
    lines = [f"{code};main;Telkom;1{n:07d};50;Rp 350.000;20" for n, code in enumerate(codes())]
    checks = [f"opensid;{REGENCY};opensid;http://192.168.88.10/"]
    return [
        saved(tmp_path, "contacts.csv", "scope;name;role;whatsapp", people),
        saved(tmp_path, "uplinks.csv", "site;name;isp;service_no;mbps;fee_rp;bill_day", lines),
        saved(tmp_path, "services.csv", "name;site;kind;target", checks),
    ]


def bring(page: Page, files: str | list[str], plan: bool = False) -> None:
    """Send files, read what they change, take it."""
    page.goto("/inventory")
    page.get_by_role("link", name="Kirim berkas").click()
    page.set_input_files("#i-files", files)
    if plan:
        page.get_by_label("Setiap desa di berkas wilayah").check()
    page.get_by_role("button", name="Tampilkan yang berubah").click()
    expect(page.get_by_text("Belum ada yang ditulis.")).to_be_visible()
    expect(page.get_by_text(f"baru {VILLAGES}").first).to_be_visible()
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_text("Sudah diimpor.")).to_be_visible()


def test_a_regency_is_ready_to_enrol_in_ten_minutes(
    open_as: Callable[..., Page],
    areas: str,
    lists: list[str],
    barriers: Callable[[Page], list[str]],
) -> None:
    begun = time.monotonic()
    page = open_as("putri", viewport={"width": 1366, "height": 768})
    page.set_default_timeout(60_000)
    bring(page, areas, plan=True)
    page.goto(f"/?area={REGENCY}")
    expect(page.get_by_text("Kecamatan 24: 12 lokasi terencana")).to_have_count(1)
    bring(page, lists)
    page.goto(f"/inventory/codes?area={REGENCY}")
    page.get_by_role("button", name="Buat lembarannya").click()
    expect(page.locator(".slip .qr svg")).to_have_count(VILLAGES)
    assert page.get_by_text("ronda-agent.pyz install http").count() == VILLAGES
    assert barriers(page) == []
    page.emulate_media(media="print")
    expect(page.locator(".screen").first).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Kesiapan").click()
    row = page.locator("tr", has_text=re.compile(r"Kecamatan 1\s*13 lokasi")).locator("td")
    # of 13 villages: a code, nobody enrolled or heard, people, not tried, contracts, checks
    told = ["13", "0/13", "0/13", "13", "0/13", "13", "13", "0/13"]
    expect(row).to_have_text(told)
    assert time.monotonic() - begun < MOST_S
