"""An area is split: its villages get new codes, and everything of theirs follows them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, String, Text, insert, select

from agent.strict import Refused
from collector import agents, db, schema
from collector.inventory import recodes, recoding
from collector.inventory.importing import bring, parse
from collector.inventory.keeping import put
from collector.inventory.sheet import BadFile
from collector.settings import Settings
from tests.stores import migrated

OLD, NEW, STAYS = "35.10.06.2005", "35.10.25.2001", "35.10.06.2006"
PAIRS = {OLD: NEW}
NOW = 1_795_425_120.0


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("35.10.06.2005", "35.10.25.2001"),
        ("35.10.06.2005-pustu", "35.10.25.2001-pustu"),
        ("uplink:35.10.06.2005/main", "uplink:35.10.25.2001/main"),
        ('["35.10.06.2005","35.10.06.2006"]', '["35.10.25.2001","35.10.06.2006"]'),
        ("35.10.06.20051", "35.10.06.20051"),
        ("135.10.06.2005", "135.10.06.2005"),
        ("1.35.10.06.2005", "1.35.10.06.2005"),
        ("35.10.06", "35.10.06"),
        ("35x10.06.2005", "35x10.06.2005"),
        ("", ""),
    ],
)
def test_a_code_changes_wherever_it_stands_alone(text: str, new: str) -> None:
    assert recoding.renamer(PAIRS)(text) == new


def test_of_two_that_fit_the_longer_counts() -> None:
    renamed = recoding.renamer({"35.10.06": "35.10.07", OLD: NEW})
    assert renamed(f"{OLD} {STAYS} 35.10.06") == f"{NEW} 35.10.07.2006 35.10.07"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("old\n35.10.06.2005\n", "columns old and new"),
        ("old,new\n35.10.06.2005,35.10.25\n", "line 2: .*same level"),
        ("old,new\n35.10,35.11\n", "line 2: '35.10' is no code of a district"),
        ("old,new\n35.10.06.2005,x\n", "line 2: 'x'"),
        ("old,new\n35.10.06.2005,35.10.25.2001\n35.10.06.2005,35.10.25.2002\n", "line 3: .*twice"),
        ("old,new\n35.10.06.2005,35.10.25.2001\n35.10.06.2006,35.10.25.2001\n", "would become"),
        ("old,new\n35.10.06.2005,35.10.06.2006\n35.10.06.2006,35.10.06.2007\n", "old and new"),
        ("old,new\n35.10.06.2005,35.10.06.2005\n", "old and new"),
        ("old,new\n", "1 to 5000"),
        ("old,new\n35.10.06.2005\n", "line 2: ''"),
        ("old,new\n\x00,\n", "line 2"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_line(text: str, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        recodes.read(text.encode())


def test_a_file_that_excel_saved_is_understood() -> None:
    text = f"\ufeffOld;New\r\n{OLD};{NEW}\r\n;\r\n"
    assert recodes.read(text.encode()) == PAIRS


def test_a_file_of_bytes_is_no_file() -> None:
    with pytest.raises(Refused, match="no CSV file in UTF-8"):
        recodes.read(b"old,new\n\xff\xfe,\n")


@pytest.fixture
def store(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path), database_url=database_url)
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        sites = [{"code": OLD, "name": "Benculuk"}, {"code": STAYS, "name": "Sraten"}]
        put(connection, "sites", sites, NOW, "dewi")
        put(connection, "uplinks", [{"site": OLD, "name": "main", "isp": "Telkom"}], NOW, "dewi")
        person = {"scope": OLD, "name": "Sari", "role": "village", "sms": "+62812"}
        put(connection, "contacts", [person], NOW, "dewi")
        agent = agents.add_agent(connection, OLD, "mini-pc", [], "active", NOW)
        vantage = agents.add_agent(connection, STAYS, "noc", [], "active", NOW)
        agents.grant(connection, vantage, [OLD])
        memory = {"agent": agent, "upto": 0, "body": json.dumps({"at": 35.10, "of": [OLD, "x"]})}
        connection.execute(insert(schema.memories).values(**memory))
        state = {"site": OLD, "since": NOW, "state": "down", "rev": 1}
        connection.execute(insert(schema.states).values(**state))
        incident = {"key": f"uplink:{OLD}", "site": OLD, "subject": "uplink", "title": "Putus"}
        incident |= {"severity": "critical", "state": "open", "down_since": NOW, "opened_at": NOW}
        connection.execute(insert(schema.incidents).values(**incident, rev=1))
        mute = {"scope": f"site:{OLD}", "by": "dewi", "why": "", "begins": NOW, "ends": NOW + 9}
        connection.execute(insert(schema.mutes).values(**mute))
    yield engine
    engine.dispose()


def recode(store: Engine, pairs: dict[str, str], lent: bool = False) -> recodes.Recoded:
    with db.writing(store) as connection:
        return recodes.recode(connection, pairs, NOW + 60, "dewi", lent)


def everything(store: Engine, but: set[str]) -> str:
    """All rows of all tables as one text, without these tables."""
    with db.reading(store) as connection:
        return "\n".join(
            f"{table.name} {tuple(row)}"
            for table in schema.metadata.sorted_tables
            if table.name not in but
            for row in connection.execute(select(table))
        )


def test_all_that_is_of_a_site_follows_it_and_nothing_else(store: Engine) -> None:
    before = everything(store, {"acts"})
    done = recode(store, PAIRS)
    assert (done.sites, done.areas) == ([(OLD, NEW)], []) and done.rows == 8
    after = everything(store, {"acts", "aliases"})
    assert OLD not in after and STAYS in after
    # besides the new area, nothing but the code is different
    made = {line for line in after.splitlines() if line.startswith("areas ('35.10.25'")}
    rest = "\n".join(line for line in after.splitlines() if line not in made)
    assert len(made) == 1 and sorted(rest.replace(NEW, OLD).splitlines()) == sorted(
        before.splitlines()
    )
    with db.reading(store) as connection:
        row = connection.execute(select(schema.sites.c.row).where(schema.sites.c.code == NEW))
        assert row.scalar() == 0


def test_every_column_that_can_hold_a_code_follows_or_is_known_not_to() -> None:
    named = {"site", "scope", "scopes", "areas", "area", "vantage", "grants", "key", "parent"}
    stays = {"areas.parent", "foreign_alerts.key", "meta.key", "services.scope"}
    missed = [
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.name in named
        and isinstance(column.type, String | Text)
        and column.name not in recodes.FOLLOWS.get(table, ())
    ]
    assert sorted(missed) == sorted(stays)


def test_an_old_code_leads_to_the_newest_one(store: Engine) -> None:
    recode(store, PAIRS)
    recode(store, {NEW: "35.10.26.2001"})
    with db.reading(store) as connection:
        assert recodes.alias(connection, OLD) == "35.10.26.2001"
        assert recodes.aliases(connection) == {OLD: "35.10.26.2001", NEW: "35.10.26.2001"}
    # and back again
    recode(store, {"35.10.26.2001": OLD})
    with db.reading(store) as connection:
        assert recodes.alias(connection, OLD) is None


def test_a_whole_district_takes_its_villages_along(store: Engine) -> None:
    done = recode(store, {"35.10.06": "35.10.25"})
    assert done.sites == [(OLD, "35.10.25.2005"), (STAYS, "35.10.25.2006")]
    assert ("35.10.06", "35.10.25") in done.areas
    assert "35.10.06" not in everything(store, {"acts", "aliases"})


def test_an_area_that_came_before_keeps_what_it_has(store: Engine) -> None:
    with db.writing(store) as connection:
        put(connection, "areas", [{"code": "35.10.25", "name": "Cluring Baru"}], NOW, "dewi")
    recode(store, {"35.10.06": "35.10.25"})
    with db.reading(store) as connection:
        names = connection.execute(select(schema.areas.c.name, schema.areas.c.code))
        assert {row.code: row.name for row in names}["35.10.25"] == "Cluring Baru"


@pytest.mark.parametrize(
    ("pairs", "place"),
    [
        ({"35.10.99.2001": "35.10.98.2001"}, "35.10.99.2001: is no site"),
        ({OLD: STAYS}, f"{STAYS}: is a site already"),
    ],
)
def test_what_is_not_there_or_is_taken_is_refused(
    store: Engine, pairs: dict[str, str], place: str
) -> None:
    before = everything(store, set())
    with pytest.raises(Refused, match=place):
        recode(store, pairs)
    assert everything(store, set()) == before


def test_no_site_gets_a_code_by_which_an_engine_keeps_the_numbers_of_another(store: Engine) -> None:
    recode(store, PAIRS, lent=True)
    before = everything(store, set())
    with pytest.raises(Refused, match=f"{OLD}: was the code of {NEW}"):
        recode(store, {STAYS: OLD}, lent=True)
    assert everything(store, set()) == before
    # the site itself may have it back, and where nothing is lent anybody may have it
    recode(store, {NEW: OLD}, lent=True)
    recode(store, PAIRS)
    recode(store, {STAYS: OLD})


def test_a_file_with_an_old_code_is_refused_and_told_the_new_one(store: Engine) -> None:
    recode(store, PAIRS)
    files: list[tuple[str, str]] = [
        ("sites", f"code,name\n{OLD},Benculuk\n"),
        ("contacts", f"scope,name,role\n{OLD},Agus,village\n"),
    ]
    for kind, text in files:
        with db.writing(store) as connection, pytest.raises(BadFile, match=f"{OLD} is {NEW} now"):
            bring(connection, parse(kind, text.encode(), f"{kind}.csv"), NOW + 90, "dewi")


def test_the_act_tells_both_codes_and_the_fold_hears_of_the_site(store: Engine) -> None:
    recode(store, PAIRS)
    with db.reading(store) as connection:
        rows = connection.execute(select(schema.acts).order_by(schema.acts.c.id.desc())).all()
    told: dict[str, Any] = json.loads(rows[0].body)
    assert (rows[0].verb, told["codes"]) == ("inventory", [NEW])
    assert (rows[1].verb, json.loads(rows[1].body)["codes"]) == ("recode", {OLD: NEW})
