"""Agencies read exact figures by token, of their areas."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.opendata.conftest import open_centre, past, seal

__all__ = ["open_centre", "past", "seal"]

pytestmark = pytest.mark.usefixtures("open_centre")


def test_counts_are_exact_and_every_column_is_there(program: Callable[..., Any]) -> None:
    told = program("viewer").get("/opendata", dataset="incidents", date="2026-11-22")
    assert (told["dataset"], told["date"], told["left_out"]) == ("incidents", "2026-11-22", 0)
    found = [(r["district_code"], r["cause"], r["opened"], r["resolved"]) for r in told["rows"]]
    assert ("35.10.06", "fiber", 7, 0) in found and ("35.10.11", "power", 1, 1) in found
    (first, *_) = program().get("/opendata", dataset="availability")["rows"]
    assert (first["outages"], first["down_s"], first["record"]) == (1, 3600, 1)


def test_a_token_reads_its_own_area(program: Callable[..., Any]) -> None:
    told = program("viewer", area="35.10.11").get("/opendata", dataset="wifi")
    assert [row["district_code"] for row in told["rows"]] == ["35.10.11"]
    assert told["rows"][0]["person_hours"] == 24
    listed = program("viewer", area="35.10.11").get("/opendata", dataset="sites")
    assert (listed["date"], len(listed["rows"])) == (None, 1)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"date": "2026-11-23"}, 404),
        ({"date": "2026-02-31"}, 404),
        ({"date": "yesterday"}, 422),
        ({"dataset": "people"}, 422),
    ],
    ids=["today", "no day", "no date", "no such dataset"],
)
def test_what_is_not_there(program: Callable[..., Any], query: dict[str, str], status: int) -> None:
    program().get("/opendata", status, **{"dataset": "wifi", **query})
