"""Rows of the inventory by the API: made, changed and removed with a revision, in one's areas."""

from collections.abc import Mapping
from typing import Any

import pytest

from collector.inventory.kinds import KINDS
from tests.web.api.conftest import AREA, Program, Programs
from tests.web.conftest import OTHER, SITE

Villages = Mapping[str, str]
# a new row of each kind in the first village's district, and what is changed of it
NEW: Mapping[str, dict[str, Any]] = {
    "areas": {"code": "35.10.06.2009", "name": "Benculuk", "lat": -8.43},
    "sites": {"code": "35.10.06.2009", "name": "Benculuk", "lat": -8.43, "isp": "Telkom|Biznet"},
    "uplinks": {"site": SITE, "name": "main", "isp": "Telkom", "mbps": 50.5, "fee_rp": 350000},
    "devices": {"site": SITE, "name": "ap depan/1", "kind": "ap"},
    "services": {
        "name": "web", "site": SITE, "kind": "http", "target": "http://10.0.0.2/",
        "settings": {"every_s": 30, "status": "200|204", "follow_redirects": True},
    },
    "contacts": {"scope": AREA, "name": "Wayan", "role": "village", "whatsapp": "08123456789"},
    "holidays": {"date": "2026-12-25", "name": "Natal"},
}  # fmt: skip
CHANGED: Mapping[str, dict[str, Any]] = {
    "areas": {"name": "Benculuk Lor"},
    "sites": {"profile": "4g"},
    "uplinks": {"mbps": 100},
    "devices": {"state": "spare"},
    "services": {"target": "http://10.0.0.3/"},
    "contacts": {"order": 2},
    "holidays": {"name": "Hari Natal"},
}
KEPT = sorted(KINDS)
REMOVED = [kind for kind in KEPT if kind not in ("areas", "sites")]


def new(asks: Program, kind: str) -> Any:
    answer = asks.ask("POST", f"/inventory/{kind}", NEW[kind])
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer


@pytest.mark.parametrize("kind", KEPT)
def test_a_new_row_stands_where_the_answer_says(
    program: Programs, villages: Villages, kind: str
) -> None:
    asks = program("noc")
    made = new(asks, kind)
    path = made.headers["Location"].removeprefix("/api/v1")
    found = asks.ask("GET", path)
    assert found.get_json() == made.get_json()
    assert found.headers["ETag"] == made.headers["ETag"] == f'"{made.get_json()["mark"]}"'
    assert made.get_json() in asks.get(f"/inventory/{kind}", q=NEW[kind]["name"])["items"]


@pytest.mark.parametrize("kind", KEPT)
def test_a_row_is_made_once(program: Programs, villages: Villages, kind: str) -> None:
    asks = program("noc")
    new(asks, kind)
    assert asks.post(f"/inventory/{kind}", NEW[kind], 409)["errors"]


@pytest.mark.parametrize("kind", KEPT)
def test_what_is_not_named_stays(program: Programs, villages: Villages, kind: str) -> None:
    asks = program("noc")
    made = new(asks, kind).get_json()
    path = f"/inventory/{kind}/{made['id']}"
    answer = asks.ask("PATCH", path, CHANGED[kind], f'"{made["mark"]}"')
    told = asks.told(answer, 200)
    assert {k: told[k] for k in CHANGED[kind]} == CHANGED[kind]
    moved = {k for k in told if told[k] != made[k]}
    extra = {"report_every_s"} if kind == "sites" else set()
    assert moved == {"mark", *CHANGED[kind], *extra}
    assert told["mark"] == asks.get(path)["mark"]


@pytest.mark.parametrize("kind", KEPT)
def test_the_second_editor_is_told_and_overwrites_nothing(
    program: Programs, villages: Villages, kind: str
) -> None:
    asks = program("noc")
    made = new(asks, kind).get_json()
    path, seen = f"/inventory/{kind}/{made['id']}", f'"{made["mark"]}"'
    first = asks.told(asks.ask("PATCH", path, CHANGED[kind], seen), 200)
    second = asks.ask("PATCH", path, {"name": "ditimpa"}, seen)
    told = asks.told(second, 412)
    assert told["current"] == first
    assert told["changed_by"] == "token:tiket"
    assert second.headers["ETag"] == f'"{first["mark"]}"'
    assert asks.get(path) == first


@pytest.mark.parametrize("kind", KEPT)
def test_who_has_not_seen_a_row_does_not_change_it(
    program: Programs, villages: Villages, kind: str
) -> None:
    asks = program("noc")
    made = new(asks, kind).get_json()
    path = f"/inventory/{kind}/{made['id']}"
    for mark in ("", "*"):
        asks.told(asks.ask("PATCH", path, CHANGED[kind], mark), 428)
    assert asks.get(path) == made


@pytest.mark.parametrize("kind", REMOVED)
def test_a_row_is_removed_by_who_has_seen_it(
    program: Programs, villages: Villages, kind: str
) -> None:
    asks = program("noc")
    made = new(asks, kind).get_json()
    path = f"/inventory/{kind}/{made['id']}"
    asks.told(asks.ask("DELETE", path, mark='"0123456789abcdef"'), 412)
    asks.told(asks.ask("DELETE", path, mark=f'"{made["mark"]}"'), 204)
    asks.get(path, 404)


@pytest.mark.parametrize("kind", ["areas", "sites"])
def test_places_are_not_removed(program: Programs, villages: Villages, kind: str) -> None:
    answer = program("admin").ask("DELETE", f"/inventory/{kind}/{SITE}", mark='"a"')
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, PATCH")


@pytest.mark.parametrize("kind", KEPT)
def test_rows_elsewhere_are_answered_like_none(
    program: Programs, villages: Villages, kind: str
) -> None:
    made = new(program("noc"), kind).get_json()
    path, mark = f"/inventory/{kind}/{made['id']}", f'"{made["mark"]}"'
    asks = program("admin", "35.10.11")
    assert asks.get(f"/inventory/{kind}")["items"] in ([], elsewhere(kind, asks))
    for method, body in (("GET", None), ("PATCH", CHANGED[kind]), ("DELETE", None)):
        answer = asks.ask(method, path, body, mark)
        assert answer.status_code == (405 if (kind, method) in UNREMOVED else 404)


UNREMOVED = {("areas", "DELETE"), ("sites", "DELETE")}


def elsewhere(kind: str, asks: Program) -> list[Any]:
    return [asks.get(f"/inventory/sites/{OTHER}")] if kind == "sites" else []


@pytest.mark.parametrize("kind", KEPT)
@pytest.mark.parametrize("site", [SITE, "35.10.06.2999"], ids=["there", "not there"])
def test_a_row_for_elsewhere_is_refused_whether_something_is_there(
    program: Programs, villages: Villages, kind: str, site: str
) -> None:
    row = dict(NEW[kind])
    for column in ("site", "code", "scope"):
        if column in row:
            row[column] = site
    told = program("admin", "35.10.11").post(f"/inventory/{kind}", row, 403)
    assert told["detail"] == "lies outside your areas"


WRONG = {
    "a bad code": ("sites", {"code": "3510062009", "name": "x"}, "code"),
    "a column nobody knows": ("sites", {"code": SITE, "name": "x", "colour": "red"}, "colour"),
    "what the code says": ("areas", {"code": "35", "name": "x", "level": "regency"}, "level"),
    "no name": ("devices", {"site": SITE}, "name"),
    "a list for a cell": ("devices", {"site": SITE, "name": ["a"]}, "name"),
    "yes for a cell": ("devices", {"site": SITE, "name": True}, "name"),
    "a site that is not there": ("devices", {"site": "35.10.06.2999", "name": "ap"}, "site"),
    "a setting nobody knows": (
        "services", {"name": "web", "site": SITE, "settings": {"speed": 1}}, "settings.speed",
    ),
    "a setting of another kind": (
        "services",
        {"name": "t", "site": SITE, "kind": "tcp", "target": "10.1.1.1:1",
         "settings": {"status": "200"}},
        "status",
    ),
    "settings that are none": ("services", {"name": "w", "settings": 1}, "settings"),
    "a date that is none": ("holidays", {"date": "2026-02-30", "name": "x"}, "date"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "row", "where"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_is_told_with_its_place(
    program: Programs, villages: Villages, kind: str, row: dict[str, Any], where: str
) -> None:
    told = program("admin").post(f"/inventory/{kind}", row, 422)
    assert [one["where"] for one in told["errors"]] == [where]


@pytest.mark.slow
def test_a_long_list_comes_in_pages(program: Programs, villages: Villages) -> None:
    asks = program("noc")
    names = [f"alat {n:02}" for n in range(7)]
    for name in names:
        asks.post("/inventory/devices", {"site": SITE, "name": name}, 201)
    found, cursor = [], {}
    while True:
        page = asks.get("/inventory/devices", limit=3, area="35.10", **cursor)
        found += [one["name"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == names
