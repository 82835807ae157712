"""The first reader waits no longer than those after: what is made once is made before."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from collector import reasons
from tests.web.conftest import SITE
from web.warming import warm


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


def test_a_console_that_is_to_stop_waits_for_none_of_it(app: Flask, regency: Any) -> None:
    asked: list[int] = []
    frozen = gc.get_freeze_count()

    def over() -> bool:
        asked.append(1)
        return len(asked) == 3

    warm(app, over)
    assert len(asked) == 3
    assert gc.get_freeze_count() <= frozen
