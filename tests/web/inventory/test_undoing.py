"""An import undone: each row as before, but for those that somebody changed since."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from collector import agents, db, schema
from collector.inventory.keeping import put
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.inventory.conftest import Importer
from tests.web.test_pages import text_of

pytestmark = pytest.mark.usefixtures("database_url")

People = Callable[..., Importer]
FIRST = f"code,name,isp\n{SITE},Benculuk,Telkom\n"


def without_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "row"} for row in rows]


@pytest.mark.slow
def test_undoing_gives_back_what_was_there(importer: People) -> None:
    noc = importer()
    noc.bring(("sites.csv", FIRST))
    noc.bring(
        ("services.csv", f"name,site,kind,target,status\nweb,{SITE},http,http://a/,200\n"),
    )
    before = {kind: noc.rows(kind) for kind in ("areas", "sites", "uplinks", "services")}
    at = noc.bring(
        ("sites.csv", f"code,name,isp\n{SITE},Desa Benculuk,Icon+\n{OTHER},Bayu,Icon+\n"),
        ("uplinks.csv", f"site,name,mbps\n{SITE},main,50\n{OTHER},main,20\n"),
        ("services.csv", f"name,site,kind,target,must_match\nweb,{SITE},http,http://b/,Desa\n"),
    )
    assert len(noc.rows("sites")) == 2
    page = text_of(noc.browser.page(f"{at}/undo"))
    assert "Ini dikembalikan" in page and "dihapus: dibuat oleh impor itu" in page
    assert noc.answer(f"{at}/undo").status_code == 303
    assert {kind: noc.rows(kind) for kind in before} == before
    assert "Dibatalkan oleh noc.a" in text_of(noc.browser.page(at))
    assert noc.browser.get(f"{at}/undo").status_code == 404


@pytest.mark.slow
def test_a_row_that_somebody_changed_since_stays(importer: People, store: Engine) -> None:
    noc = importer()
    noc.bring(("sites.csv", FIRST))
    at = noc.bring(("sites.csv", f"code,name,isp\n{SITE},B,Icon+\n{OTHER},Bayu,Icon+\n"))
    with db.writing(store) as connection:
        put(connection, "sites", [{"code": SITE, "hours": "Sen-Jum 07.30-15.30"}], NOW, "rian")
    page = text_of(noc.browser.page(f"{at}/undo"))
    assert f"{SITE} Lokasi sejak itu ada yang mengubahnya" in page
    assert noc.answer(f"{at}/undo").status_code == 303
    (site,) = noc.rows("sites")
    assert (site["name"], site["isp"], site["hours"]) == ("B", "Icon+", "Sen-Jum 07.30-15.30")


def test_who_looked_at_other_data_sees_anew_what_would_go_back(
    importer: People, store: Engine
) -> None:
    noc = importer()
    at = noc.bring(("sites.csv", FIRST))
    shown = noc.browser.page(f"{at}/undo").partition('name="mark" value="')[2][:16]
    with db.writing(store) as connection:
        put(connection, "sites", [{"code": SITE, "name": "C"}], NOW, "rian")
    answer = noc.browser.post(f"{at}/undo", f"{at}/undo", mark=shown)
    assert answer.status_code == 409
    assert "sementara itu inventaris berubah" in answer.get_data(as_text=True)
    assert noc.rows("sites")[0]["name"] == "C"


@pytest.mark.slow
@pytest.mark.parametrize("what", ["agent", "line", "incident", "contact"])
def test_a_site_that_is_needed_since_stays_with_its_areas(
    importer: People, store: Engine, regency: Any, what: str
) -> None:
    noc = importer()
    at = noc.bring(("sites.csv", f"code,name\n{SITE},A\n{OTHER},B\n"))
    with db.writing(store) as connection:
        if what == "agent":
            agents.add_agent(connection, SITE, "mini-pc", [], "active", NOW)
        elif what == "line":
            put(connection, "uplinks", [{"site": SITE, "name": "main"}], NOW, "rian")
        elif what == "contact":
            row = {"scope": SITE, "name": "Agus", "role": "village"}
            connection.execute(insert(schema.contacts).values(**row))
    if what == "incident":
        regency.incident("internet putus", SITE)
    assert noc.answer(f"{at}/undo").status_code == 303
    assert [row["code"] for row in noc.rows("sites")] == [SITE]
    assert [row["code"] for row in noc.rows("areas")] == ["35", "35.10", "35.10.06"]


def test_what_goes_and_nothing_can_go_back(importer: People, store: Engine) -> None:
    noc = importer()
    at = noc.bring(("contacts.csv", "scope,name,role\n*,Dewi,noc\n"))
    with db.writing(store) as connection:
        connection.execute(schema.contacts.delete())
    page = text_of(noc.browser.page(f"{at}/undo"))
    assert "sejak itu sudah dihapus" in page and "Tidak ada baris yang dapat dikembalikan" in page
    assert noc.answer(f"{at}/undo").status_code == 409


@pytest.mark.slow
def test_codes_for_a_site_that_goes_are_void(importer: People, store: Engine) -> None:
    noc = importer()
    at = noc.bring(("sites.csv", f"code,name\n{SITE},A\n"))
    with db.writing(store) as connection:
        code = agents.issue_code(connection, SITE, NOW, 30)
        assert agents.find_code(connection, code) is not None
    assert noc.answer(f"{at}/undo").status_code == 303
    with db.reading(store) as connection:
        assert agents.find_code(connection, code) is None
