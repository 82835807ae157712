"""A citizen's way: the form, the number, the page; and everybody who is not one."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from alerts.citizens import rows
from collector import schema
from collector.db import reading, writing
from collector.settings import Settings
from tests.web.conftest import HOUR, NOW, SITE
from web.context import of
from web.public import PREFIX

OTHER = "35.10.06.2006"
FORM, FOLLOW = f"{PREFIX}/lapor/{SITE}", f"{PREFIX}/laporan"
SECRET_WORDS = "kata Budi Santoso wifi di balai"


@pytest.fixture(autouse=True)
def desa(regency: Any) -> None:
    regency.site(SITE, "Sraten", "normal", lifecycle="active")
    regency.site(OTHER, "Plampangrejo", "normal", lifecycle="active")
    regency.site("35.10.06.2007-pos", "Pos Tegalsari", "normal", lifecycle="active")


def filled(anybody: Any, clock: Any, address: str = "203.0.113.9", **given: str) -> Any:
    """Read the form, wait as people do, send it."""
    page = anybody.page(given.pop("path", FORM))
    token = re.search(r'name="form" value="([^"]+)"', page)
    assert token is not None
    clock.now += 20
    told = {"form": token[1], "kind": "dead", "text": SECRET_WORDS, "contact": "", "website": ""}
    where = {"REMOTE_ADDR": address}
    return anybody.client.post(given.pop("to", FORM), data=told | given, environ_overrides=where)


def kept(store: Engine) -> list[Any]:
    with reading(store) as connection:
        return list(connection.execute(select(schema.citizen_reports)))


def test_a_report_leads_to_its_number_and_its_page_shows_nothing_that_was_typed(
    anybody: Any, clock: Any, store: Engine
) -> None:
    answer = filled(anybody, clock, contact="0812-3000-0001")
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    (row,) = kept(store)
    assert answer.headers["Location"] == f"{FOLLOW}/{row.number}"
    page = anybody.page(answer.headers["Location"])
    assert (
        row.number in page and "Internet mati, Desa Sraten" in page and "menunggu petugas" in page
    )
    for typed in ("Budi", "balai", "0812", "+62", "203.0.113"):
        assert typed not in page
    assert "paling lambat 20.12 WIB" in page


def test_what_somebody_of_the_centre_has_looked_at_may_be_shown(
    anybody: Any, clock: Any, store: Engine
) -> None:
    where = filled(anybody, clock).headers["Location"]
    with writing(store) as connection:
        connection.execute(update(schema.citizen_reports).values(shown=True, answer="<b>Besok</b>"))
    page = anybody.page(where)
    assert SECRET_WORDS in page and "&lt;b&gt;Besok" in page


def test_its_words_never_stand_on_any_other_public_page(
    anybody: Any, clock: Any, store: Engine
) -> None:
    number = filled(anybody, clock).headers["Location"].rpartition("/")[2]
    for path in (f"{PREFIX}/", FORM, FOLLOW):
        page = anybody.page(path)
        assert number not in page and "Budi" not in page


def test_english_stays_english_through_the_form(anybody: Any, clock: Any, store: Engine) -> None:
    answer = filled(anybody, clock, path=f"{FORM}?lang=en", to=f"{FORM}?lang=en")
    assert answer.headers["Location"].endswith("?lang=en")
    assert kept(store)[0].language == "en"
    assert "Received: somebody will look at it" in anybody.page(answer.headers["Location"])


REFUSED = [
    ("no kind", {"kind": ""}, "Pilih keluhan"),
    ("a kind that is none", {"kind": "x"}, "Pilih keluhan"),
    ("no contact that is one", {"contact": "Budi"}, "Isi nomor HP"),
    ("the trap", {"website": "http://x"}, "tidak lengkap"),
    ("a token that is none", {"form": "1.x"}, "tidak lengkap"),
    ("no token", {"form": ""}, "tidak lengkap"),
]


@pytest.mark.parametrize("given, says", [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_form_that_is_not_taken_comes_back_with_its_words(
    anybody: Any, clock: Any, store: Engine, given: dict[str, str], says: str
) -> None:
    answer = filled(anybody, clock, **given)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (422, "no-store")
    assert says in page and SECRET_WORDS in page
    assert kept(store) == []


def test_a_form_that_was_filled_faster_than_people_do_is_not_taken(
    anybody: Any, clock: Any, store: Engine
) -> None:
    clock.now -= 20  # what `filled` waits
    page = anybody.page(FORM)
    token = re.findall(r'name="form" value="([^"]+)"', page)[0]
    answer = anybody.client.post(FORM, data={"form": token, "kind": "dead"})
    assert answer.status_code == 422 and kept(store) == []


def test_a_form_of_another_site_files_nothing_here(anybody: Any, clock: Any, store: Engine) -> None:
    assert filled(anybody, clock, path=f"{PREFIX}/lapor/{OTHER}").status_code == 422
    assert kept(store) == []


@pytest.mark.slow
def test_the_sixth_site_of_one_address_in_a_day_is_refused(
    anybody: Any, clock: Any, store: Engine, regency: Any
) -> None:
    for number in range(6):
        code = f"35.10.06.21{number:02}"
        regency.site(code, f"Desa {number}", lifecycle="active")
        path = f"{PREFIX}/lapor/{code}"
        answer = filled(anybody, clock, path=path, to=path)
    assert answer.status_code == 429 and "banyak laporan" in answer.get_data(as_text=True)
    assert len(kept(store)) == 5


def test_a_number_is_found_however_it_is_typed(anybody: Any, clock: Any, store: Engine) -> None:
    filled(anybody, clock)
    number = kept(store)[0].number
    typed = number.lower().replace("-", " ")
    answer = anybody.client.post(FOLLOW, data={"number": typed})
    assert answer.headers["Location"] == f"{FOLLOW}/{number}"
    wrong = anybody.client.post(FOLLOW, data={"number": "K7M"})
    assert wrong.status_code == 422 and "bukan nomor laporan" in wrong.get_data(as_text=True)


def test_what_is_part_of_an_incident_says_since_when_it_is_known(
    anybody: Any, clock: Any, store: Engine, regency: Any
) -> None:
    where = filled(anybody, clock).headers["Location"]
    number = regency.incident("Sraten", SITE)
    with writing(store) as connection:
        values = {"state": "joined", "incident": number}
        connection.execute(update(schema.citizen_reports).values(**values))
    page = anybody.page(where)
    assert "sedang ditangani" in page and "diketahui sejak 15.12 WIB" in page
    # who was answered while the fault goes on does not read that it is handled
    with writing(store) as connection:
        told = {"handled_at": NOW, "answered_at": NOW, "answer": "Sabar."}
        connection.execute(update(schema.citizen_reports).values(**told))
    clock.now += HOUR
    assert "verdict slow" in anybody.page(where) and "Sabar." in anybody.page(where)
    with writing(store) as connection:
        connection.execute(update(schema.incidents).values(handled_at=NOW, state="handled"))
    clock.now += HOUR
    page = anybody.page(where)
    assert "verdict normal" in page and "diketahui sejak" not in page


def test_what_enough_people_say_stands_on_the_page_of_the_village_in_our_words(
    anybody: Any, regency: Any
) -> None:
    told = '{"told": {"message": "citizens_internet", "count": "3"}}'
    more = {"subject": "hotspot", "severity": "warning", "details": told}
    regency.incident("Sraten", SITE, key=f"citizens:{SITE}/internet", **more)
    assert "Warga melapor internet terganggu" in anybody.page(f"{PREFIX}/{SITE}")


@pytest.mark.parametrize(
    "values, says",
    [
        ({}, "Kami terlambat"),
        ({"handled_at": NOW + HOUR}, "Tertangani"),
        ({"state": "solved", "over_at": NOW + HOUR}, "Masih terganggu?"),
        ({"state": "closed", "over_at": NOW + HOUR}, "Ditutup"),
    ],
)
def test_how_a_report_is_said_to_be(
    anybody: Any, clock: Any, store: Engine, values: dict[str, Any], says: str
) -> None:
    where = filled(anybody, clock).headers["Location"]
    clock.now = NOW + 5 * HOUR
    if values:
        with writing(store) as connection:
            connection.execute(update(schema.citizen_reports).values(**values))
    assert says in anybody.page(where)


def test_spam_has_no_page(anybody: Any, clock: Any, store: Engine) -> None:
    where = filled(anybody, clock).headers["Location"]
    with writing(store) as connection:
        connection.execute(update(schema.citizen_reports).values(state="spam"))
    assert anybody.get(where).status_code == 404


ABSENT = [
    f"{PREFIX}/lapor/35.10.99.2001",
    f"{PREFIX}/lapor/35.10",
    f"{PREFIX}/lapor/x",
    f"{PREFIX}/laporan/K7M-PQ3-HXT",
    f"{PREFIX}/laporan/x",
    f"{PREFIX}/laporan/{'9' * 200}",
]


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_there(anybody: Any, path: str) -> None:
    assert anybody.get(path).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"citizens": False}, {"public": False}, {"public_hides": ("35.10.06",)}],
    ids=["off", "nothing public", "hidden"],
)
def test_where_nobody_may_report(
    app: Any, anybody: Any, settings: Settings, change: dict[str, Any]
) -> None:
    app.extensions["ronda"] = replace(of(app), settings=replace(settings, **change))
    assert anybody.get(FORM).status_code == 404
    assert anybody.client.post(FORM, data={"kind": "dead"}).status_code == 404
    if "public_hides" not in change:
        assert anybody.get(FOLLOW).status_code == 404


def test_a_village_whose_main_site_is_not_watched_reports_about_another(
    anybody: Any, clock: Any, store: Engine
) -> None:
    path = f"{PREFIX}/lapor/35.10.06.2007"
    assert filled(anybody, clock, path=path, to=path).status_code == 303
    assert kept(store)[0].site == "35.10.06.2007-pos"


def test_the_page_of_a_village_leads_to_its_form(anybody: Any) -> None:
    assert f'href="{FORM}"' in anybody.page(f"{PREFIX}/{SITE}")


def test_a_site_that_is_not_in_service_has_no_form(anybody: Any, regency: Any) -> None:
    regency.site("35.10.06.2099", "Nanti", lifecycle="planned")
    assert anybody.get(f"{PREFIX}/lapor/35.10.06.2099").status_code == 404


def test_whoever_reports_sees_first_whether_it_is_theirs_alone(anybody: Any, regency: Any) -> None:
    assert "Internet kantor desa: Dapat dipakai." in anybody.page(FORM)
    assert f'href="{PREFIX}/{SITE}"' in anybody.page(FORM)
    pos = f"{PREFIX}/lapor/35.10.06.2007-pos"
    assert "Internet Pos Tegalsari: Dapat dipakai." in anybody.page(pos)
    regency.site("35.10.06.2012", "Diam", "unknown", lifecycle="active")
    page = anybody.page(f"{PREFIX}/lapor/35.10.06.2012")
    assert 'class="say unknown"' in page and "Belum ada kabar sejak" in page


def test_the_form_says_how_to_report_without_internet(anybody: Any) -> None:
    assert f"1708: <b>LAPOR {SITE} internet mati</b>" in anybody.page(FORM)


@pytest.mark.parametrize("path", [FORM, f"{FORM}?lang=en", FOLLOW])
def test_a_page_is_small(anybody: Any, path: str) -> None:
    sheet = anybody.page(anybody.page(path).split('rel="stylesheet" href="')[1].split('"')[0])
    assert len(anybody.page(path)) + len(sheet) <= 30_000


def test_the_page_of_a_report_is_small(
    anybody: Any, clock: Any, store: Engine, account: Callable[..., str]
) -> None:
    where = filled(anybody, clock).headers["Location"]
    with writing(store) as connection:
        values = {"shown": True, "answer": "ya " * 160, "text": "x" * 500}
        connection.execute(update(schema.citizen_reports).values(**values))
        assert rows.count(connection) == 1
    assert len(anybody.page(where)) <= 10_000
