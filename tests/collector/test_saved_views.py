"""Saved views belong to one person, have a name, and are not without number."""

import pytest

from agent.strict import Refused
from collector import db, saved_views
from collector.saved_views import View
from collector.settings import Settings
from tests.stores import migrated


def test_a_view_is_kept_replaced_and_forgotten(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        saved_views.save(connection, "siti", View("Telkom putus ", "state=down"), 1.0)
        saved_views.save(connection, "siti", View("Telkom putus", "state=down&isp=Telkom"), 2.0)
        saved_views.save(connection, "budi", View("Telkom putus", "q=x"), 3.0)
        assert saved_views.of(connection, "siti") == [View("Telkom putus", "state=down&isp=Telkom")]
        assert saved_views.forget(connection, "siti", "Telkom putus")
        assert not saved_views.forget(connection, "siti", "Telkom putus")
        assert len(saved_views.of(connection, "budi")) == 1


def test_views_have_bounds(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        for name in ("", " \n ", "x" * 61):
            with pytest.raises(Refused, match="1 to 60"):
                saved_views.save(connection, "siti", View(name, ""), 1.0)
        with pytest.raises(Refused, match="1000"):
            saved_views.save(connection, "siti", View("a", "x" * 1001), 1.0)
        for n in range(saved_views.MOST):
            saved_views.save(connection, "siti", View(f"{n}", ""), 1.0)
        with pytest.raises(Refused, match="20 views"):
            saved_views.save(connection, "siti", View("one more", ""), 1.0)
        saved_views.save(connection, "siti", View("1", "q=again"), 2.0)
