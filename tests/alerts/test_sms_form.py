"""160 characters of GSM-7, never another one, whatever a name or a reason is."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.strict import Refused
from alerts import gsm7
from alerts.message import MOST_CHARS, Facts, render, sms
from alerts.words import LANGUAGES, Template, fill, parts, read, words
from tests import amounts
from tests.alerts.test_message import FACTS, NINE

TEXT = st.text(max_size=300)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    return Facts(
        incident=draw(st.integers(1, 10**9)),
        check=draw(TEXT),
        kind=draw(st.sampled_from(["http", "tcp", "dns", "ping", "known", "service", "x"])),
        site_code=draw(st.sampled_from(["35.10.12.2004", "35.10.16.1003-pustu"])),
        site_name=draw(TEXT),
        site_state=draw(st.sampled_from(["normal", "slow", "unknown", ""])),
        reason=draw(TEXT),
        zone=ZoneInfo(draw(st.sampled_from(["Asia/Jakarta", "Asia/Jayapura"]))),
        down_since=NINE - draw(st.integers(0, 10**7)),
        now=NINE,
        cause=draw(st.sampled_from(["", "power", "app"])),
        isp=draw(TEXT),
        isp_phone=draw(st.sampled_from(["", "147", "+622150001234"])),
        service_no=draw(TEXT),
        link=draw(st.sampled_from(["", "https://ronda.desa.test/i/4821?t=abcdef0123456789"])),
        replies=draw(st.booleans()),
    )


@pytest.mark.slow
@settings(max_examples=amounts.times(80), deadline=None)
@given(facts(), st.sampled_from(["opened", "resolved"]), st.sampled_from([*LANGUAGES, "jv"]))
def test_an_sms_is_one_sms(told: Facts, news: str, language: str) -> None:
    text = sms(news, told, language)
    assert len(text) <= 160
    assert set(text) <= gsm7.ALPHABET
    assert text.endswith(str(told.incident)) and "\n" not in text


@pytest.mark.slow
@settings(max_examples=amounts.times(50), deadline=None)
@given(facts(), st.sampled_from(["opened", "resolved"]), st.sampled_from(LANGUAGES))
def test_a_text_is_600_characters_and_has_its_number(told: Facts, news: str, language: str) -> None:
    text = render(news, told, language)
    assert len(text) <= MOST_CHARS
    assert text.splitlines()[-1].endswith(str(told.incident))
    assert len(text.splitlines()) <= 4


@pytest.mark.slow
@settings(max_examples=amounts.times(60), deadline=None)
@given(TEXT)
def test_any_text_becomes_gsm7(text: str) -> None:
    assert set(gsm7.plain(text)) <= gsm7.ALPHABET


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Désa “Benculuk” – 5 × 3…", 'Désa "Benculuk" - 5 x 3...'),
        ("naïf ō ç", "naif o c"),
        ("a[b]{c}~€", "a(b)(c)-EUR"),
        ("😀 漢", "? ?"),
        ("a\u200bb\u202ec", "abc"),
    ],
)
def test_words_stay_readable(text: str, expected: str) -> None:
    assert gsm7.plain(text) == expected


def test_long_names_are_shortened_before_the_number_is_lost() -> None:
    long = replace(
        FACTS, site_name="Kantor Desa Sumberberas Muncar Banyuwangi Selatan", check="a" * 90
    )
    text = sms("opened", long, "id")
    assert text.startswith("APLIKASI aaaaaa") and "Ktr Ds Sumberberas" in text
    assert text.endswith("#12")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_whole_in_both_languages(language: str) -> None:
    known = words(language)
    assert set(known.templates) == set(words("id").templates)
    assert set(known.causes) == set(words("id").causes)
    for template in known.templates.values():
        full = dict.fromkeys(
            ["place", "short", "check", "check_short", "since", "at", "broken", "isp", "news"], "X"
        )
        text = fill(template.text, full)
        assert text and not set("{}[]") & set(text)
        assert not set("{}[]") & set(" ".join(parts(template, full)))


def test_the_villages_first_message_is_as_the_field_wants_it() -> None:
    line = {"isp": "Telkom", "isp_phone": "147", "service_no": "152201"}
    told = replace(FACTS, check="", kind="", reason="", **line)
    assert render("opened", told, "id", "internet") == (
        "GANGGUAN: Internet Desa Benculuk putus sejak 09.15 WIB.\n"
        "Cek dulu: 1) Lampu modem (ONT) menyala? 2) Lampu LOS merah?"
        " 3) Kabel ke router terpasang?\n"
        "LOS merah: telepon Telkom 147, sebut nomor layanan 152201.\n#12"
    )
    assert sms("opened", replace(told, replies=True), "id", "internet") == (
        "PUTUS internet Ds Benculuk sejak 09.15. Cek modem, lampu LOS."
        " LOS merah: tlp Telkom 147. Balas OK 12"
    )


def test_silence_is_told_as_no_word_and_not_as_a_fault() -> None:
    line = {"isp": "Telkom", "isp_phone": "147", "service_no": "152201"}
    told = replace(FACTS, check="", kind="", reason="", **line)
    assert render("opened", told, "id", "silent") == (
        "TIDAK ADA KABAR: Desa Benculuk tidak melapor sejak 09.15 WIB. Belum tentu putus.\n"
        "Cek dulu: 1) Listrik dan kotak Ronda menyala? 2) Lampu modem (ONT) menyala? LOS merah?"
        " 3) Kabel ke router terpasang?\n"
        "LOS merah: telepon Telkom 147, sebut nomor layanan 152201.\n#12"
    )
    assert sms("opened", replace(told, replies=True), "id", "silent") == (
        "TIDAK ADA KABAR Ds Benculuk sejak 09.15. Cek listrik, kotak, lampu LOS."
        " LOS merah: tlp Telkom 147. Balas OK 12"
    )
    for language in LANGUAGES:
        for template in ("silent", "off"):
            text = render("opened", told, language, template)
            assert not text.startswith(("GANGGUAN", "FAULT")), text


def test_brackets_of_a_reason_are_its_own() -> None:
    told = replace(FACTS, reason="[x] {link} ]")
    assert "([x] {link} ])" in render("opened", told, "id")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[app]\ntext = 'a {plaec}'\nsms = ['a', 'b']", "app: {plaec} is no value"),
        ("[app]\ntext = 'a [b'\nsms = ['a', 'b']", "app: a [ without its ]"),
        ("[app]\ntext = 'a ]b['\nsms = ['a', 'b']", "app: a [ without its ]"),
        ("[app]\ntext = 'a'", "app: expected text and sms"),
        ("[app]\ntext = 5\nsms = ['a', 'b']", "app.text: expected text"),
        ("[app]\ntext = 'a'\nsms = ['a']", "app.sms: expected a list of two"),
        ("[app", "Expected ']' at the end of a table"),
    ],
)
def test_a_bad_template_is_refused_with_file_and_reason(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "id.toml"
    path.write_text(text)
    with pytest.raises(Refused) as refused:
        read(path)
    assert str(refused.value).startswith(str(path)) and problem in str(refused.value)


def test_parts_without_their_values_are_left_out() -> None:
    template = Template("a[ {isp}[, {link}]]!", ("x", "{isp}", "y {link}", "z"))
    assert fill(template.text, {"isp": "T"}) == "a T!"
    assert fill(template.text, {"link": "L"}) == "a!"
    assert parts(template, {"isp": "T"}) == ["x", "T", "z"]
