"""Rows by the thousand mean what rows one by one mean, in both databases."""

from agent.report import Verdict
from collector import states
from collector.db import open_store, reading, writing
from collector.settings import Settings
from collector.states import Change, CheckState
from tests.stores import migrated

SITE = "35.10.06.2005"


def test_rows_are_inserted_or_take_the_place_of_those_with_their_key(
    store_settings: Settings,
) -> None:
    migrated(store_settings)
    store = open_store(store_settings)
    first = CheckState(SITE, "web", "http", Verdict.GOOD, "", 100.0, True, 1)
    other = CheckState(SITE, "dns", "dns", Verdict.BAD, "100 % 'lost': ?", 100.0, False, 1 << 40)
    with writing(store) as connection:
        states.save_checks(connection, [first, other])
        states.save_checks(connection, [first._replace(verdict=Verdict.BAD, since=160.0, rev=2)])
        told = [Change(SITE, "web", 100.0 + n, Verdict.GOOD, "", True, n) for n in range(1200)]
        states.save_verdicts(connection, told)
        states.save_verdicts(connection, [])
        # of two with one key in one call the last one holds
        states.save_verdicts(connection, [told[5]._replace(reason="a"), told[5]._replace(rev=9)])
    with reading(store) as connection:
        assert states.checks_of(connection, SITE) == [
            other,
            CheckState(SITE, "web", "http", "bad", "", 160.0, True, 2),
        ]
        found = states.verdicts_of(connection, SITE, 0.0, 1e9)
        assert found == [*told[:5], told[5]._replace(rev=9), *told[6:]]
        assert {type(found[0].verdict), type(found[0].live)} == {str, bool}
    store.dispose()
