"""The first load of a page, with all it needs, fits a slow line."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from collector import schema
from collector.db import writing
from tests.web.conftest import HOUR, NOW, SITE
from web import walls

pytestmark = pytest.mark.slow

MOST = 100_000
SMALL = {"Accept-Encoding": "gzip"}
PAGES = [
    "/",
    "/sites/",
    f"/sites/{SITE}",
    "/search?q=desa",
    "/walls",
    "/login",
    "/account",
    "/account/data",
    "WALL",
]
PAGES += [
    f"/inventory{page}"
    for page in ("", "/imports", "/rows/sites", "/codes", "/readiness", "/upstreams")
]
PAGES += ["/reports?month=2026-10", "/reports/contracts"]
PAGES += ["/playbooks", "/playbooks/runs", "/playbooks/hosts", "/playbooks/schedules"]
STATES = ("normal", "normal", "normal", "normal", "down", "slow", "unknown")


def code(number: int) -> str:
    return SITE if number == 0 else f"35.10.{number % 25 + 1:02d}.{3000 + number}"


def site(number: int) -> dict[str, Any]:
    there = {"lat": -8 - number / 300, "lon": 114 + number % 17 / 17, "district": "Cluring"}
    there |= {"regency": "Banyuwangi", "isp": "Telkom"}
    return {"code": code(number), "row": number, "name": f"Desa {number}", **there}


def state(number: int) -> dict[str, Any]:
    kind = STATES[number % len(STATES)]
    found = {"site": code(number), "state": kind, "since": NOW - 99 * HOUR, "rev": 1}
    told = {"since": NOW - number * 60, "cause": "fiber", "confidence": 0.7}
    # rows that are written together have the same columns
    return found | (told if kind != "normal" else {"cause": "", "confidence": 0.0})


@pytest.fixture
def three_hundred(store: Engine, regency: Any, numbers: Any) -> None:
    with writing(store) as connection:
        connection.execute(insert(schema.sites), [site(number) for number in range(300)])
        connection.execute(insert(schema.states), [state(number) for number in range(300)])
    for number in range(20):
        regency.incident(f"internet putus {number}", SITE, opened_at=NOW - number * 600)
    times = [NOW - 60 * back for back in range(1440, 0, -1)]
    numbers.put('ronda_uplink_rtt_seconds{target="gateway"}', times, [0.02] * 1440)


@pytest.mark.parametrize("path", PAGES)
def test_a_first_load_is_small(
    path: str, three_hundred: None, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    if path == "WALL":
        _, path = walls.add(store, "kiri", [], "id", "dewi", NOW)
    answer = browser.get(path, headers=SMALL)
    page = browser.get(path).get_data(as_text=True)
    parts = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    total = len(answer.get_data()) + sum(
        len(browser.get(part, headers=SMALL).get_data()) for part in parts
    )
    assert 0 < total <= MOST
