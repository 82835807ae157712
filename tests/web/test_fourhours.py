"""The four-hour clock: what is gone, what is left, and where it stands."""

from typing import Any

import pytest
from sqlalchemy import Engine

from alerts import incidents
from collector.db import reading
from tests.web.conftest import HOUR, NOW
from web.fourhours import FourHours, fourhours
from web.tongue import speaking

CLOCKS = [
    pytest.param({"opened_at": NOW}, "", 0.0, "sisa 4 j 00 mnt", id="it begins"),
    pytest.param({"opened_at": NOW - HOUR}, "", 0.25, "sisa 3 j 00 mnt", id="an hour is gone"),
    pytest.param({"opened_at": NOW - 3 * HOUR}, "soon", 0.75, "sisa 1 j 00 mnt", id="the last one"),
    pytest.param({"opened_at": NOW - 4 * HOUR}, "soon", 1.0, "sisa 0 dtk", id="it is over now"),
    pytest.param({"opened_at": NOW - 5 * HOUR}, "late", 1.0, "terlambat 1 j 00 mnt", id="late"),
    pytest.param(
        {"opened_at": NOW - 5 * HOUR, "paused_s": 2 * HOUR},
        "soon",
        0.75,
        "sisa 1 j 00 mnt",
        id="what it stood does not count",
    ),
    pytest.param(
        {"opened_at": NOW - 9 * HOUR, "paused_at": NOW - 8 * HOUR, "paused_why": "PLN"},
        "paused",
        0.25,
        "dijeda",
        id="it stands",
    ),
    pytest.param(
        {"opened_at": NOW - 9 * HOUR, "resolved_at": NOW - 8 * HOUR},
        "done",
        0.25,
        "pulih",
        id="good again, and nobody handled it",
    ),
    pytest.param(
        {"opened_at": NOW - 9 * HOUR, "handled_at": NOW - 8 * HOUR},
        "done",
        0.25,
        "tertangani",
        id="handled in an hour",
    ),
]


@pytest.mark.parametrize(("more", "kind", "used", "word"), CLOCKS)
def test_the_clock(
    more: dict[str, Any], kind: str, used: float, word: str, regency: Any, store: Engine
) -> None:
    clock = _clock(regency, store, more)
    assert (clock.kind, clock.used) == (kind, used)
    with speaking("id"):
        assert clock.word == word


def test_a_clock_that_stands_has_a_deadline_that_moves_on(regency: Any, store: Engine) -> None:
    paused = {"opened_at": NOW - 9 * HOUR, "paused_at": NOW - 8 * HOUR, "paused_why": "PLN"}
    clock = _clock(regency, store, paused)
    assert clock.deadline_at == NOW + 3 * HOUR
    assert clock.paused_why == "PLN"


def _clock(regency: Any, store: Engine, more: dict[str, Any]) -> FourHours:
    number = regency.incident("internet putus", "35.10.06.2005", **more)
    with reading(store) as connection:
        incident = incidents.find(connection, number)
    assert incident is not None
    return fourhours(incident, 4 * HOUR, NOW)
