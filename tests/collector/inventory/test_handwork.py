"""Rows by hand, on each database."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, Table, insert, select

from agent.strict import Refused
from collector import db, schema
from collector.inventory import handwork
from collector.inventory.editing import mark
from collector.inventory.handwork import Overtaken
from collector.inventory.keeping import Outcome

Take = Callable[[str, str], Outcome]
HERE, THERE = "35.10.06.2005", "35.11.06.2006"


def test_rows_are_found_by_words_and_place_a_page_at_a_time(store: Engine, take: Take) -> None:
    rows = "".join(f"35.10.06.{2100 + n},Desa {n}\n" for n in range(60))
    take("sites", f"code,name\n{HERE},100%_Benculuk\n{THERE},Glagah\n{rows}")
    with db.reading(store) as connection:
        first = handwork.page(connection, "sites", "desa", (), (), 0)
        second = handwork.page(connection, "sites", "desa", (), (), handwork.MOST_ROWS)
        literal = handwork.page(connection, "sites", "%_b", (), (), 0)
        inside = handwork.page(connection, "sites", "", ("35.11",), (), 0)
    assert (first.total, len(first.rows), len(second.rows)) == (60, 50, 10)
    assert [row["code"] for row in literal.rows] == [HERE]
    assert [row["code"] for row in inside.rows] == [THERE]


def test_who_comes_second_hears_who_was_first(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{HERE},B\n")
    with db.writing(store) as connection:
        row = handwork.find(connection, "sites", [HERE])
        shown = handwork.cells_of("sites", row or {})
        values = {"code": HERE, "name": "C"}
        handwork.save(connection, "sites", [HERE], mark(row), values, 2.0, "rian")
        with pytest.raises(Overtaken) as overtaken:
            handwork.save(connection, "sites", [HERE], mark(row), values, 3.0, "dewi")
    now, act = overtaken.value.now, overtaken.value.act
    assert now is not None and act is not None
    assert (now["name"], act.by) == ("C", "rian")
    assert handwork.overtaking("sites", shown, now) == [("name", "B", "C")]
    typed = {**shown, "isp": "XL"}
    mine = handwork.merged("sites", shown, typed, now)
    assert (mine["name"], mine["isp"]) == ("C", "XL")


@pytest.mark.parametrize("kind", ["areas", "sites"])
def test_sites_and_areas_are_not_removed_by_hand(store: Engine, take: Take, kind: str) -> None:
    take("sites", f"code,name\n{HERE},B\n")
    key = [HERE if kind == "sites" else "35.10"]
    with db.writing(store) as connection, pytest.raises(Refused, match="no such row"):
        row = handwork.find(connection, kind, key)
        handwork.remove(connection, kind, key, mark(row), 2.0, "rian")


def rows_of(connection: Connection, table: Table) -> list[tuple[str, str]]:
    chosen = select(table.c.scope, table.c.person).order_by(table.c.scope, table.c.person)
    return [(scope, person) for scope, person in connection.execute(chosen)]


@pytest.fixture
def wayan(store: Engine, take: Take) -> list[str]:
    """A contact with a shift, quiet hours, and a trial that was answered."""
    take("sites", f"code,name\n{HERE},B\n")
    take("contacts", f"scope,name,role,sms\n{HERE},Wayan,noc,0811222333\n*,Made,noc,0811222334\n")
    with db.writing(store) as connection:
        for scope, person in ((HERE, "Wayan"), ("*", "Made")):
            who = {"scope": scope, "person": person}
            connection.execute(insert(schema.duty).values(**who))
            quiet = {"begins": "22:00", "ends": "05:00"}
            connection.execute(insert(schema.quiet_hours).values(**who, **quiet))
            told = {"call": 1, "asked_at": 1.0, "confirmed_at": 2.0}
            connection.execute(insert(schema.trials).values(**who, **told))
    return [HERE, "Wayan"]


KEPT = (schema.duty, schema.quiet_hours, schema.trials)


@pytest.mark.parametrize("new", [(HERE, "Wayan Sudiarta"), ("*", "Wayan")], ids=["name", "place"])
def test_shifts_and_quiet_hours_follow_who_is_called_otherwise(
    store: Engine, wayan: list[str], new: tuple[str, str]
) -> None:
    with db.writing(store) as connection:
        # of somebody who was called so once
        leftover = {"scope": new[0], "person": new[1], "begins": "1:00", "ends": "2:00"}
        connection.execute(insert(schema.quiet_hours).values(**leftover))
        row = handwork.find(connection, "contacts", wayan) or {}
        values = {**row, "scope": new[0], "name": new[1]}
        handwork.save(connection, "contacts", wayan, mark(row), values, 2.0, "rian")
    with db.reading(store) as connection:
        for table in KEPT:
            assert rows_of(connection, table) == sorted([new, ("*", "Made")]), table.name
        begins = select(schema.quiet_hours.c.begins).where(schema.quiet_hours.c.person == new[1])
        assert connection.execute(begins).scalars().all() == ["22:00"]


def test_nobody_who_is_gone_is_on_duty(store: Engine, wayan: list[str]) -> None:
    with db.writing(store) as connection:
        row = handwork.find(connection, "contacts", wayan)
        handwork.remove(connection, "contacts", wayan, mark(row), 2.0, "rian")
    with db.reading(store) as connection:
        assert rows_of(connection, schema.duty) == [("*", "Made")]
        assert rows_of(connection, schema.quiet_hours) == [("*", "Made")]
        assert len(rows_of(connection, schema.trials)) == 2, "that it was answered stays known"
