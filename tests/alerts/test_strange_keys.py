"""A device that shows another host key is an incident, until its key is approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from collector import schema, strange_keys
from collector.db import writing
from tests.alerts.village import CODE, NINE, Village, contact, village

pytestmark = pytest.mark.slow

SHOWN = "SHA256:abc"


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        made.be("normal", NINE - 3600)
        row = {"site": CODE, "device": "router", "platform": "routeros", "address": "10.0.0.1"}
        with writing(made.store) as connection:
            rest = {"user": "ronda", "box": b"", "set_at": NINE, "by": "siti"}
            connection.execute(insert(schema.hosts).values(**row, **rest))
        yield made


def test_another_key_is_told_once_and_its_approval_ends_it(here: Village) -> None:
    with writing(here.store) as connection:
        strange_keys.told(connection, CODE, "router", SHOWN, NINE)
    for later in range(3):
        here.step(NINE + later)
    with writing(here.store) as connection:
        strange_keys.told(connection, CODE, "router", SHOWN, NINE + 30)
    here.step(NINE + 31)
    [(_, message)] = here.inbox.got
    assert message["text"].startswith("KUNCI HOST BERUBAH: ") and SHOWN in message["text"]
    with writing(here.store) as connection:
        strange_keys.over(connection, CODE, "router")
    for later in range(3):
        here.step(NINE + 60 + later)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]
    (incident,) = here.incidents()
    assert (incident.state, incident.down_since, incident.subject) == ("resolved", NINE, "device")


@pytest.mark.parametrize("state", ["unknown", "down"])
def test_another_key_in_a_dark_site_is_told_too(here: Village, state: str) -> None:
    here.be(state, NINE - 600)
    here.step(NINE - 300)
    with writing(here.store) as connection:
        strange_keys.told(connection, CODE, "router", SHOWN, NINE)
    for later in range(3):
        here.step(NINE + later)
    assert any(SHOWN in message["text"] for _, message in here.inbox.got)


def test_it_is_still_one_incident_after_a_restart(here: Village) -> None:
    with writing(here.store) as connection:
        strange_keys.told(connection, CODE, "router", SHOWN, NINE)
    here.step(NINE + 1)
    here.floor()
    here.step(NINE + 2)
    assert here.inbox.news == [(1, "opened")]


def test_a_machine_on_the_way_is_an_incident_of_the_centre(tmp_path: Path) -> None:
    noc = contact("noc", scope="35.10", role="noc")
    with village(tmp_path, noc) as here:
        row = {"site": "", "device": "gerbang", "platform": "debian", "address": "10.0.0.2"}
        with writing(here.store) as connection:
            rest = {"user": "ronda", "box": b"", "set_at": NINE, "by": "siti"}
            connection.execute(insert(schema.hosts).values(**row, **rest))
            strange_keys.told(connection, "", "gerbang", SHOWN, NINE)
        for later in range(3):
            here.step(NINE + later)
        (incident,) = here.incidents()
        assert (incident.title, incident.site, incident.state) == ("NOC: gerbang", "", "open")
        texts = [message["text"] for _, message in here.inbox.got]
        assert texts and all("KUNCI HOST BERUBAH: " in t and "gerbang" in t for t in texts)
