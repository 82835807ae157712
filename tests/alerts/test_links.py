"""Links open one incident for one person until a day, and nothing else."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import links
from alerts.links import Maker, Opened, Why
from collector.inventory import Contact
from tests.alerts.test_escalation import BUDI, NOC, SARI
from tests.each import for_each

NOW = 1_795_400_000.0
DAY = 86400.0
KEY = b"k" * 32
MADE = links.make(KEY, 4821, SARI, NOW + DAY)
PEOPLE = [NOC, BUDI, SARI]


def test_a_link_opens_its_incident_for_its_person() -> None:
    assert links.verify(KEY, MADE, PEOPLE, NOW) == Opened(4821, SARI)
    assert links.number(MADE) == 4821


def test_a_link_is_short_enough_for_an_sms() -> None:
    assert len(links.make(KEY, 16_777_215, SARI, NOW)) == 22
    assert len(links.make(KEY, 2**63 - 1, SARI, NOW)) == 28
    url = Maker(b"s" * 32, "https://noc.banyuwangikab.go.id/").url(4821, SARI, NOW)
    assert url.startswith("https://noc.banyuwangikab.go.id/t/")
    assert len(url) < 60


def test_without_an_address_of_the_console_there_are_no_links() -> None:
    assert Maker(b"s" * 32).url(4821, SARI, NOW) == ""


def swapped(token: str, place: int) -> str:
    whole = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    whole[place] ^= 1
    return base64.urlsafe_b64encode(bytes(whole)).decode().rstrip("=")


NO = [
    ("of somebody who was not told", MADE, [NOC, BUDI], NOW, None, Why.FORGED),
    ("of nobody", MADE, [], NOW, None, Why.FORGED),
    (
        "of one with the same name elsewhere",
        MADE,
        [replace(SARI, scope="*")],
        NOW,
        None,
        Why.FORGED,
    ),
    ("an hour too late", MADE, PEOPLE, NOW + DAY + 3600, None, Why.EXPIRED),
    ("years too late", MADE, PEOPLE, NOW + 900 * DAY, None, Why.EXPIRED),
    ("of another incident", MADE, PEOPLE, NOW, 4822, Why.OTHER),
    ("late and of another incident", MADE, PEOPLE, NOW + 9 * DAY, 4822, Why.OTHER),
    ("with a later end", swapped(MADE, 0), PEOPLE, NOW, None, Why.FORGED),
    ("with another signature", swapped(MADE, 5), PEOPLE, NOW, None, Why.FORGED),
    ("with another number", swapped(MADE, -1), PEOPLE, NOW, None, Why.FORGED),
    (
        "for another action",
        links.make(KEY, 4821, SARI, NOW + DAY, "cause"),
        PEOPLE,
        NOW,
        None,
        Why.FORGED,
    ),
    (
        "of another centre",
        links.make(b"x" * 32, 4821, SARI, NOW + DAY),
        PEOPLE,
        NOW,
        None,
        Why.FORGED,
    ),
    ("cut", MADE[:-2], PEOPLE, NOW, None, Why.FORGED),
    ("cut to its head", MADE[:17], PEOPLE, NOW, None, Why.FORGED),
    ("with more behind it", f"{MADE}AAAA", PEOPLE, NOW, None, Why.FORGED),
    ("with a dot behind it", f"{MADE}.", PEOPLE, NOW, None, Why.FORGED),
    ("empty", "", PEOPLE, NOW, None, Why.FORGED),
    ("in another script", "тест" * 5, PEOPLE, NOW, None, Why.FORGED),
    ("without end", "A" * 100_000, PEOPLE, NOW, None, Why.FORGED),
]


@for_each(
    ("token", "people", "now", "incident", "why"), [row[1:] for row in NO], ids=[r[0] for r in NO]
)
def test_a_link_opens_nothing(
    token: str, people: list[Contact], now: float, incident: int | None, why: Why
) -> None:
    assert links.verify(KEY, token, people, now, incident) is why


def test_a_link_is_good_to_the_end_of_its_hour() -> None:
    hour = NOW // 3600 * 3600
    token = links.make(KEY, 7, SARI, hour)
    assert links.verify(KEY, token, PEOPLE, hour + 3599) == Opened(7, SARI)
    assert links.verify(KEY, token, PEOPLE, hour + 3600) is Why.EXPIRED


@pytest.mark.slow
@given(st.text(max_size=40))
def test_whatever_is_typed_opens_nothing(text: str) -> None:
    assert links.verify(KEY, text, PEOPLE, NOW) is Why.FORGED


@given(st.integers(1, 2**63 - 1))
def test_every_number_has_its_link(number: int) -> None:
    token = links.make(KEY, number, SARI, NOW + DAY)
    assert links.verify(KEY, token, PEOPLE, NOW) == Opened(number, SARI)
