"""What lists of sites and the strips of checks are made of, on both databases."""

from typing import Any

from sqlalchemy import Connection, insert

from collector import acts, checkdays, db, roster, schema, states
from collector.roster import Held, Mark, Spell, Top
from collector.settings import Settings
from tests.stores import migrated

SITE, OTHER = "35.10.06.2005", "35.10.11.2002"


def put(connection: Connection, table: Any, *rows: dict[str, Any]) -> None:
    for row in rows:
        connection.execute(insert(table).values(**row))


def site(code: str, row: int) -> dict[str, Any]:
    return {"code": code, "row": row, "name": f"Desa {row}"}


def test_a_roster_is_told_and_its_mark_moves(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        empty = roster.mark(connection, Mark())
        assert (empty.row, empty.states) == (-1, Top(0, 0))
        put(connection, schema.sites, site(OTHER, 1), site(SITE, 0))
        spells = [
            {"site": SITE, "since": 1.0, "until": 5.0, "state": "down", "rev": 3},
            {"site": SITE, "since": 5.0, "state": "normal", "rev": 4},
            {"site": OTHER, "since": 2.0, "state": "slow", "cause": "fiber", "rev": 4},
        ]
        put(connection, schema.states, *spells)
        bad = {"kind": "http", "verdict": "bad", "since": 1.0, "rev": 7}
        put(connection, schema.checks, {"site": SITE, "name": "a"} | bad)
        put(connection, schema.checks, {"site": SITE, "name": "b"} | bad | {"verdict": "good"})
        mark = roster.mark(connection, empty)
        assert (mark.row, mark.states, mark.checks) == (1, Top(4, 2), Top(7, 2))
        assert [one.code for one in roster.named(connection)] == [SITE, OTHER]
        held = [Held(OTHER, "slow", 2.0, "fiber"), Held(SITE, "normal", 5.0, "")]
        assert sorted(roster.held(connection), reverse=True) == held
        assert roster.held_by(connection, [OTHER]) == held[:1]
        assert sorted(roster.changed(connection, schema.states, 4, 10)) == [SITE, OTHER]
        assert roster.changed(connection, schema.states, 5, 10) == []
        assert roster.faulty(connection) == roster.faulty_by(connection, [SITE, OTHER]) == {SITE: 1}
        assert roster.spells(connection, [SITE, OTHER], 5.0) == {
            SITE: [Spell(5.0, None, "normal")],
            OTHER: [Spell(2.0, None, "slow")],
        }
        assert roster.spells(connection, [SITE], 4.0)[SITE][0] == Spell(1.0, 5.0, "down")


def test_what_changed_is_told_by_position_of_states_and_checks(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        assert roster.newest(connection) == Top(0, 0)
        now = {"site": SITE, "since": 5.0, "state": "slow", "rev": 7}
        past = now | {"since": 1.0, "until": 5.0, "state": "down"}
        put(connection, schema.states, past, now)
        bad = {"name": "a", "kind": "http", "verdict": "bad", "since": 1.0, "rev": 7}
        put(connection, schema.checks, {"site": OTHER} | bad)
        assert roster.newest(connection) == Top(7, 3)
        assert roster.stirred(connection, 7, 10) == {SITE, OTHER}
        assert roster.stirred(connection, 8, 10) == set()
        # late reports wrote of the past of another site alone; its state of now is older
        older = {"site": OTHER, "since": 9.0, "state": "normal", "rev": 2}
        put(connection, schema.states, older, older | {"since": 1.0, "until": 9.0, "rev": 7})
        hold = [Held(SITE, "slow", 5.0, "")]
        assert roster.moved(connection, 7, 10) == (hold, {OTHER})
        assert roster.moved(connection, 8, 10) == ([], set())
        assert roster.moved(connection, 7, 3) is None
        good = {"name": "a", "kind": "http", "verdict": "good", "since": 1.0, "rev": 7}
        put(
            connection, schema.checks, {"site": SITE} | good, {"site": OTHER} | good | {"name": "b"}
        )
        assert roster.suspicious(connection, 7, 10) == {OTHER: True, SITE: False}
        assert roster.suspicious(connection, 8, 10) == {}
        assert roster.suspicious(connection, 7, 2) is None


def test_only_trouble_that_is_over_and_was_not_planned_is_told(store_settings: Settings) -> None:
    migrated(store_settings)
    told = [("down", 5.0), ("normal", 6.0), ("maintenance", 7.0), ("unknown", 8.0), ("slow", None)]
    with db.writing(db.open_store(store_settings)) as connection:
        for since, (state, until) in enumerate(told):
            row = {"site": SITE, "since": float(since), "until": until, "state": state, "rev": 1}
            put(connection, schema.states, row)
        assert sorted(roster.troubles(connection, 4.0)) == [
            (SITE, 0.0, 5.0, "down"),
            (SITE, 3.0, 8.0, "unknown"),
        ]
        assert roster.troubles(connection, 8.0) == []


def test_some_areas_have_a_boundary(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        row = {"name": "x", "level": "district"}
        put(connection, schema.areas, row | {"code": "35.10.06", "boundary": '{"type": "Point"}'})
        put(connection, schema.areas, row | {"code": "35.10.07"})
        drawn = roster.boundaries(connection, ["35.10.06", "35.10.07", "35.10.08"])
        assert drawn == {"35.10.06": {"type": "Point"}}


def test_only_acts_on_the_inventory_make_names_old(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        first = roster.mark(connection, Mark())
        acts.record(connection, 1.0, "siti", "note", SITE)
        second = roster.mark(connection, first)
        assert (second.act, second.seen) == (first.act, first.seen + 1)
        acts.record(connection, 2.0, "siti", "inventory", "sites")
        acts.record(connection, 3.0, "siti", "note", SITE)
        third = roster.mark(connection, second)
        assert third.act > second.act
        assert roster.mark(connection, third) == third


def test_areas_have_names_down_to_the_district(store_settings: Settings) -> None:
    migrated(store_settings)
    named = {"35.10": "Banyuwangi", "35.10.06": "Cluring", SITE: "Benculuk", "35.11": "35.11"}
    with db.writing(db.open_store(store_settings)) as connection:
        rows = [{"code": code, "name": name, "level": "x"} for code, name in named.items()]
        put(connection, schema.areas, *rows)
        assert roster.area_names(connection, 3) == {
            "35.10": ("Banyuwangi", ""),
            "35.10.06": ("Cluring", ""),
            "35.11": ("", ""),
        }


def test_a_check_stands_as_it_last_said_until_it_says_otherwise(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        told = [(10.0, "good"), (50.0, "bad"), (70.0, "good")]
        for at, verdict in told:
            row = {"site": SITE, "check": "dns", "at": at, "verdict": verdict, "rev": 1}
            put(connection, schema.verdicts, row, row | {"site": OTHER})
        # the site fell silent at 90: nothing is known since
        now = {"kind": "dns", "verdict": "unknown", "since": 90.0, "rev": 2}
        put(connection, schema.checks, {"site": SITE, "name": "dns"} | now)
        put(connection, schema.checks, {"site": SITE, "name": "new"} | now | {"since": 5.0})
        checks = states.checks_of(connection, SITE)
        assert checkdays.spells(connection, SITE, checks, 30.0, 100.0) == {
            "dns": [
                Spell(30.0, 50.0, "good"),
                Spell(50.0, 70.0, "bad"),
                Spell(70.0, 90.0, "good"),
                Spell(90.0, None, "unknown"),
            ],
            "new": [Spell(30.0, None, "unknown")],
        }
