"""Numbers of lines and people are told by whom they belong to, on both databases."""

from sqlalchemy import insert

from collector import db, schema
from collector.inventory import numbers
from collector.inventory.numbers import Line, Person
from collector.settings import Settings
from tests.stores import migrated

SITE, OTHER = "35.10.06.2005", "35.10.11.2002"


def test_lines_and_people_with_a_number(store_settings: Settings) -> None:
    migrated(store_settings)
    lines = [(OTHER, "main", "", "K-77"), (SITE, "main", "1524", ""), (SITE, "4g", "", "")]
    people = [("isp:Telkom", "Tri", "147", ""), (SITE, "Agus", "", "+62812"), (SITE, "Adi", "", "")]
    with db.writing(db.open_store(store_settings)) as connection:
        for site, name, service, contract in lines:
            row = {"site": site, "name": name, "service_no": service, "contract_no": contract}
            connection.execute(insert(schema.uplinks).values(**row))
        for scope, name, sms, whatsapp in people:
            row = {"scope": scope, "name": name, "role": "x", "sms": sms, "whatsapp": whatsapp}
            connection.execute(insert(schema.contacts).values(**row))
        mine, theirs = Line(SITE, "main", "", "1524", ""), Line(OTHER, "main", "", "", "K-77")
        assert sorted(numbers.of_lines(connection)) == [(SITE, "1524 "), (OTHER, " K-77")]
        assert numbers.lines(connection, [OTHER]) == [theirs]
        assert numbers.lines(connection, []) == []
        assert numbers.lines(connection, [SITE])[1] == mine
        agus = Person(SITE, "Agus", "x", "+62812", "", "")
        assert numbers.people(connection, [SITE, "35.10"])[1:] == [agus]
        told = [("isp:Telkom", " 147 "), (SITE, "+62812  ")]
        assert sorted(numbers.of_people(connection), reverse=True) == told
        assert (mine.numbers.split(), agus.numbers.split()) == (["1524"], ["+62812"])
