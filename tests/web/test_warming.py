"""The first reader waits no longer than those after: what is made once is made before."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import Engine, event

from collector import reasons
from tests.web.conftest import NOW, SITE
from web import context
from web.midnights import midnights
from web.warming import fill_in, warm

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def collections_as_before() -> Iterator[None]:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    if frozen:
        gc.freeze()


def test_pages_are_ready_before_anybody_asks(
    app: Flask, regency: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "down")
    browser = signed_in("noc")
    # this console's own, else all would be ready by other tests
    store.update_execution_options(compiled_cache={})
    frozen = gc.get_freeze_count()
    warm(app)
    made = reasons._pattern.cache_info().misses
    compiled: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *told: compiled.append(_how(told)))
    browser.page(f"/sites/{SITE}")
    assert reasons._pattern.cache_info().misses == made
    assert "CACHE_MISS" not in compiled
    assert gc.get_freeze_count() > frozen


def _how(told: tuple[Any, ...]) -> str:
    context = told[4]
    return str(context.cache_hit.name)


def test_a_console_without_a_site_or_a_database_starts_as_well(
    app: Flask, store: Engine, regency: Any
) -> None:
    warm(app)
    store.dispose()
    (app.extensions["ronda"].settings.folder / "ronda.db").unlink()
    warm(app)


def test_a_past_that_came_after_the_start_is_looked_up_later(
    app: Flask, regency: Any, numbers: Any
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    warm(app)
    with app.app_context():
        day, zone = context.facts().crowd.day, context.home_zone()
    before, _ = midnights(NOW, zone, 2)
    times = [before + 1800 + 3600 * hour for hour in range(24)]
    numbers.put("ronda_hotspot_sessions", times, [7.0] * 24)
    assert day.curve(np.array([0]), NOW, zone).yesterday == [None] * 24
    fill_in(app)
    assert day.curve(np.array([0]), NOW, zone).yesterday == [7] * 24


def test_a_console_that_is_to_stop_waits_for_none_of_it(app: Flask, regency: Any) -> None:
    asked: list[int] = []
    frozen = gc.get_freeze_count()

    def over() -> bool:
        asked.append(1)
        return len(asked) == 3

    warm(app, over)
    assert len(asked) == 3
    assert gc.get_freeze_count() <= frozen
