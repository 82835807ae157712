"""The list of sites: filters, orders, ninety days, saved views, the file; and what it refuses."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from collector import saved_views, schema
from collector.db import reading
from web import sitelist
from web.asked import Asked

NOW = 1795425120.0
HOUR, DAY = 3600.0, 86400.0
SITE, OTHER = "35.10.06.2005", "35.10.11.2002"


def names_on(page: str) -> list[str]:
    return re.findall(r'class="plain" href="[^"]*">([^<]+)</a>', page)


@pytest.fixture
def fleet(regency: Any, numbers: Any) -> None:
    """Four villages that differ in everything a filter asks for."""
    regency.site(SITE, "Benculuk", "normal")
    regency.site("35.10.07.2003", "Tembokrejo", district="Muncar", isp="ICON+|Telkomsel")
    regency.state("35.10.07.2003", "down", NOW - 2 * HOUR, cause="fiber", confidence=0.7)
    regency.site("35.10.07.2004", "Kedungrejo", district="Muncar", isp="Telkomsel")
    regency.state("35.10.07.2004", "unknown", NOW - 3 * DAY, cause="power")
    regency.site("35.10.08.2001", "Baru", lifecycle="planned", district="Glenmore")
    numbers.last |= {0: NOW - 8, 1: NOW - 2 * HOUR, 2: NOW - 3 * DAY}


FILTERS = [
    pytest.param("", ["Tembokrejo", "Kedungrejo", "Benculuk"], id="worst first"),
    pytest.param("state=down,unknown", ["Tembokrejo", "Kedungrejo"], id="several states"),
    pytest.param("state=down&state=normal", ["Tembokrejo", "Benculuk"], id="states again"),
    pytest.param("area=35.10.07", ["Tembokrejo", "Kedungrejo"], id="a district"),
    pytest.param("area=35.10.07.2004", ["Kedungrejo"], id="a village"),
    pytest.param("isp=Telkomsel", ["Tembokrejo", "Kedungrejo"], id="also the second ISP"),
    pytest.param("cause=power", ["Kedungrejo"], id="cause"),
    pytest.param("lifecycle=planned", ["Baru"], id="not in operation yet"),
    pytest.param("lifecycle=all&sort=name", ["Baru", "Benculuk", "Kedungrejo", "Tembokrejo"]),
    pytest.param("silent=1d", ["Kedungrejo"], id="silent for a day"),
    pytest.param("silent=never&lifecycle=all", ["Baru"], id="never reported"),
    pytest.param("sort=-name", ["Tembokrejo", "Kedungrejo", "Benculuk"], id="turned round"),
    pytest.param("isp=nobody", [], id="an ISP that nobody has"),
    pytest.param("q=muncar+telkomsel&state=down", ["Tembokrejo"], id="all together"),
]


@pytest.mark.parametrize(("query", "names"), FILTERS)
def test_a_question_leaves_these(
    query: str, names: list[str], fleet: None, signed_in: Callable[..., Any]
) -> None:
    assert names_on(signed_in("noc").page(f"/sites/?{query}")) == names


@pytest.mark.parametrize(
    "query",
    [
        "area=x",
        "area=35.10%25",
        "cause=x",
        "lifecycle=x",
        "silent=2h",
        "sort=x",
        "sort=--name",
        "state=down,x",
        "page=0",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    query: str, fleet: None, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    assert browser.get(f"/sites/?{query}").status_code == 400
    assert browser.get(f"/sites/sites.csv?{query}").status_code == 400


def test_a_village_account_sees_and_exports_its_own_only(
    fleet: None, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("village", [SITE])
    page = browser.page("/sites/?lifecycle=all")
    assert names_on(page) == ["Benculuk"]
    assert "Muncar" not in page
    text = browser.page("/sites/sites.csv?lifecycle=all")
    assert [row["name"] for row in csv.DictReader(io.StringIO(text))] == ["Benculuk"]


def test_ninety_days_stand_in_each_row(regency: Any, signed_in: Callable[..., Any]) -> None:
    regency.site(SITE, "Benculuk")
    regency.state(SITE, "normal", NOW - 9 * DAY, until=NOW - DAY)
    regency.state(SITE, "down", NOW - DAY, until=NOW - DAY + 5 * HOUR)
    regency.state(SITE, "normal", NOW - DAY + 5 * HOUR)
    row = signed_in("noc").page("/sites/").split("<tbody>")[1]
    bars = {kind: path.count("M") for kind, path in re.findall(r'class="(\w)" d="([^"]+)"', row)}
    assert bars == {"n": 9, "d": 1}
    assert "M881 28v-28h8v28z" in row
    assert 'aria-label="tersedia 97,7%"' in row


def test_bars_move_when_the_past_is_rewritten(
    regency: Any, signed_in: Callable[..., Any], clock: Any
) -> None:
    regency.site(SITE, "Benculuk")
    regency.state(SITE, "normal", NOW - 5 * DAY)
    browser = signed_in("noc")
    assert 'class="u"' not in browser.page("/sites/")
    regency.state(SITE, "unknown", NOW - 9 * DAY, until=NOW - 5 * DAY, rev=2)
    assert 'class="u"' in browser.page("/sites/")
    clock.now += 2 * DAY
    assert browser.page("/sites/").split("<tbody>")[1].count("M891 ") == 1


def test_the_file_holds_every_row_in_order_and_no_formula(
    fleet: None, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site("35.10.09.2001", "=HYPERLINK(1)", "slow", isp="@x")
    regency.check(SITE, "opensid", "bad")
    answer = signed_in("noc").get("/sites/sites.csv?sort=area")
    assert answer.mimetype == "text/csv"
    assert 'filename="ronda-sites-2026-11-23.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["name"] for row in rows] == [
        "Benculuk",
        "Tembokrejo",
        "Kedungrejo",
        "'=HYPERLINK(1)",
    ]
    assert rows[1] == {
        "code": "35.10.07.2003",
        "name": "Tembokrejo",
        "district": "Muncar",
        "regency": "Banyuwangi",
        "isp": "ICON+|Telkomsel",
        "lifecycle": "active",
        "state": "down",
        "since": "2026-11-23T07:12:00Z",
        "cause": "fiber",
        "last_report": "2026-11-23T07:12:00Z",
        "faulty_checks": "0",
    }
    assert (rows[0]["faulty_checks"], rows[3]["isp"], rows[3]["last_report"]) == ("1", "'@x", "")


def test_a_file_that_nobody_could_open_is_not_made(
    fleet: None, signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitelist, "MOST_EXPORTED", 2)
    answer = signed_in("noc").get("/sites/sites.csv")
    assert answer.status_code == 400
    assert "Lebih dari 2 lokasi" in answer.get_data(as_text=True)


@pytest.mark.slow
def test_a_view_is_saved_found_and_deleted_by_its_owner_alone(
    fleet: None, signed_in: Callable[..., Any], store: Engine
) -> None:
    owner, other = signed_in("noc"), signed_in("technician")
    fields = {"name": "Muncar <putus>", "query": "state=down&area=35.10.07&page=3"}
    saved = owner.post("/sites/views", form_on="/sites/", **fields)
    assert (saved.status_code, saved.location) == (303, "/sites/?state=down&area=35.10.07")
    page = owner.page("/sites/")
    assert "Muncar &lt;putus&gt;" in page
    found = re.search(r'class="tag" href="([^"]+)"', page)
    assert found
    assert names_on(owner.page(found[1].replace("&amp;", "&"))) == ["Tembokrejo"]
    assert "Hapus tampilan ini" in owner.page("/sites/?state=down&area=35.10.07")
    assert "Muncar &lt;putus&gt;" not in other.page("/sites/")
    other.post("/sites/views/forget", form_on="/sites/", name=fields["name"])
    assert "Muncar &lt;putus&gt;" in owner.page("/sites/")
    owner.post("/sites/views/forget", form_on="/sites/", name=fields["name"])
    with reading(store) as connection:
        count = select(func.count()).select_from(schema.saved_views)
        assert connection.execute(count).scalar() == 0


@pytest.mark.slow
def test_views_are_bounded_and_the_reader_is_told(
    fleet: None, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    for n in range(saved_views.MOST):
        browser.post("/sites/views", form_on="/sites/", name=f"v{n}", query="")
    browser.post("/sites/views", form_on="/sites/", name="one more", query="")
    assert "tampilan paling banyak 20; hapus satu dahulu" in browser.page("/sites/")
    bad = browser.post("/sites/views", form_on="/sites/", name="x", query="sort=nonsense")
    assert bad.status_code == 400


def test_an_address_tells_only_what_was_asked() -> None:
    asked = Asked(q="muncar", state="down", page=4)
    assert asked.query() == {"q": "muncar", "state": "down"}
    assert asked.query(page=5)["page"] == 5
    assert Asked().query() == {}
    assert Asked(sort="name").turned("name") == "-name"
