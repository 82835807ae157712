"""Every public page and file of a centre full of names, numbers, notes: none of them is there."""

import re
from typing import Any

import pytest

from tests.web.public.seeded import (
    DISTRICT,
    FIELD,
    HIDDEN,
    KEMIREN,
    REGENCY,
    SECRETS,
    SILENT,
    TAMAN,
    TICKET,
)
from web.opendata import PREFIX as DATA
from web.public import PREFIX

pytestmark = pytest.mark.usefixtures("open_centre")


def everything(anybody: Any) -> dict[str, str]:
    """Every address that a visitor comes to by following links from the first page, in full."""
    found: dict[str, str] = {}
    waiting = [f"{PREFIX}/", f"{PREFIX}/laporan/{TICKET}"]
    waiting += [f"{PREFIX}/{code}/{name}" for code in (REGENCY, KEMIREN, SILENT)
                for name in ("badge.svg", "atom.xml")]  # fmt: skip
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = anybody.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.get_data(as_text=True)
        links = re.findall(r'(?:href|src)="(/[^"#]*)', found[path])
        assert all(link.startswith((PREFIX, f"{DATA}/")) for link in links), path
        # the files of open data have such a test of their own
        waiting += [link for link in links if link.startswith(PREFIX)]
    return found


@pytest.mark.slow
def test_no_page_or_file_names_a_person_a_number_a_device_or_a_reason(anybody: Any) -> None:
    pages = everything(anybody)
    told = [(path, word) for path, text in pages.items() for word in SECRETS if word in text]
    assert told == []
    asked = [f"{PREFIX}/{code}" for code in (REGENCY, DISTRICT, KEMIREN, TAMAN, SILENT)]
    asked += [f"{PREFIX}/{REGENCY}/apps", f"{PREFIX}/{KEMIREN}/atom.xml"]
    asked += [f"{PREFIX}/lapor/{KEMIREN}", f"{PREFIX}/laporan/{TICKET}"]
    assert [path for path in asked if path not in pages] == []
    assert any("?lang=en" in path for path in pages)


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_the_list_of_sites_as_data_names_nobody_either(anybody: Any, ending: str) -> None:
    told = anybody.get(f"/data/sites/sites.{ending}").get_data()
    assert KEMIREN.encode() in told and TAMAN.encode() in told
    assert [word for word in (*SECRETS, "0812", "3456", HIDDEN) if word.encode() in told] == []


@pytest.mark.parametrize("path", ["", "/atom.xml", "/badge.svg"])
def test_a_place_that_is_kept_off_is_nowhere(anybody: Any, path: str) -> None:
    assert anybody.get(f"{PREFIX}/{HIDDEN}{path}").status_code == 404
    assert anybody.get(f"{PREFIX}/35.10.11{path}").status_code == 404


def test_a_silent_village_is_grey_and_never_red(anybody: Any) -> None:
    for path in (SILENT, f"{SILENT}/badge.svg", f"{SILENT}/atom.xml"):
        text = anybody.page(f"{PREFIX}/{path}")
        assert "state down" not in text and "verdict down" not in text
        assert "#a81e19" not in text and "putus sejak" not in text.lower()


def test_what_is_told_is_told_in_words_of_the_village(anybody: Any) -> None:
    page = anybody.page(f"{PREFIX}/{KEMIREN}")
    assert "Layanan Mandiri tidak bisa dibuka" in page
    assert "Internet putus" in page and "Sedang ditangani petugas" in page
    assert "Sebagian terganggu" in page
    assert "kemiren.desa.id" in page
    assert "Internet dan wifi gratis" in page, "planned work by what it touches"
    field = anybody.page(f"{PREFIX}/{FIELD}")
    assert "Lapangan Kemiren" in field and "Layanan Mandiri" not in field


def test_the_catalogue_names_owners_and_offices_and_no_persons_number(anybody: Any) -> None:
    page = anybody.page(f"{PREFIX}/{REGENCY}/apps")
    assert "Dinas PMD" in page and "Smart Kampung" in page and "Diskominfo" in page
    assert "+62333412345" in page and "pmd@banyuwangikab.go.id" in page
    assert "Layanan Mandiri" in page and "Arsip" not in page
