"""A person erased, on both databases that a centre may have."""

from sqlalchemy import insert, select

from collector import acts, chain, erasing, holdings, persons, schema
from collector.db import migrate, open_store, reading, writing
from collector.settings import Settings

PHONE = "+6281234567890"


def test_a_person_is_found_held_and_erased_on_either_database(store_settings: Settings) -> None:
    migrate(store_settings)
    store = open_store(store_settings)
    contact = {"scope": "35.10.06.2005", "name": "Dewi", "role": "village", "sms": PHONE}
    notice = {"incident": 7, "news": "opened", "person": "Dewi", "channel": "sms"}
    notice |= {"target": PHONE, "body": "{}", "state": "sent", "next_try": 0.0, "created_at": 0.0}
    user = {"name": "dewi", "role": "noc", "created_at": 0.0}
    with writing(store) as connection:
        for table, row in ((schema.contacts, contact), (schema.notices, notice)):
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
        assert PHONE not in str(connection.execute(select(schema.notices)).all())
    store.dispose()
