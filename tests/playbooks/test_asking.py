"""What each parameter is on a device, and which sites a code means."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, insert

from agent.strict import Refused
from collector import db, schema
from collector.settings import Settings
from playbooks import asking, host_rows
from playbooks.hosts import Host, Login
from playbooks.model import Command, Kind, Level, Parameter, Platform, Playbook, Recipe
from tests.stores import migrated

PARAMS = (Parameter("uplink", Kind.INTERFACE, {}), Parameter("sandi", Kind.SECRET, {}))
RECIPE = Recipe(do=(Command("up @{uplink} @{sandi}", 1),))
PLAYBOOK = Playbook("coba", {}, Level.GREEN, "f", {Platform.DEBIAN: RECIPE}, PARAMS)
LOGIN = Login("root", "pw")
HOST = Host("35.10.01.2001", "pc", Platform.DEBIAN, "192.0.2.1", 22, LOGIN, ())


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Engine]:
    migrated(store_settings)
    engine = db.open_store(store_settings)
    yield engine
    engine.dispose()


def test_a_secret_is_never_taken_from_what_is_kept_of_a_device() -> None:
    host = replace(HOST, values={"uplink": "eth0", "sandi": "for everybody to see"})
    given = asking.parameters(PLAYBOOK, host, {"sandi": "typed"})
    assert given == {"uplink": "eth0", "sandi": "typed"}
    with pytest.raises(Refused) as refused:
        asking.parameters(PLAYBOOK, host, {})
    assert str(refused.value) == "35.10.01.2001/pc: param sandi: missing"


def test_a_code_means_its_active_sites_with_a_device_that_fits(store: Engine) -> None:
    sites = ["35.10.01.2001", "35.10.01.2002", "35.10.02.2001", "35.11.01.2001"]
    with db.writing(store) as connection:
        for row, code in enumerate(sites):
            lifecycle = "retired" if code.endswith("2002") else "active"
            place = {"code": code, "name": code, "row": row, "lifecycle": lifecycle}
            connection.execute(insert(schema.sites).values(place))
            host_rows.put(connection, b"k" * 32, replace(HOST, site=code), "", 1.0, "siti")
    with db.reading(store) as connection:
        assert asking.sites_of(connection, PLAYBOOK, "35.10") == [sites[0], sites[2]]
        assert asking.sites_of(connection, PLAYBOOK, sites[0]) == [sites[0]]
        assert asking.sites_of(connection, PLAYBOOK, "35.10.03") == []
