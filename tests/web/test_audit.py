"""The page of acts: newest first, narrowed, bounded, within one's areas, as a file."""

import csv
import io
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from collector import acts
from collector.db import writing
from tests.web.conftest import NOW, Visitor
from web.auditpage import MOST

PAGE = "/audit"


@pytest.fixture
def told(store: Engine, account: Callable[..., str]) -> Engine:
    """Five acts of three days, two people, several places."""
    account("agus", "noc", ["35.10.06"])
    account("dewi", "noc")
    rows = (
        (NOW - 3 * 86400, "dewi", "mute", "site:35.10.06.2005", {"mute": 1}),
        (NOW - 3600, "dewi", "note", "35.10.11.2002", {"note": 1}),
        (NOW - 1800, "agus", "acknowledge", "incident:7", {}),
        (NOW - 900, "dewi", "quiet", "contact:35.11/Wati", {}),
        (NOW - 60, "", "window", "=cmd|'x'", {}),
    )
    with writing(store) as connection:
        for at, by, verb, subject, body in rows:
            acts.record(connection, at, by, verb, subject, body)
    return store


def seen(browser: Visitor, query: str = "") -> list[str]:
    text = browser.page(f"/audit.csv{query}")
    return [row["kind"] for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        pytest.param("", ["window", "quiet", "acknowledge", "note", "mute"], id="all"),
        pytest.param("?by=agus", ["acknowledge"], id="by a person"),
        pytest.param("?kind=note", ["note"], id="of a kind"),
        pytest.param("?subject=site:35.10", ["mute"], id="about a place"),
        pytest.param("?subject=%25", [], id="no wildcards"),
        pytest.param("?day=2026-11-20", ["mute"], id="of a day"),
        pytest.param("?day=2026-11-23&by=dewi", ["quiet", "note"], id="both"),
    ],
)
def test_acts_are_narrowed(
    signed_in: Callable[..., Visitor], told: Engine, query: str, kinds: list[str]
) -> None:
    assert seen(signed_in("admin"), query) == kinds


@pytest.mark.parametrize(
    ("area", "kinds"),
    [
        ("35.10", ["acknowledge", "note", "mute"]),
        ("35.10.06", ["acknowledge", "mute"]),
        ("35.11", ["quiet"]),
        ("35.1", []),
    ],
)
def test_an_administrator_of_an_area_reads_of_its_places_and_people(
    signed_in: Callable[..., Visitor], told: Engine, area: str, kinds: list[str]
) -> None:
    assert seen(signed_in("admin", [area])) == kinds


def test_a_page_is_bounded_and_leads_to_the_next(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    with writing(store) as connection:
        for number in range(MOST + 5):
            acts.record(connection, NOW, "dewi", "note", f"incident:{number}")
    admin = signed_in("admin")
    first = admin.page(f"{PAGE}?by=dewi")
    assert first.count("#1") and '/incidents/4"' not in first and "before=6" in first
    second = admin.page(f"{PAGE}?by=dewi&before=6")
    assert (
        '/incidents/4"' in second and '/incidents/5"' not in second and 'class="pager' not in second
    )


def test_cells_that_a_spreadsheet_would_run_are_escaped(
    signed_in: Callable[..., Visitor], told: Engine
) -> None:
    assert "'=cmd" in signed_in("admin").page("/audit.csv")


@pytest.mark.parametrize("path", [PAGE, "/audit.csv"])
@pytest.mark.parametrize("role", ["viewer", "village", "technician", "noc"])
def test_nobody_else_reads_it(signed_in: Callable[..., Visitor], path: str, role: str) -> None:
    assert signed_in(role).get(path).status_code == 403
