"""Signing in by another provider: a real one's answers hold, all others are refused in words."""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from agent.strict import Refused
from collector import schema
from collector.db import reading, writing
from collector.settings import Settings, load
from tests.web.conftest import PASSWORD, Clock, Visitor
from tests.web.fake_provider import (
    CLIENT,
    CURVE,
    KEY,
    OTHER,
    SECRET,
    Claims,
    FakeProvider,
    provider,
    rsa_shown,
    shown,
    sign,
)
from web import accounts, people
from web.accounts import RONDA
from web.app import create_app, furnish
from web.oidc import pages
from web.oidc.asking import AT_ONCE, PAUSE_S, ProviderFailed
from web.oidc.provider import Provider
from web.oidc.token import BadToken, Expected, identity

Say = Callable[..., Visitor]
OUT, BACK, MAIL = "/login/oidc", "/login/oidc/back", "dewi@pemkab.go.id"
GOOD = {"email": MAIL, "email_verified": True}


@pytest.fixture
def there(clock: Clock) -> Iterator[FakeProvider]:
    with provider(clock) as made:
        yield made


@pytest.fixture
def configured(settings: Settings, there: FakeProvider, tmp_path: Path) -> Settings:
    file = tmp_path / "client"
    file.write_text(f"{SECRET}\nmore\n")
    file.chmod(0o600)
    found = replace(
        settings,
        public_url="http://noc.id",
        oidc_issuer=there.url,
        oidc_client_id=CLIENT,
        oidc_client_secret_file=str(file),
        oidc_name="SSO Pemkab",
    )
    found.check()
    return found


@pytest.fixture
def console(
    bare_console: Flask, configured: Settings, store: Engine, numbers: Any, clock: Clock
) -> Callable[[], Visitor]:
    furnish(bare_console, configured, store, numbers, clock, lambda: 0)
    return lambda: Visitor(bare_console.test_client())


@pytest.fixture
def dewi(account: Callable[..., str], store: Engine) -> str:
    account("dewi", "noc")
    accounts.identify(store, RONDA, "dewi", MAIL, True, 0.0)
    return "dewi"


def come_back(browser: Visitor, there: FakeProvider, onward: str = "", **claims: Any) -> Any:
    out = browser.get(f"{OUT}?next={onward}" if onward else OUT)
    assert out.status_code == 303
    return browser.get(there.sign_in(out.headers["Location"], **(GOOD | claims)))


def says(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text.split('role="status"')[1][:400]


def test_who_was_let_in_by_an_administrator_enters(
    console: Say, there: FakeProvider, dewi: str, store: Engine
) -> None:
    browser = console()
    assert "SSO Pemkab" in browser.page("/login")
    answer = come_back(browser, there, "/sites/", email=MAIL.upper())
    assert answer.status_code == 303 and answer.headers["Location"] == "/sites/"
    assert "dewi" in browser.page("/")
    found = people.user(store, dewi)
    assert found and found.subject == f"{there.url} person-1" and found.role == "noc"
    with reading(store) as connection:
        verbs = list(connection.execute(select(schema.acts.c.verb)).scalars())
    assert verbs == ["account_identify", "account_bound"]


def test_bound_once_the_address_does_not_count_any_more(
    console: Say, there: FakeProvider, dewi: str
) -> None:
    assert come_back(console(), there).status_code == 303
    assert come_back(console(), there, email="new@x.id", email_verified=False).status_code == 303
    assert come_back(console(), there, sub="person-2").status_code == 403
    assert come_back(console(), there).status_code == 303


def test_another_address_unbinds_and_signs_out(
    console: Say, there: FakeProvider, dewi: str, store: Engine
) -> None:
    browser = console()
    come_back(browser, there)
    accounts.identify(store, RONDA, dewi, "lina@pemkab.go.id", True, 0.0)
    assert browser.get("/").status_code == 303
    assert come_back(console(), there).status_code == 403
    answer = come_back(console(), there, sub="person-2", email="lina@pemkab.go.id")
    assert answer.status_code == 303


TWISTS: dict[str, Callable[[Claims], str | None]] = {
    "another nonce": lambda c: c.update(nonce="x"),
    "no nonce": lambda c: sign({k: v for k, v in c.items() if k != "nonce"}),
    "another audience": lambda c: c.update(aud="another"),
    "several audiences": lambda c: c.update(aud=[CLIENT, "another"]),
    "given to another": lambda c: c.update(azp="another"),
    "another issuer": lambda c: c.update(iss="https://evil.id"),
    "expired": lambda c: c.update(exp=c["iat"] - 61),
    "of the future": lambda c: c.update(iat=c["iat"] + 120),
    "not good yet": lambda c: c.update(nbf=c["iat"] + 120),
    "no end": lambda c: sign({k: v for k, v in c.items() if k != "exp"}),
    "an end that is none": lambda c: c.update(exp="soon"),
    "no subject": lambda c: sign({k: v for k, v in c.items() if k != "sub"}),
    "an empty subject": lambda c: c.update(sub=""),
    "another key": lambda c: sign(c, OTHER),
    "an unknown key": lambda c: sign(c, OTHER, "k9"),
    "alg none": lambda c: jwt.encode(c, None, algorithm="none", headers={"kid": "k1"}),
    "a shared secret": lambda c: jwt.encode(
        c, "s3cret of the client, and long enough", algorithm="HS256", headers={"kid": "k1"}
    ),
    "a broken signature": lambda c: sign(c)[:-6] + "AAAAAA",
    "no token": lambda c: "x.y.z",
    "a very long one": lambda c: sign(c | {"more": "x" * 20_000}),
}


@pytest.mark.parametrize("twist", TWISTS)
def test_a_token_that_does_not_hold_opens_nothing(
    console: Say,
    there: FakeProvider,
    dewi: str,
    store: Engine,
    twist: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    there.twist = TWISTS[twist]
    browser = console()
    answer = come_back(browser, there)
    assert answer.status_code == 403 and "tidak sah" in says(answer)
    assert browser.get("/").status_code == 303
    found = people.user(store, dewi)
    assert found and not found.subject
    assert "token refused" in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"email": "stranger@x.id"}, id="another address"),
        pytest.param({"email_verified": False}, id="not verified"),
        pytest.param({"email_verified": "true"}, id="verified in letters"),
        pytest.param({"email": ""}, id="an empty address"),
        pytest.param({"email": ["dewi@pemkab.go.id"]}, id="an address that is none"),
    ],
)
def test_whom_nobody_let_in_gets_no_account(
    console: Say,
    there: FakeProvider,
    dewi: str,
    account: Callable[..., str],
    claims: Any,
    store: Engine,
) -> None:
    account("rian", "admin")
    answer = come_back(console(), there, **claims)
    assert answer.status_code == 403 and "Tidak ada akun" in says(answer)
    assert len(people.all_users(store)) == 2


def test_a_locked_account_stays_shut(
    console: Say, there: FakeProvider, dewi: str, store: Engine
) -> None:
    come_back(console(), there)
    accounts.lock(store, RONDA, dewi, 0.0)
    assert come_back(console(), there).status_code == 403


def test_a_state_is_good_once_in_the_browser_it_was_given_to(
    console: Say, there: FakeProvider, dewi: str, clock: Clock
) -> None:
    browser, other = console(), console()
    place = browser.get(OUT).headers["Location"]
    back = there.sign_in(place, **GOOD)
    for stranger in (other, console()):
        assert "dimulai di tempat lain" in says(stranger.get(back))
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403
    late = console()
    back = there.sign_in(late.get(OUT).headers["Location"], **GOOD)
    clock.now += 601
    assert late.get(back).status_code == 403
    assert console().get(f"{BACK}?code=x&state=").status_code == 403
    wrong = console()
    wrong.get(OUT)
    assert wrong.get(f"{BACK}?code=x&state=%C3%A9").status_code == 403


def test_what_the_provider_refuses_is_said(console: Say, there: FakeProvider, dewi: str) -> None:
    browser = console()
    asked = parse_qs(urlsplit(browser.get(OUT).headers["Location"]).query)
    answer = browser.get(f"{BACK}?error=access_denied&state={asked['state'][0]}")
    assert answer.status_code == 403 and "tidak mengizinkan" in says(answer)


@pytest.mark.parametrize("down", ["500", "no JSON", "endless", "elsewhere"])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_provider_that_is_down_leaves_the_password(
    console: Say, there: FakeProvider, dewi: str, down: str, when: str
) -> None:
    browser = console()
    if when == "before":
        there.down = down
        answer = browser.get(OUT)
    else:
        place = browser.get(OUT).headers["Location"]
        there.down = down
        answer = browser.get(there.sign_in(place, **GOOD))
    assert answer.status_code == 503
    assert "SSO Pemkab tidak menjawab" in says(answer) and 'name="password"' in says_all(answer)
    assert browser.sign_in(dewi).status_code == 303


def says_all(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text


WAY_IN = ("s", "n", "c", "http://noc.id/back")


def test_nobody_there_is_said_at_once() -> None:
    with pytest.raises(ProviderFailed, match="cannot be asked"):
        Provider("http://127.0.0.1:1", CLIENT, "").way_in(*WAY_IN)


def test_an_answer_in_drops_holds_nobody_for_longer(there: FakeProvider) -> None:
    there.down = "drops"
    began = time.monotonic()
    with pytest.raises(ProviderFailed, match="longer than 0.2 s|too slow"):
        Provider(there.url, CLIENT, "", longest_s=0.2).keys()
    assert time.monotonic() - began < 1


def test_of_one_that_was_silent_it_is_said_at_once_until_it_is_asked_again(
    there: FakeProvider,
) -> None:
    ticks = [100.0]
    here = Provider(there.url, CLIENT, SECRET, stopwatch=lambda: ticks[0], longest_s=0.2)
    assert here.way_in(*WAY_IN)
    there.down = "slow"
    with pytest.raises(ProviderFailed, match="longer than 0.2 s") as failed:
        here.keys()
    assert failed.value.again_s == PAUSE_S
    there.down, asked = "", len(there.asked)
    ticks[0] += PAUSE_S - 4
    for _ in range(5):
        with pytest.raises(ProviderFailed) as failed:
            here.way_in(*WAY_IN)
        assert failed.value.again_s == 4
    assert len(there.asked) == asked, "nobody waited, and nobody asked"
    ticks[0] += 4
    assert here.way_in(*WAY_IN).startswith(f"{there.url}/authorize?")


def test_a_code_that_is_refused_keeps_nobody_else_out(there: FakeProvider) -> None:
    here = Provider(there.url, CLIENT, SECRET)
    for _ in range(3):
        with pytest.raises(ProviderFailed, match="it answers 400") as failed:
            here.token("no code", "v", "http://noc.id/back")
        assert failed.value.again_s == 0
    assert here.keys()


@pytest.mark.slow
def test_pages_go_on_while_the_provider_is_silent(
    console: Say, there: FakeProvider, dewi: str
) -> None:
    there.down = "slow"
    with ThreadPoolExecutor(AT_ONCE + 2) as people:
        began = time.monotonic()
        answers = list(people.map(lambda _: console().get(OUT), range(AT_ONCE + 2)))
        assert time.monotonic() - began < 4
    for answer in answers:
        assert answer.status_code == 503 and "SSO Pemkab tidak menjawab" in says(answer)
    began = time.monotonic()
    later = console().get(OUT)
    assert time.monotonic() - began < 0.5
    assert "ditanya lagi dalam" in says(later)
    assert console().sign_in(dewi).status_code == 303


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"issuer": "https://evil.id"}, "calls itself"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "has no authorization"),
        ({"authorization_endpoint": 7}, "has no authorization"),
    ],
)
def test_what_it_says_of_itself_must_be_its_own(
    there: FakeProvider, told: dict[str, Any], why: str
) -> None:
    there.discovery = told
    with pytest.raises(ProviderFailed, match=why):
        Provider(there.url, CLIENT, "").way_in("s", "n", "c", "b")


def test_new_keys_are_asked_for_once_they_are_needed(
    console: Say, there: FakeProvider, dewi: str, configured: Settings
) -> None:
    ticks = [0.0]
    here = Provider(there.url, CLIENT, SECRET, stopwatch=lambda: ticks[0])
    assert len(here.keys()) == 1
    there.keys = [rsa_shown(OTHER, "k2")]
    assert here.keys()[0]["kid"] == "k1" and here.keys(fresh=True)[0]["kid"] == "k1"
    ticks[0] = 31.0
    assert here.keys(fresh=True)[0]["kid"] == "k2"
    assert there.asked.count("/keys") == 2


def test_keys_of_a_curve_and_one_without_a_number_hold() -> None:
    wanted = Expected("https://sso.id", CLIENT, "n", "nip")
    claims = {"iss": "https://sso.id", "aud": [CLIENT], "sub": "7", "nonce": "n", "nip": " 1985X "}
    claims |= {"iat": 1000, "exp": 2000}
    curve = shown(CURVE, "c", jwt.algorithms.ECAlgorithm)
    found = identity(sign(claims, CURVE, "c", "ES256"), [curve], wanted, 1500.0)
    assert (found.subject, found.known_as) == ("https://sso.id 7", "1985x")
    plain = jwt.encode(claims, KEY, algorithm="PS256")
    key = {k: v for k, v in rsa_shown(KEY, "").items() if k not in ("kid", "alg")}
    assert identity(plain, [key], wanted, 1500.0).subject == "https://sso.id 7"
    with pytest.raises(BadToken):
        identity(plain, [key, rsa_shown(OTHER, "k2")], wanted, 1500.0)
    with pytest.raises(BadToken):
        identity(plain, [{"kty": "oct", "k": "AAAA"}], wanted, 1500.0)


def test_the_second_step_is_asked_for_there_too(
    there: FakeProvider, configured: Settings, store: Engine, numbers: Any, clock: Clock, dewi: str
) -> None:
    app = create_app(replace(configured, totp_roles=("noc",)), store, numbers, clock)
    browser = Visitor(app.test_client())
    assert come_back(browser, there).headers["Location"] == "/login/step"
    assert browser.get("/").status_code == 303


def test_an_account_without_a_password_door(
    console: Say, there: FakeProvider, dewi: str, store: Engine, account: Callable[..., str]
) -> None:
    account("putri", "admin")
    admin = console()
    admin.sign_in("putri")
    page = f"/people/{dewi}"
    form = {"do": "identify", "rev": "1", "email": MAIL}
    assert admin.post(page, page, **form).status_code == 303
    assert console().sign_in(dewi).status_code == 403
    with pytest.raises(Refused, match="provider alone"):
        accounts.reset(store, RONDA, dewi, 0.0)
    assert come_back(console(), there).status_code == 303
    # the last administrator keeps a door that is ours
    own = "/people/putri"
    answer = admin.post(own, own, do="identify", rev="0", email="p@x.id")
    assert answer.status_code == 422 and "jadikan" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("email", "local", "place"),
    [
        ("a b@c", True, "email"),
        ("x" * 201, True, "email"),
        ("rian@x.id", True, "email"),
        ("", False, "local"),
    ],
    ids=["a space", "too long", "another account's", "no door at all"],
)
def test_what_cannot_be_entered_is_refused(
    dewi: str, account: Callable[..., str], store: Engine, email: str, local: bool, place: str
) -> None:
    account("rian", "noc")
    accounts.identify(store, RONDA, "rian", "rian@x.id", True, 0.0)
    with pytest.raises(Refused) as refused:
        accounts.identify(store, RONDA, dewi, email, local, 0.0)
    assert refused.value.place == place


def test_two_of_one_address_are_nobody(
    console: Say, there: FakeProvider, dewi: str, account: Callable[..., str], store: Engine
) -> None:
    account("rian", "noc")
    with writing(store) as connection:
        connection.execute(update(schema.users).values(email=MAIL))
    assert come_back(console(), there).status_code == 403


def test_without_one_there_is_no_door(visitor: Callable[[], Visitor]) -> None:
    assert visitor().get(OUT).status_code == 404 and visitor().get(BACK).status_code == 404
    assert OUT not in visitor().page("/login")


def test_the_secret_is_read_from_a_file_or_the_environment_and_told_nowhere(
    configured: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    found = pages.provider_of(configured, {})
    assert found and found.secret == SECRET and SECRET not in repr(found)
    over = pages.provider_of(configured, {pages.SECRET: "another"})
    assert over and over.secret == "another"
    Path(configured.oidc_client_secret_file).chmod(0o644)
    with pytest.raises(Refused, match="others may read"):
        pages.provider_of(configured, {})
    with pytest.raises(Refused, match="cannot be read"):
        pages.provider_of(replace(configured, oidc_client_secret_file=str(tmp_path / "x")), {})


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"RONDA_OIDC_ISSUER": "http://sso.id"}, "oidc_issuer"),
        ({"RONDA_OIDC_ISSUER": "https://sso.id?x=1"}, "oidc_issuer"),
        ({"RONDA_OIDC_ISSUER": "https://sso.id"}, "oidc_client_id"),
        ({"RONDA_OIDC_ISSUER": "https://sso.id", "RONDA_OIDC_CLIENT_ID": "x"}, "public_url"),
        ({"RONDA_OIDC_NAME": ""}, "oidc_name"),
        ({"RONDA_OIDC_CLAIM": "e mail"}, "oidc_claim"),
        ({"RONDA_TOTP_ROLES": "boss"}, "totp_roles"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, str], place: str) -> None:
    with pytest.raises(Refused) as refused:
        load(None, given)
    assert refused.value.place == place


def test_the_password_still_opens_the_account(console: Say, dewi: str) -> None:
    assert console().sign_in(dewi, PASSWORD).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("claims", "known_as"),
    [
        ({"sub": "a\0"}, None),
        ({"sub": "\ud800"}, None),
        ({"nonce": "\ud800"}, None),
        ({"nip": "a\0"}, ""),
        ({"nip": "\ud800"}, ""),
    ],
)
def test_words_that_no_database_takes_are_none(
    claims: dict[str, str], known_as: str | None
) -> None:
    wanted = Expected("https://sso.id", CLIENT, "n", "nip")
    told = {"iss": "https://sso.id", "aud": CLIENT, "sub": "7", "nonce": "n", "nip": "1985"}
    token = sign(told | {"iat": 1000, "exp": 2000} | claims, KEY, "k1", "RS256")
    keys = [rsa_shown(KEY, "k1")]
    if known_as is None:
        with pytest.raises(BadToken):
            identity(token, keys, wanted, 1500.0)
    else:
        assert identity(token, keys, wanted, 1500.0).known_as == known_as
