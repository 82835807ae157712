"""A centre on PostgreSQL: killed at any moment, and without its database for a while."""

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Server, own_connections, running_server
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import VICTIMS, all_folded, compare, enrolled, run_rounds
from tests.stories.witness import Witness

pytestmark = pytest.mark.slow

ROUNDS = len(VICTIMS)


@pytest.fixture
def server() -> Iterator[Server]:
    """One that the test may stop."""
    with running_server() as server, own_connections():
        yield server


@pytest.mark.soak
def test_nothing_called_safe_is_lost_or_doubled(tmp_path: Path, postgres_url: str) -> None:
    figures = run_rounds(tmp_path / "var", ROUNDS, seed=2, database_url=postgres_url)
    assert figures["entries"] > ROUNDS * 10


def test_a_centre_starts_before_its_database_and_keeps_reports_while_that_is_away(
    tmp_path: Path, server: Server
) -> None:
    url = server.database()
    server.stop()
    centre = Centre(tmp_path / "var", database_url=url)
    starting = threading.Thread(target=centre.start)
    starting.start()
    wait_for("ingest says why it waits", lambda: failing(centre.ingest_url), 30)
    server.start()
    starting.join(60)
    try:
        wait_for("all well", lambda: all_well(centre), 30)
        assert "Traceback" not in centre.output
        witness, *_ = enrolled(centre, seed=3)
        for mode in ("fast", "immediate"):
            goes_away(centre, witness, server, mode)
    finally:
        assert centre.stop() == 0


def goes_away(centre: Centre, witness: Witness, server: Server, mode: str) -> None:
    """The database is stopped in this way, and comes back."""
    told = report_until(witness, 5)
    server.stop(mode)
    # nobody is sent away, and everybody who asks is told
    assert report_until(witness, told + 20) >= told + 20
    wait_for("ingest says so", lambda: failing(centre.ingest_url))
    wait_for("the console says so", lambda: failing(centre.console_url))
    link = re.search(r"minutes: (http://\S+)", centre.output)
    assert link is not None
    status, page = visit(link[1])
    assert (status, "basis data" in page.lower()) == (503, True), page
    before = {role: centre.pid(role) for role in ("ingest", "engine", "web")}
    server.start()
    wait_for("all well again", lambda: all_well(centre), 30)
    # it was waited for, not died of
    assert {role: centre.pid(role) for role in before} == before
    witness.drain()
    all_folded(centre)
    assert compare(centre, witness) >= told + 20


def report_until(witness: Witness, count: int) -> int:
    """Sample and send until so many entries are safe; how many are."""
    while len(witness.safe) < count:
        witness.sample()
        assert witness.send(), witness.answers
    return len(witness.safe)


def visit(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def failing(url: str) -> bool:
    status, text = visit(f"{url}/healthz")
    return status == 503 and "database" in text


def all_well(centre: Centre) -> bool:
    return (
        visit(f"{centre.ingest_url}/healthz")[0] == visit(f"{centre.console_url}/healthz")[0] == 200
    )
