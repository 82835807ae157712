"""One incident is called the same on every page, and who speaks again is said to be back."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from alerts import members
from alerts.docket import Docket
from collector.db import reading, writing
from tests.web.cases import Cases
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.test_pages import text_of
from web import walls
from web.berita_acara import again
from web.public.tales import tale
from web.tongue import speaking

THIRD = "35.10.12.2004"


@pytest.fixture
def storm(store: Engine, regency: Any) -> int:
    """Three villages behind one POP: the first is back, and what could be done is done."""
    regency.site(SITE, "Benculuk", "normal")
    regency.site(OTHER, "Bayu", "down", district="Songgon")
    regency.site(THIRD, "Kemiren", "down", district="Glagah")
    cases = Cases(store)
    number = cases.storm("POP Srono", [SITE, OTHER, THIRD], cause="isp", confidence=0.7)
    held = {"acknowledged_by": "Rian", "handled_at": NOW - 60}
    cases.change(number, state="handled", **held)
    with writing(store) as connection:
        members.mark(connection, [(number, f"site:{SITE}", NOW - 60, False)])
    return number


@pytest.fixture
def rows(store: Engine, signed_in: Callable[..., Any]) -> Callable[[], list[str]]:
    """The incident as the overview, the list and the wall have it."""
    _, wall = walls.add(store, "kiri", [], "id", "dewi", NOW)
    browser = signed_in("noc")
    pages = ("/", "/incidents", wall)
    return lambda: [
        "</head>" + re.findall(r'<li class="incident".*?</li>', browser.page(page), re.S)[0]
        for page in pages
    ]


def test_an_incident_has_one_name_and_one_state_wherever_it_stands(
    storm: int, rows: Callable[[], list[str]]
) -> None:
    for row in rows():
        text = text_of(row)
        assert "POP Srono: gangguan massal" in text and "(Gangguan)" in text
        assert "3 lokasi , 1 kembali, diamati" in text
        assert "Gangguan di penyedia (ISP), dugaan" in text
        assert "Rian belum pulih" in text and text.count("tertangani") == 1
        assert 'class="v down"' in row


def test_nobody_is_down_in_a_storm_of_which_all_are_back(
    storm: int, store: Engine, rows: Callable[[], list[str]]
) -> None:
    Cases(store).good(storm, NOW - 30)
    for row in rows():
        text = text_of(row)
        assert "3 lokasi , semua kembali, diamati" in text and "(Kembali, diamati)" in text
        assert 'class="v normal"' in row and "Gangguan)" not in row


def test_who_sees_one_district_reads_how_theirs_is_and_how_many_are_back(
    storm: int, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("technician", ["35.10.06"])
    for page in ("/", "/incidents"):
        text = text_of(browser.page(page))
        assert "(Kembali, diamati)" in text and "3 lokasi , 1 kembali, diamati" in text
        assert "Songgon" not in text


def test_what_nobody_saw_end_is_not_called_back(
    storm: int, store: Engine, rows: Callable[[], list[str]], signed_in: Callable[..., Any]
) -> None:
    with writing(store) as connection:
        members.mark(connection, [(storm, f"site:{SITE}", NOW - 60, True)])
        members.mark(connection, [(storm, f"site:{OTHER}", NOW - 60, False)])
    for row in rows():
        assert "3 lokasi , 1 kembali, diamati" in text_of(row)
    page = text_of(signed_in("technician").page(f"/incidents/{storm}"))
    assert "Benculuk Cluring Normal 15.12 -" in page and "Bayu Songgon Putus 15.12 16.11" in page
    with reading(store) as connection, speaking("id"):
        (case,) = Docket().look(connection)
        told = [tale(case, frozenset([code]), lambda *_: "") for code in (SITE, OTHER)]
    assert [one and one.shape for one in told] == ["unknown", "normal"]


@pytest.mark.parametrize(
    ("good_at", "unseen", "said"),
    [(None, False, "belum"), (None, True, "belum"), (NOW, True, "-"), (NOW, False, "16.12 WIB")],
)
def test_the_record_on_paper_names_no_recovery_that_nobody_saw(
    good_at: float | None, unseen: bool, said: str
) -> None:
    member = members.Member(1, "site:x", SITE, "x", NOW - 60, NOW - 60, good_at, unseen)
    with speaking("id"):
        assert again(member, ZoneInfo("Asia/Jakarta")).endswith(said)


def test_everybody_reads_of_a_village_that_is_back_that_it_is(storm: int, store: Engine) -> None:
    with reading(store) as connection, speaking("id"):
        (case,) = Docket().look(connection)
        told = [tale(case, frozenset(here), lambda *_: "") for here in ([SITE], [SITE, OTHER])]
    assert [one and one.shape for one in told] == ["normal", "unknown"]
    assert told[0] and told[0].stage == "Di sini sudah berfungsi lagi dan masih diamati."
    assert told[1] and list(told[1].sites) == [OTHER], "of both it is the one that is not back"
