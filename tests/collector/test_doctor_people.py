"""What doctor says of people: a chain that holds or not, second steps that another key sealed."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from collector import acts, doctor_people, schema, second_steps
from collector.db import open_store, writing
from collector.secret import load_secret
from collector.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path))


@pytest.fixture
def store(settings: Settings) -> Engine:
    engine = open_store(settings)
    schema.metadata.create_all(engine)
    with writing(engine) as connection:
        acts.record(connection, 1000.0, "dewi", "note", "incident:1")
    return engine


def test_a_chain_that_holds_is_fine_and_one_that_does_not_is_named(
    settings: Settings, store: Engine
) -> None:
    (fine,) = doctor_people.findings(settings, store)
    assert fine.fine and fine.says.startswith("1 acts, 0 without a name, head ")
    with writing(store) as connection:
        connection.execute(update(schema.acts).values(by="rian"))
    (bad,) = doctor_people.findings(settings, store)
    assert not bad.fine and "act 1 is not as it was written" in bad.says


def test_who_cannot_get_in_after_a_restore_without_the_key_is_named(
    settings: Settings, store: Engine
) -> None:
    key = load_secret(settings.folder)
    with writing(store) as connection:
        for name, secret in (("dewi", key), ("rian", bytes(32))):
            box = second_steps.closed(secret, name, "ABCD")
            second_steps.begin(connection, name, box, 1000.0)
            second_steps.confirm(connection, name, 1, 1000.0)
    shut_out = list(doctor_people.findings(settings, store))[0]
    assert shut_out.name == "second steps" and "rian" in shut_out.says
    assert "dewi" not in shut_out.says and "--second-step" in shut_out.do
