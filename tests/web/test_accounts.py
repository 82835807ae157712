"""Accounts in the hands of administrators: changed once, told in an act, never beyond their own."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agent.strict import Refused
from collector import schema
from collector.db import reading
from tests.web.conftest import NOW, Visitor
from web import account_powers, accounts, people
from web.accounts import RONDA
from web.people import User

PAGE = "/people"


def acts(store: Engine) -> list[tuple[str, str, str]]:
    with reading(store) as connection:
        rows = connection.execute(select(schema.acts).order_by(schema.acts.c.id)).all()
    return [(row.by, row.verb, row.subject) for row in rows]


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    return dict(re.findall(r'name="(form_token|rev)" value="([^"]*)"', page))


def link_on(page: str) -> str:
    found = re.search(r"http://localhost(/link/[\w-]+)", page)
    assert found
    return found[1]


@pytest.mark.slow
def test_somebody_is_invited_and_chooses_the_password(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor], store: Engine
) -> None:
    admin = signed_in("admin")
    form = fields(admin.page(PAGE)) | {"name": "Budi", "role": "technician", "areas": "35.10.06"}
    page = admin.client.post(PAGE, data=form).get_data(as_text=True)
    again = admin.client.post(PAGE, data=form).get_data(as_text=True)
    assert link_on(page) == link_on(again)
    assert acts(store) == [("admin.a", "account_add", "account:budi")]
    assert link_on(page) not in admin.page(PAGE)
    budi = visitor()
    assert budi.post(link_on(page), link_on(page), password="sandi budi 1", again="sandi budi 1")
    assert "budi" in budi.page("/")
    made = people.user(store, "budi")
    assert made and made.signed_in_at == NOW and made.areas == ("35.10.06",)
    assert "boleh masuk" in admin.page("/people/budi")


def test_no_act_and_no_later_page_holds_a_link(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    admin = signed_in("admin")
    page = admin.post(PAGE, PAGE, name="budi", role="noc", areas="").get_data(as_text=True)
    secret = link_on(page).rpartition("/")[2]
    with reading(store) as connection:
        for table in (schema.acts, schema.users, schema.signin_links):
            assert secret not in str(connection.execute(select(table)).all())


@pytest.mark.parametrize(
    ("do", "verb"),
    [
        ("lock", "account_lock"),
        ("reset", "account_reset"),
        ("sign_out", "account_sign_out"),
        ("change", "account_change"),
    ],
)
def test_a_form_sent_twice_changes_once_and_ends_sessions(
    signed_in: Callable[..., Visitor], store: Engine, do: str, verb: str
) -> None:
    admin, noc = signed_in("admin"), signed_in("noc")
    more = {"role": "viewer", "areas": ""} if do == "change" else {}
    form = fields(admin.page("/people/noc.a")) | {"do": do} | more
    for _ in range(2):
        assert admin.client.post("/people/noc.a", data=form).status_code in (200, 303)
    assert acts(store) == [("admin.a", verb, "account:noc.a")]
    assert noc.get("/").status_code == 303


def test_a_locked_account_enters_by_nothing_until_it_is_unlocked(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor], store: Engine
) -> None:
    admin = signed_in("admin")
    signed_in("noc")
    form = fields(admin.page("/people/noc.a")) | {"do": "reset"}
    link = link_on(admin.client.post("/people/noc.a", data=form).get_data(as_text=True))
    admin.client.post("/people/noc.a", data=fields(admin.page("/people/noc.a")) | {"do": "lock"})
    assert visitor().get(link).status_code == 403
    assert visitor().sign_in("noc.a").status_code == 403
    with pytest.raises(Refused, match="locked"):
        accounts.reset(store, RONDA, "noc.a", NOW)
    assert "dikunci oleh admin.a" in admin.page("/people/noc.a")
    form = fields(admin.page("/people/noc.a")) | {"do": "unlock"}
    assert admin.client.post("/people/noc.a", data=form).status_code == 303
    found = people.user(store, "noc.a")
    assert found and not found.locked_by


def test_the_second_of_two_administrators_is_told(
    signed_in: Callable[..., Visitor], account: Callable[..., str], store: Engine
) -> None:
    admin = signed_in("admin")
    account("noc.a", "noc")
    old = fields(admin.page("/people/noc.a"))
    accounts.change(store, RONDA, "noc.a", "viewer", [], NOW)
    form = old | {"do": "change", "role": "admin", "areas": ""}
    answer = admin.client.post("/people/noc.a", data=form)
    assert answer.status_code == 409 and "sementara itu" in answer.get_data(as_text=True)
    found = people.user(store, "noc.a")
    assert found and found.role == "viewer"


@pytest.mark.parametrize(
    ("who", "fields_", "status", "says"),
    [
        pytest.param([], {"name": "X!", "role": "noc"}, 422, "huruf kecil", id="a bad name"),
        pytest.param([], {"name": "admin.a", "role": "noc"}, 422, "sudah ada", id="a taken name"),
        pytest.param([], {"name": "budi", "role": "boss"}, 422, "peran", id="no such role"),
        pytest.param([], {"name": "budi", "role": "village"}, 422, "35.10", id="nowhere's IT"),
        pytest.param(
            ["35.10"],
            {"name": "budi", "role": "noc", "areas": "35.11"},
            422,
            "di dalam wilayah",
            id="areas the administrator has not",
        ),
    ],
)
def test_an_invitation_is_refused(
    signed_in: Callable[..., Visitor],
    store: Engine,
    who: list[str],
    fields_: dict[str, str],
    status: int,
    says: str,
) -> None:
    answer = signed_in("admin", who).post(PAGE, PAGE, **fields_)
    assert answer.status_code == status and says in answer.get_data(as_text=True)
    assert acts(store) == [] and people.user(store, "budi") is None


def test_an_administrator_of_an_area_knows_only_its_accounts(
    signed_in: Callable[..., Visitor], account: Callable[..., str], store: Engine
) -> None:
    for name, areas in (("inside", ["35.10.06"]), ("beside", ["35.11"]), ("above", [])):
        account(name, "noc", areas)
    admin = signed_in("admin", ["35.10"])
    page = admin.page(PAGE)
    assert "inside" in page and "beside" not in page and "above" not in page
    for name in ("beside", "above", "nobody"):
        assert admin.get(f"/people/{name}").status_code == 404
        assert admin.post(f"/people/{name}", PAGE, do="lock", rev="0").status_code == 404
    # none given are the administrator's own
    admin.post(PAGE, PAGE, name="budi", role="noc", areas="")
    made = people.user(store, "budi")
    assert made and made.areas == ("35.10",)


def test_the_last_administrator_stays(signed_in: Callable[..., Visitor], store: Engine) -> None:
    admin = signed_in("admin")
    me = "/people/admin.a"
    answer = admin.post(me, me, do="change", rev="0", role="noc", areas="")
    assert answer.status_code == 422 and "jadikan" in answer.get_data(as_text=True)
    for do in ("lock", "reset"):
        answer = admin.post(me, me, do=do, rev="0")
        assert answer.status_code == 422 and "pengelola lain" in answer.get_data(as_text=True)
    assert admin.post(me, me, do="dance", rev="0").status_code == 400
    with pytest.raises(Refused, match="last"):
        accounts.lock(store, RONDA, "admin.a", NOW)
    assert acts(store) == []


@pytest.mark.parametrize("rev", ["", "x", "9" * 40, "-1", "7"])
def test_a_revision_that_is_none_changes_nothing(
    signed_in: Callable[..., Visitor], account: Callable[..., str], store: Engine, rev: str
) -> None:
    account("noc.a", "noc")
    answer = signed_in("admin").post("/people/noc.a", PAGE, do="lock", rev=rev)
    assert answer.status_code == 409 and acts(store) == []


@pytest.mark.parametrize("role", ["viewer", "village", "technician", "noc"])
@pytest.mark.parametrize("path", [PAGE, "/people/admin.a"])
def test_nobody_else_comes_near(signed_in: Callable[..., Visitor], role: str, path: str) -> None:
    other = signed_in(role)
    assert other.get(path).status_code == 403
    assert other.post(path, "/", do="lock", rev="0").status_code == 403


WIDE, NEAR = User("wide", "admin"), User("near", "admin", ("35.10",))


@pytest.mark.parametrize(
    ("others", "before", "after", "nobody"),
    [
        pytest.param([], WIDE, {"role": "noc"}, True, id="the only one"),
        pytest.param([NEAR], WIDE, {"role": "noc"}, True, id="the last of all areas"),
        pytest.param([NEAR], WIDE, {"areas": ("35.10",)}, True, id="no longer of all areas"),
        pytest.param([WIDE], User("b", "admin"), {"role": "noc"}, False, id="another one is left"),
        pytest.param([WIDE], NEAR, {"role": "noc"}, False, id="an area's, the whole is left"),
        pytest.param([], NEAR, {"role": "noc"}, True, id="an area's, nobody is left"),
        pytest.param([], NEAR, {"areas": ()}, False, id="gets more"),
        pytest.param(
            [User("b", "admin", has_password=False)], WIDE, {"role": "noc"}, True, id="only invited"
        ),
        pytest.param(
            [User("b", "admin", locked_by="x")], WIDE, {"role": "noc"}, True, id="only locked"
        ),
        pytest.param([], User("b", "noc"), {"role": "viewer"}, False, id="was none"),
    ],
)
def test_somebody_must_be_left_to_administer(
    others: list[User], before: User, after: dict[str, Any], nobody: bool
) -> None:
    changed = replace(before, **after)
    assert account_powers.leaves_nobody([before, *others], before, changed) is nobody


def test_a_change_tells_what_was_before(store: Engine, account: Callable[..., str]) -> None:
    accounts.change(store, RONDA, account("noc.a", "noc"), "viewer", ["35.10"], NOW)
    with reading(store) as connection:
        body = json.loads(connection.execute(select(schema.acts.c.body)).scalar_one())
    assert body == {"role": "viewer", "areas": ["35.10"], "before": ["noc", []], "rev": 1}
