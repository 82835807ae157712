"""One incident's page: what it tells whom, and its record on paper."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from alerts import hands, mutes, steering
from alerts.photos import Picture, add
from collector import schema
from collector.db import writing
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE
from tests.web.test_pages import Inline, text_of
from web import paper

pytestmark = pytest.mark.slow


@pytest.fixture
def cases(store: Engine, regency: Any) -> Cases:
    regency.site(SITE, "Benculuk", "down", isp="Telkom")
    regency.site(OTHER, "Bayu", "unknown", district="Songgon", isp="ICON+")
    regency.contact(SITE, "Agus", "village", whatsapp="+62811")
    regency.contact(OTHER, "Lina", "village", whatsapp="+62822")
    regency.contact("*", "Dewi", "noc", whatsapp="+62833")
    line = {"site": SITE, "name": "main", "isp": "Telkom", "isp_phone": "188", "service_no": "1315"}
    with writing(store) as connection:
        connection.execute(insert(schema.uplinks).values(**line))
    return Cases(store)


@pytest.fixture
def number(cases: Cases, store: Engine) -> int:
    """A fiber cut in hands, reported to the provider."""
    evidence = ("the optical receiver saw no light",)
    made = cases.open(SITE, "Benculuk", 2, cause="fiber", confidence=0.72, evidence=evidence)
    with writing(store) as connection:
        hands.take(connection, made, "dewi", NOW - 1.5 * HOUR)
        steering.ticket(connection, made, "IN-218804", NOW - HOUR, "dewi", NOW - 0.9 * HOUR)
        hands.note(connection, made, "dewi", NOW - 600, "tim berangkat dari Jajag")
    return made


def test_it_tells_what_since_when_why_and_who(
    number: int, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    cases.told(number, "Agus", target="+62811", sent_at=NOW - 2 * HOUR)
    cases.told(number, "Agus", channel="sms", state="failed", answer="no such number")
    cases.told(number, "Kades", channel="phone", state="task", target="+62899")
    text = text_of(signed_in("noc").page(f"/incidents/{number}"))
    for told in (
        "Benculuk: internet putus",
        "Gangguan genting sejak 14.12 (2 j 00 mnt) Ditangani: dewi",
        "SOP: tertangani dalam 4 jam sisa 2 j 00 mnt",
        "batas 18.12",
        "Diakui 14.42 30 mnt, dewi",
        "Tertangani belum batas 18.12",
        "Dugaan penyebab Kabel FO putus keyakinan 72% penerima optik tidak melihat cahaya",
        "Penyedia Telkom 188 Nomor layanan 1315 Tiket IN-218804, 15.12, dewi",
        "Agus petugas TI desa WhatsApp terkirim 14.12",
        "SMS gagal no such number",
        "Kades telepon manual +62899 harus ditelepon",
        "16.02 Catatan: dewi tim berangkat dari Jajag",
        "15.18 Tiket penyedia: dewi IN-218804",
        "14.12 Gangguan dikenali tidak berbagi jalur dengan yang lain",
    ):
        assert told in text, told


def test_a_storm_shows_its_members_and_those_elsewhere_as_a_number(
    cases: Cases, signed_in: Callable[..., Any]
) -> None:
    number = cases.storm("POP Genteng", [SITE, OTHER])
    cases.told(number, "Agus", target="+62811")
    cases.told(number, "Lina", target="+62822")
    cases.told(number, "Dewi", target="+62833")
    all_of_it = text_of(signed_in("noc").page(f"/incidents/{number}"))
    assert "POP Genteng: gangguan massal, 2 lokasi" in all_of_it
    assert "Benculuk Cluring Putus 15.12" in all_of_it
    assert "Bayu Songgon Tidak diketahui 15.12" in all_of_it
    assert "Lina" in all_of_it
    part = text_of(signed_in("village", [SITE]).page(f"/incidents/{number}"))
    assert "1 di luar wilayah Anda" in part
    assert "1 lagi di luar wilayah Anda" in part
    for hidden in ("Bayu", "Lina", "Songgon"):
        assert hidden not in part
    assert "Dewi" in part, "the control room is everybody's"


def test_a_warning_is_called_so_once(cases: Cases, signed_in: Callable[..., Any]) -> None:
    number = cases.open(SITE, "Benculuk", key="UplinkSlow|x", severity="warning")
    assert "Peringatan sejak" in text_of(signed_in("noc").page(f"/incidents/{number}"))


def test_people_of_one_name_elsewhere_stay_unseen(
    cases: Cases, signed_in: Callable[..., Any]
) -> None:
    number = cases.storm("POP Genteng", [SITE, OTHER])
    cases.told(number, "Agus", target="+62811")
    # no contact has this number: he may be anybody's
    cases.told(number, "Agus", target="+62899")
    cases.line(number, "told", "Agus, Lina: nobody has it")
    part = text_of(signed_in("village", [SITE]).page(f"/incidents/{number}"))
    assert "1 lagi di luar wilayah Anda" in part
    assert "+62899" not in part
    assert "Lina" not in part
    assert "Agus, Lina" in text_of(signed_in("noc").page(f"/incidents/{number}"))


def test_who_only_looks_on_sees_no_numbers_and_no_buttons(
    number: int, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    cases.told(number, "Kades", channel="phone", state="task", target="+62899")
    page = signed_in("viewer").page(f"/incidents/{number}")
    assert "62899" not in page
    assert f'action="/incidents/{number}' not in page
    assert "Hak akses Anda tidak mengizinkan" in page


BUTTONS = {
    "viewer": set(),
    "village": {"handled", "note", "photo"},
    "technician": {"handled", "note", "photo", "assign", "pause", "cause", "ticket"},
    "noc": {"handled", "note", "photo", "assign", "pause", "cause", "ticket", "merge", "mute"},
}


@pytest.mark.parametrize("role", BUTTONS)
def test_everybody_finds_the_buttons_of_their_role(
    role: str, number: int, signed_in: Callable[..., Any]
) -> None:
    page = signed_in(role, [SITE]).page(f"/incidents/{number}")
    assert set(re.findall(rf'action="/incidents/{number}/(\w+)"', page)) == BUTTONS[role]


def test_a_clock_that_stands_is_broken_and_its_limit_moves(
    number: int, store: Engine, signed_in: Callable[..., Any], clock: Any
) -> None:
    with writing(store) as connection:
        steering.pause(connection, number, "menunggu ISP", "dewi", NOW - HOUR)
        steering.resume(connection, number, "dewi", NOW - 0.5 * HOUR)
    browser = signed_in("noc")
    page = browser.page(f"/incidents/{number}")
    assert 'class="gone" d="M0 19H57.5M62.5 19H90"' in page
    assert "batas 18.42" in text_of(page)
    with writing(store) as connection:
        steering.pause(connection, number, "menunggu PLN", "dewi", NOW)
    clock.now += HOUR
    page = browser.page(f"/incidents/{number}")
    assert 'class="ruler paused"' in page
    text = text_of(page)
    assert "dijeda sejak 16.12: menunggu PLN dijeda" in text
    assert "batas 19.42" in text
    assert "Jalankan jam lagi" in text


@pytest.mark.parametrize(
    ("role", "told"),
    [("noc", "Masukkan kontak"), ("technician", "Ruang kendali atau administrator")],
)
def test_that_nobody_can_be_told_is_said_with_where_to_enter_somebody(
    role: str, told: str, regency: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "down")
    regency.contact("isp:Telkom", "Telkom", "isp", whatsapp="+62811")
    number = Cases(store).open(SITE, "Benculuk")
    browser = signed_in(role)
    page = browser.page(f"/incidents/{number}")
    assert "Tidak ada kontak untuk lokasi ini: tidak ada yang diberi tahu." in text_of(page)
    assert told in text_of(page)
    assert (f"scope={SITE}" in page) is (role == "noc")
    regency.contact("35.10", "Dewi", "noc", email="dewi@example.go.id")
    assert "Tidak ada kontak" not in text_of(browser.page(f"/incidents/{number}"))
    text = text_of(browser.page(f"/incidents/{number}"))
    assert "Tidak ada saluran yang sampai ke kontaknya: tidak ada yang diberi tahu." in text


@pytest.mark.slow
def test_a_mute_and_a_merge_are_said(
    number: int, cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    with writing(store) as connection:
        mutes.add(connection, f"incident:{number}", "tim di lokasi", "dewi", NOW, NOW + HOUR)
    browser = signed_in("noc")
    text = text_of(browser.page(f"/incidents/{number}"))
    assert "Dibisukan sampai 17.12 oleh dewi: tim di lokasi" in text
    into = cases.storm("POP", [OTHER])
    with writing(store) as connection:
        steering.merge(connection, number, into, "dewi", NOW)
    assert f'href="/incidents/{into}"' in browser.page(f"/incidents/{number}")


def test_a_photo_is_shown_to_those_who_see_the_incident(
    number: int, store: Engine, signed_in: Callable[..., Any], visitor: Callable[[], Any]
) -> None:
    with writing(store) as connection:
        add(connection, number, Picture(b"\xff\xd8\xff", 4, 3), "Agus", NOW)
    path = f"/incidents/{number}/photos/1.jpg"
    browser = signed_in("viewer")
    assert path in browser.page(f"/incidents/{number}")
    answer = browser.get(path)
    assert (answer.data, answer.content_type) == (b"\xff\xd8\xff", "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert signed_in("village", [OTHER]).get(path).status_code == 404
    assert visitor().get(path).status_code == 303
    assert browser.get(f"/incidents/{number}/photos/2.jpg").status_code == 404


def test_a_photo_that_cannot_be_is_not_there(number: int, signed_in: Callable[..., Any]) -> None:
    assert signed_in("noc").get(f"/incidents/{number}/photos/{2**63}.jpg").status_code == 404


def test_what_people_wrote_is_text_on_the_page(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    bad = "<script>alert(1)</script>"
    number = cases.open(SITE, bad, evidence=(bad,), details={"kind": "down"})
    with writing(store) as connection:
        hands.note(connection, number, bad, NOW, bad)
        steering.ticket(connection, number, bad, NOW, bad, NOW)
    cases.told(number, bad, channel=bad, answer=bad, state="failed")
    browser = signed_in("noc")
    for path in ("/incidents", f"/incidents/{number}"):
        parser = Inline()
        page = browser.page(path)
        parser.feed(page)
        assert parser.found == []
        assert bad not in page


def test_the_record_is_a_pdf_of_the_facts(number: int, signed_in: Callable[..., Any]) -> None:
    answer = signed_in("village", [SITE]).get(f"/incidents/{number}/berita-acara.pdf")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert f"berita-acara-{number}.pdf" in answer.headers["Content-Disposition"]
    assert b"FontFile2" in answer.data, "the type is embedded"


def test_the_same_record_is_the_same_bytes(number: int, signed_in: Callable[..., Any]) -> None:
    browser = signed_in("noc")
    first, second = (browser.get(f"/incidents/{number}/berita-acara.pdf").data for _ in "ab")
    assert first == second


@pytest.mark.slow
def test_paper_takes_what_people_write_as_words() -> None:
    sheets = paper.Sheets("T", "foot <b>")
    sheets.head("<img src='/etc/passwd'/>", "</para>")
    sheets.facts([["<font", "& 😀 \x00 \n ünï"]])
    sheets.table(["a", "b"], [["<br", "x" * 5000]] * 20, [30])
    sheets.signatures("<i>", ["<a>", "b"], ["c", "d"])
    assert sheets.pdf().startswith(b"%PDF-")
    assert paper.known("Desa ünï – 😀") == "Desa ünï – ?"
