"""Accounts, links and tokens: what works once, what locks, what ends."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector import audit
from collector import signins as signin_rows
from collector.audit import Sought
from collector.db import open_store, reading, writing
from collector.inventory.scope import Scope
from collector.settings import Settings
from tests.stores import migrated
from web import accounts, people, signins, tokens
from web.accounts import RONDA

NOW = 1795425120.0
PASSWORD = "kentongan malam"


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Engine]:
    migrated(store_settings)
    engine = open_store(store_settings)
    yield engine
    engine.dispose()


def token_of(path: str | None) -> str:
    assert path is not None
    assert path.startswith("/link/")
    return path.removeprefix("/link/")


def test_the_first_link_makes_an_admin_and_works_once(store: Engine) -> None:
    token = token_of(people.first_link(store, NOW))
    made = people.use_link(store, token, "Dewi", PASSWORD, NOW + 60)
    assert made == people.User("dewi", "admin")
    assert people.use_link(store, token, "other", PASSWORD, NOW + 61) is None
    assert people.sign_in(store, "dewi", PASSWORD, NOW + 70) == made


def test_there_is_no_first_link_once_there_is_an_account(store: Engine) -> None:
    accounts.add(store, RONDA, "dewi", "admin", [], NOW)
    assert people.first_link(store, NOW) is None


def test_a_second_first_link_ends_the_one_before(store: Engine) -> None:
    old = token_of(people.first_link(store, NOW))
    new = token_of(people.first_link(store, NOW + 1))
    assert people.link(store, old, NOW + 2) is None
    assert people.link(store, new, NOW + 2) == people.Link("")


def test_the_first_link_lives_fifteen_minutes(store: Engine) -> None:
    token = token_of(people.first_link(store, NOW))
    assert people.link(store, token, NOW + 899)
    assert people.link(store, token, NOW + 900) is None
    assert people.use_link(store, token, "dewi", PASSWORD, NOW + 900) is None


def test_a_refused_password_does_not_use_the_link_up(store: Engine) -> None:
    token = token_of(people.first_link(store, NOW))
    for name, password in (
        ("dewi", "short"),
        ("D!", PASSWORD),
        ("dewi.anggraini", "Dewi.Anggraini"),
    ):
        with pytest.raises(Refused):
            people.use_link(store, token, name, password, NOW)
    assert people.use_link(store, token, "dewi", PASSWORD, NOW)


def test_a_first_link_left_over_makes_no_second_admin(store: Engine) -> None:
    token = token_of(people.first_link(store, NOW))
    accounts.add(store, RONDA, "dewi", "admin", [], NOW)
    assert people.use_link(store, token, "intruder", PASSWORD, NOW) is None


def test_an_account_locks_after_five_failures_and_opens_after_a_while(
    store: Engine, account: Callable[..., str]
) -> None:
    name = account("dewi", "noc")
    for second in range(people.TRIES):
        assert people.sign_in(store, name, "wrong password", NOW + second) is None
    at = NOW + people.TRIES
    assert people.sign_in(store, name, PASSWORD, at) is None
    assert people.sign_in(store, name, PASSWORD, at + people.LOCK_S) is not None


def test_an_admin_unlocks(store: Engine, account: Callable[..., str]) -> None:
    name = account("dewi", "noc")
    for _ in range(people.TRIES):
        people.sign_in(store, name, "wrong password", NOW)
    accounts.unlock(store, RONDA, name, NOW)
    assert people.sign_in(store, name, PASSWORD, NOW + 1)


def test_success_forgets_earlier_failures(store: Engine, account: Callable[..., str]) -> None:
    name = account("dewi", "noc")
    for _ in range(3):
        for _ in range(people.TRIES - 1):
            people.sign_in(store, name, "wrong password", NOW)
        assert people.sign_in(store, name, PASSWORD, NOW)


def test_an_account_without_a_password_cannot_sign_in(store: Engine) -> None:
    accounts.add(store, RONDA, "dewi", "noc", [], NOW)
    assert people.sign_in(store, "dewi", "", NOW) is None


@pytest.mark.slow
def test_a_reset_ends_password_and_sessions(store: Engine, account: Callable[..., str]) -> None:
    name = account("dewi", "noc")
    before = people.user(store, name)
    token = token_of(accounts.reset(store, RONDA, name, NOW))
    assert people.sign_in(store, name, PASSWORD, NOW) is None
    after = people.use_link(store, token, "ignored", "a new long password", NOW)
    assert before and after and after.revocation > before.revocation
    assert after.name == name
    assert people.sign_in(store, name, "a new long password", NOW)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("name", "role", "areas", "place"),
    [
        pytest.param("d", "noc", [], "name", id="a name too short"),
        pytest.param("dewi anggraini", "noc", [], "name", id="a space in the name"),
        pytest.param("dewi", "boss", [], "role", id="no such role"),
        pytest.param("dewi", "noc", ["35.1"], "area", id="half an area code"),
        pytest.param("dewi", "village", [], "area", id="village IT of nowhere"),
    ],
)
def test_an_account_is_refused(
    store: Engine, name: str, role: str, areas: list[str], place: str
) -> None:
    with pytest.raises(Refused) as refused:
        accounts.add(store, RONDA, name, role, areas, NOW)
    assert refused.value.place == place


def test_a_name_is_taken_once(store: Engine) -> None:
    accounts.add(store, RONDA, "dewi", "noc", [], NOW)
    with pytest.raises(Refused, match="taken"):
        accounts.add(store, RONDA, "DEWI", "noc", [], NOW)


def test_changes_of_a_missing_account_are_refused(store: Engine) -> None:
    for change in (accounts.unlock, accounts.sign_out):
        with pytest.raises(Refused, match="no account"):
            change(store, RONDA, "nobody", NOW)


def test_a_token_opens_what_it_was_made_for(store: Engine) -> None:
    text = tokens.issue(store, "grafana", "viewer", "35.10.06", "", NOW)
    assert tokens.find(store, text, NOW) == tokens.Token("grafana", "viewer", Scope(("35.10.06",)))
    assert tokens.find(store, text + "x", NOW) is None
    one = tokens.issue(store, "app", "viewer", "", "35.10.06.2005", NOW)
    found = tokens.find(store, one, NOW)
    assert found and found.scope == Scope((), ("35.10.06.2005",))


def test_only_hashes_are_stored(store: Engine) -> None:
    link = token_of(accounts.add(store, RONDA, "dewi", "noc", [], NOW))
    text = tokens.issue(store, "grafana", "viewer", "", "", NOW)
    people.use_link(store, link, "dewi", PASSWORD, NOW)
    with store.connect() as connection:
        for table in ("users", "signin_links", "api_tokens"):
            everything = str(connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall())
            assert link not in everything
            assert text not in everything
            assert PASSWORD not in everything
        assert "$argon2id$" in str(connection.exec_driver_sql("SELECT * FROM users").fetchall())


@pytest.mark.parametrize(
    ("scope", "code", "sees"),
    [
        pytest.param(Scope(), "35.10.06.2005", True, id="no area is everywhere"),
        pytest.param(Scope(("35.10",)), "35.10.06.2005", True, id="a regency"),
        pytest.param(Scope(("35.10.06.2005",)), "35.10.06.2005", True, id="the village"),
        pytest.param(Scope(("35.10.06.2005",)), "35.10.06.2005-2", True, id="its second site"),
        pytest.param(Scope(("35.10.06.200",)), "35.10.06.2005", False, id="not by letters"),
        pytest.param(Scope(("35.1",)), "35.10.06.2005", False, id="nor at another level"),
        pytest.param(Scope(("35.11", "35.12")), "35.10.06.2005", False, id="elsewhere"),
        pytest.param(Scope((), ("35.10.06.2005",)), "35.10.06.2005-2", False, id="one site only"),
    ],
)
def test_a_scope_sees_whole_areas(scope: Scope, code: str, sees: bool) -> None:
    assert scope.sees(code) is sees


def test_sessions_end_by_themselves_and_with_the_account(store: Engine) -> None:
    link = token_of(accounts.add(store, RONDA, "dewi", "noc", [], NOW))
    user = people.use_link(store, link, "dewi", PASSWORD, NOW)
    assert user
    first, second = (signins.begin(store, user, "10.0.0.1", "", NOW + n) for n in (0, 1))
    shown = signins.of(store, "dewi", NOW + 2)
    assert [one.began for one in shown] == [NOW + 1, NOW]
    signins.end(store, "dewi", signins.identity(first), NOW + 3)
    assert not signins.holder(store, first, "dewi") and signins.holder(store, second, "dewi")
    assert not signins.holder(store, second, "rian")
    assert signins.standing(store, [one.id for one in shown]) == {signins.identity(second)}
    with writing(store) as connection:
        assert signin_rows.forget(connection, NOW + 1) == 0
    assert signins.holder(store, second, "dewi")
    accounts.lock(store, RONDA, "dewi", NOW + 4)
    assert not signins.holder(store, second, "dewi") and signins.of(store, "dewi", NOW + 4) == []
    with writing(store) as connection:
        assert signin_rows.forget(connection, NOW + 2) == 1


def test_a_token_of_ones_own_holds_as_long_as_its_owner_may(store: Engine) -> None:
    accounts.add(store, RONDA, "dewi", "noc", ["35.10"], NOW)
    owner = people.user(store, "dewi")
    assert owner
    text = tokens.give(store, owner, "grafana", "noc", "35.10.06", 7, NOW, "a" * 43)
    ends = NOW + 7 * 86400
    held = tokens.Token("grafana", "noc", Scope(("35.10.06",)), "dewi", ends)
    assert tokens.find(store, text, NOW) == held
    assert tokens.find(store, text, NOW + 7 * 86400) is None
    accounts.lock(store, RONDA, "dewi", NOW)
    assert tokens.find(store, text, NOW) is None
    assert tokens.owned(store, "dewi", NOW)[0].name == "grafana"


def test_acts_of_an_area_are_found_on_both_databases(store: Engine) -> None:
    accounts.add(store, RONDA, "dewi", "noc", ["35.10"], NOW)
    accounts.add(store, RONDA, "rian", "noc", ["35.11"], NOW)
    with reading(store) as connection:
        sought = Sought(verb="account_add", start=NOW, end=NOW + 1, areas=("35.10",))
        found = audit.lines(connection, replace(sought, people=("dewi",)), 0, 10)
        later = audit.lines(connection, Sought(), found[0].id, 10)
    assert [act.subject for act in found] == ["account:dewi"] and later == []


def test_two_administrators_who_end_each_other_leave_one(
    store: Engine, account: Callable[..., str]
) -> None:
    both = [account(name, "admin") for name in ("dewi", "putri")]
    ready = Barrier(2)

    def demote(by: str, whom: str) -> str:
        me = people.user(store, by)
        assert me
        ready.wait(10)
        try:
            accounts.change(store, me, whom, "noc", [], NOW)
        except Refused as refused:
            return refused.place
        return "done"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(demote, both, reversed(both)))
    assert told == ["done", "last"]
    assert [each.role for each in people.all_users(store)].count("admin") == 1
