"""A report becomes one row and one number, whoever sends how many from where."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.strict import Refused
from alerts.citizens import filing, overflow, rows, salts
from alerts.citizens.filing import Bounds, Outcome, Said
from alerts.citizens.report import Kind, State
from alerts.forgetting import forget_citizens
from collector import schema
from collector.db import reading, writing
from tests.alerts.village import CODE, NINE, Village, village

HERE = Said(CODE, Kind.DEAD, "203.0.113.9", "mati, hub 081234567890", "+6281230000001")
DAY_S = 86400.0


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        yield made


def count(here: Village) -> int:
    with reading(here.store) as connection:
        return rows.count(connection)


def test_a_report_gets_a_number_and_keeps_neither_the_address_nor_a_number_in_its_words(
    here: Village,
) -> None:
    filed = filing.file(here.store, HERE, NINE)
    assert filed.outcome == Outcome.FILED and filed.report is not None
    assert filed.report.text == "mati, hub [nomor]"
    assert (filed.report.held, filed.report.shown) == ("personal", False)
    assert "203.0.113" not in repr(filed.report)
    with reading(here.store) as connection:
        (left,) = rows.contacts(connection, [filed.report.id])
    assert (left.contact, left.channel) == ("+6281230000001", "")


def test_who_says_it_again_gets_the_number_of_before_whatever_is_wrong_now(here: Village) -> None:
    first = filing.file(here.store, HERE, NINE)
    again = filing.file(here.store, replace(HERE, kind=Kind.SLOW, contact=""), NINE + 3600)
    assert again.outcome == Outcome.AGAIN
    assert again.report is not None and first.report is not None
    assert again.report.number == first.report.number
    assert count(here) == 1


def test_neighbours_behind_one_address_may_each_leave_a_contact_up_to_a_bound(
    here: Village,
) -> None:
    for number in range(8):
        contact = f"+62812300000{number:02}"
        filed = filing.file(here.store, replace(HERE, contact=contact), NINE + number)
    assert filed.report is not None
    with reading(here.store) as connection:
        assert len(rows.contacts(connection, [filed.report.id])) == rows.MOST_CONTACTS


def test_one_address_files_about_five_sites_a_day_at_most(here: Village) -> None:
    sites = [f"35.10.12.20{n:02}" for n in range(8)]
    found = [filing.file(here.store, replace(HERE, site=s), NINE).outcome for s in sites]
    assert found == [Outcome.FILED] * 5 + [Outcome.TOO_MANY] * 3
    with reading(here.store) as connection:
        assert overflow.lately(connection, NINE + 1) == 3
        assert overflow.lately(connection, NINE + DAY_S) == 3
        assert overflow.lately(connection, NINE + 2 * DAY_S) == 0
    later = filing.file(here.store, replace(HERE, site=sites[-1]), NINE + DAY_S + 1)
    assert later.outcome == Outcome.FILED


def test_a_salt_of_yesterday_still_knows_who_it_is_and_one_of_before_does_not(
    here: Village,
) -> None:
    filing.file(here.store, replace(HERE, way="other", site="35.10.12.2005"), NINE)
    filing.file(here.store, HERE, NINE + DAY_S - 60)
    soon = filing.file(here.store, HERE, NINE + DAY_S + 60)
    assert soon.outcome == Outcome.AGAIN
    with writing(here.store) as connection:
        before = salts.reporters(connection, HERE.way, NINE + DAY_S + 60)
        salts.renew(connection, NINE + 4 * DAY_S)
        after = salts.reporters(connection, HERE.way, NINE + 4 * DAY_S)
    assert len(before) == 2 and len(after) == 1 and not set(before) & set(after)


def test_who_came_a_moment_before_the_first_is_nobody_else(here: Village) -> None:
    """Two threads take their time, and the later one is first to write."""
    first = filing.file(here.store, HERE, NINE)
    assert filing.file(here.store, HERE, NINE - 0.02).outcome is Outcome.AGAIN
    with reading(here.store) as connection:
        assert rows.count(connection) == 1
        # a clock that was set back is something else
        assert salts.reporters(connection, HERE.way, NINE - DAY_S) == []
    assert first.outcome is Outcome.FILED


def test_of_a_site_there_are_thirty_a_day_and_then_the_newest_stands_for_all(
    here: Village,
) -> None:
    bounds = Bounds(of_site=3)
    found = [
        filing.file(here.store, replace(HERE, way=f"w{n}"), NINE + n, bounds) for n in range(5)
    ]
    assert [one.outcome for one in found] == [Outcome.FILED] * 3 + [Outcome.SHARED] * 2
    assert found[4].report == found[2].report
    idea = filing.file(here.store, replace(HERE, way="x", kind=Kind.IDEA), NINE + 9, bounds)
    assert (idea.outcome, idea.report) == (Outcome.TOO_MANY, None)


def test_the_table_is_bounded_and_only_what_is_over_makes_room(here: Village) -> None:
    bounds = Bounds(of_address=99, of_site=99, in_all=3)
    made = [
        filing.file(here.store, replace(HERE, way=f"w{n}", contact=""), NINE + n, bounds)
        for n in range(4)
    ]
    assert [one.outcome for one in made] == [Outcome.FILED] * 3 + [Outcome.FULL]
    assert made[0].report is not None
    with writing(here.store) as connection:
        rows.change(connection, [made[0].report.id], (State.WAITING,), state=State.SOLVED)
    assert filing.file(here.store, replace(HERE, way="w9"), NINE + 9, bounds).report
    assert count(here) == 3


def test_threads_that_file_at_the_same_moment_make_one_report(here: Village) -> None:
    found: list[filing.Filed] = []
    gate = threading.Barrier(4)

    def file() -> None:
        gate.wait()
        found.append(filing.file(here.store, HERE, NINE))

    threads = [threading.Thread(target=file) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and count(here) == 1


def test_after_ninety_days_nothing_tells_who_it_was(here: Village) -> None:
    filed = filing.file(here.store, replace(HERE, text="wifi lambat kata Budi"), NINE)
    shown = filing.file(here.store, replace(HERE, way="x", text="tambah wifi"), NINE)
    assert filed.report is not None and shown.report is not None
    with writing(here.store) as connection:
        rows.change(connection, [shown.report.id], (State.WAITING,), shown=True)
    forget_citizens(here.store, NINE + 89 * DAY_S, NINE - 1)
    with reading(here.store) as connection:
        assert rows.contacts(connection, [filed.report.id])
    forget_citizens(here.store, NINE + 91 * DAY_S, NINE - 1)
    with reading(here.store) as connection:
        assert not list(connection.execute(select(schema.citizen_contacts)))
        one, two = rows.some(connection, [filed.report.id, shown.report.id])
    assert (one.reporter, one.text, one.kind) == ("", "", "dead")
    assert (two.reporter, two.text) == ("", "tambah wifi")
    forget_citizens(here.store, NINE + 91 * DAY_S, NINE + 1)
    assert count(here) == 0


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("", ""),
        ("  0812-3000-0001 ", "+6281230000001"),
        ("+62 812 3000 0001", "+6281230000001"),
        ("Budi@Contoh.desa.id", "budi@contoh.desa.id"),
    ],
)
def test_how_a_contact_is_kept(typed: str, kept: str) -> None:
    assert filing.contact(typed) == kept


@pytest.mark.parametrize("typed", ["Budi", "123", "budi@", "+", "x" * 200, "+8821612345678"])
def test_what_is_no_contact_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        filing.contact(typed)
