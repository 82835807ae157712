"""What is exported can be imported again, and no spreadsheet takes a cell for a formula."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from collector import db, schema
from collector.inventory.exporting import export
from collector.inventory.importing import bring, parse
from collector.inventory.keeping import Outcome, put
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import clean, escape
from collector.inventory.store import rows_of
from tests import amounts

Take = Callable[[str, str], Outcome]
BENCULUK = "35.10.06.2005"
MEMORY = create_engine("sqlite://", poolclass=StaticPool)
schema.metadata.create_all(MEMORY)

# whatever people may have put into a cell once it was cleaned
seen = st.characters(exclude_categories=("C", "Z"), exclude_characters="|")
words = st.text(seen | st.sampled_from(" '=+-@,;\"\n"), max_size=30).map(clean)
named = st.builds(lambda first, rest: clean(first + rest), seen, words)
labels = st.from_regex(r"[A-Za-z0-9_.:/-]{1,20}", fullmatch=True)
phones = st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True) | st.just("")
numbers = st.none() | st.floats(0, 1e6)


def site(code: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "code": st.just(code),
            "name": named,
            "district": words,
            "lat": st.none() | st.floats(-90, 90),
            "lon": st.none() | st.floats(-180, 180),
            "isp": st.lists(named, unique=True, max_size=4).map("|".join),
            "power_feeder": words,
            "hours": st.sampled_from(["24h", "Sen-Jum 07.30-15.30", "Sab 08.00-12.00"]),
            "report_every_s": st.integers(1, 3600),
            "profile": st.sampled_from(["fiber", "4g", "hemat"]),
        }
    )


contacts = st.fixed_dictionaries(
    {
        "scope": st.sampled_from(["*", "35", "35.10.06.2005", "isp:Telkom", "service:a b"]),
        "name": named,
        "role": st.sampled_from(["noc", "village"]),
        "order": st.integers(1, 99),
        "whatsapp": phones,
        "sms": phones,
        "telegram": st.sampled_from(["", "-1001234567", "@siti_b", "12345"]),
    }
)
uplinks = st.fixed_dictionaries(
    {
        "site": st.just(BENCULUK),
        "name": labels,
        "service_no": words,
        "mbps": numbers,
        "fee_rp": numbers,
        "bill_day": st.none() | st.integers(1, 31),
        "ends": st.dates(date(2000, 1, 1)).map(date.isoformat) | st.just(""),
    }
)
services = st.fixed_dictionaries(
    {
        "name": labels.map(lambda text: f"s{text}"),
        "owner": words,
        "target": st.just("http://127.0.0.1/"),
        "settings": st.fixed_dictionaries({"must_match": named}),
    }
)


sheets = st.tuples(
    st.lists(site(BENCULUK), max_size=1),
    st.lists(contacts, max_size=5),
    st.lists(uplinks, max_size=5),
    st.lists(services, max_size=5),
)


@pytest.mark.slow
@settings(max_examples=amounts.times(15), deadline=None)
@given(sheets)
@example(([], [], [{"site": BENCULUK, "name": "main", "fee_rp": 1.125, "mbps": 2.5}], []))
@example(([], [], [{"site": BENCULUK, "name": "main", "fee_rp": 12.0, "mbps": 1.125}], []))
def test_a_round_trip_changes_nothing(kinds: tuple[list[dict[str, Any]], ...]) -> None:
    names = ("sites", "contacts", "uplinks", "services")
    with MEMORY.begin() as connection:
        for table in schema.metadata.sorted_tables:
            connection.execute(table.delete())
        put(connection, "sites", [{"code": BENCULUK, "name": "Benculuk"}], 1.0, "siti")
        for name, rows in zip(names, kinds, strict=True):
            keys = KINDS[name].key
            unique = {tuple(row.get(key, "") for key in keys): row for row in rows}
            put(connection, name, list(unique.values()), 1.0, "siti")
        for name in names:
            before = rows_of(connection, KINDS[name].table)
            text = export(connection, name)
            for cell in (cell for row in csv.reader(io.StringIO(text)) for cell in row):
                assert cell[:1] not in ("=", "+", "-", "@")
            outcome = bring(connection, parse(name, text.encode(), name), 2.0, "siti")
            assert (outcome.new, outcome.changed) == ([], [])
            assert rows_of(connection, KINDS[name].table) == before


@given(st.text(max_size=40))
def test_cleaning_undoes_escaping(text: str) -> None:
    meant = clean(text)
    assert clean(escape(meant)) == meant
    assert escape(meant)[:1] not in ("=", "+", "-", "@")


def test_formulas_are_escaped_and_phones_stay_phones(store: Engine, take: Take) -> None:
    text = 'scope,name,role,whatsapp,telegram\n*,"=HYPERLINK(""x"")",noc,0812 3456 7890,-10012345\n'
    take("contacts", text)
    with db.reading(store) as connection:
        out = export(connection, "contacts")
    row = next(csv.DictReader(io.StringIO(out)))
    assert row["name"] == '\'=HYPERLINK("x")'
    assert (row["whatsapp"], row["telegram"]) == ("'+6281234567890", "'-10012345")
    assert take("contacts", out).same == ['*/=HYPERLINK("x")']


def test_further_columns_of_services_come_back(store: Engine, take: Take) -> None:
    text = "name,kind,target,must_match,every_s,banner\nweb,http,http://h/,Desa|SIDEKA,30,\n"
    take("services", text + "ssh,tcp,h:22,,,SSH\n")
    with db.reading(store) as connection:
        out = export(connection, "services")
    assert out.splitlines() == [
        "name,scope,owner,depends_on,site,kind,target,public,vantage,banner,every_s,must_match",
        "ssh,desa,,,,tcp,h:22,,,SSH,,",
        "web,desa,,,,http,http://h/,,,,30,Desa|SIDEKA",
    ]
    assert take("services", out).touched == []
