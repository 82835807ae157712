"""A store with the month of tests.web.reports.world in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from collector import db
from collector.settings import Settings
from tests.stores import migrated
from tests.web.reports.world import fill


@pytest.fixture
def settings(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    migrated(store_settings)
    monkeypatch.setenv("RONDA_DATA", store_settings.data)
    monkeypatch.setenv("RONDA_DATABASE_URL", store_settings.database_url)
    return store_settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        fill(connection)
    yield engine
    engine.dispose()
