"""What becomes of tokens when passwords, sessions and accounts end, and who may end which."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import Engine, insert, select

from collector import acts, schema
from collector.db import reading, writing
from collector.persons import person
from tests.web.conftest import NOW, PASSWORD, Visitor
from web import accounts, people, tokens
from web.accounts import RONDA

NEW = "kentongan pagi"
WAY: Mapping[str, Callable[[Engine, bool], object]] = {
    "account_reset": lambda store, ending: accounts.reset(
        store, RONDA, "noc.a", NOW, tokens=ending
    ),
    "account_lock": lambda store, ending: accounts.lock(store, RONDA, "noc.a", NOW, tokens=ending),
    "account_sign_out": lambda store, ending: accounts.sign_out(
        store, RONDA, "noc.a", NOW, tokens=ending
    ),
    "account_password": lambda store, ending: people.change_password(
        store, "noc.a", PASSWORD, NEW, NOW, ending
    ),
}


def give(store: Engine, name: str, text: str = "t" * 43) -> str:
    owner = people.user(store, name)
    assert owner is not None
    area = "".join(owner.areas)
    return tokens.give(store, owner, "grafana", "viewer", area, 30, NOW, text)


@pytest.fixture
def token(store: Engine, account: Callable[..., str]) -> str:
    return give(store, account("noc.a", "noc"))


@pytest.mark.parametrize("verb", WAY)
def test_tokens_end_where_that_is_asked_for_and_the_act_says_how_many(
    store: Engine, token: str, verb: str
) -> None:
    WAY[verb](store, True)
    with reading(store) as connection:
        assert acts.about(connection, "account:noc.a", verb, 1)[0].body["tokens"] == 1
    accounts.unlock(store, RONDA, "noc.a", NOW)
    assert tokens.find(store, token, NOW) is None
    assert tokens.owned(store, "noc.a", NOW) == []


@pytest.mark.parametrize("verb", WAY)
def test_tokens_go_on_where_nobody_asked(store: Engine, token: str, verb: str) -> None:
    WAY[verb](store, False)
    locked = verb == "account_lock"
    assert (tokens.find(store, token, NOW) is None) == locked
    accounts.unlock(store, RONDA, "noc.a", NOW)
    assert tokens.find(store, token, NOW)


def test_failures_of_a_stranger_stop_no_program(store: Engine, token: str) -> None:
    for _ in range(people.TRIES):
        people.sign_in(store, "noc.a", "wrong", NOW)
    user = people.user(store, "noc.a")
    assert user and user.state(NOW) == "locked" and tokens.find(store, token, NOW)


@pytest.mark.slow
def test_a_token_of_an_erased_account_wakes_with_no_other_of_its_name(
    store: Engine, token: str, account: Callable[..., str]
) -> None:
    accounts.erase(store, RONDA, person("noc.a", [], []), NOW)
    assert tokens.find(store, token, NOW) is None
    account("noc.a", "noc")
    assert tokens.find(store, token, NOW) is None
    # nor one that came back alone, of a restored table
    row = {"token_hash": tokens._hash("x"), "name": "x", "role": "viewer", "created_at": NOW}
    with writing(store) as connection:
        connection.execute(insert(schema.api_tokens).values(**row, owner="gone"))
    assert tokens.find(store, "x", NOW) is None


def test_a_reset_page_shows_the_tokens_and_ends_them_in_the_same_step(
    signed_in: Callable[..., Visitor], store: Engine, token: str
) -> None:
    admin = signed_in("admin")
    page = admin.page("/people/noc.a")
    assert "Cabut juga 1 token: grafana" in page and "checked" in page
    answer = admin.post("/people/noc.a", "/people/noc.a", do="reset", rev="0", tokens="1")
    assert "/link/" in answer.get_data(as_text=True)
    assert tokens.find(store, token, NOW) is None


def test_an_unticked_reset_keeps_them_and_the_link_offers_it_again(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor], store: Engine, token: str
) -> None:
    admin = signed_in("admin")
    admin.post("/people/noc.a", "/people/noc.a", do="reset", rev="0")
    assert tokens.find(store, token, NOW)
    path = accounts.reset(store, RONDA, "noc.a", NOW)
    owner = visitor()
    assert "grafana" in owner.page(path)
    owner.post(path, path, password=NEW, again=NEW, tokens="1")
    assert tokens.find(store, token, NOW) is None


@pytest.mark.parametrize("where", ["/account/password", "/logout"])
def test_who_changes_the_password_or_signs_out_may_end_them(
    signed_in: Callable[..., Visitor], store: Engine, where: str
) -> None:
    noc = signed_in("noc")
    text = give(store, "noc.a")
    form = {"old": PASSWORD, "password": NEW, "again": NEW, "everywhere": "1"}
    noc.post(where, "/account", **form, tokens="1")
    assert tokens.find(store, text, NOW) is None


def test_an_administrator_ends_one_of_an_account_and_one_of_the_centre(
    signed_in: Callable[..., Visitor], store: Engine, token: str
) -> None:
    own = tokens.issue(store, "tiket", "noc", "", "", NOW)
    admin = signed_in("admin")
    assert "tiket" in admin.page("/people") and "grafana" in admin.page("/people/noc.a")
    for one in tokens.seen(store, people.User("x", "admin"), NOW):
        admin.post("/people/tokens/revoke", "/people", id=one.id, owner=one.owner)
    assert tokens.find(store, own, NOW) is None and tokens.find(store, token, NOW) is None
    with reading(store) as connection:
        told = select(schema.acts.c.by, schema.acts.c.subject).where(
            schema.acts.c.verb == "token_revoke"
        )
        found = {(row.by, row.subject) for row in connection.execute(told)}
    assert found == {("admin.a", "account:noc.a"), ("admin.a", "token:tiket")}


def test_an_administrator_of_some_areas_ends_none_of_elsewhere(
    store: Engine, token: str, account: Callable[..., str]
) -> None:
    inside = give(store, account("dewi", "noc", ["35.10.06"]), "u" * 43)
    tokens.issue(store, "semua", "noc", "", "", NOW)
    tokens.issue(store, "sana", "noc", "35.11", "", NOW)
    tokens.issue(store, "desa", "noc", "", "35.10.06.2005", NOW)
    admin = people.User("a", "admin", ("35.10",))
    seen = tokens.seen(store, admin, NOW)
    assert {one.name for one in seen} == {"grafana", "desa"} and len(seen) == 2
    every = tokens.seen(store, people.User("", "admin"), NOW)
    ended = {one.name: tokens.end(store, admin, one.id, NOW) for one in every if not one.owner}
    assert ended == {"semua": False, "sana": False, "desa": True}
    assert tokens.find(store, inside, NOW)
