"""The second step: set up, asked for, never twice by one code, taken away and told of."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from collector import schema, second_steps
from collector.db import reading, writing
from collector.secret import load_secret
from collector.settings import Settings
from tests.web.conftest import PASSWORD, Clock, Visitor
from web import accounts, people, second_step, totp
from web.accounts import RONDA
from web.app import create_app

pytestmark = pytest.mark.usefixtures("database_url")

Say = Callable[..., Visitor]
LOGIN, HALF, MINE = "/login", "/login/step", "/account/step"


def secret_on(page: str) -> str:
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r'<code class="mono">([a-z2-7-]{19})</code>', page)


def code(secret: str, clock: Clock, off: int = 0) -> str:
    return totp.code(secret, totp.step_at(clock.now) + off)


def set_up(browser: Visitor, clock: Clock) -> tuple[str, list[str]]:
    """Through the pages of one's own account; the secret and the recovery codes."""
    begun = browser.post(f"{MINE}/begin", "/account", old=PASSWORD)
    assert begun.headers["Location"] == MINE
    secret = secret_on(browser.page(MINE))
    answer = browser.post(MINE, MINE, code=code(secret, clock))
    clock.now += totp.STEP_S
    return secret, codes_on(answer.get_data(as_text=True))


def verbs(store: Engine) -> list[str]:
    with reading(store) as connection:
        return list(
            connection.execute(select(schema.acts.c.verb).order_by(schema.acts.c.id)).scalars()
        )


def half_in(visitor: Say, name: str = "noc.a") -> Visitor:
    browser = visitor()
    assert browser.sign_in(name).headers["Location"] == HALF
    return browser


def test_a_password_alone_opens_nothing_once_it_is_set_up(
    signed_in: Say, visitor: Say, clock: Clock, store: Engine
) -> None:
    secret, codes = set_up(signed_in("noc"), clock)
    assert len(set(codes)) == totp.RECOVERY and verbs(store) == ["account_step_add"]
    browser = half_in(visitor)
    assert browser.get("/").status_code == 303 and browser.get("/account").status_code == 303
    answer = browser.post(HALF, HALF, code=code(secret, clock))
    assert answer.status_code == 303 and "noc.a" in browser.page("/")


def test_who_signs_in_comes_to_where_they_wanted_to_go(
    signed_in: Say, visitor: Say, clock: Clock
) -> None:
    secret, _ = set_up(signed_in("noc"), clock)
    browser = visitor()
    browser.post(LOGIN, LOGIN, name="noc.a", password=PASSWORD, next="/sites/")
    assert browser.post(HALF, HALF, code=code(secret, clock)).headers["Location"] == "/sites/"


def test_it_does_not_count_before_it_is_confirmed(signed_in: Say, visitor: Say) -> None:
    browser = signed_in("noc")
    browser.post(f"{MINE}/begin", "/account", old=PASSWORD)
    answer = browser.post(MINE, MINE, code="000000")
    assert answer.status_code == 403 and secret_on(answer.get_data(as_text=True))
    assert visitor().sign_in("noc.a").headers["Location"] == "/"


@pytest.mark.parametrize("off", [0, -1])
def test_a_code_is_good_once(signed_in: Say, visitor: Say, clock: Clock, off: int) -> None:
    secret, _ = set_up(signed_in("noc"), clock)
    used = code(secret, clock)
    assert half_in(visitor).post(HALF, HALF, code=used).status_code == 303
    again = half_in(visitor).post(HALF, HALF, code=code(secret, clock, off))
    assert again.status_code == 403


def test_the_code_that_confirmed_signs_nobody_in(
    signed_in: Say, visitor: Say, clock: Clock
) -> None:
    secret, _ = set_up(signed_in("noc"), clock)
    assert half_in(visitor).post(HALF, HALF, code=code(secret, clock, -1)).status_code == 403


def test_a_recovery_code_is_good_once(
    signed_in: Say, visitor: Say, clock: Clock, store: Engine
) -> None:
    browser = signed_in("noc")
    _, codes = set_up(browser, clock)
    typed = codes[3].upper().replace("-", " ")
    assert half_in(visitor).post(HALF, HALF, code=typed).status_code == 303
    assert half_in(visitor).post(HALF, HALF, code=codes[3]).status_code == 403
    assert "tersisa 9 kode" in browser.page("/account")
    assert "account_step_recovery" in verbs(store)


def test_neither_secret_nor_codes_lie_open(
    signed_in: Say, clock: Clock, store: Engine, settings: Settings
) -> None:
    secret, codes = set_up(signed_in("noc"), clock)
    with reading(store) as connection:
        held = [str(connection.execute(select(t)).all()) for t in schema.metadata.sorted_tables]
    # free pages of SQLite's file hold what was there before
    raw = b"" if settings.database_url else (settings.folder / "ronda.db").read_bytes()
    for told in (secret, *codes, *(each.replace("-", "") for each in codes)):
        assert told not in "".join(held) and told.encode() not in raw
    second = second_step.begun(store, load_secret(settings.folder), "noc.a")
    assert second is None, "one that counts is never shown again"


def test_the_same_form_once_more_shows_the_same_codes(signed_in: Say, clock: Clock) -> None:
    browser = signed_in("noc")
    browser.post(f"{MINE}/begin", "/account", old=PASSWORD)
    page = browser.page(MINE)
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    form = {"form_token": token[1] if token else "", "code": code(secret_on(page), clock)}
    first, again = (
        codes_on(browser.client.post(MINE, data=form).get_data(as_text=True)) for _ in range(2)
    )
    assert first == again and len(first) == totp.RECOVERY


@pytest.mark.slow
def test_five_wrong_codes_lock_and_a_good_password_between_forgives_none(
    signed_in: Say, visitor: Say, clock: Clock
) -> None:
    secret, codes = set_up(signed_in("noc"), clock)
    said = set()
    for _ in range(people.TRIES):
        answer = half_in(visitor).post(HALF, HALF, code="000000")
        assert answer.status_code == 403
        said.add(answer.get_data(as_text=True).split('role="status"')[1][:120])
    browser = visitor()
    assert browser.sign_in("noc.a").status_code == 403, "locked"
    clock.now += people.LOCK_S
    half = half_in(visitor)
    for _ in range(people.TRIES):
        half.post(HALF, HALF, code="000000")
    # half way in when it was locked: the right code, and one of paper, open nothing either
    for given in (code(secret, clock), codes[0]):
        answer = half.post(HALF, HALF, code=given)
        assert answer.status_code == 403
        said.add(answer.get_data(as_text=True).split('role="status"')[1][:120])
    assert len(said) == 1, "wrong and locked read the same"
    clock.now += people.LOCK_S
    assert half_in(visitor).post(HALF, HALF, code=codes[0]).status_code == 303


@pytest.mark.parametrize("how", ["too late", "password changed", "locked", "nothing begun"])
def test_half_a_sign_in_ends(
    signed_in: Say, visitor: Say, clock: Clock, store: Engine, how: str
) -> None:
    secret, _ = set_up(signed_in("noc"), clock)
    browser = visitor() if how == "nothing begun" else half_in(visitor)
    if how == "too late":
        clock.now += 901
    elif how == "password changed":
        accounts.reset(store, RONDA, "noc.a", clock.now)
    elif how == "locked":
        accounts.lock(store, RONDA, "noc.a", clock.now)
    answer = browser.post(HALF, LOGIN, code=code(secret, clock))
    assert answer.status_code == 303 and answer.headers["Location"] == LOGIN
    assert browser.get("/").status_code == 303 and browser.get(HALF).status_code == 303


def test_a_link_for_a_new_password_does_not_go_round_it(
    signed_in: Say, visitor: Say, clock: Clock, store: Engine
) -> None:
    secret, _ = set_up(signed_in("noc"), clock)
    link = accounts.reset(store, RONDA, "noc.a", clock.now)
    browser = visitor()
    new = {"password": "kentongan pagi", "again": "kentongan pagi"}
    assert browser.post(link, link, **new).headers["Location"] == HALF
    assert browser.get("/").status_code == 303
    assert browser.post(HALF, HALF, code=code(secret, clock)).status_code == 303


def test_setting_it_up_wants_the_password_of_today(
    signed_in: Say, store: Engine, clock: Clock
) -> None:
    browser = signed_in("noc")
    answer = browser.post(f"{MINE}/begin", "/account", old="another one")
    assert answer.headers["Location"] == "/account"
    assert browser.get(MINE).status_code == 303
    set_up(browser, clock)
    again = browser.post(f"{MINE}/begin", "/account", old=PASSWORD)
    assert again.headers["Location"] == "/account", "one that counts is not replaced by a password"


@pytest.mark.parametrize("do", ["codes", "remove"])
def test_changing_it_wants_a_code(
    signed_in: Say, visitor: Say, clock: Clock, do: str, store: Engine
) -> None:
    browser = signed_in("noc")
    secret, codes = set_up(browser, clock)
    change = f"{MINE}/change"
    assert browser.post(change, "/account", do=do, code="000000").status_code == 303
    assert "tersisa 10 kode" in browser.page("/account")
    answer = browser.post(change, "/account", do=do, code=code(secret, clock))
    if do == "remove":
        assert visitor().sign_in("noc.a").headers["Location"] == "/"
    else:
        new = codes_on(answer.get_data(as_text=True))
        assert len(new) == totp.RECOVERY and not set(new) & set(codes)
        assert half_in(visitor).post(HALF, HALF, code=codes[0]).status_code == 403
        assert half_in(visitor).post(HALF, HALF, code=new[0]).status_code == 303
    assert browser.post(change, "/account", do="dance", code="1").status_code == 400


@pytest.mark.slow
def test_an_administrator_removes_it_and_the_person_is_told(
    signed_in: Say, visitor: Say, clock: Clock, store: Engine
) -> None:
    noc, admin = signed_in("noc"), signed_in("admin")
    secret, _ = set_up(noc, clock)
    person = "/people/noc.a"
    page = admin.page(person)
    assert secret not in page and "Masih tersisa 10 kode" in page
    rev = re.search(r'name="rev" value="(\d+)"', page)
    form = {"do": "no_step", "rev": rev[1] if rev else ""}
    assert admin.post(person, person, **form).status_code == 303
    assert noc.get("/").status_code == 303, "sessions end"
    assert verbs(store)[-1] == "account_step_remove"
    clock.now += 60
    browser = visitor()
    assert browser.sign_in("noc.a").headers["Location"] == "/"
    told = "dihapus oleh admin.a"
    assert told in html.unescape(browser.page("/"))
    assert told in browser.page("/account") and told not in browser.page("/sites/")
    set_up(browser, clock)
    assert told not in browser.page("/account")


def test_nobody_removes_their_own_as_an_administrator(signed_in: Say, clock: Clock) -> None:
    admin = signed_in("admin")
    set_up(admin, clock)
    answer = admin.post("/people/admin.a", "/people/admin.a", do="no_step", rev="0")
    assert answer.status_code == 422
    assert "kode aplikasi diminta" in admin.page("/account").lower()


@pytest.fixture
def strict(settings: Settings, store: Engine, numbers: Any, clock: Clock) -> Callable[[], Visitor]:
    """A console whose control room must have a second step."""
    asked = replace(settings, totp_roles=("noc", "admin"))
    app: Flask = create_app(asked, store, numbers, clock)
    return lambda: Visitor(app.test_client())


@pytest.mark.slow
def test_a_role_that_must_have_it_sets_it_up_before_it_enters(
    strict: Callable[[], Visitor], account: Callable[..., str], clock: Clock
) -> None:
    account("dewi", "noc")
    account("lina", "viewer")
    assert strict().sign_in("lina").headers["Location"] == "/"
    browser = strict()
    assert browser.sign_in("dewi").headers["Location"] == HALF
    page = browser.page(HALF)
    assert "<svg" in page and browser.get("/").status_code == 303
    secret = secret_on(page)
    assert secret_on(browser.page(HALF)) == secret, "looked at twice, it is the same"
    assert browser.post(HALF, HALF, code="000000").status_code == 403
    answer = browser.post(HALF, HALF, code=code(secret, clock))
    assert len(codes_on(answer.get_data(as_text=True))) == totp.RECOVERY
    assert "dewi" in browser.page("/")
    clock.now += 60
    later = strict()
    later.sign_in("dewi")
    assert "<svg class" not in later.page(HALF).split("h-step")[1]
    assert later.post(HALF, HALF, code=code(secret, clock)).status_code == 303


@pytest.mark.slow
def test_who_must_set_it_up_finds_it_done_by_another_browser(
    strict: Callable[[], Visitor], account: Callable[..., str], clock: Clock
) -> None:
    account("dewi", "noc")
    first, second = strict(), strict()
    for browser in (first, second):
        browser.sign_in("dewi")
    secret = secret_on(second.page(HALF))
    assert second.post(HALF, HALF, code=code(secret, clock)).status_code == 200
    assert first.post(HALF, HALF, code=code(secret, clock)).status_code == 403, "used"
    clock.now += 30
    assert first.post(HALF, HALF, code=code(secret, clock)).status_code == 303


def test_a_box_of_another_key_lets_nobody_in_and_is_named(
    signed_in: Say, clock: Clock, store: Engine
) -> None:
    secret, codes = set_up(signed_in("noc"), clock)
    other = bytes(32)
    assert second_step.answer(store, other, "noc.a", code(secret, clock), clock.now) is None
    with reading(store) as connection:
        assert second_steps.unreadable(connection, other) == ["noc.a"]


@pytest.mark.slow
def test_pressed_twice_the_codes_of_the_first_sign_in_are_still_shown(
    strict: Callable[[], Visitor], account: Callable[..., str], clock: Clock
) -> None:
    account("dewi", "noc")
    browser = strict()
    browser.sign_in("dewi")
    page = browser.page(HALF)
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    form = {"form_token": token[1] if token else "", "code": code(secret_on(page), clock)}
    before = browser.client.get_cookie("ronda")
    assert before is not None
    first = codes_on(browser.client.post(HALF, data=form).get_data(as_text=True))
    # the second was on its way before the first came back
    browser.client.set_cookie("ronda", before.value)
    again = codes_on(browser.client.post(HALF, data=form).get_data(as_text=True))
    assert first == again and len(first) == totp.RECOVERY
    assert "dewi" in browser.page("/")


def test_whom_no_password_opens_needs_none_to_set_it_up(
    signed_in: Say, store: Engine, clock: Clock
) -> None:
    browser = signed_in("noc")
    with writing(store) as connection:
        connection.execute(schema.users.update().values(local=False, email="a@b.id"))
    assert 'id="s-old"' not in browser.page("/account")
    assert browser.post(f"{MINE}/begin", "/account").headers["Location"] == MINE
