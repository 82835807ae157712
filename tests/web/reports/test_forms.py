"""The monthly report as people hold it: the paper, the workbook."""

import re
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import Engine, update

import ronda
from collector import db, schema
from tests.web.reports.world import EVIL, FAR, LONG, NAME_LONG, NEAR

pytestmark = pytest.mark.slow

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# of a page, as dark points of all its points: a page with a table's head alone has less
LEAST_INK = 0.004


SAID = (
    "LAPORAN JARINGAN DESA",
    "Banyuwangi, Oktober 2026",
    "SEMENTARA: 124 hari-desa belum disegel",
    "belum ada yang disegel",
    "Keadaan 4 desa diketahui selama 99,93% dari waktu; dari yang diketahui itu tersambung 99,09%.",
    "Ketersediaan per kecamatan",
    "Ketersediaan per penyedia",
    "3 desa yang paling lama putus",
    "Gangguan terhadap SOP 4 jam",
    "1 (50,00%)",
    "Perubahan atas bulan-bulan sebelumnya",
    "Pemakaian wifi",
    "Kepala Dinas",
    "Lampiran A: semua desa",
    "Telkom/K-1: Rp",
    "1700000 x 86400 / 2678400 = Rp 54839",
    "penerima optik tidak melihat cahaya",
    "Belum terbit: seandainya diterbitkan hari ini.",
    "dewi: adaptor mati",
    "Cara memeriksa laporan ini",
)


def made(tmp_path: Path, form: str, *words: str) -> Path:
    out = tmp_path / f"laporan.{form}"
    asked = ["report", "sla", "--month", "2026-10", "--format", form, "--out", str(out), *words]
    assert ronda.main(asked) == 0
    return out


def text_of(path: Path, *words: str) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", *words, path, "-"], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_paper_tells_it_in_indonesian(tmp_path: Path, store: Engine) -> None:
    text = " ".join(text_of(made(tmp_path, "pdf"), "-raw").split())
    assert [each for each in SAID if each not in text] == []


def test_every_page_has_its_number_of_all_its_month_and_the_head(
    tmp_path: Path, store: Engine
) -> None:
    pages = text_of(made(tmp_path, "pdf")).split("\f")[:-1]
    for number, page in enumerate(pages, 1):
        assert re.search(rf"\b{number} ?/ ?{len(pages)}\b", page)
        assert "Laporan jaringan desa, Banyuwangi, Oktober 2026" in page
        assert "kepala rantai" in page


def test_no_page_is_nearly_empty_and_grey_is_enough(tmp_path: Path, store: Engine) -> None:
    path = made(tmp_path, "pdf")
    subprocess.run(["pdftoppm", "-r", "40", path, tmp_path / "page"], check=True)
    pages = sorted(tmp_path.glob("page*.ppm"))
    assert pages
    for page in pages:
        points = _points(page)
        assert all(red == green == blue for red, green, blue in points if red < 150)
        dark = sum(red < 160 for red, _, _ in points)
        assert dark / len(points) > LEAST_INK, page.name


def _points(path: Path) -> Sequence[tuple[int, int, int]]:
    head, body = re.match(rb"P6\s+\d+\s+\d+\s+255\s", path.read_bytes()), path.read_bytes()
    assert head is not None
    data = body[head.end() :]
    return list(zip(data[::3], data[1::3], data[2::3], strict=True))


def test_long_names_of_villages_are_whole(tmp_path: Path, store: Engine) -> None:
    text = text_of(made(tmp_path, "pdf"), "-raw")
    assert NAME_LONG in " ".join(text.split())


def test_an_area_s_paper_leaves_out_contracts_that_reach_elsewhere(
    tmp_path: Path, store: Engine
) -> None:
    text = " ".join(text_of(made(tmp_path, "pdf", "--area", "35.10.06")).split())
    assert "Cluring, Oktober 2026" in text and "Genteng" not in text
    assert "1 kontrak juga mempunyai jalur di luar wilayah ini" in text
    assert "K-1:" not in text and NAME_LONG not in text


def test_a_month_without_villages_is_still_a_paper(tmp_path: Path, store: Engine) -> None:
    text = text_of(made(tmp_path, "pdf", "--area", "33.01"))
    assert "Tidak ada desa yang dihitung" in text


def cells(path: Path) -> list[ElementTree.Element]:
    with zipfile.ZipFile(path) as book:
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return [
            cell
            for name in names
            for cell in ElementTree.fromstring(book.read(name)).iter(f"{_SPACE}c")
        ]


def test_a_name_never_becomes_a_formula(tmp_path: Path, store: Engine) -> None:
    names = dict(zip((NEAR, FAR, LONG, EVIL), ("+1+1", "-2+3", "@SUM(A1)", "=1+1"), strict=True))
    with db.writing(store) as connection:
        for code, name in names.items():
            here = schema.sites.c.code == code
            connection.execute(update(schema.sites).where(here).values(name=name))
    found = cells(made(tmp_path, "xlsx"))
    assert not [cell for cell in found if cell.find(f"{_SPACE}f") is not None]
    texts = ["".join(cell.itertext()) for cell in found if cell.get("t") == "inlineStr"]
    assert set(names.values()) <= set(texts)


def test_numbers_of_the_workbook_are_numbers(tmp_path: Path, store: Engine) -> None:
    found = cells(made(tmp_path, "xlsx"))
    numbers = [float("".join(cell.itertext())) for cell in found if cell.get("t") is None]
    # 24 hours down, and 54839 rupiah for them
    assert 1.0 in numbers and 54839.0 in numbers


def test_the_workbook_has_each_kind_on_a_sheet_of_its_own(tmp_path: Path, store: Engine) -> None:
    with zipfile.ZipFile(made(tmp_path, "xlsx")) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names == [
        "Laporan", "Semua", "Kecamatan", "ISP", "Desa", "Jalur", "Kali putus", "Gangguan",
        "Baris restitusi", "Rincian restitusi", "Koreksi",
    ]  # fmt: skip
