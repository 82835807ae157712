"""Which database a test runs on: SQLite, and the same again on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector.settings import Settings
from tests.postgres import Server, own_connections, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of this test run's own; made when the first test asks for it."""
    with running_server() as server:
        yield server


@pytest.fixture
def new_postgres(postgres: Server) -> Iterator[Callable[[], str]]:
    """Makes databases on it, each with all tables and no rows."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres.migrated())
        return made[-1]

    with own_connections():
        yield make
    for url in made:
        postgres.drop(url)


@pytest.fixture
def postgres_url(new_postgres: Callable[[], str]) -> str:
    """One such database."""
    return new_postgres()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives a new `database_url` at each call; a test that asks for it runs on both databases."""
    if request.param == "sqlite":
        return lambda: ""
    make: Callable[[], str] = request.getfixturevalue("new_postgres")
    return make


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """What to set as `database_url`; a test that asks for it runs once on each database."""
    return new_database()


@pytest.fixture
def store_settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a centre that is not there yet, on each database in turn."""
    return Settings(data=str(tmp_path / "var"), database_url=database_url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no worker is left with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
