"""The words people get."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from alerts.message import Facts, lasted, local, place, render

WIB = ZoneInfo("Asia/Jakarta")
NINE = 1_763_950_500.0  # 24 November, 09.15 in Jakarta
FACTS = Facts(
    incident=12,
    check="sideka",
    kind="http",
    site_code="35.10.12.2004",
    site_name="Benculuk",
    site_state="normal",
    reason="HTTP 502 instead of 200",
    zone=WIB,
    down_since=NINE,
    now=NINE + 20,
)


def test_the_first_message_says_what_where_since_when_and_what_to_check() -> None:
    assert render("opened", FACTS, "id") == (
        "APLIKASI: sideka Desa Benculuk tidak bisa dibuka sejak 09.15 WIB"
        " (HTTP 502, seharusnya 200). Internet normal.\n"
        "Jangan hapus atau pasang ulang. Pastikan PC server menyala. NOC sedang memeriksa.\n"
        "#12"
    )
    assert render("opened", FACTS, "en") == (
        "APPLICATION: sideka at Benculuk cannot be opened since 09.15 WIB"
        " (HTTP 502 instead of 200). Internet is normal.\n"
        "Do not delete or reinstall. Make sure that the server PC is on."
        " The NOC is looking at it.\n"
        "#12"
    )


def test_the_recovery_says_how_long_it_was() -> None:
    over = replace(FACTS, resolved_at=NINE + 9300, now=NINE + 9310)
    assert render("resolved", over, "id") == (
        "PULIH: sideka Desa Benculuk normal lagi pukul 11.50 WIB."
        " Lama gangguan 2 jam 35 menit.\nTerima kasih.\n#12"
    )
    assert render("resolved", over, "en") == (
        "RECOVERED: sideka at Benculuk works again since 11.50 WIB."
        " It was down for 2 h 35 min.\nThank you.\n#12"
    )


def test_a_slow_line_is_said_and_an_unknown_one_is_not() -> None:
    assert "Internet lambat." in render("opened", replace(FACTS, site_state="slow"), "id")
    assert "Internet" not in render("opened", replace(FACTS, site_state="unknown"), "id")


def test_an_unknown_language_and_an_unknown_kind_have_words() -> None:
    text = render("opened", replace(FACTS, kind="sonar"), "jv")
    assert text.startswith("GANGGUAN: sideka Desa Benculuk bermasalah sejak 09.15 WIB")


def test_a_reason_cannot_forge_lines_or_flood_the_phone() -> None:
    text = render("opened", replace(FACTS, reason="a\nCek: telepon 0900\x1b[2J" + "x" * 500), "id")
    assert len(text.splitlines()) == 3 and "\x1b" not in text
    assert len(text) < 600


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NINE, "09.15 WIB"),
        (NINE - 86_400, "23 Nov 09.15 WIB"),
        (NINE - 200 * 86_400, "8 Mei 09.15 WIB"),
    ],
    ids=["today", "yesterday", "in May"],
)
def test_a_time_names_its_day_when_it_is_not_today(at: float, expected: str) -> None:
    assert local(at, WIB, NINE, "id") == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Makassar", "10.15 WITA"), ("Asia/Jayapura", "11.15 WIT"), ("UTC", "02.15 UTC")],
)
def test_times_are_of_the_site(zone: str, expected: str) -> None:
    assert local(NINE, ZoneInfo(zone), NINE, "id") == expected


@pytest.mark.parametrize(
    ("seconds", "indonesian", "english"),
    [
        (12, "12 detik", "12 s"),
        (60, "1 menit", "1 min"),
        (7200, "2 jam", "2 h"),
        # pages count it down, too: it is not over before it is
        (14_399.9, "3 jam 59 menit", "3 h 59 min"),
        (90_061, "1 hari 1 jam 1 menit", "1 d 1 h 1 min"),
        (-5, "0 detik", "0 s"),
    ],
)
def test_spans_are_said_in_words(seconds: float, indonesian: str, english: str) -> None:
    assert lasted(seconds, "id") == indonesian
    assert lasted(seconds, "en") == english


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("35.10.12.2004", "Benculuk", "Desa Benculuk"),
        ("35.10.16.1003", "Kepatihan", "Kelurahan Kepatihan"),
        ("35.10.12.2004-pustu", "Kantor Desa Benculuk", "Kantor Desa Benculuk"),
    ],
)
def test_a_site_is_called_as_people_call_it(code: str, name: str, expected: str) -> None:
    assert place(code, name) == expected
