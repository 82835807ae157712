"""Many villages fall at once: who hears of it, how often, and what hears the end."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.db import writing
from collector.inventory.keeping import put
from tests.alerts.village import NINE, Village, contact, village

pytestmark = pytest.mark.slow

NOC = contact("noc", scope="*", role="noc")
SILENT = {"reason": "silent", "cause": "isp", "confidence": 0.8, "evidence": '["it was seen"]'}


def code(number: int) -> str:
    return f"35.10.{1 + number % 5:02d}.{2001 + number // 5}"


def regency(here: Village, count: int, **shared: str) -> list[str]:
    codes = [code(number) for number in range(count)]
    rows = [{"code": c, "name": f"Desa {n}", **shared} for n, c in enumerate(codes)]
    people = [contact(f"it-{c}", scope=c) for c in codes]
    with writing(here.store) as connection:
        put(connection, "sites", rows, NINE, "test")
        put(connection, "contacts", [NOC, *people], NINE, "test")
    for c in codes:
        here.be("normal", NINE - 3600, site=c)
    here.step(NINE - 60)
    return codes


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        yield made


def told(here: Village, news: str = "opened") -> Counter[str]:
    return Counter(m["person"].partition("-")[0] for _, m in here.inbox.got if m["news"] == news)


def fall(here: Village, codes: list[str], at: float) -> None:
    for c in codes:
        here.be("unknown", at, site=c, **SILENT)


def rise(here: Village, codes: list[str], at: float) -> None:
    for c in codes:
        here.be("normal", at, site=c)


def run(here: Village, begin: float, seconds: int) -> None:
    for later in range(seconds):
        here.step(begin + later)


def test_a_pop_that_falls_is_one_message_to_the_noc_and_one_to_each_village(here: Village) -> None:
    codes = regency(here, 40, upstream="POP-Genteng")
    fall(here, codes[:30], NINE)
    run(here, NINE + 2, 10)
    fall(here, codes[30:], NINE + 15)
    run(here, NINE + 16, 20)
    assert told(here) == {"noc": 1, "it": 40}
    (storm,) = here.incidents()
    assert (storm.parent_kind, storm.parent, storm.members) == ("upstream", "POP-Genteng", 40)
    (mass,) = [m for _, m in here.inbox.got if m["person"] == "noc"]
    assert mass["text"].startswith("GANGGUAN MASSAL: 30 desa, POP-Genteng")
    child = next(m["text"] for _, m in here.inbox.got if m["person"] == f"it-{codes[0]}")
    assert child.startswith("GANGGUAN LUAS: Desa 0 tidak ada kabar sejak"), "not to their modem"
    assert "(30 desa, POP-Genteng)" in child and "tunggu kabar" in child and "LOS" not in child
    assert storm.cause == "isp"


def test_the_end_of_a_storm_is_told_once_with_those_it_is_not_over_for(here: Village) -> None:
    codes = regency(here, 30, upstream="POP-Genteng")
    fall(here, codes, NINE)
    run(here, NINE + 2, 12)
    (before,) = here.incidents()
    rise(here, codes[:27], NINE + 600)
    run(here, NINE + 601, 10)
    (meanwhile,) = here.incidents()
    assert meanwhile.rev > before.rev, "pages learn who is back"
    run(here, NINE + 611, 60)
    assert told(here, "resolved") == {"noc": 1, "it": 27}
    (over,) = [m for _, m in here.inbox.got if m["news"] == "resolved" and m["person"] == "noc"]
    assert "Masih terganggu: Desa 27, Desa 28, Desa 29" in over["text"]
    assert [i.state for i in here.incidents()] == ["resolved", "open", "open", "open"]
    rise(here, codes[27:], NINE + 900)
    run(here, NINE + 901, 5)
    # who was told of the storm hears that it is over for them, too
    assert told(here, "resolved") == {"noc": 4, "it": 30}
    assert told(here) == {"noc": 1, "it": 30}


def test_one_that_was_told_alone_is_replaced(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    fall(here, codes[:1], NINE)
    run(here, NINE + 2, 30)
    assert told(here) == {"noc": 1, "it": 1}
    fall(here, codes[1:], NINE + 60)
    run(here, NINE + 61, 25)
    assert told(here) == {"noc": 2, "it": 20}
    mass = [m for _, m in here.inbox.got if m["person"] == "noc"][1]
    assert "Menggantikan #1" in mass["text"]
    first, storm = here.incidents()
    assert (first.state, first.merged_into, storm.members) == ("resolved", storm.id, 20)
    rise(here, codes, NINE + 600)
    run(here, NINE + 601, 65)
    # the village that was told under the first number hears the end all the same
    assert told(here, "resolved") == {"noc": 1, "it": 20}


def test_a_restart_in_the_middle_of_a_storm_tells_nothing_twice(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    fall(here, codes, NINE)
    for later in range(30):
        here.floor()
        here.step(NINE + 2 + later)
    rise(here, codes, NINE + 600)
    for later in range(70):
        here.floor()
        here.step(NINE + 601 + later)
    assert told(here) == {"noc": 1, "it": 20}
    assert told(here, "resolved") == {"noc": 1, "it": 20}


def test_a_village_that_falls_alone_waits_a_little_and_is_told(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    fall(here, codes[:1], NINE)
    here.step(NINE + 1)
    assert not here.inbox.got
    run(here, NINE + 2, 12)
    assert told(here) == {"noc": 1, "it": 1}
    rise(here, codes[:1], NINE + 300)
    here.step(NINE + 301)
    assert told(here, "resolved") == {"noc": 1, "it": 1}
    (only,) = here.incidents()
    assert (only.key, only.subject, only.resolved_at) == (f"site:{codes[0]}", "uplink", NINE + 300)
