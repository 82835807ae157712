"""Pages and endpoints of reports: who sees what, and how one is made."""

import json
import re
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from agent.strict import Refused
from collector import db, schema
from collector.backup import contents
from collector.evidence.dates import Warned, What
from collector.series.history import History
from collector.settings import Settings
from tests.web.conftest import Visitor
from tests.web.reports.world import NAME_LONG, NEAR, NOW
from web import tokens
from web.reports import desk, editions, making, wording
from web.reports.editions import Wanted
from web.reports.pack import digest
from web.reports.press import MOST_WAITING, Job, Press, read

pytestmark = pytest.mark.slow

OCTOBER = "/reports?month=2026-10"
HERE, THERE = "35.10.06", "35.10.11"


def printed(settings: Settings, store: Engine, area: str = "", month: str = "2026-10") -> Path:
    history = db.open_history(settings)
    try:
        with db.reading(store) as connection:
            wanted = Wanted(month, area)
            return making.make(connection, settings, History(settings, history), wanted, NOW)
    finally:
        history.dispose()


@pytest.fixture
def made(settings: Settings, store: Engine) -> Path:
    return printed(settings, store)


@pytest.fixture
def here(settings: Settings, store: Engine) -> Path:
    return printed(settings, store, HERE)


Enter = Callable[..., Visitor]


def test_the_page_shows_the_figures_first(made: Path, signed_in: Enter) -> None:
    page = signed_in("viewer").page(OCTOBER)
    for says in ("Oktober 2026", "Banyuwangi", "99,09%", "25:30:00", "Telkom/K-1", "dewi: adaptor"):
        assert says in page, says
    assert "Setiap hari setiap desa disegel" in page and NAME_LONG in page
    leads = re.findall(r'<th scope="row">([^<]+)</th><td class="num">([\d,]+%)</td>', page)
    assert leads[:2] == [("Diketahui", "99,93%"), ("Tersedia, dari yang diketahui", "99,09%")]
    assert "Sementara: 124 hari-desa" in page


def test_each_form_is_taken_along(made: Path, signed_in: Enter) -> None:
    browser = signed_in("noc")
    for form, (name, media) in editions.FORMS.items():
        answer = browser.get(f"/reports/file/{form}?month=2026-10")
        assert (answer.status_code, answer.content_type) == (200, media)
        assert answer.data == (made / name).read_bytes()
        assert "ronda-" in answer.headers["Content-Disposition"]


def test_somebody_of_an_area_sees_nothing_else(made: Path, here: Path, signed_in: Enter) -> None:
    browser = signed_in("noc", [HERE])
    for path in (OCTOBER, f"{OCTOBER}&area={HERE}"):
        page = browser.page(path)
        assert "Desa Sraten" in page and NAME_LONG not in page and "K-1" not in page
        assert "1 kontrak juga mempunyai jalur di luar wilayah ini" in page
    for path in (f"{OCTOBER}&area={THERE}", f"{OCTOBER}&area=35.10", f"{OCTOBER}&area=35"):
        assert browser.get(path).status_code == 404
    taken = browser.get("/reports/file/csv?month=2026-10").get_data(as_text=True)
    assert NEAR in taken and THERE not in taken
    assert browser.get(f"/reports/file/pdf?month=2026-10&area={THERE}").status_code == 404


@pytest.mark.parametrize("role", ["village", "technician"])
def test_what_is_paid_is_not_for_everybody(made: Path, signed_in: Enter, role: str) -> None:
    browser = signed_in(role)
    page = browser.page(OCTOBER)
    assert "Rp" not in page and "Lembar restitusi" not in page and "99,09%" in page
    assert browser.get("/reports/file/csv?month=2026-10").status_code == 200
    for form in ("pdf", "xlsx", "json", "zip"):
        assert browser.get(f"/reports/file/{form}?month=2026-10").status_code == 403
    assert browser.get("/reports/contracts").status_code == 403


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports?month=2026-13", 400),
        ("/reports?month=Oktober", 400),
        ("/reports?month=2099-01", 400),
        ("/reports?month=2026-10&area=..", 400),
        ("/reports?month=2026-10&isp=" + "x" * 101, 400),
        ("/reports/file/docx?month=2026-10", 404),
        ("/reports/file/pdf?month=2026-09", 404),
    ],
)
def test_what_cannot_be_is_refused(signed_in: Enter, path: str, status: int) -> None:
    assert signed_in("noc").get(path).status_code == status


def test_a_stranger_is_asked_to_sign_in(visitor: Callable[[], Visitor]) -> None:
    for path in (OCTOBER, "/reports/file/pdf?month=2026-10", "/reports/contracts"):
        assert visitor().get(path).status_code == 303


def test_who_asks_is_told_how_far_it_is_and_then_why_it_failed(
    app: Flask, settings: Settings, signed_in: Enter
) -> None:
    code = "import sys; print('villages 3/4', file=sys.stderr); sys.exit('ronda: month: none')"
    app.extensions[desk.PRESS] = Press(settings, (sys.executable, "-c", code))
    browser = signed_in("viewer")
    answer = browser.post("/reports/make", OCTOBER, month="2026-10", area="", isp="")
    assert answer.status_code == 303 and answer.headers["Location"] == OCTOBER
    page = browser.page(OCTOBER)
    for _ in range(100):
        if "Tidak dapat dibuat" in page:
            break
        time.sleep(0.05)
        page = browser.page(OCTOBER)
    assert "Tidak dapat dibuat: month: none" in page


def test_too_many_at_once_are_refused(settings: Settings) -> None:
    press = Press(settings, (sys.executable, "-c", "import time; time.sleep(1)"))
    asked = [press.ask(Wanted(f"2026-{month:02d}")) for month in range(1, MOST_WAITING + 2)]
    assert asked == [True] * MOST_WAITING + [False]
    assert press.ask(Wanted("2026-01")), "what waits already waits once"


@pytest.mark.parametrize(
    ("line", "job"),
    [
        ("villages 120/300\n", Job("villages", 120, 300)),
        ("pdf 0/1", Job("pdf", 0, 1)),
        ("ronda: month: expected", None),
        ("villages", None),
        ("a b/c", None),
    ],
)
def test_progress_is_read(line: str, job: Job | None) -> None:
    assert read(line) == job


def test_the_real_command_makes_what_the_page_then_shows(
    app: Flask, settings: Settings, store: Engine, signed_in: Enter
) -> None:
    browser = signed_in("admin")
    browser.post("/reports/make", OCTOBER, month="2026-10", area=HERE, isp="")
    wanted = Wanted("2026-10", HERE)
    press: Press = app.extensions[desk.PRESS]
    for _ in range(600):
        if press.job(wanted) is None:
            break
        time.sleep(0.05)
    assert press.job(wanted) is None
    assert "Desa Sraten" in browser.page(f"{OCTOBER}&area={HERE}")


def program(app: Flask, store: Engine, role: str, area: str = "") -> Callable[..., Any]:
    token = tokens.issue(store, "tiket", role, area, "", NOW)

    def ask(method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **more)

    return ask


def test_programs_read_the_figures_and_take_the_forms(
    made: Path, here: Path, app: Flask, store: Engine
) -> None:
    ask = program(app, store, "viewer")
    answer = ask("GET", "/reports?month=2026-10")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told = answer.get_json()
    assert told["total"]["down_s"] == 2 * 5400 + 86400 and told["head"]["record"] == 0
    assert {one["contract"] for one in told["refunds"]} >= {"Telkom/K-1"}
    assert ask("GET", "/reports/file.zip?month=2026-10").data == (made / "bukti.zip").read_bytes()
    assert ask("GET", "/reports/progress?month=2026-10").get_json()["state"] == "made"
    assert ask("GET", "/reports/progress?month=2026-09").get_json()["state"] == "none"
    assert ask("GET", "/reports?month=2026-09").status_code == 404
    narrow = program(app, store, "viewer", HERE)
    text = narrow("GET", "/reports?month=2026-10").get_data(as_text=True)
    assert THERE not in text and HERE in text
    assert narrow("GET", f"/reports?month=2026-10&area={THERE}").status_code == 404
    village = program(app, store, "village")
    told = village("GET", "/reports?month=2026-10").get_json()
    assert told["refunds"] == [] and told["refunds_rp"] is None
    assert village("GET", "/reports/file.pdf?month=2026-10").status_code == 403


def test_a_program_has_a_report_made(app: Flask, store: Engine, settings: Settings) -> None:
    app.extensions[desk.PRESS] = Press(settings, (sys.executable, "-c", "pass"))
    ask = program(app, store, "viewer", HERE)
    answer = ask("POST", "/reports", json={"month": "2026-10"})
    assert answer.status_code == 202 and answer.get_json()["why"] == ""
    assert ask("POST", "/reports", json={"month": "2026-10", "area": THERE}).status_code == 404
    assert ask("POST", "/reports", json={"month": "2099-10"}).status_code == 422


def test_what_is_due_is_told_of_the_reader_s_own_lines(app: Flask, store: Engine) -> None:
    with db.writing(store) as connection:
        connection.execute(update(schema.uplinks).values(ends="2026-12-31", bill_day=25))
    found = program(app, store, "noc", HERE)("GET", "/reports/contracts").get_json()["items"]
    assert {one["what"] for one in found} == {"bill", "end"}
    assert all(one["site"].startswith(HERE) for one in found)


def test_the_calendar_warns_on_a_page(made: Path, store: Engine, signed_in: Enter) -> None:
    with db.writing(store) as connection:
        connection.execute(update(schema.uplinks).values(ends="2026-12-01"))
    noc = signed_in("noc")
    page = noc.page("/reports/contracts")
    assert "kontrak berakhir" in page and "8 hari lagi" in page and "2026-12-01" in page
    with db.writing(store) as connection:
        connection.execute(update(schema.uplinks).values(formula=""))
    assert "formula restitusi belum diisi" in noc.page("/reports/contracts")


def test_a_promise_that_is_not_kept_stands_with_both_figures() -> None:
    line = ("35.10.06.2005", "main", "Telkom", "K-1", "", None, 0)
    assert wording.detail(Warned(What.SLA, *line, "98.1250 99.5")).startswith("98")
    assert wording.detail(Warned(What.BILL, *line)) == ""


def test_the_pack_holds_digests_of_all_of_it(made: Path) -> None:
    with zipfile.ZipFile(made / "bukti.zip") as pack:
        sums = dict(
            reversed(line.split("  ")) for line in pack.read("SHA256SUMS").decode().splitlines()
        )
        for name in set(pack.namelist()) - {"SHA256SUMS"}:
            assert digest(pack.read(name)) == sums[name]
        told = json.loads(pack.read("metadata.json"))
        table = pack.read("indikator.csv").decode()
    assert told["berkas"]["laporan.pdf"]["sha256"] == sums["laporan.pdf"]
    assert told["periode"] == "2026-10" and told["wilayah"]["nama"] == "Banyuwangi"
    assert "SPBE,I17" in table and "99.0921 %" in table


def test_the_table_of_indicators_is_the_regency_s_own(settings: Settings, store: Engine) -> None:
    path = settings.folder / "indicators.csv"
    path.write_text("framework;indicator;title;evidence\nPemdi;P7;Jaringan;availability\n")
    with zipfile.ZipFile(printed(settings, store) / "bukti.zip") as pack:
        assert "Pemdi,P7,Jaringan,availability,,99.0921 %" in pack.read("indikator.csv").decode()
    path.write_text("framework,indicator,title,evidence\nPemdi,P7,Jaringan,magic\n")
    with pytest.raises(Refused, match="indicators.csv, line 2: evidence: 'magic' is not one of"):
        printed(settings, store)


def test_a_backup_carries_what_was_made_and_the_rest_comes_out_of_its_pack(
    settings: Settings, store: Engine
) -> None:
    (settings.folder / "indicators.csv").write_text("framework,indicator,title,evidence\n")
    folder = printed(settings, store)
    (folder.parent / ".half").mkdir()
    (folder.parent / ".half" / "laporan.pdf").write_text("x")
    carried = dict(contents.plain(settings.folder))
    at = folder.relative_to(settings.folder).as_posix()
    names = ("bukti.zip", "figures.json", "laporan.pdf", "laporan.xlsx")
    assert set(carried) == {"indicators.csv", *(f"{at}/{name}" for name in names)}
    assert all(map(contents.is_plain, carried)) and contents.left_out(settings.folder) == []
    # as it lies after a restore
    was = {form: (folder / f"laporan.{form}").read_bytes() for form in ("csv", "json")}
    for form in was:
        (folder / f"laporan.{form}").unlink()
    edition = editions.Edition(folder, {})
    assert {form: (edition.path(form) or folder).read_bytes() for form in was} == was
    (folder / "laporan.csv").unlink()
    (folder / "bukti.zip").write_bytes(b"PK")
    assert edition.path("csv") is None


def told(figures: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "figures.json").write_text(figures)

    return write


def test_only_so_many_editions_are_kept(tmp_path: Path) -> None:
    for month in range(editions.MOST_KEPT + 5):
        wanted = Wanted(f"20{10 + month // 12}-{month % 12 + 1:02d}")
        editions.keep(tmp_path, wanted, 1000 + month, told("{}"))
    assert len(editions.listing(tmp_path)) == editions.MOST_KEPT
    assert editions.newest(tmp_path, Wanted("2010-01")) is None
    editions.keep(tmp_path, wanted, 9000, told('{"a": 1}'))
    found = editions.newest(tmp_path, wanted)
    assert found is not None and found.figures == {"a": 1}
    assert len(editions.listing(tmp_path)) == editions.MOST_KEPT
