from collections.abc import Iterator

import pytest

from collector.settings import Settings
from tests.alerts.evaluation.scene import Scene, scene


@pytest.fixture
def centre(store_settings: Settings) -> Iterator[Scene]:
    with scene(store_settings) as made:
        yield made


@pytest.fixture
def two(centre: Scene) -> Scene:
    """Two villages of two regencies."""
    centre.site("35.10.06.2005")
    centre.site("35.09.01.2001", regency="Jember", isp="XL")
    return centre
