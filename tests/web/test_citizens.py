"""The page of citizens' reports: who sees which, who may do what, what comes of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from alerts.citizens import numbers
from collector import schema
from collector.db import reading, writing
from collector.settings import Settings
from tests.web.conftest import HOUR, NOW, OTHER, SITE
from web.context import of

HERE, THERE = numbers.show("K7MPQ3HXT"), numbers.show("K7MPQ3HYF")


@pytest.fixture(autouse=True)
def reports(regency: Any, store: Engine) -> None:
    regency.site(SITE, "Sraten", "normal", lifecycle="active")
    regency.site(OTHER, "Plampangrejo", "normal", lifecycle="active")
    rows = [
        {"number": HERE, "site": SITE, "kind": "dead", "text": "wifi <b>mati</b> [nomor]",
         "held": "personal", "at": NOW - 5 * HOUR},
        {"number": THERE, "site": OTHER, "kind": "idea", "text": "tambah", "at": NOW - HOUR},
    ]  # fmt: skip
    with writing(store) as connection:
        for number, row in enumerate(rows, 1):
            connection.execute(insert(schema.citizen_reports).values(**row))
            left = {"report": number, "contact": f"+628123000000{number}", "at": NOW}
            connection.execute(insert(schema.citizen_contacts).values(**left))


def row(store: Engine, number: str = HERE) -> Any:
    with reading(store) as connection:
        t = schema.citizen_reports
        return connection.execute(select(t).where(t.c.number == number)).one()


def do(browser: Any, verb: str, number: str = HERE, **given: str) -> Any:
    return browser.post(f"/citizens/{number}/{verb}", form_on="/citizens", **given)


def test_what_is_open_stands_there_overdue_first_with_its_clock(signed_in: Any) -> None:
    page = signed_in().page("/citizens")
    assert page.index(HERE) < page.index(THERE)
    assert "terlambat 1 j" in page and "sisa 3 j" in page
    assert "&lt;b&gt;mati" in page and "meninggalkan kontak" in page


def test_a_village_sees_its_own_and_nothing_of_others(signed_in: Any) -> None:
    browser = signed_in("village", [SITE])
    page = browser.page("/citizens?state=all")
    assert HERE in page and THERE not in page
    assert "+6281230000001" in browser.page(f"/citizens/{HERE}")
    assert browser.get(f"/citizens/{THERE}").status_code == 404
    assert do(browser, "answer", THERE, text="x").status_code == 404


def test_who_only_looks_sees_no_numbers_of_citizens(signed_in: Any) -> None:
    browser = signed_in("viewer")
    assert browser.get("/citizens").status_code == 403
    assert browser.get(f"/citizens/{HERE}").status_code == 403
    assert "/citizens" not in browser.page("/")


def test_the_menu_leads_there_where_citizens_may_report(
    signed_in: Any, reachable: Callable[..., None]
) -> None:
    browser = signed_in()
    assert 'href="/citizens"' not in browser.page("/")
    reachable()
    assert 'href="/citizens"' in browser.page("/")


def test_a_technician_reads_and_does_not_answer(signed_in: Any, store: Engine) -> None:
    browser = signed_in("technician")
    page = browser.page(f"/citizens/{HERE}")
    assert "Gabung ke gangguan" not in page
    assert "+628" not in page and "•••" in page, "nor sees whose number it is"
    assert do(browser, "spam").status_code == 403
    assert row(store).state == "waiting"


def test_an_answer_handles_it_and_is_told(signed_in: Any, store: Engine) -> None:
    browser = signed_in("village", [SITE])
    assert do(browser, "answer", text="Besok diperbaiki.").status_code == 303
    found = row(store)
    assert (found.answer, found.handled_at, found.tell) == ("Besok diperbaiki.", NOW, "answered")
    assert found.by == "village.a"
    assert "Sudah dicatat" in browser.page(f"/citizens/{HERE}")


@pytest.mark.slow
def test_it_is_joined_to_an_open_incident_that_the_reader_may_see(
    signed_in: Any, store: Engine, regency: Any
) -> None:
    mine, elsewhere = regency.incident("Sraten", SITE), regency.incident("Plampang", OTHER)
    browser = signed_in("village", [SITE])
    do(browser, "join", incident=str(elsewhere))
    assert row(store).state == "waiting"
    do(browser, "join", incident=f"#{mine}")
    assert (row(store).state, row(store).incident) == ("joined", mine)
    assert f'href="/incidents/{mine}"' in browser.page("/citizens")
    assert f"/citizens?incident={mine}" in browser.page(f"/incidents/{mine}")
    assert f"/citizens?site={SITE}" in browser.page(f"/sites/{SITE}")


def test_what_is_marked_in_the_list_is_done_together_and_only_what_its_reader_may_see(
    signed_in: Any, store: Engine, regency: Any
) -> None:
    incident = regency.incident("Sraten", SITE)
    browser = signed_in()

    def marked(verb: str, numbers: list[str], **given: str) -> str:
        told = {"verb": verb, "number": numbers, **given}
        assert browser.post("/citizens/marked", form_on="/citizens", **told).status_code == 303
        return str(browser.page("/citizens?state=all"))

    assert "Tandai dulu laporannya." in marked("spam", [])
    assert "Tulis nomor gangguan terbuka" in marked("join", [HERE, THERE])
    assert row(store).state == "waiting"
    assert "2 laporan sudah dicatat." in marked("join", [HERE, THERE], incident=str(incident))
    assert [row(store, each).incident for each in (HERE, THERE)] == [incident, incident]
    marked("spam", [HERE])
    assert (row(store).state, row(store, THERE).state) == ("spam", "joined")
    theirs = signed_in("village", [SITE])
    told = {"verb": "spam", "number": THERE}
    assert theirs.post("/citizens/marked", form_on="/citizens", **told).status_code == 404
    assert browser.post("/citizens/marked", form_on="/citizens", verb="show").status_code == 404


@pytest.mark.parametrize(
    "verb, given, state, tell",
    [
        ("solve", {}, "solved", "solved"),
        ("close", {"text": "Di luar jangkauan."}, "closed", "closed"),
        ("spam", {}, "spam", ""),
    ],
)
def test_it_is_over(
    signed_in: Any, store: Engine, verb: str, given: dict[str, str], state: str, tell: str
) -> None:
    browser = signed_in()
    do(browser, verb, **given)
    assert (row(store).state, row(store).tell) == (state, tell)
    again = do(browser, "answer", text="x")
    assert again.status_code == 303 and row(store).answer != "x"
    assert "sudah selesai" in browser.page(f"/citizens/{HERE}")
    assert (HERE in browser.page("/citizens?state=all")) == (state != "spam")
    assert HERE in browser.page(f"/citizens?state={state}")
    if verb == "spam":
        assert row(store).text == ""


def test_words_are_shown_only_after_somebody_said_so(signed_in: Any, store: Engine) -> None:
    browser = signed_in()
    page = browser.page(f"/citizens/{HERE}")
    assert "Data pribadi, disamarkan" in page and "tidak terlihat oleh umum" in page
    do(browser, "show")
    assert row(store).shown
    do(browser, "hide")
    assert not row(store).shown


REFUSED = [
    ("no words", "answer", {"text": " "}, "Tulis jawaban"),
    ("too many words", "answer", {"text": "x" * 501}, "Tulis jawaban"),
    ("no reason", "close", {"text": ""}, "Tulis jawaban"),
    ("an incident that is none", "join", {"incident": "x"}, "nomor gangguan"),
    ("an incident that is nowhere", "join", {"incident": "99"}, "nomor gangguan"),
    ("a number beyond all", "join", {"incident": "9" * 30}, "nomor gangguan"),
]


@pytest.mark.parametrize("verb, given, says", [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_done_is_said(
    signed_in: Any, store: Engine, verb: str, given: dict[str, str], says: str
) -> None:
    browser = signed_in()
    do(browser, verb, **given)
    assert says in browser.page(f"/citizens/{HERE}")
    assert row(store).state == "waiting" and row(store).answer == ""


@pytest.mark.parametrize(
    "query",
    ["state=x", "kind=x", "area=x", "site=x", "incident=-1", "incident=99999999999"],
)
def test_a_filter_that_can_be_none_is_refused(signed_in: Any, query: str) -> None:
    assert signed_in().get(f"/citizens?{query}").status_code == 400


def test_a_verb_that_is_none(signed_in: Any) -> None:
    assert do(signed_in(), "dance").status_code == 404


@pytest.fixture
def reachable(app: Any, settings: Settings) -> Callable[..., None]:
    def make(**change: Any) -> None:
        told = {"public": True, "citizens": True, "public_url": "https://noc.example.go.id/"}
        made = replace(settings, citizen_number="0812-3456-7890", **(told | change))
        app.extensions["ronda"] = replace(of(app), settings=made)

    return make


def test_a_poster_leads_to_the_form_and_says_what_to_write(
    signed_in: Any, reachable: Callable[..., None]
) -> None:
    reachable()
    page = signed_in("village", [SITE]).page("/posters/print")
    assert f"https://noc.example.go.id/status/lapor/{SITE}" in page
    assert f"LAPOR {SITE} internet mati" in page and "0812-3456-7890" in page
    assert OTHER not in page and "<svg" in page


def test_posters_are_chosen_by_district(signed_in: Any, reachable: Callable[..., None]) -> None:
    reachable(public_hides=(OTHER,))
    browser = signed_in()
    page = browser.page("/posters")
    assert SITE in page and OTHER not in page
    assert SITE not in browser.page("/posters?area=35.10.11")
    assert browser.get("/posters?area=x").status_code == 400
    assert browser.get(f"/posters/print?site={OTHER}").status_code == 404
    assert browser.get("/posters/print?site=x").status_code == 404


@pytest.mark.parametrize(
    "change", [{"public": False}, {"citizens": False}, {"public_url": "http://127.0.0.1:8080"}]
)
def test_no_poster_leads_nowhere(
    signed_in: Any, reachable: Callable[..., None], change: dict[str, Any]
) -> None:
    reachable(**change)
    assert signed_in().get("/posters/print").status_code == 409
