"""Who may send a form, how numbers are read, how an address is kept: all pure."""

import pytest

from alerts.citizens import door, numbers
from alerts.citizens.door import Shut
from tests.each import for_each

SECRET, SITE, NOW = b"s" * 32, "35.10.01.2001", 1_000_000.0
MADE = door.token(SECRET, SITE, NOW)

FORMS = [
    ("a person", SITE, MADE, "", 30.0, None),
    ("a person who was called away", SITE, MADE, "", 11 * 3600.0, None),
    ("a program", SITE, MADE, "", 0.5, Shut.EARLY),
    ("yesterday's form", SITE, MADE, "", 13 * 3600.0, Shut.OLD),
    ("a form of tomorrow", SITE, MADE, "", -60.0, Shut.EARLY),
    ("the trap", SITE, MADE, "http://x", 30.0, Shut.FILLED),
    ("another site's form", "35.10.01.2002", MADE, "", 30.0, Shut.FORGED),
    ("none", SITE, "", "", 30.0, Shut.FORGED),
    ("a later time", SITE, f"{int(NOW) + 9}.{MADE.partition('.')[2]}", "", 30.0, Shut.FORGED),
    ("no number", SITE, "x.y", "", 30.0, Shut.FORGED),
    ("other digits", SITE, f"²{MADE}", "", 30.0, Shut.FORGED),
    ("no Latin", SITE, "1.ﷺ", "", 30.0, Shut.FORGED),
]


@for_each("site, token, trap, after, shut", [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_which_forms_are_taken(
    site: str, token: str, trap: str, after: float, shut: Shut | None
) -> None:
    assert door.look(SECRET, site, token, trap, NOW + after) == shut


@pytest.mark.parametrize(
    "address, counted",
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert door.network(address) == counted


def test_what_is_digested_of_an_address_needs_the_secret_that_no_open_backup_has() -> None:
    made = door.way(SECRET, "203.0.113.9")
    assert "203" not in made and made == door.way(SECRET, "::ffff:203.0.113.9")
    assert made != door.way(b"t" * 32, "203.0.113.9") != door.way(SECRET, "203.0.113.8")


def test_numbers_are_read_however_they_are_typed() -> None:
    made = numbers.make()
    for typed in (made, made.lower(), made.replace("-", ""), made.replace("-", " "), f" #{made}. "):
        assert numbers.read(typed) == made


def test_a_slip_in_a_number_is_seen() -> None:
    made = numbers.make().replace("-", "")
    for place in range(len(made)):
        for sign in numbers.ALPHABET:
            if sign != made[place]:
                assert numbers.read(made[:place] + sign + made[place + 1 :]) == ""


def test_numbers_follow_no_order_and_hold_no_word() -> None:
    made = [numbers.make() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert not set("AEIOU01L") & set("".join(made))


@pytest.mark.parametrize("text", ["", "K7M", "AAA-AAA-AAA", "K7M-PQ3-HX", "x" * 500, "1 OR 1=1"])
def test_what_is_no_number(text: str) -> None:
    assert numbers.read(text) == ""
