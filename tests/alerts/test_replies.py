"""What people write back, as they write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replies import Heard, Pace, Reply, Verb, parse, phone
from tests.each import for_each

TAKE, DONE = Verb.TAKE, Verb.HANDLED


@for_each(
    ("text", "expected"),
    [
        ("OK 4821", Reply(TAKE, 4821)),
        ("ok4821", Reply(TAKE, 4821)),
        ("Ok #4821", Reply(TAKE, 4821)),
        ("SIAP 4821", Reply(TAKE, 4821)),
        ("siap #4821.", Reply(TAKE, 4821)),
        ("  Oke, 4821 ", Reply(TAKE, 4821)),
        ("*OK 4821*", Reply(TAKE, 4821)),
        ("\u200eOK 4821", Reply(TAKE, 4821)),
        ('"OK 4821"', Reply(TAKE, 4821)),
        ("OK\n4821", Reply(TAKE, 4821)),
        ("OK-4821", Reply(TAKE, 4821)),
        ("OK 4821 saya ke lokasi", Reply(TAKE, 4821, "saya ke lokasi")),
        ("SELESAI 4821", Reply(DONE, 4821)),
        ("selesai#4821", Reply(DONE, 4821)),
        ("Selesai 4821, kabel diganti.", Reply(DONE, 4821, "kabel diganti")),
        ("DONE 4821", Reply(DONE, 4821)),
        ("OK 0004821", Reply(TAKE, 4821)),
        ("OK 999999999999999999", Reply(TAKE, 999999999999999999)),
        ("OK 0", None),
        ("OK", None),
        ("4821", None),
        ("#4821 ok", None),
        ("OKE SIP", None),
        ("tidak ok 4821", None),
        ("book 4821", None),
        ("OK -", None),
        ("OK 9999999999999999999", None),
        ("OK ٤٨٢١", None),
        ("", None),
        ("\x00", None),
        ("x" * 100_000, None),
    ],
)
def test_a_reply_is_understood_as_it_is_written(text: str, expected: Reply | None) -> None:
    assert parse(text) == expected


@pytest.mark.slow
@given(st.text(max_size=200))
def test_whatever_is_written_is_answered_in_a_moment(text: str) -> None:
    found = parse(text)
    assert found is None or 0 < found.incident < 10**18


@for_each(
    ("address", "digits"),
    [
        ("081234567890", "6281234567890"),
        ("+62 812-3456-7890", "6281234567890"),
        ("6281234567890", "6281234567890"),
        ("6281234567890@c.us", "6281234567890"),
        ("6281234567890@s.whatsapp.net", "6281234567890"),
        ("6281234567890:12@s.whatsapp.net", "6281234567890"),
        ("120363402106@g.us", ""),
        ("251556368777322@lid", ""),
        ("6281234567890@c.us.evil.id", ""),
        ("Telkomsel", ""),
        ("123", ""),
        ("0062812345678", ""),
        ("+٦٢٨١٢٣٤٥٦٧٨", ""),
        ("", ""),
    ],
)
def test_a_phone_is_the_same_however_it_is_written(address: str, digits: str) -> None:
    assert phone(address) == digits


def test_a_sender_is_listened_to_ten_times_a_minute() -> None:
    pace = Pace()
    assert [pace.listens("a", 100.0 + n) for n in range(12)] == [True] * 10 + [False] * 2
    assert pace.listens("b", 112.0)
    assert pace.listens("a", 161.0)
    assert pace.refused == 2


def test_help_is_given_once_an_hour() -> None:
    pace = Pace()
    assert [pace.helps("a", at) for at in (0.0, 10.0, 3599.0, 3600.0)] == [True, False, False, True]


def test_a_message_is_heard_once() -> None:
    pace = Pace()
    one = Heard("wa", "62812", "OK 1", "id1")
    assert [pace.fresh(one), pace.fresh(one)] == [True, False]
    nameless = Heard("wa", "62812", "OK 1")
    assert [pace.fresh(nameless), pace.fresh(nameless)] == [True, True]


def test_no_crowd_of_senders_fills_the_memory() -> None:
    pace = Pace(most_senders=10)
    for n in range(1000):
        pace.listens(str(n), 0.0)
        pace.helps(str(n), 0.0)
        pace.fresh(Heard("wa", "x", "x", str(n)))
    assert len(pace._times) == len(pace._helped) == len(pace._seen) == 10
