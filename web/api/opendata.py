"""Open data as agencies read them by token: exact counts, of the areas that the token sees."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from web.api import params
from web.api.problems import No
from web.api.table import Call, Endpoint, Reply
from web.opendata import cells
from web.opendata.datasets import DAILY, DATASETS
from web.opendata.pages import exact, publisher

MOST_ROWS = 20_000
Cell = str | int | float | bool | None


class Exact(Struct, frozen=True):
    """A dataset on one day; what its columns mean stands in /data/NAME/metadata.json."""

    dataset: str
    date: Annotated[str | None, Meta(description="null: as things are now, or no day is sealed")]
    rows: list[dict[str, Cell]]
    left_out: Annotated[int, Meta(description="rows beyond the bound; ask with a narrower token")]


def _show(call: Call) -> Reply:
    dataset = DATASETS[call.query.get("dataset", "sites")]
    day = _day(call.query.get("date", "")) if dataset.comes == DAILY else None
    if dataset.comes == DAILY and day is None:
        return Reply(Exact(dataset.name, None, [], 0))
    rows = cells.whole(dataset, exact(dataset, day, everybody=False))
    told = day.isoformat() if day else None
    return Reply(Exact(dataset.name, told, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS)))


def _day(text: str) -> date | None:
    """The day asked for, else the last one; None where there is none at all."""
    by = publisher()
    if not text and not by.last:
        return None
    try:
        day = date.fromisoformat(text or by.last)
    except ValueError:
        raise No(404, "there is no such day") from None
    if not by.first <= day.isoformat() <= by.last:
        raise No(404, "of this day nothing is sealed")
    return day


ENDPOINTS = (
    Endpoint(
        "GET", "/opendata", "showOpenData", "opendata",
        "One day of a dataset, exact, of what this token sees", _show, gives=Exact, found=True,
        query=(
            params.choice("dataset", "which one", tuple(DATASETS), "sites"),
            params.shaped("date", "else yesterday; not for a dataset as things are now",
                          r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", "a date such as 2026-10-31"),
        ),
    ),
)  # fmt: skip
