"""What moderation keeps of a citizen's words: tables of bad words and of personal data."""

import pytest

from alerts.citizens import wording
from alerts.citizens.rude import is_rude
from alerts.citizens.wording import MOST_CHARS, Held
from tests.each import for_each

RUDE = (
    ("plain", "wifi goblok", "wifi g***"),
    ("capitals", "DASAR BANGSAT!", "DASAR B***!"),
    ("Javanese", "jancok wifine mati", "j*** wifine mati"),
    ("Sundanese", "anying leuleus pisan", "a*** leuleus pisan"),
    ("English", "this fucking wifi", "this f*** wifi"),
    ("with an ending", "anjingnya operator", "a*** operator"),
    ("digits for letters", "4nj1ng lemot", "4*** lemot"),
    ("signs for letters", "b@ngs@t lemot", "b*** lemot"),
    ("letters drawn out", "anjiiiiing lemot", "a*** lemot"),
    ("with gaps", "a n j i n g lemot", "a*** lemot"),
    ("with dots", "a.n.j.i.n.g lemot", "a*** lemot"),
    ("with lines below", "a_n_j_i_n_g lemot", "a*** lemot"),
    ("a star within", "dasar k*ntol", "dasar k***"),
    ("full width", "ｂａｎｇｓａｔ", "b***"),
    ("something nobody sees within", "bang\u200bsat", "b***"),
    ("twice over", "anjing-anjing", "a***-a***"),
    ("two of them", "goblok tolol", "g*** t***"),
)
INNOCENT = (
    "tidak bisa masuk ke pantai wisata",
    "Pak Babinsa sudah dikabari",
    "asuransi dan kasur di pasar",
    "Desa Bangsalsari dekat Tegalsari",
    "bodi motor, coklat, cukup, cucunya",
    "kelas 3 SD, 2 HP, 10 rumah",
    "tainan, taiwan, detail, santai",
    "Kecamatan Asembagus, Kota Batu",
    "setandan pisang",
    "a b c jadwal",
)
PERSONAL = (
    ("NIK", "NIK saya 3510012345678901", "NIK saya [NIK]"),
    ("NIK with gaps", "nik 3510 0123 4567 8901 ya", "nik [NIK] ya"),
    ("NIK with dots", "3510.0123.4567.8901", "[NIK]"),
    ("mobile", "hub 081234567890", "hub [nomor]"),
    ("mobile with dashes", "hub 0812-3456-7890 ya", "hub [nomor] ya"),
    ("mobile with gaps", "hub 0812 3456 7890", "hub [nomor]"),
    ("abroad", "wa +62 812 3456 7890", "wa [nomor]"),
    ("abroad without plus", "wa 62812-3456-7890", "wa [nomor]"),
    ("another country", "call +60123456789", "call [nomor]"),
    ("a letter for a zero", "hub O812O4567890", "hub [nomor]"),
    ("digit by digit", "0 8 1 2 3 4 5 6 7 8 9 0", "[nomor]"),
    ("landline", "telp (0333) 421234 pak", "telp [nomor] pak"),
    ("full width digits", "hub ０８１２３４５６７８９０", "hub [nomor]"),
    ("in words", "nol delapan satu dua tiga empat lima enam tujuh delapan", "[nomor]"),
    ("an account of a bank", "rek 1234567890123", "rek [nomor]"),
    ("e-mail", "budi.s@contoh.desa.id tolong", "[surel] tolong"),
    ("e-mail disguised", "budi (at) gmail (dot) com", "[surel]"),
    ("an account of a messenger", "cari @budi_genteng", "cari [akun]"),
)
HARMLESS = (
    "mati sejak 28-11-2026 jam 18.55",
    "desa 35.10.01.2001 sudah 3 hari",
    "kecepatan 10 dari 150 Mbps, bayar Rp1.700.000",
    "alamat 192.168.10.1 tidak terbuka",
    "RT 03 RW 07, 12 rumah, 24 jam",
    "error 502 lalu 504",
)
LINKS = (
    ("with its scheme", "buka https://judi.example/x?y=1 sekarang", "buka [tautan] sekarang"),
    ("bare", "daftar di slotgacor.xyz/vip", "daftar di [tautan]"),
    ("of a messenger", "chat wa.me/6281234567890", "chat [tautan]"),
)


@for_each("text, kept", [row[1:] for row in RUDE], ids=[row[0] for row in RUDE])
def test_a_bad_word_keeps_its_first_letter_and_somebody_has_to_look(text: str, kept: str) -> None:
    found = wording.check(text)
    assert (found.text, found.held) == (kept, (Held.RUDE,))


@pytest.mark.parametrize("text", INNOCENT)
def test_words_that_only_hold_a_bad_one_pass(text: str) -> None:
    assert wording.check(text) == wording.Checked(text)


@for_each("text, kept", [r[1:] for r in PERSONAL], ids=[r[0] for r in PERSONAL])
def test_personal_data_is_never_kept(text: str, kept: str) -> None:
    found = wording.check(text)
    assert (found.text, found.held) == (kept, (Held.PERSONAL,))


@pytest.mark.parametrize("text", HARMLESS)
def test_other_figures_pass(text: str) -> None:
    assert wording.check(text) == wording.Checked(text)


@pytest.mark.parametrize("text, kept", [row[1:] for row in LINKS], ids=[row[0] for row in LINKS])
def test_addresses_of_pages_are_masked(text: str, kept: str) -> None:
    found = wording.check(text)
    assert found.text == kept
    assert Held.LINK in found.held


def test_a_report_is_one_line_of_bounded_length() -> None:
    found = wording.check("mati\nsejak\x00 pagi\u202e " + "ya " * 1000)
    assert found.text.startswith("mati sejak pagi ya ya")
    assert len(found.text) <= MOST_CHARS


def test_what_stands_beyond_the_bound_hides_no_number_within() -> None:
    found = wording.check("x" * 495 + " 081234567890")
    assert "0812" not in found.text


def test_looking_for_bad_words_takes_no_time_whatever_is_written() -> None:
    for hard in ("a" * 2000, "a." * 1000, "0 " * 1000, "a@" * 1000, "*" * 2000, "x*" * 1000):
        wording.check(hard)
    # what is a letter and a gap at once, and signs that stand for many
    for hard in ("_" * 2000 + "aa", "a_" * 900 + "aa", "\u3316" * 2000, "\ufdfa" * 2000):
        wording.check(hard)
    assert not is_rude("*" * 30)
