"""An import in the browser: shown first, taken once, refused by line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from collector import db, schema
from collector.inventory import drafts
from collector.inventory.kinds import KINDS
from tests import recorded
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.inventory.conftest import IMPORTS, Importer
from tests.web.test_pages import text_of
from web.inventory import fields

pytestmark = pytest.mark.usefixtures("database_url")

WILAYAH = recorded.FOLDER / "wilayah"
DATA = Path(__file__).parents[2] / "collector" / "data"
People = Callable[..., Importer]


def test_a_file_is_shown_before_anything_is_written(importer: People) -> None:
    noc = importer()
    at = noc.draft(("sites.csv", f"code,name,isp\n{SITE},Benculuk,Telkom\n"))
    text = text_of(noc.browser.page(at))
    assert "Belum ada yang ditulis" in text
    assert "baru 1 diubah 0 tetap 0 ditolak 0 wilayah ikut dibuat 3" in text
    assert noc.rows("sites") == [] and noc.acts() == []
    assert noc.take(at).status_code == 303
    assert [row["isp"] for row in noc.rows("sites")] == ["Telkom"]
    assert noc.acts() == [("noc.a", "sites")]
    assert "Diterapkan oleh noc.a" in text_of(noc.browser.page(at))


def test_what_changes_is_told_with_what_was_there(importer: People) -> None:
    noc = importer()
    noc.bring(("sites.csv", f"code,name,isp\n{SITE},Benculuk,Telkom\n{OTHER},Bayu,Icon+\n"))
    at = noc.draft(("sites.csv", f"code,name,isp\n{SITE},Benculuk,Icon+\n{OTHER},Bayu,Icon+\n"))
    page = noc.browser.page(at)
    assert "baru 0 diubah 1 tetap 1 ditolak 0" in text_of(page)
    assert "Penyedia tadinya Telkom &rarr; menjadi Icon+" in text_of(page)
    assert noc.rows("sites")[0]["isp"] == "Telkom"


@pytest.mark.slow
@recorded.needed("wilayah")
def test_the_villages_of_a_regency_become_planned_sites(importer: People) -> None:
    path = WILAYAH / "35.10_banyuwangi.csv"
    noc = importer("admin")
    boundaries = WILAYAH / "35.10_banyuwangi_kecamatan.geojson"
    noc.bring((path.name, path.read_bytes()), plan="1")
    noc.bring((boundaries.name, boundaries.read_bytes()))
    sites = noc.rows("sites")
    assert len(sites) == 217 and {row["lifecycle"] for row in sites} == {"planned"}
    assert len(noc.rows("areas")) == 244
    page = noc.browser.page("/")
    # as dots, each beginning with M
    assert page.partition('class="dots coming" d="')[2].partition('"')[0].count("M") > 200
    assert "Songgon: 9 lokasi terencana" in page
    again = noc.draft((path.name, path.read_bytes()), plan="1")
    assert "Tidak ada yang berubah" in noc.browser.page(again)


def test_files_that_need_each_other_come_together(importer: People) -> None:
    noc = importer()
    noc.bring(
        ("kontak.csv", f"scope,name,role,whatsapp\n{SITE},Agus,village,081234567890\n"),
        ("jalur.csv", f"site;name;isp;mbps;fee_rp\n{SITE};main;Telkom;12,5;Rp 350.000\n"),
        ("lokasi.csv", f"code,name,hours\n{SITE},Benculuk,24h\n"),
    )
    (line,) = noc.rows("uplinks")
    assert (line["mbps"], line["fee_rp"]) == (12.5, 350000.0)
    assert noc.rows("contacts")[0]["whatsapp"] == "+6281234567890"
    assert noc.acts() == [("noc.a", "sites"), ("noc.a", "uplinks"), ("noc.a", "contacts")]


@pytest.mark.slow
def test_a_file_as_excel_saves_it_in_indonesia_is_understood(importer: People) -> None:
    noc = importer()
    noc.bring(("excel-indonesia.csv", (DATA / "excel-indonesia.csv").read_bytes()))
    assert [row["lat"] for row in noc.rows("sites")][0] == -8.43251
    latin = f"code;name\r\n{OTHER};Désa Bayu\r\n".encode("cp1252")
    noc.bring(("lama.csv", latin), kind="sites")
    assert noc.rows("sites")[-1]["name"] == "Désa Bayu"


EATEN = [
    ("sites", "code;name\n3,51001E+09;A", "baris 2 code lembar kerja mengubahnya menjadi"),
    ("sites", "code;name\n3510062005;A", "baris 2 code harus empat kelompok"),
    ("sites", "code;name\n35.10.6.2005;A", "lembar kerja membuang angka nol"),
    ("sites", f"code;name;lat\n{SITE};A;-8364660", "apakah koma desimalnya hilang?"),
    ("sites", f"code;name;colour\n{SITE};A;red", "kolom colour tidak dikenal"),
    ("sites", f"code;name\n{SITE};A\n{SITE};B", "juga ada di baris 2"),
    ("sites", f"code;name\n{SITE};A;;9", "4 sel, tetapi 2 kolom"),
    ("contacts", "scope;name;role;whatsapp\n*;A;noc;81234567890", "nomor telepon diawali 0, 62"),
    ("contacts", "scope;name;role;whatsapp\n*;A;noc;6,28E+11", "menjadi 6,28E+11"),
    ("uplinks", f"site;name;mbps\n{SITE};main;1.000", "dapat berarti dua hal"),
    ("uplinks", f"site;name\n{OTHER};main", "lokasi 35.10.11.2002 tidak dikenal; impor dulu"),
    ("holidays", "date;name\n2026-02-30;X", "harus tanggal seperti"),
]  # fmt: skip


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("kind", "text", "says"), EATEN, ids=[one[2][:30] for one in EATEN])
def test_a_row_that_cannot_be_is_refused_by_line_in_words(
    importer: People, kind: str, text: str, says: str
) -> None:
    noc = importer()
    at = noc.draft(("x.csv", text), kind=kind)
    page = noc.browser.page(at)
    assert says in text_of(page)
    assert 'value="take"' not in page
    assert noc.take(at).status_code == 409
    assert noc.rows(kind) == [] and noc.acts() == []


def test_good_rows_are_counted_beside_those_that_are_refused(importer: People) -> None:
    noc = importer()
    at = noc.draft(("sites.csv", f"code,name\n{SITE},A\n35.1,B\n{OTHER},\n"))
    assert "baru 1 diubah 0 tetap 0 ditolak 2" in text_of(noc.browser.page(at))


def test_who_looked_at_other_data_sees_a_new_preview(importer: People, store: Engine) -> None:
    noc = importer()
    at = noc.draft(("sites.csv", f"code,name\n{SITE},Benculuk\n"))
    shown = noc.browser.page(at)
    with db.writing(store) as connection:
        row = {"code": SITE, "row": 5, "name": "Bencoeloek"}
        connection.execute(insert(schema.sites).values(**row))
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', shown)
    assert mark is not None
    answer = noc.browser.post(at, at, do="take", mark=mark[1])
    assert answer.status_code == 409
    told = text_of(answer.get_data(as_text=True))
    assert "sementara itu inventaris berubah" in told
    assert "Nama tadinya Bencoeloek" in told
    assert noc.rows("sites")[0]["name"] == "Bencoeloek"
    assert noc.take(at).status_code == 303
    assert noc.rows("sites")[0]["name"] == "Benculuk"


def test_an_import_is_taken_once(importer: People) -> None:
    noc = importer()
    at = noc.draft(("sites.csv", f"code,name\n{SITE},A\n"))
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', noc.browser.page(at))
    assert mark is not None
    for _ in range(2):
        noc.browser.post(at, IMPORTS, do="take", mark=mark[1])
    assert len(noc.acts()) == 1


def test_what_is_thrown_away_is_gone(importer: People) -> None:
    noc = importer()
    at = noc.draft(("sites.csv", f"code,name\n{SITE},A\n"))
    assert noc.answer(at, do="drop").status_code == 303
    assert noc.browser.get(at).status_code == 404
    assert noc.rows("sites") == []


NOT_FILES = [
    ([], {}, "Pilih berkas"),
    ([("a.csv", "code,name\n35,X\n")], {}, "bisa berisi Wilayah, Lokasi. Pilih jenisnya."),
    ([("a.csv", "x,y\n1,2\n")], {}, "kolomnya tidak cocok"),
    ([("a.csv", b"\xff\xfe\x00")], {}, "kolomnya tidak cocok"),
    ([("a.csv", ""), ("b.csv", "")], {"kind": "sites"}, "Dua berkas berisi Lokasi"),
    ([("a.csv", "code,name\n" + "\n" * 50_001)], {"kind": "sites"}, "Lebih dari 50000 baris"),
]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("files", "fields", "says"), NOT_FILES, ids=[one[2] for one in NOT_FILES])
def test_files_that_cannot_be_are_refused_at_once(
    importer: People, files: list[Any], fields: dict[str, str], says: str
) -> None:
    answer = importer().send(*files, **fields)
    assert answer.status_code == 422
    assert says in text_of(answer.get_data(as_text=True))


def test_a_file_over_the_bound_is_refused(importer: People) -> None:
    kind = "multipart/form-data; boundary=x"
    client = importer().browser.client
    answer = client.post(IMPORTS, data=b"x" * (5 << 20), content_type=kind)
    assert answer.status_code == 413


def test_a_pasted_table_and_the_name_of_a_file_tell_the_kind(importer: People) -> None:
    noc = importer()
    noc.bring(table=f"code;name;isp\n{SITE};Benculuk;Telkom\n")
    noc.bring(("data-areas-2026.csv", "code,name\n35.10.06,Cluring\n"))
    assert noc.rows("sites")[0]["isp"] == "Telkom"
    assert "Cluring" in [row["name"] for row in noc.rows("areas")]


def test_cells_copied_out_of_a_spreadsheet_come_with_tabs(importer: People) -> None:
    noc = importer()
    noc.bring(table=f"code\tname\tlat\n{SITE}\tBenculuk; Kidul, RT 1\t-8,4\n", kind="sites")
    assert [(row["name"], row["lat"]) for row in noc.rows("sites")] == [
        ("Benculuk; Kidul, RT 1", -8.4)
    ]


def test_what_looks_like_a_slip_is_told_and_may_come(importer: People) -> None:
    noc = importer()
    at = noc.draft(("contacts.csv", f"scope,name,role\n{SITE},Agus,village\n"))
    assert "baris 2: belum ada lokasi atau wilayah 35.10.06.2005" in noc.browser.page(at)
    assert noc.take(at).status_code == 303


def test_what_was_taken_cannot_be_thrown_away(importer: People) -> None:
    noc = importer()
    at = noc.bring(("sites.csv", f"code,name\n{SITE},A\n"))
    noc.browser.post(at, IMPORTS, do="drop")
    assert "sudah diterapkan" in noc.browser.page(at)
    assert len(noc.rows("sites")) == 1


@pytest.mark.slow
def test_rows_outside_of_ones_areas_are_refused_by_line(importer: People) -> None:
    noc = importer("noc", ["35.10.06"])
    text = f"code,name\n{SITE},Benculuk\n{OTHER},Bayu\n"
    at = noc.draft(("sites.csv", text))
    assert "baris 3 - 35.10.11.2002 di luar wilayah Anda" in text_of(noc.browser.page(at))
    assert noc.take(at).status_code == 409
    noc.bring(("sites.csv", f"code,name\n{SITE},Benculuk\n"))
    people = "scope,name,role\n*,A,noc\n"
    assert "di luar wilayah Anda" in noc.browser.page(noc.draft(("contacts.csv", people)))
    free = noc.draft(("holidays.csv", "date,name\n2026-12-25,Natal\n"))
    assert "di luar wilayah Anda" in noc.browser.page(free)


def test_nobody_sees_the_import_of_another_area(importer: People) -> None:
    at = importer("admin").draft(("contacts.csv", "scope,name,role\n*,A,noc\n"))
    noc = importer("noc", ["35.10.06"])
    assert noc.browser.get(at).status_code == 404
    assert noc.browser.post(at, IMPORTS, do="drop").status_code == 404
    assert at not in noc.browser.page(IMPORTS)


FILES = [drafts.File("a.csv", "sites", b"code,name\n")]


def test_drafts_end_by_themselves(store: Engine) -> None:
    with db.writing(store) as connection:
        drafts.begin(connection, FILES, NOW - 2 * drafts.DRAFT_S, "a")
        drafts.begin(connection, FILES, NOW, "b")
        assert [draft.by for draft in drafts.listed(connection)] == ["b"]


def test_the_many_imports_of_others_hide_none_of_ones_own(importer: People, store: Engine) -> None:
    noc = importer("noc", ("35.10.06",))
    at = noc.draft(("mine.csv", f"code,name\n{SITE},Benculuk\n"), kind="sites")
    row = {"at": NOW, "by": "p", "state": "undone", "told": '{"files":[]}'}
    with db.writing(store) as connection:
        connection.execute(insert(schema.imports), [row] * (drafts.MOST_LISTED + 1))
    assert at in noc.browser.page("/inventory/imports")


@pytest.mark.slow
def test_the_oldest_of_ones_own_falls_and_one_is_told(importer: People) -> None:
    noc, other = importer("noc"), importer("admin")
    sites = f"code,name\n{SITE},Benculuk\n"
    mine = [noc.draft((f"{n}.csv", sites), kind="sites") for n in range(drafts.MOST_OWN)]
    theirs = other.draft(("theirs.csv", sites), kind="sites")
    assert "dibuang" not in noc.browser.page(mine[0])
    newest = noc.draft(("newest.csv", sites), kind="sites")
    told = noc.browser.page(newest)
    assert "(0.csv)" in told and "dibuang" in told and f"{drafts.MOST_OWN}" in told
    assert noc.browser.get(mine[0]).status_code == 404
    for at in (*mine[1:], newest):
        assert noc.browser.get(at).status_code == 200
    assert other.browser.get(theirs).status_code == 200


@pytest.mark.slow
def test_all_together_are_bounded_at_the_cost_of_who_holds_the_most(store: Engine) -> None:
    people = [f"p{n}" for n in range(drafts.MOST_DRAFTS // 2)]
    with db.writing(store) as connection:
        kept = [drafts.begin(connection, FILES, NOW, by) for by in people * 2]
        own = drafts.begin(connection, FILES, NOW, "p7")
        assert drafts.find(connection, kept[7]) is None
        (fell,) = drafts.make_room(connection, NOW, "somebody new")
        assert fell.id == kept[0]
        drafts.begin(connection, FILES, NOW, "somebody new")
        waiting = [draft.id for draft in drafts.listed(connection)]
    assert len(waiting) == drafts.MOST_DRAFTS and own in waiting


@pytest.mark.slow
def test_a_preview_tells_nothing_of_what_stands_in_other_areas(importer: People) -> None:
    importer("admin").bring(
        ("sites.csv", f"code,name\n{SITE},Benculuk\n{OTHER},Bayu\n"),
        ("uplinks.csv", f"site,name,contract_no\n{OTHER},main,K-77/2026\n"),
        ("contacts.csv", f"scope,name,role,whatsapp\n{OTHER},Agus,village,081234567890\n"),
    )
    noc = importer("noc", ["35.10.06"])
    for name, guess in (
        ("uplinks.csv", f"site,name,contract_no\n{OTHER},main,x\n"),
        ("uplinks.csv", f"site,name,contract_no\n{OTHER},main,K-77/2026\n"),
        ("contacts.csv", f"scope,name,role,whatsapp\n{OTHER},Agus,village,081111111111\n"),
    ):
        told = text_of(noc.browser.page(noc.draft((name, guess))))
        assert "tadinya" not in told and "1234567890" not in told
        # not even that a guess is right
        assert "baru 0 diubah 0 tetap 0 ditolak 1" in told


def test_each_column_of_a_preview_has_a_title() -> None:
    columns = {column for kind in KINDS.values() for column in kind.columns}
    assert [column for column in sorted(columns) if fields.title(column) == column] == []
