"""Everybody's own account: sessions ended one by one, a password changed, tokens that end."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from collector import schema
from collector.db import reading
from tests.web.conftest import NOW, PASSWORD, Clock, Visitor
from web import accounts, context, people, signins, tokens
from web.accounts import RONDA
from web.live import Client, Live

PAGE = "/account"
NEW = "kentongan pagi"


def verbs(store: Engine) -> list[str]:
    with reading(store) as connection:
        return list(
            connection.execute(select(schema.acts.c.verb).order_by(schema.acts.c.id)).scalars()
        )


def test_one_session_is_ended_from_another(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor], store: Engine
) -> None:
    here, there = signed_in("noc"), visitor()
    there.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Android 14) Chrome/120 Safari/537"
    there.sign_in("noc.a")
    page = here.page(PAGE)
    assert "Chrome, Android" in page and "127.0.0.1" in page and page.count("yang ini") == 1
    with reading(store) as connection:
        rows = connection.execute(select(schema.signins)).all()
    other = next(row.key_hash for row in rows if row.device)
    for _ in range(2):
        assert here.post(f"{PAGE}/sessions/end", PAGE, id=other).status_code == 303
    assert there.get("/").status_code == 303 and here.get("/").status_code == 200
    assert verbs(store) == ["session_end"]


def test_nobody_ends_the_session_of_another(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    noc, viewer = signed_in("noc"), signed_in("viewer")
    with reading(store) as connection:
        theirs = connection.execute(
            select(schema.signins.c.key_hash).where(schema.signins.c.user == "noc.a")
        ).scalar_one()
    viewer.post(f"{PAGE}/sessions/end", PAGE, id=theirs)
    assert noc.get("/").status_code == 200 and verbs(store) == []


def test_the_key_of_a_session_is_not_stored(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    browser = signed_in("noc")
    with browser.client.session_transaction() as session:
        key = session["key"]
    with reading(store) as connection:
        assert key not in str(connection.execute(select(schema.signins)).all())


def test_a_copied_cookie_is_worth_nothing_after_signing_out(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor]
) -> None:
    browser, thief = signed_in("noc"), visitor()
    cookie = browser.client.get_cookie("ronda")
    assert cookie
    browser.post("/logout", PAGE)
    thief.client.set_cookie("ronda", cookie.value)
    assert thief.get("/").status_code == 303


def test_live_pages_of_an_ended_session_close(
    signed_in: Callable[..., Visitor], store: Engine, app: Flask, clock: Clock
) -> None:
    browser = signed_in("noc")
    user = people.user(store, "noc.a")
    assert user
    with browser.client.session_transaction() as session:
        mine = replace(user, signin=signins.identity(session["key"]))
    live = Live(store, context.of(app).facts, clock, UTC)
    client = live.join(mine, "")
    assert isinstance(client, Client)
    asyncio.run(live.look())
    assert "tick" in (client.queue.get_nowait() or "")
    signins.end(store, "noc.a", mine.signin, NOW)
    clock.now += 60
    asyncio.run(live.look())
    assert client.queue.get_nowait() is None


def test_a_person_has_at_most_so_many_sessions(store: Engine, account: Callable[..., str]) -> None:
    user = people.user(store, account("noc.a", "noc"))
    assert user
    keys = [signins.begin(store, user, "", "", NOW + n) for n in range(signins.MOST + 2)]
    stand = [signins.holder(store, key, "noc.a") is not None for key in keys]
    assert stand == [False, False] + [True] * signins.MOST


@pytest.mark.parametrize(
    ("told", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/120 SamsungBrowser/23",
            "Samsung Internet, Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Safari/604", "Safari, iPhone"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_of_a_device_only_its_kind_is_kept(told: str, device: str) -> None:
    assert signins.device(told) == device


@pytest.mark.slow
def test_a_password_is_changed_and_other_devices_are_out(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor], store: Engine
) -> None:
    here, there = signed_in("noc"), visitor()
    there.sign_in("noc.a")
    form = {"old": PASSWORD, "password": NEW, "again": NEW}
    assert here.post(f"{PAGE}/password", PAGE, **form).status_code == 303
    assert here.get("/").status_code == 200 and there.get("/").status_code == 303
    assert visitor().sign_in("noc.a").status_code == 403
    assert visitor().sign_in("noc.a", NEW).status_code == 303
    assert verbs(store) == ["account_password"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        pytest.param((PASSWORD, NEW, NEW + "x"), 422, id="not the same twice"),
        pytest.param((PASSWORD, "short", "short"), 422, id="too short"),
        pytest.param((NEW, NEW, NEW), 403, id="the old one is another"),
    ],
)
def test_a_password_is_not_changed(
    signed_in: Callable[..., Visitor], store: Engine, form: tuple[str, str, str], status: int
) -> None:
    old, new, again = form
    here = signed_in("noc")
    answer = here.post(f"{PAGE}/password", PAGE, old=old, password=new, again=again)
    assert answer.status_code == status and verbs(store) == []


def test_guessing_the_old_password_locks(
    signed_in: Callable[..., Visitor], visitor: Callable[[], Visitor]
) -> None:
    here = signed_in("noc")
    for _ in range(people.TRIES):
        here.post(f"{PAGE}/password", PAGE, old="wrong", password=NEW, again=NEW)
    form = {"old": PASSWORD, "password": NEW, "again": NEW}
    assert here.post(f"{PAGE}/password", PAGE, **form).status_code == 403


def give(browser: Visitor, **fields: str) -> str:
    form = {"name": "grafana", "role": "viewer", "area": "", "days": "30"} | fields
    page = browser.post(f"{PAGE}/tokens", PAGE, **form).get_data(as_text=True)
    found = re.search(r'<p class="mono">([\w-]{43})</p>', page)
    return found[1] if found else ""


def test_a_token_of_ones_own_is_shown_once_and_revoked(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    noc = signed_in("noc", ["35.10"])
    text = give(noc, area="35.10.06")
    found = tokens.find(store, text, NOW)
    assert found and found.role == "viewer" and found.scope.areas == ("35.10.06",)
    page = noc.page(PAGE)
    assert text not in page and "grafana" in page
    with reading(store) as connection:
        for table in (schema.acts, schema.api_tokens):
            assert text not in str(connection.execute(select(table)).all())
    token = tokens.owned(store, "noc.a", NOW)[0]
    for _ in range(2):
        noc.post(f"{PAGE}/tokens/revoke", PAGE, id=token.id)
    assert tokens.find(store, text, NOW) is None
    assert verbs(store) == ["token_add", "token_revoke"]


def test_a_form_sent_twice_makes_one_token(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    noc = signed_in("noc")
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', noc.page(PAGE))
    assert token
    form = {"form_token": token[1], "name": "x", "role": "noc", "area": "", "days": "7"}
    pages = [noc.client.post(f"{PAGE}/tokens", data=form).get_data(as_text=True) for _ in "ab"]
    assert len({re.findall(r'class="mono">([\w-]{43})<', page)[0] for page in pages}) == 1
    assert len(tokens.owned(store, "noc.a", NOW)) == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"role": "admin"}, "peran", id="more than one is"),
        pytest.param({"role": "boss"}, "peran", id="no role"),
        pytest.param({"area": ""}, "35.10", id="everywhere"),
        pytest.param({"area": "35.11"}, "35.10", id="elsewhere"),
        pytest.param({"name": ""}, "60", id="no name"),
        pytest.param({"days": "9999"}, "365", id="for ever"),
    ],
)
def test_a_token_never_has_more_than_its_owner(
    signed_in: Callable[..., Visitor], store: Engine, fields: dict[str, str], says: str
) -> None:
    form = {"name": "x", "role": "noc", "area": "35.10", "days": "7"} | fields
    answer = signed_in("noc", ["35.10"]).post(f"{PAGE}/tokens", PAGE, **form)
    assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    assert tokens.owned(store, "noc.a", NOW) == []


ENDS: dict[str, Callable[[Engine, Clock], object]] = {
    "its time is over": lambda store, clock: setattr(clock, "now", NOW + 30 * 86400),
    "its owner is locked": lambda store, clock: accounts.lock(store, RONDA, "noc.a", NOW),
    "its owner has less": lambda store, clock: accounts.change(
        store, RONDA, "noc.a", "viewer", [], NOW
    ),
    "its owner has other areas": lambda store, clock: accounts.change(
        store, RONDA, "noc.a", "noc", ["35.11"], NOW
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_token_opens_nothing_when(
    signed_in: Callable[..., Visitor], store: Engine, clock: Clock, how: str
) -> None:
    text = give(signed_in("noc"), role="noc")
    assert tokens.find(store, text, clock.now)
    ENDS[how](store, clock)
    assert tokens.find(store, text, clock.now) is None
