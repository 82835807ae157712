"""A centre that shows itself to everybody: the same small regency, open."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from collector.settings import Settings
from tests.web.public import seeded


@pytest.fixture
def settings(settings: Settings) -> Settings:
    url = "https://noc.banyuwangikab.go.id"
    told = replace(settings, public=True, public_hides=(seeded.HIDDEN,), public_url=url)
    return replace(told, citizens=True, citizen_number="1708")


@pytest.fixture
def open_centre(store: Engine) -> None:
    """The seeded regency."""
    seeded.seed(store)


@pytest.fixture
def anybody(visitor: Any) -> Any:
    """Somebody without an account."""
    return visitor()
