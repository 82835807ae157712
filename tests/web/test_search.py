"""One box finds a village, a code, a phone, a service number, an incident; within one's areas."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from collector import acts, schema
from collector.db import writing
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.test_pages import text_of
from web.finding import phone_digits

# as while somebody writes: a whole number leads nowhere yet
WRITING = {"HX-Request": "true"}


@pytest.fixture
def known(regency: Any, store: Engine) -> None:
    regency.site(SITE, "Benculuk", "slow")
    regency.site(OTHER, "Bayu", "down", district="Songgon")
    regency.site("35.10.06.2006", "Sraten Bayu", "normal", isp="ICON+")
    regency.incident("internet putus", OTHER)
    regency.contact(SITE, "Agus Prasetyo", "village", whatsapp="+6281200000151")
    regency.contact("35.10.11", "Hendra", "district", sms="+6281200000999")
    lines = [(SITE, "152401000151", ""), (OTHER, "", "K-2026/0077")]
    with writing(store) as connection:
        for site, service, contract in lines:
            row = {"site": site, "name": "main", "service_no": service, "contract_no": contract}
            connection.execute(insert(schema.uplinks).values(**row))


FINDS = [
    pytest.param("bencu", ["Benculuk"], id="part of a name"),
    pytest.param("BENCULUK", ["Benculuk"], id="capitals"),
    pytest.param("bayu", ["Bayu", "Sraten Bayu"], id="those that begin with it first"),
    pytest.param("sraten icon", ["Sraten Bayu"], id="a name and an ISP"),
    pytest.param("35.10.06", ["Benculuk", "Sraten Bayu"], id="part of a code, the worst first"),
    pytest.param("152401000151", ["Benculuk"], id="a service number"),
    pytest.param("k-2026/0077", ["Bayu"], id="a contract number"),
    pytest.param("0812-0000-0151", ["Agus Prasetyo"], id="a phone as people write it"),
    pytest.param("+62 812 0000 0999", ["Hendra"], id="a phone as programs write it"),
    pytest.param("#1", ["internet putus"], id="an incident's number"),
    pytest.param("%", [], id="a percent sign is itself"),
    pytest.param("' OR 1=1", [], id="a quote is itself"),
    pytest.param("<script>", [], id="a tag is itself"),
    pytest.param("²³", [], id="digits that are none"),
    pytest.param("", [], id="nothing"),
]


def found_on(page: str) -> list[str]:
    main = page.split('<div id="found"')[1].split("</main>")[0]
    listed = re.findall(r"<a href=\"/sites/[^\"?]+\">([^<]+)</a>|<b>([^<]+)</b>,", main)
    numbered = re.findall(r">?#\d+ ([^<,]+)", main)
    return [a or b for a, b in listed if not re.fullmatch(r"[\d.]+", a or b)] + numbered


@pytest.mark.parametrize(("text", "found"), FINDS)
def test_it_is_found(
    text: str, found: list[str], known: None, signed_in: Callable[..., Any]
) -> None:
    page = signed_in("noc").page("/search", query_string={"q": text}, headers=WRITING)
    assert found_on(page) == found


@pytest.mark.parametrize(
    ("text", "areas", "found"),
    [
        ("bayu", ["35.10.06"], ["Sraten Bayu"]),
        ("k-2026/0077", ["35.10.06"], []),
        ("6281200000999", ["35.10.06"], []),
        ("6281200000999", [OTHER], ["Hendra"]),
        ("#1", ["35.10.06"], []),
        ("#1", [OTHER], ["internet putus"]),
    ],
)
def test_what_lies_outside_ones_areas_is_not_there(
    text: str,
    areas: Sequence[str],
    found: list[str],
    known: None,
    signed_in: Callable[..., Any],
) -> None:
    page = signed_in("technician", areas).page("/search", query_string={"q": text}, headers=WRITING)
    assert found_on(page) == found


def test_what_is_not_watched_is_found_by_its_whole_code_only(
    known: None, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site("35.10.06.2099", "Bayu Lama", "down", lifecycle="retired")
    noc = signed_in("noc")
    assert found_on(noc.page("/search?q=bayu", headers=WRITING)) == ["Bayu", "Sraten Bayu"]
    assert noc.get("/search?q=35.10.06.2099").location == "/sites/35.10.06.2099"


def test_an_import_brings_other_numbers(
    known: None, store: Engine, regency: Any, signed_in: Callable[..., Any]
) -> None:
    noc = signed_in("noc")
    assert found_on(noc.page("/search?q=0812000077", headers=WRITING)) == []
    regency.contact("isp:Telkom", "Tri", "noc", whatsapp="+62812000077")
    with writing(store) as connection:
        acts.record(connection, NOW, "siti", "inventory", "contacts")
    assert found_on(noc.page("/search?q=0812000077", headers=WRITING)) == ["Tri"]


def test_who_only_looks_finds_no_phone(known: None, signed_in: Callable[..., Any]) -> None:
    text = text_of(signed_in("viewer").page("/search?q=081200000151"))
    assert "Tidak ditemukan" in text


def test_a_whole_code_leads_to_its_page(known: None, signed_in: Callable[..., Any]) -> None:
    answer = signed_in("noc").get(f"/search?q={SITE}")
    assert (answer.status_code, answer.location) == (302, f"/sites/{SITE}")
    assert signed_in("technician", ["35.10.07"]).get(f"/search?q={SITE}").status_code == 200


@pytest.mark.parametrize("query", ["a " * 6, "a" * 101])
def test_a_search_has_a_bound(query: str, known: None, signed_in: Callable[..., Any]) -> None:
    assert signed_in("noc").get("/search", query_string={"q": query}).status_code == 400


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0812-0000-0151", "6281200000151"),
        ("+62 812 0000 0151", "6281200000151"),
        ("(0812) 0000.0151", "6281200000151"),
        ("0151", "0151"),
        ("151", None),
        ("081a", None),
        ("", None),
    ],
)
def test_a_phone_however_it_is_written(text: str, digits: str | None) -> None:
    assert phone_digits(text) == digits
