"""Villages set to work: sheets with codes, agents let in, and how far each district is."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import segno
from flask import Flask
from sqlalchemy import Engine, insert

from collector import agents, db, schema
from collector.onboarding import TESTED
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.inventory.conftest import Importer
from tests.web.test_pages import text_of

pytestmark = pytest.mark.usefixtures("database_url")

People = Callable[..., Importer]
CODES, READY, AGENTS = "/inventory/codes", "/inventory/readiness", "/inventory/agents"


@pytest.fixture
def two(importer: People) -> Callable[..., Importer]:
    """Two planned villages of two districts."""

    def enter(role: str = "noc", areas: tuple[str, ...] = ()) -> Importer:
        if role == "admin" or not areas:
            someone = importer(role, areas)
            text = f"code,name,lifecycle\n{SITE},Benculuk,planned\n{OTHER},Bayu,planned\n"
            someone.bring(("sites.csv", text))
            return someone
        return importer(role, areas)

    return enter


def test_a_sheet_has_a_code_that_enrols_and_five_steps(two: People, store: Engine) -> None:
    noc = two()
    answer = noc.browser.post(CODES, CODES, site=SITE, activate="1")
    page = answer.get_data(as_text=True)
    text = text_of(page)
    assert answer.status_code == 200 and "Benculuk" in text and "Bayu" not in text
    codes = re.findall(r"install http://127.0.0.1:8090 ((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})", page)
    with db.reading(store) as connection:
        found = agents.find_code(connection, codes[0])
    assert found is not None and (found.site, found.approval) == (SITE, False)
    command = f"python3 ronda-agent.pyz install http://127.0.0.1:8090 {codes[0]}"
    assert segno.make_qr(command, error="m").svg_inline(border=4, omitsize=True) in page
    assert page.partition('<ol class="five">')[2].partition("</ol>")[0].count("<li>") == 5
    assert "Jadi pengelola PC." in text and "Pasang dan daftarkan." in text
    assert "style=" not in page and 'href="http' not in html.unescape(page).replace("127", "")
    assert {row["code"]: row["lifecycle"] for row in noc.rows("sites")} == {
        SITE: "active",
        OTHER: "planned",
    }


@pytest.fixture
def reached(app: Flask, request: pytest.FixtureRequest) -> None:
    """The centre tells agents another address."""
    centre = app.extensions["ronda"]
    told = replace(centre.settings, ingest_url=request.param)
    app.extensions["ronda"] = replace(centre, settings=told)


@pytest.mark.mostly_sqlite
@pytest.mark.usefixtures("reached")
@pytest.mark.parametrize(
    ("reached", "warned"),
    [
        pytest.param("", True, id="only this machine"),
        pytest.param("http://0.0.0.0:8090", True, id="all of its doors"),
        pytest.param("https://localhost:8090", True, id="by its name"),
        pytest.param("http://[::1]:8090", True, id="its other address"),
        pytest.param("https://ronda.banyuwangikab.go.id:8090", False, id="a name"),
        pytest.param("http://10.8.0.1:8090", False, id="a network of the villages"),
    ],
    indirect=["reached"],
)
def test_no_sheet_is_printed_unwarned_that_leads_nowhere(two: People, warned: bool) -> None:
    noc = two()
    before = noc.browser.page(CODES)
    made = noc.browser.post(CODES, CODES, site=SITE).get_data(as_text=True)
    for page in (before, made):
        assert ("tidak sampai ke mana-mana" in page) is warned


@pytest.mark.slow
def test_sheets_are_in_indonesian_for_whoever_prints_them(two: People) -> None:
    noc = two()
    noc.browser.post("/language", "/", language="en", next="/")
    assert "Codes to enrol with" in noc.browser.page(CODES)
    answer = noc.browser.post(CODES, CODES, site=SITE, approval="1")
    assert "Tunggu: ruang kendali menerima kotak ini." in answer.get_data(as_text=True)


@pytest.mark.parametrize("sites", [[], ["35.10.99.2001"], ["'; DROP"]], ids=str)
def test_no_site_no_sheet(two: People, store: Engine, sites: list[str]) -> None:
    noc = two()
    answer = noc.browser.post(CODES, CODES, **({"site": sites[0]} if sites else {}))
    assert answer.status_code == 422 and "pilih 1 sampai 400" in answer.get_data(as_text=True)
    with db.reading(store) as connection:
        assert connection.execute(schema.codes.select()).all() == []


def test_nobody_gives_codes_for_sites_elsewhere(two: People, store: Engine) -> None:
    two("admin")
    noc = two("noc", ("35.10.06",))
    assert "Bayu" not in noc.browser.page(CODES)
    assert noc.browser.post(CODES, CODES, site=OTHER).status_code == 422
    with db.reading(store) as connection:
        assert connection.execute(schema.codes.select()).all() == []


@pytest.mark.slow
def test_an_agent_that_waits_is_let_in_or_sent_away_once(two: People, store: Engine) -> None:
    noc = two()
    with db.writing(store) as connection:
        first = agents.add_agent(connection, SITE, "mini-pc", [], "waiting", NOW)
        second = agents.add_agent(connection, OTHER, "palsu", [], "waiting", NOW)
    page = noc.browser.page(AGENTS)
    assert "mini-pc" in page and "palsu" in page
    assert noc.browser.post(f"{AGENTS}/{first}", AGENTS, do="approve").status_code == 303
    assert noc.browser.post(f"{AGENTS}/{second}", AGENTS, do="refuse").status_code == 303
    assert noc.browser.post(f"{AGENTS}/{first}", AGENTS, do="lain").status_code == 400
    noc.browser.post(f"{AGENTS}/{first}", AGENTS, do="refuse")
    assert "tidak menunggu lagi" in noc.browser.page(AGENTS)
    with db.reading(store) as connection:
        states = {row["id"]: row["state"] for row in agents.list_agents(connection)}
    assert states == {first: "active", second: "revoked"}


def test_nobody_lets_in_agents_of_other_areas(two: People, store: Engine) -> None:
    two("admin")
    with db.writing(store) as connection:
        agent = agents.add_agent(connection, OTHER, "mini-pc", [], "waiting", NOW)
    noc = two("noc", ("35.10.06",))
    assert "mini-pc" not in noc.browser.page(AGENTS)
    assert noc.browser.post(f"{AGENTS}/{agent}", AGENTS, do="approve").status_code == 404
    assert noc.browser.post(f"{AGENTS}/{2**63}", AGENTS, do="approve").status_code == 404


@pytest.mark.slow
def test_another_box_comes_in_the_place_of_a_broken_one(two: People, store: Engine) -> None:
    noc = two("admin")
    with db.writing(store) as connection:
        old = agents.add_agent(connection, SITE, "mini-pc lama", [], "active", NOW)
    assert "Benculuk" not in noc.browser.page(CODES)
    page = noc.browser.post(CODES, CODES, swap=SITE).get_data(as_text=True)
    assert "Benculuk" in page and f"{AGENTS}?site={SITE}" in page
    with db.reading(store) as connection:
        (code,) = connection.execute(schema.codes.select()).all()
    assert (code.site, code.agent) == (SITE, None)
    assert "mini-pc lama" in noc.browser.page(f"{AGENTS}?site={SITE}")
    noc.browser.post(f"{AGENTS}/{old}", AGENTS, do="end")
    assert "mini-pc lama" in noc.browser.page(f"{AGENTS}?site={SITE}"), "nobody was sure"
    assert noc.browser.post(f"{AGENTS}/{old}", AGENTS, do="end", sure="1").status_code == 303
    assert "mini-pc lama" not in noc.browser.page(f"{AGENTS}?site={SITE}")
    with db.reading(store) as connection:
        (row,) = agents.list_agents(connection)
    assert row["state"] == "revoked"


@pytest.mark.parametrize("code", [OTHER, "35.10.99.2001", "x"])
def test_no_box_is_swapped_elsewhere(two: People, store: Engine, code: str) -> None:
    two("admin")
    noc = two("noc", ("35.10.06",))
    assert noc.browser.post(CODES, CODES, swap=code).status_code == 422
    with db.writing(store) as connection:
        agent = agents.add_agent(connection, OTHER, "mini-pc", [], "active", NOW)
    assert "mini-pc" not in noc.browser.page(f"{AGENTS}?site={OTHER}")
    assert noc.browser.post(f"{AGENTS}/{agent}", AGENTS, do="end", sure="1").status_code == 403
    with db.reading(store) as connection:
        assert [row["state"] for row in agents.list_agents(connection)] == ["active"]
        assert connection.execute(schema.codes.select()).all() == []


def test_no_administrator_ends_an_agent_of_elsewhere(
    importer: People, store: Engine, regency: Any
) -> None:
    regency.site(OTHER, "Bayu")
    with db.writing(store) as connection:
        agent = agents.add_agent(connection, OTHER, "mini-pc", [], "active", NOW)
    admin = importer("admin", ("35.10.06",))
    assert admin.browser.post(f"{AGENTS}/{agent}", AGENTS, do="end", sure="1").status_code == 404
    with db.reading(store) as connection:
        assert [row["state"] for row in agents.list_agents(connection)] == ["active"]


def row_of(page: str, district: str) -> list[str]:
    """The cells of one district."""
    row = next(r for r in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if district in r)
    return [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


@pytest.mark.slow
def test_readiness_follows_each_step(two: People, store: Engine, numbers: Any) -> None:
    noc = two()
    noc.bring(("areas.csv", "code,name,kind\n35.10.06,Cluring,kecamatan\n"))
    assert row_of(noc.browser.page(READY), "Cluring") == ["0/1"] * 8
    noc.browser.post(CODES, CODES, site=SITE)
    noc.bring(
        ("contacts.csv", f"scope,name,role,sms\n{SITE},Agus,village,0812345678\n"),
        ("uplinks.csv", f"site,name,isp,contract_no\n{SITE},main,Telkom,K-1\n"),
        ("services.csv", f"name,site,kind,target\nweb,{SITE},http,http://h/\n"),
    )
    page = noc.browser.page(READY)
    assert row_of(page, "Cluring") == ["1", "0/1", "0/1", "1", "0/1", "1", "1", "0/1"]
    row = next(row["row"] for row in noc.rows("sites") if row["code"] == SITE)
    numbers.last[row] = NOW - 60
    with db.writing(store) as connection:
        agents.add_agent(connection, SITE, "mini-pc", [], "active", NOW)
        body = '{"targets":["+62812345678"]}'
        act = {"at": NOW, "by": "dewi", "verb": TESTED, "subject": "Agus", "body": body}
        connection.execute(insert(schema.acts).values(**act))
    page = noc.browser.page(READY)
    assert row_of(page, "Cluring") == ["1"] * 7 + ["1/1"]
    assert "1 dari 2 lokasi siap" in text_of(page)
    assert "belum: terdaftar (1): Bayu" in text_of(page)


@pytest.mark.slow
def test_the_day_to_be_ready_is_set_by_who_runs_all_of_it(two: People) -> None:
    admin = two("admin")
    assert admin.browser.post(READY, READY, target="2026-12-03").status_code == 303
    text = text_of(admin.browser.page(READY))
    assert "10 hari sampai 2026-12-03. Tinggal 2 lokasi. Berarti 0.2 sehari." in text
    admin.browser.post(READY, READY, target="soon")
    assert "Tulis tanggal seperti" in admin.browser.page(READY)
    noc = two("noc", ("35.10.06",))
    assert noc.browser.post(READY, READY, target="2026-12-04").status_code == 403
