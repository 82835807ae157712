"""What doctor says of a chain that holds or not, and of what another key sealed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, update

from collector import (
    acts,
    doctor_contacts,
    doctor_people,
    doctor_secrets,
    schema,
    second_steps,
    webhook_secrets,
)
from collector.db import meta_set, open_store, writing
from collector.inventory.keeping import put
from collector.secret import load_secret
from collector.settings import Settings
from tests.stores import migrated


@pytest.fixture
def settings(store_settings: Settings) -> Settings:
    migrated(store_settings)
    return store_settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = open_store(settings)
    with writing(engine) as connection:
        acts.record(connection, 1000.0, "dewi", "note", "incident:1")
    yield engine
    engine.dispose()


def test_a_chain_that_holds_is_fine_and_one_that_does_not_is_named(store: Engine) -> None:
    fine = doctor_people.chained(store)
    assert fine.fine and fine.says.startswith("1 acts, 0 without a name, head ")
    with writing(store) as connection:
        connection.execute(update(schema.acts).values(by="rian"))
    bad = doctor_people.chained(store)
    assert not bad.fine and "act 1 is not as it was written" in bad.says


def test_a_centre_whose_incidents_nobody_hears_of_is_named(store: Engine) -> None:
    def says() -> str:
        (found,) = doctor_contacts.findings(store)
        return found.says if found.do else f"fine: {found.says}"

    assert [*doctor_contacts.findings(store)] == [], "no site, no engine yet"
    site = {"code": "35.10.06.2005", "name": "Benculuk", "lifecycle": "active"}
    with writing(store) as connection:
        put(connection, "sites", [site], 0.0, "test")
        meta_set(connection, doctor_contacts.CHANNELS, '{"fonnte": "whatsapp", "post": "email"}')
    assert says().endswith("there are none")
    person = {"scope": "*", "name": "Dewi", "role": "noc", "sms": "+6281230000001"}
    desk = {"scope": "isp:Telkom", "name": "Meja", "role": "isp", "email": "meja@telkom.test"}
    with writing(store) as connection:
        put(connection, "contacts", [person, desk], 0.0, "test")
    assert says().endswith("no channel reaches any of 1")
    with writing(store) as connection:
        put(connection, "contacts", [person | {"whatsapp": person["sms"]}], 0.0, "test")
        meta_set(connection, "channel:fonnte", '{"fine": false, "says": "banned"}')
    assert says().endswith("no channel that reaches them works: fonnte")
    with writing(store) as connection:
        meta_set(connection, "channel:fonnte", '{"fine": true, "says": "connected"}')
    assert says() == "fine: 1, told by fonnte"


def test_who_cannot_get_in_after_a_restore_without_the_key_is_named(
    settings: Settings, store: Engine
) -> None:
    key = load_secret(settings.folder)
    with writing(store) as connection:
        for name, secret in (("dewi", key), ("rian", bytes(32))):
            box = second_steps.closed(secret, name, "ABCD")
            second_steps.begin(connection, name, box, 1000.0)
            second_steps.confirm(connection, name, 1, 1000.0)
    (shut_out,) = doctor_secrets.findings(settings, store)
    assert shut_out.name == "second steps" and "rian" in shut_out.says
    assert "dewi" not in shut_out.says and "--second-step" in shut_out.do


def test_webhooks_that_nobody_can_sign_for_any_more_are_named(
    settings: Settings, store: Engine
) -> None:
    key = load_secret(settings.folder)
    usual = {"url": "https://tiket.example/", "areas": "[]", "active": True, "by": "dewi"}
    with writing(store) as connection:
        for name, secret in (("tiket", key), ("peta", bytes(32))):
            box = webhook_secrets.closed(secret, name, "a secret of sixteen")
            row = usual | {"name": name, "box": box, "created_at": 1000.0, "rev": 1}
            connection.execute(insert(schema.webhooks).values(row))
    (lost,) = doctor_secrets.findings(settings, store)
    assert lost.name == "webhooks" and lost.says.endswith("told nothing: peta")
    assert "page of webhooks" in lost.do


def test_without_a_key_nothing_is_called_lost(settings: Settings, store: Engine) -> None:
    assert list(doctor_secrets.findings(settings, store)) == []
