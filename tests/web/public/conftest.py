"""A centre that shows itself to everybody: the same small regency, open."""

from dataclasses import replace
from typing import Any

import pytest

from collector.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public=True)


@pytest.fixture
def anybody(visitor: Any) -> Any:
    """Somebody without an account."""
    return visitor()
