"""The tree of upstreams as people see it: of their own areas, without end only as a number."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from collector import db
from collector.inventory.keeping import put
from tests.web.conftest import NOW, OTHER, SITE, Visitor
from tests.web.test_pages import text_of
from web.inventory import upstreams

pytestmark = pytest.mark.usefixtures("database_url")
PAGE = "/inventory/upstreams"


@pytest.fixture
def tree(store: Engine) -> None:
    rows = [
        {"code": SITE, "name": "Benculuk", "isp": "Telkom", "upstream": "POP Genteng"},
        {"code": OTHER, "name": "Bayu", "isp": "Telkom", "power_feeder": "Penyulang Songgon"},
        {"code": f"{SITE}-lama", "name": "Balai lama", "isp": "Hilang", "lifecycle": "retired"},
    ]
    lines = [{"site": OTHER, "name": "main", "isp": "Telkom", "upstream": "pop genteng"}]
    with db.writing(store) as connection:
        put(connection, "sites", rows, NOW, "test")
        put(connection, "uplinks", lines, NOW, "test")


@pytest.mark.usefixtures("tree")
def test_villages_stand_behind_what_they_share(signed_in: Callable[..., Visitor]) -> None:
    text = text_of(signed_in("noc").page(PAGE))
    assert "POP Genteng juga tertulis: pop genteng 1 Benculuk" in text
    assert "Penyulang Songgon 1 Bayu" in text
    assert "Hilang" not in text, "a site that ended falls with nobody"


@pytest.mark.usefixtures("tree")
def test_what_lies_elsewhere_is_not_shown(signed_in: Callable[..., Visitor]) -> None:
    text = text_of(signed_in("noc", ("35.10.06",)).page(PAGE))
    assert "Benculuk" in text and "Bayu" not in text and "pop genteng" not in text


def test_of_very_many_the_rest_is_counted(store: Engine, signed_in: Callable[..., Visitor]) -> None:
    many = upstreams.MOST_BRANCHES + 7
    rows = [
        {"code": f"{SITE}-{n}", "name": f"D{n}", "isp": "T", "upstream": f"P{n:04}"}
        for n in range(many)
    ]
    with db.writing(store) as connection:
        put(connection, "sites", rows, NOW, "test")
    text = text_of(signed_in("noc").page(PAGE))
    assert "P0299" in text and "P0300" not in text and "dan 7 lainnya" in text
