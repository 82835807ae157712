"""Pages of rules: what each told, and a threshold that is tried over 30 days before it is saved."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, insert

from alerts import overrides
from alerts.overrides import Override
from alerts.rules.loading import load
from collector import schema
from collector.db import open_history, reading, writing
from collector.settings import Settings
from tests.web.cases import Cases
from tests.web.conftest import NOW, OTHER, SITE
from tests.web.test_pages import text_of
from web import context

RULES = load("/nowhere").rules


@pytest.fixture
def cases(settings: Settings, store: Engine, regency: Any) -> Cases:
    # what is tried asks history, too
    history = open_history(settings)
    schema.history.create_all(history)
    history.dispose()
    regency.site(SITE, "Benculuk", "down")
    regency.site(OTHER, "Bayu", "down")
    with writing(store) as connection:
        area = {"code": "35.10", "name": "Banyuwangi", "level": "regency"}
        connection.execute(insert(schema.areas).values(area))
    return Cases(store)


@pytest.fixture
def tried(app: Flask) -> Iterator[Callable[[Any], str]]:
    """The page of a try once it is over."""
    tries = context.of(app).tries

    def wait(answer: Any) -> str:
        number = re.search(r"/tries/(.+)$", answer.headers["Location"])
        assert number, answer.headers["Location"]
        tries.wait(number[1])
        return f"/rules/tries/{number[1]}"

    yield wait
    tries.close()


def known(store: Engine) -> list[Override]:
    with reading(store) as connection:
        return overrides.everything(connection)


def put(store: Engine, wanted: Override, before: Override | None = None) -> None:
    with writing(store) as connection:
        overrides.put(connection, RULES, wanted, "other", NOW, before)


def begin(browser: Any, **fields: str) -> Any:
    return browser.post("/rules/UplinkSlow/try", form_on="/rules/UplinkSlow", **fields)


def test_all_rules_stand_there_with_what_they_told(
    cases: Cases, signed_in: Callable[..., Any]
) -> None:
    cases.open(SITE, "slow", key="UplinkSlow|a", rule="UplinkSlow")
    over = cases.open(SITE, "slow", 50, key="UplinkSlow|b", rule="UplinkSlow")
    cases.change(over, state="resolved", resolved_at=NOW)
    cases.open(SITE, "long ago", 31 * 24, key="UplinkSlow|c", rule="UplinkSlow")
    cases.open(OTHER, "elsewhere", key="UplinkSlow|d", rule="UplinkSlow")
    page = signed_in("viewer", ["35.10.06"]).page("/rules")
    text = text_of(page)
    assert "Internet lambat menjawab UplinkSlow &gt; 0,3 s 5 mnt peringatan - 1 2" in text
    names = re.findall(r'href="/rules/(\w+)"', page)
    assert len(names) == len({rule.name for rule in RULES if not rule.record})


def test_a_threshold_is_tried_then_saved(
    cases: Cases, store: Engine, signed_in: Callable[..., Any], tried: Callable[[Any], str]
) -> None:
    browser = signed_in("noc")
    path = tried(begin(browser, scope="35.10", threshold="0,5", **{"for": "10m"}))
    assert known(store) == []
    text = text_of(browser.page(path))
    assert "sekarang &gt; 0,3 s diinginkan &gt; 0,5 s, harus bertahan 10 mnt" in text
    assert "2 dari 2 lokasi diperiksa" in text
    assert "Seperti sekarang 0 kali Seperti yang diinginkan 0 kali" in text
    answer = browser.post(f"{path}/save", form_on=path)
    assert answer.headers["Location"] == "/rules/UplinkSlow"
    assert known(store) == [Override("UplinkSlow", "35.10", 0.5, 600.0)]
    assert "35.10 &gt; 0,5 s 10 mnt" in text_of(browser.page("/rules/UplinkSlow"))


def test_what_was_changed_meanwhile_is_not_written_over(
    cases: Cases, store: Engine, signed_in: Callable[..., Any], tried: Callable[[Any], str]
) -> None:
    browser = signed_in("noc")
    path = tried(begin(browser, scope=SITE, threshold="0.5"))
    theirs = Override("UplinkSlow", SITE, 0.9)
    put(store, theirs)
    answer = browser.post(f"{path}/save", form_on=path)
    assert "sudah mengubahnya" in browser.page(answer.headers["Location"])
    assert known(store) == [theirs]


def test_an_override_is_taken_away_as_it_was_seen(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    put(store, Override("UplinkSlow", SITE, 0.9))
    browser = signed_in("admin")
    page = browser.page("/rules/UplinkSlow")
    (was,) = re.findall(r'name="was" value="([^"]+)"', page)
    stale = browser.post("/rules/UplinkSlow/remove", "/rules", scope=SITE, was="0.1|None|False")
    assert "sudah mengubahnya" in browser.page(stale.headers["Location"])
    assert len(known(store)) == 1
    browser.post("/rules/UplinkSlow/remove", "/rules", scope=SITE, was=was)
    assert known(store) == []


NOT = [
    pytest.param({"scope": ""}, "kode lokasi atau wilayah", id="no place"),
    pytest.param({"scope": "35.99", "threshold": "1"}, "kode lokasi", id="a place not there"),
    pytest.param({"scope": SITE, "threshold": "fast"}, "Ambang harus angka", id="no number"),
    pytest.param({"scope": SITE, "threshold": "nan"}, "Ambang harus angka", id="not a number"),
    pytest.param({"scope": SITE, "for": "soon"}, "Waktu ditulis", id="no time"),
    pytest.param({"scope": SITE, "for": "8d"}, "Waktu ditulis", id="longer than a week"),
    pytest.param({"scope": SITE}, "Tidak ada yang diubah", id="nothing wanted"),
]


@pytest.mark.parametrize(("fields", "says"), NOT)
def test_what_cannot_be_is_refused_in_words(
    fields: dict[str, str], says: str, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    answer = begin(browser, **fields)
    assert says in browser.page(answer.headers["Location"])


@pytest.mark.parametrize(
    ("who", "areas", "place"),
    [("viewer", [], SITE), ("village", [SITE], SITE), ("technician", [], SITE),
     ("noc", ["35.10.06"], OTHER), ("noc", ["35.10.06"], "35.10")],
    ids=["viewer", "village", "technician", "another area", "a wider area"],
)  # fmt: skip
def test_who_may_not_is_refused(
    who: str, areas: list[str], place: str, cases: Cases, store: Engine,
    signed_in: Callable[..., Any],
) -> None:  # fmt: skip
    put(store, Override("UplinkSlow", SITE, 0.9))
    browser = signed_in(who, areas)
    assert begin(browser, scope=place, threshold="0.5").status_code == 403
    answer = browser.post("/rules/UplinkSlow/remove", "/rules", scope=place, was="0.9|None|False")
    assert answer.status_code == 403
    assert len(known(store)) == 1


def test_a_try_is_its_own_persons(
    cases: Cases, signed_in: Callable[..., Any], tried: Callable[[Any], str]
) -> None:
    path = tried(begin(signed_in("noc"), scope=SITE, threshold="0.5"))
    other = signed_in("admin")
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/save", form_on="/rules").status_code == 404


def test_a_page_of_a_try_loads_itself_again_until_it_is_over(
    cases: Cases, app: Flask, signed_in: Callable[..., Any], tried: Callable[[Any], str]
) -> None:
    browser = signed_in("noc")
    path = tried(begin(browser, scope=SITE, threshold="0.5"))
    assert 'http-equiv="refresh"' not in browser.page(path)
    found = context.of(app).tries.find(path.rpartition("/")[2], "noc.a")
    assert found
    found.over = False
    page = browser.page(path)
    assert 'http-equiv="refresh"' in page
    assert "/save" not in page
