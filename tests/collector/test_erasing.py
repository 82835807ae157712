"""A person erased, on both databases that a centre may have."""

import json

import pytest
from sqlalchemy import insert, select

from collector import acts, chain, erasing, holdings, persons, schema
from collector.db import open_store, reading, writing
from collector.inventory import handwork
from collector.inventory.editing import mark
from collector.settings import Settings
from tests.stores import migrated

pytestmark = pytest.mark.slow

PHONE = "+6281234567890"
LONG = "Nuraini Kusumawardhani Suryaningrat"


def test_a_person_is_found_held_and_erased_on_either_database(store_settings: Settings) -> None:
    migrated(store_settings)
    store = open_store(store_settings)
    contact = {"scope": "35.10.06.2005", "name": "Dewi", "role": "village", "sms": PHONE}
    notice = {"incident": 7, "news": "opened", "person": "Dewi", "channel": "sms"}
    notice |= {"target": PHONE, "body": "{}", "state": "sent", "next_try": 0.0, "created_at": 0.0}
    user = {"name": "dewi", "role": "noc", "created_at": 0.0}
    with writing(store) as connection:
        told = f"Di desa sudah diberi tahu: Dewi {PHONE}. Kontak: Telkom 147."
        other = notice | {
            "person": "noc",
            "target": "http://noc/",
            "body": json.dumps({"text": told}),
        }
        rows = ((schema.contacts, contact), (schema.notices, notice), (schema.notices, other))
        for table, row in rows:
            connection.execute(insert(table).values(**row))
        connection.execute(insert(schema.users).values(**user))
        acts.record(connection, 1000.25, "Dewi", "note", "incident:7", {"note": "50% _done_"})
        acts.record(connection, 1001.5, "dewi", "note", "incident:8")
        listed = persons.found_by(connection, [PHONE])
        person = persons.person("dewi", listed, [PHONE])
        held = {one.name: one.total for one in holdings.sections(connection, person)}
        plan = erasing.plan(connection, person)
        erasing.erase(connection, person, 2000.0, "putri")
    assert (held["contacts"], held["notices"], held["acts"], held["users"]) == (1, 1, 2, 1)
    assert plan.goes == {"users": 1, "contacts": 1} and plan.alone == ("35.10.06.2005",)
    with reading(store) as connection:
        found = chain.check(connection)
        assert (found.broken, found.blanked) == ("", 2)
        assert connection.execute(select(schema.users)).all() == []
        left = str(connection.execute(select(schema.notices)).all())
        assert PHONE not in left and "Dewi" not in left and "Kontak: Telkom 147." in left
    store.dispose()


def test_messages_of_incidents_that_a_person_never_heard_of_forget_them_too(
    store_settings: Settings,
) -> None:
    migrated(store_settings)
    store = open_store(store_settings)
    site = "35.10.06.2005"
    contact = {"scope": site, "name": LONG, "role": "village", "sms": PHONE}
    blank = {"incident": 9, "news": "deadline", "person": "noc", "channel": "sms", "state": "sent"}
    blank |= {"target": "+6211", "next_try": 0.0, "created_at": 0.0}
    cut = f"{LONG[:27]}..."
    texts = (
        (site, f"TENGGAT: Gangguan #9 Desa {LONG} sudah 3 jam.\n15 menit lagi naik ke {cut}."),
        (site, "Dipegang dewi, belum tertangani."),
        ("35.10.06.2006", f"15 menit lagi naik ke {cut}."),
    )
    with writing(store) as connection:
        connection.execute(insert(schema.contacts).values(**contact))
        for code, text in texts:
            body = json.dumps({"text": text, "sms": text, "site": {"code": code}})
            connection.execute(insert(schema.notices).values(**blank, body=body))
        listed = persons.found_by(connection, [PHONE])
        pseudonym = erasing.erase(connection, persons.person("dewi", listed, []), 2000.0, "putri")
        bodies = connection.execute(select(schema.notices.c.body).order_by(schema.notices.c.id))
        left = [json.loads(body)["sms"] for body in bodies.scalars()]
    assert left == [
        texts[0][1].replace(cut, pseudonym),
        f"Dipegang {pseudonym}, belum tertangani.",
        texts[2][1],
    ], "a village keeps its name, and somebody of that name elsewhere"
    store.dispose()


def test_who_was_called_otherwise_once_is_erased_under_every_name(
    store_settings: Settings,
) -> None:
    migrated(store_settings)
    store = open_store(store_settings)
    site = "35.10.06.2005"
    contact = {"scope": site, "name": "Budi", "role": "village", "sms": PHONE}
    with writing(store) as connection:
        connection.execute(insert(schema.contacts).values(**contact))
        told = {"scope": site, "person": "Budi", "days": "1"}
        acts.record(connection, 1000.0, "noc", "duty", f"contact:{site}/Budi", told)
        for scope, name in ((site, "Budi Santoso"), ("35.10.06", "Pak Budi")):
            (one,) = persons.found_by(connection, [PHONE])
            key = [one.scope, one.name]
            row = handwork.find(connection, "contacts", key) or {}
            values = {**row, "scope": scope, "name": name}
            handwork.save(connection, "contacts", key, mark(row), values, 1500.0, "noc")
        (one,) = persons.found_by(connection, [PHONE])
        assert one.names == ["Pak Budi", "Budi", "Budi Santoso"]
        erasing.erase(connection, persons.person("", [one], [PHONE]), 2000.0, "putri")
    with reading(store) as connection:
        assert chain.check(connection).broken == ""
        for act in connection.execute(select(schema.acts)):
            assert "Budi" not in str(act), act
    store.dispose()


def test_a_citizen_of_whom_only_an_address_is_known_is_held_and_erased(
    store_settings: Settings,
) -> None:
    migrated(store_settings)
    store = open_store(store_settings)
    report = {"number": "K7M-PQ3-HXT", "site": "35.10.06.2005", "kind": "dead", "at": 0.0}
    with writing(store) as connection:
        made = connection.execute(insert(schema.citizen_reports).values(**report, by="siti"))
        number = made.inserted_primary_key[0]
        left = {"report": number, "at": 0.0}
        for contact in (PHONE, "+6280000000000"):
            connection.execute(insert(schema.citizen_contacts).values(**left, contact=contact))
        person = persons.person("", [], [PHONE])
        held = {one.name: one.total for one in holdings.sections(connection, person)}
        assert (held["citizen_contacts"], held["citizen_reports"]) == (1, 0)
        assert erasing.plan(connection, person).goes == {"citizen_contacts": 1}
        erasing.erase(connection, person, 2000.0, "putri")
        erasing.erase(connection, persons.person("siti", [], []), 2001.0, "putri")
    with reading(store) as connection:
        (kept,) = connection.execute(select(schema.citizen_contacts))
        assert kept.contact != PHONE
        assert connection.execute(select(schema.citizen_reports.c.by)).scalar_one() != "siti"
    store.dispose()
