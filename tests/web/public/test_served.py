"""The public pages over real sockets: kept, packed, marked; a crowd of forms disturbs nobody."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.db import open_store
from collector.settings import Settings
from tests.stores import migrated
from tests.web.public import seeded
from tests.web.test_server import Running
from web.public import PREFIX
from web.public.front import SENT_BURST

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = _settled(tmp_path_factory.mktemp("public"))
    with Running(replace(settings, public=True, public_hides=(seeded.HIDDEN,))) as centre:
        yield centre


def _settled(folder: Path) -> Settings:
    settings = Settings(data=str(folder))
    migrated(settings)
    store = open_store(settings)
    seeded.seed(store)
    store.dispose()
    return settings


def test_a_page_comes_marked_packed_and_only_once(running: Running) -> None:
    first = running.ask(f"{PREFIX}/{seeded.KEMIREN}", **{"Accept-Encoding": "gzip"})
    page = gzip.decompress(first.read()).decode()
    assert first.status == 200 and "Desa Kemiren" in page
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert first.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in first.headers
    again = running.ask(f"{PREFIX}/{seeded.KEMIREN}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    english = running.ask(f"{PREFIX}/{seeded.KEMIREN}?lang=en").read().decode()
    assert '<html lang="en">' in english and "Everything" not in english
    # every page is anew for each engine's word: what is shown is old by now, and says so
    assert "Looked at" in english


def test_a_crowd_of_forms_is_told_to_wait_while_others_are_served(running: Running) -> None:
    path = f"{PREFIX}/{seeded.KEMIREN}/follow"
    told = [running.ask(path, body="email=x%40y.example") for _ in range(int(SENT_BURST) + 10)]
    statuses = [each.status for each in told]
    assert statuses.count(429) >= 5 and set(statuses) <= {303, 429}
    assert running.ask(f"{PREFIX}/").status == 200
    assert running.ask("/login").status == 200


@pytest.mark.parametrize("path", ["/nowhere", f"/{seeded.HIDDEN}", "/..%2f..%2fetc", "/x" * 200])
def test_what_is_not_there_is_not_there_in_the_public_look(running: Running, path: str) -> None:
    answer = running.ask(PREFIX + path)
    assert answer.status == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_spelling_of_the_address_leads_past_the_memory_and_the_limits(running: Running) -> None:
    for path in (f"//{PREFIX[1:]}/{seeded.KEMIREN}", "//data", f"/%2f{PREFIX[1:]}/"):
        answer = running.ask(path, Host="evil.example")
        assert (answer.status, answer.headers["Location"]) == (404, None), path


def test_a_centre_that_shows_nothing_leads_nobody_to_a_sign_in(tmp_path: Path) -> None:
    with Running(_settled(tmp_path)) as closed:
        answer = closed.ask(f"{PREFIX}/")
        assert answer.status == 404
        assert b"login" not in answer.read()
