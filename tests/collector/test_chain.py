"""The chain of acts: nothing changes unseen, and a name can be taken out of it."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, delete, insert, select, update

from collector import acts, chain
from collector.db import open_store, reading, writing
from collector.migrations.ronda import r0018_chain
from collector.schema import act_blanks
from collector.schema import acts as rows
from collector.settings import Settings
from tests.stores import migrated

Harm = Callable[[Connection], Any]


@pytest.fixture
def store(store: Engine) -> Engine:
    with writing(store) as connection:
        for number in range(5):
            acts.record(connection, 1000.5 + number, "dewi", "note", f"incident:{number}", {"n": 1})
    return store


def look(store: Engine) -> chain.Checked:
    with reading(store) as connection:
        return chain.check(connection)


def test_a_chain_nobody_touched_holds(store: Engine) -> None:
    found = look(store)
    assert (found.count, found.blanked, found.broken) == (5, 0, "") and len(found.head) == 64


def test_a_mark_of_the_fold_is_no_change(store: Engine) -> None:
    with writing(store) as connection:
        acts.mark_applied(connection, [1, 2], 77)
    assert look(store).broken == ""


HARMS: dict[str, Harm] = {
    "another name": lambda c: c.execute(update(rows).where(rows.c.id == 3).values(by="rian")),
    "another time": lambda c: c.execute(update(rows).where(rows.c.id == 3).values(at=1.0)),
    "another body": lambda c: c.execute(update(rows).where(rows.c.id == 3).values(body="{}")),
    "one left out": lambda c: c.execute(delete(rows).where(rows.c.id == 3)),
    "the first left out": lambda c: c.execute(delete(rows).where(rows.c.id == 1)),
    "a name without its salt": lambda c: c.execute(
        update(rows).where(rows.c.id == 3).values(by="x", salt="")
    ),
    "one put in": lambda c: c.execute(
        insert(rows).values(id=9, at=1.0, by="x", verb="v", subject="s", body="{}")
    ),
    "a rewriting by no act": lambda c: chain.blank(
        c, [{"id": 3, "by": "x", "subject": "s", "body": "{}"}], 99
    ),
}


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("harm", HARMS)
def test_what_was_changed_is_found(store: Engine, harm: str) -> None:
    with writing(store) as connection:
        HARMS[harm](connection)
    assert look(store).broken


@pytest.mark.slow
def test_acts_of_before_are_chained_as_they_were_found(store_settings: Settings) -> None:
    migrated(store_settings)
    engine = open_store(store_settings)
    old = {"by": "dewi", "verb": "note", "subject": "incident:1", "body": '{"n":"é"}'}
    with writing(engine) as connection:
        connection.execute(insert(rows), [old | {"at": 1000.1 + n} for n in range(1203)])
        with Operations.context(MigrationContext.configure(connection)):
            r0018_chain._chain()
        acts.record(connection, 5000.0, "dewi", "note", "incident:1")
    found = look(engine)
    assert (found.count, found.broken) == (1204, "")
    engine.dispose()


def erase(store: Engine, number: int) -> None:
    with writing(store) as connection:
        query = select(rows).where(rows.c.id == number)
        row = dict(connection.execute(query).mappings().one()) | {"by": f"erased-{number}"}
        told = {"acts": chain.fingerprint([row])}
        act = acts.record(connection, 2000.0, "putri", chain.ERASED, "person:x", told)
        chain.blank(connection, [row], act)


def test_a_name_taken_out_leaves_the_chain_whole(store: Engine) -> None:
    erase(store, 2)
    erase(store, 4)
    # two people in one act
    erase(store, 2)
    found = look(store)
    assert (found.count, found.blanked, found.broken) == (8, 2, "")
    with writing(store) as connection:
        connection.execute(update(rows).where(rows.c.id == 4).values(by="somebody"))
    assert look(store).broken == "act 4 is not as it was written"


def test_a_rewriting_that_its_act_does_not_name_is_found(store: Engine) -> None:
    erase(store, 2)
    with writing(store) as connection:
        chain.blank(connection, [{"id": 3, "by": "x", "subject": "s", "body": "{}"}], 6)
    assert look(store).broken == "act 6 rewrote others than it says"
    with writing(store) as connection:
        connection.execute(delete(act_blanks))
    assert look(store).broken


def test_the_digest_of_a_name_taken_out_cannot_be_tried_with_names(store: Engine) -> None:
    with reading(store) as connection:
        before = dict(connection.execute(select(rows).where(rows.c.id == 2)).mappings().one())
    erase(store, 2)
    with reading(store) as connection:
        after = dict(connection.execute(select(rows).where(rows.c.id == 2)).mappings().one())
    assert after["salt"] == "" and after["digest"] == before["digest"]
    assert chain.digest_of(before, "") != after["digest"]
