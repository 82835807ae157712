"""Everything the console says no to, in one table.

Beside it, because they are said before a page is asked: photos (test_photo_door.py), live pages
(test_live.py, test_server.py), queries and remote_write.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from web import accounts, people
from web.accounts import RONDA
from web.app import SESSIONLESS
from web.public import front

NOW = 1795425120.0
SITE, OTHER = "35.10.06.2005", "35.10.11.2002"
RTT = "ronda_uplink_rtt_seconds"


@dataclass(frozen=True)
class No:
    """One refusal: who asks for what, and the answer. `says` stands on the page."""

    id: str
    path: str
    status: int
    who: str = "noc"
    areas: tuple[str, ...] = ()
    says: str = ""
    address: str = "127.0.0.1"
    headers: tuple[tuple[str, str], ...] = ()


LOGIN = "/login?next="
TABLE = [
    No("a stranger at the overview", "/", 303, who="", says=LOGIN),
    No("a stranger at a site", f"/sites/{SITE}", 303, who="", says=LOGIN),
    No(
        "a stranger's program",
        f"/sites/{SITE}/series.json?name={RTT}",
        401,
        who="",
        headers=(("Accept", "application/json"),),
    ),
    No("a link of a message that is none", "/t/x", 403, who="", says="tidak utuh"),
    No("a hook that is none", "/hooks/fonnte/x", 404, who="", says="no such address"),
    No("a stranger at a missing page", "/nowhere", 404, who=""),
    No("a missing page", "/nowhere", 404, says="Halaman ini tidak ada"),
    No("a missing site", "/sites/35.10.99.2001", 404, says="di luar wilayah Anda"),
    No("a site of another area", f"/sites/{OTHER}", 404, "technician", ("35.10.06",)),
    No(
        "numbers of another area",
        f"/sites/{OTHER}/series.json?name={RTT}",
        404,
        "village",
        ("35.10.06.2005",),
    ),
    No("a state that is none", "/sites/?state=broken", 400, says="keadaan yang tidak ada"),
    No("a page that is no number", "/sites/?page=x", 400, says="bukan angka"),
    No("page zero", "/sites/?page=0", 400),
    No("a page beyond all", "/sites/?page=99999999999999", 400),
    No("a number in another script", "/sites/?page=%D9%A3", 400),
    No("a search of many words", "/sites/?q=a+b+c+d+e+f", 400, says="lima kata"),
    No("a search without end", "/sites/?q=" + "a" * 101, 400),
    No("a range that is none", f"/sites/{SITE}?range=1y", 400, says="1h, 24h, 7d, 30d"),
    No("numbers without a name", f"/sites/{SITE}/series.json", 400),
    No("numbers nobody draws", f"/sites/{SITE}/series.json?name=up", 400),
    No("numbers that are not there", f"/sites/{SITE}/series.json?name={RTT}", 404),
    No("a moment that is none", f"/sites/{SITE}/series.json?name={RTT}&from=nan", 400),
    No("time backwards", f"/sites/{SITE}/series.json?name={RTT}&from=20&to=10", 400),
    No("years of numbers", f"/sites/{SITE}/series.json?name={RTT}&from=0", 400),
    No("a stranger at the incidents", "/incidents", 303, who="", says=LOGIN),
    No("a stranger at an incident", "/incidents/1", 303, who="", says=LOGIN),
    No("a stranger at a photo", "/incidents/1/photos/1.jpg", 303, who="", says=LOGIN),
    No("a stranger at a record", "/incidents/1/berita-acara.pdf", 303, who="", says=LOGIN),
    No("a stranger at the rules", "/rules", 303, who="", says=LOGIN),
    No("a stranger at the plans", "/plans", 303, who="", says=LOGIN),
    No("a stranger at the duty", "/duty", 303, who="", says=LOGIN),
    No("a missing incident", "/incidents/99", 404, says="di luar wilayah Anda"),
    No("an incident beyond all numbers", "/incidents/99999999999999999999", 404),
    No("an incident that is no number", "/incidents/x", 404),
    No("a photo that is not there", "/incidents/99/photos/1.jpg", 404),
    No("a record that is not there", "/incidents/99/berita-acara.pdf", 404),
    No("incidents in a state that is none", "/incidents?state=broken", 400, says="tidak ada"),
    No("incidents about what is none", "/incidents?subject=x", 400),
    No("incidents of a cause that is none", "/incidents?cause=ghosts", 400),
    No("incidents of an area that is none", "/incidents?area=Genteng", 400, says="35.10"),
    No("incidents of an ISP without end", "/incidents?isp=" + "x" * 101, 400),
    No("a page of incidents that is none", "/incidents?page=0", 400),
    No("a missing rule", "/rules/Nothing", 404),
    No("a try that is not kept", "/rules/tries/x", 404, says="tidak disimpan"),
    No("a try for a viewer", "/rules/tries/x", 403, "viewer", says="Hak akses"),
    No("the handover for a viewer", "/duty/handover", 403, "viewer", says="ruang kendali"),
    No("the handover for one area", "/duty/handover", 403, "noc", ("35.10.06",)),
    No("the handover of a year", "/duty/handover?hours=9999", 400),
    No("a photo by a link that is none", "/t/x/photo", 405, who=""),
    No("a static file outside", "/static/../app.py", 404),
    No("a link nobody made", "/link/forged", 403, who="", says="sudah dipakai"),
    No("figures from elsewhere", "/metrics", 401, who="", address="10.0.0.9"),
    No("figures for a viewer", "/metrics", 403, "viewer", address="10.0.0.9"),
    No("figures for one area", "/metrics", 403, "noc", ("35.10.06",), address="10.0.0.9"),
    No(
        "figures with a wrong token",
        "/metrics",
        403,
        who="",
        address="10.0.0.9",
        headers=(("Authorization", "Bearer wrong"),),
    ),
    No("a technician at imports", "/inventory/imports", 403, "technician", says="Hak akses Anda"),
    No("a village at an import", "/inventory/imports/1", 403, "village", (SITE,)),
    No("a viewer who would undo", "/inventory/imports/1/undo", 403, "viewer"),
    No("an import that is none", "/inventory/imports/7", 404),
    No("a number that no import has", f"/inventory/imports/{2**63}", 404),
    No("a technician at exports", "/inventory/export/contacts.csv", 403, "technician"),
    No("a file that is no export", "/inventory/export/users.csv", 404),
    No("a viewer at the inventory", "/inventory", 403, "viewer"),
    No("a technician at its rows", "/inventory/rows/contacts", 403, "technician"),
    No("a kind that is none", "/inventory/rows/users", 404),
    No("services by hand", "/inventory/rows/services/edit", 404),
    No("rows after no number", "/inventory/rows/sites?skip=x", 400),
    No("a row that is none", "/inventory/rows/sites/edit?code=35.10.99.2001", 404),
    No("a row elsewhere", f"/inventory/rows/sites/edit?code={OTHER}", 404, "noc", (SITE,)),
    No("a village at a row", f"/inventory/rows/sites/edit?code={SITE}", 403, "village", (SITE,)),
    No("a viewer at codes", "/inventory/codes", 403, "viewer"),
    No("a stranger at the people", "/people", 303, who="", says=LOGIN),
    No("a stranger at an own account", "/account", 303, who="", says=LOGIN),
    No("a stranger at the acts", "/audit", 303, who="", says=LOGIN),
    No("the control room at the acts", "/audit", 403, says="Hak akses Anda"),
    No("acts of a day that is none", "/audit?day=2026-02-30", 400, "admin", says="2026-11-29"),
    No("acts of a day beyond all", "/audit?day=9999-12-31", 400, "admin"),
    No("acts by nobody at all", "/audit?by=a%00b", 400, "admin"),
    No("an account with a strange name", "/people/a%00b", 404, "admin"),
    No("acts before no number", "/audit?before=x", 400, "admin", says="bukan angka"),
    No("the control room at the people", "/people", 403, says="Hak akses Anda"),
    No("a viewer at an account", "/people/noc.a", 403, "viewer"),
    No("an account that is none", "/people/nobody", 404, "admin", says="di luar wilayah"),
    No("an account above", "/people/noc.a", 404, "admin", ("35.10",)),
    No("people after no number", "/people?skip=x", 400, "admin", says="bukan angka"),
    No("a technician at waiting agents", "/inventory/agents", 403, "technician"),
    No("a village at readiness", "/inventory/readiness", 403, "village", (SITE,)),
    No("a noc at webhooks", "/centre/webhooks", 403, "noc"),
    No("a technician at a trial message", "/inventory/readiness/trial", 403, "technician"),
    No("a link of a trial that is none", "/k/x", 403, who="", says="tidak utuh"),
    No("codes of an area that is none", "/inventory/codes?area=x", 400),
    No("an import that is none, undone", "/inventory/imports/7/undo", 404),
    No(
        "figures through a proxy nobody listed",
        "/metrics",
        401,
        who="",
        headers=(("X-Forwarded-For", "203.0.113.9"),),
    ),
]


@pytest.mark.parametrize("no", TABLE, ids=lambda no: no.id)
def test_it_is_refused(
    no: No, regency: Any, visitor: Callable[[], Any], signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "slow")
    regency.site(OTHER, "Bayu", "down")
    browser = signed_in(no.who, no.areas) if no.who else visitor()
    headers = {"Accept-Language": "id", "Accept": "text/html", **dict(no.headers)}
    answer = browser.get(no.path, headers=headers, environ_base={"REMOTE_ADDR": no.address})
    text = answer.get_data(as_text=True)
    assert answer.status_code == no.status
    assert no.says in (answer.headers["Location"] if no.status == 303 else text)
    assert "Traceback" not in text


POSTS = [
    "/people",
    "/people/noc.a",
    "/people/tokens/revoke",
    "/account/sessions/end",
    "/account/password",
    "/account/tokens",
    "/account/tokens/revoke",
    "/account/step",
    "/account/step/begin",
    "/account/step/change",
    "/login/step",
    "/account/data/file",
    "/persons",
    "/checks/passwords",
    "/login",
    "/logout",
    "/language",
    "/link/whatever",
    "/incidents/1/take",
    "/incidents/1/photo",
    "/rules/UplinkSlow/try",
    "/rules/UplinkSlow/remove",
    "/rules/tries/x/save",
    "/playbooks/uji-dns",
    "/playbooks/uji-dns/automatic",
    "/playbooks/schedules",
    "/playbooks/schedules/1/cancel",
    "/playbooks/runs/1/approve",
    "/playbooks/runs/1/stop",
    "/playbooks/hosts/edit",
    "/citizens/K7M-PQ3-HXT/answer",
    "/citizens/marked",
    "/plans/windows",
    "/plans/windows/1/cancel",
    "/plans/mutes",
    "/plans/mutes/1/lift",
    "/duty",
    "/duty/1/drop",
    "/centre/channels/x/test",
    "/centre/webhooks",
    "/centre/webhooks/1",
    "/checks/passwords",
    "/inventory/imports",
    "/inventory/imports/1",
    "/inventory/imports/1/undo",
    "/inventory/rows/sites/edit",
    "/inventory/codes",
    "/inventory/agents/1",
    "/inventory/readiness",
    "/inventory/readiness/trial",
    "/look",
    "/checks/edit",
    "/checks/cadence",
    f"/sites/{SITE}/probe",
    f"/sites/{SITE}/notes",
    "/sites/views",
    "/sites/views/forget",
    "/walls",
    "/walls/1/revoke",
    "/reports/make",
]


def test_every_form_stands_among_those_that_need_a_token(app: Flask) -> None:
    adapter = app.url_map.bind("noc.id")
    told = {adapter.match(path, "POST")[0] for path in POSTS}
    forms = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        # a public form acts for nobody who is signed in
        if "POST" in (rule.methods or ()) and not front.wanted(rule.rule)
    }
    assert sorted(forms - SESSIONLESS - told) == []


@pytest.mark.slow
@pytest.mark.parametrize("token", ["", "00" * 32, "no hex", "00"])
def test_a_post_without_the_form_token_is_refused(
    token: str, regency: Any, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("admin")
    for path in POSTS:
        answer = browser.client.post(path, data={"form_token": token, "language": "en"})
        assert answer.status_code == 400, path
        assert browser.get("/").status_code == 200, f"still signed in after {path}"


def test_a_form_token_of_another_session_is_refused(visitor: Callable[[], Any]) -> None:
    mine, theirs = visitor(), visitor()
    page = theirs.page("/login")
    token = page.split('name="form_token" value="')[1].split('"')[0]
    mine.page("/login")
    answer = mine.client.post("/login", data={"form_token": token})
    assert answer.status_code == 400


def test_wrong_locked_and_missing_accounts_read_the_same(
    store: Engine, account: Callable[..., str], visitor: Callable[[], Any]
) -> None:
    account("dewi", "noc")
    account("rian", "noc")
    for _ in range(people.TRIES):
        people.sign_in(store, "rian", "wrong password", NOW)
    tries = [("dewi", "wrong password"), ("rian", "kentongan malam"), ("nobody", "anything long")]
    answers = [visitor().sign_in(name, password) for name, password in tries]
    assert {answer.status_code for answer in answers} == {403}
    said = {answer.get_data(as_text=True).split('role="status"')[1][:120] for answer in answers}
    assert len(said) == 1
    assert visitor().sign_in("dewi").status_code == 303


def test_a_refused_sign_in_is_in_the_log_and_nothing_that_was_typed(
    account: Callable[..., str], visitor: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    account("dewi", "noc")
    visitor().sign_in("rahasia desa kami\nsign-in refused: ", "anything long")
    for _ in range(people.TRIES):
        visitor().sign_in("dewi", "wrong password")
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "sign-in refused: no account, from 127.0.0.1"
    assert said[1:-2] == ["sign-in refused: dewi, from 127.0.0.1"] * (people.TRIES - 1)
    assert said[-2].startswith("account dewi is locked for 15 min")
    assert "rahasia" not in caplog.text and "wrong" not in caplog.text


def test_five_wrong_passwords_from_five_browsers_lock_the_account(
    account: Callable[..., str], visitor: Callable[[], Any], clock: Any
) -> None:
    account("dewi", "noc")
    for _ in range(people.TRIES):
        assert visitor().sign_in("dewi", "wrong password").status_code == 403
    assert visitor().sign_in("dewi").status_code == 403
    clock.now += people.LOCK_S
    assert visitor().sign_in("dewi").status_code == 303


def test_a_link_is_used_up_by_the_form_not_by_looking(
    store: Engine, visitor: Callable[[], Any]
) -> None:
    path = people.first_link(store, NOW)
    assert path
    for _ in range(3):
        assert visitor().get(path).status_code == 200
    fields = {"name": "dewi", "password": "kentongan malam", "again": "kentongan malam"}
    first, second = visitor(), visitor()
    assert first.post(path, form_on=path, **fields | {"again": "other"}).status_code == 400
    assert (
        first.post(path, form_on=path, **fields | {"password": "x", "again": "x"}).status_code
        == 400
    )
    assert first.post(path, form_on=path, **fields).status_code == 303
    assert first.get("/").status_code == 200
    assert second.get(path).status_code == 403
    assert second.post(path, form_on="/login", **fields).status_code == 403


def test_an_expired_link_is_refused(store: Engine, visitor: Callable[[], Any], clock: Any) -> None:
    path = people.first_link(store, NOW)
    clock.now += people.FIRST_LINK_S
    assert visitor().get(path).status_code == 403


ENDINGS: dict[str, Callable[[Engine, Any, Any], object]] = {
    "signed out on all devices": lambda store, browser, clock: accounts.sign_out(
        store, RONDA, "noc.a", NOW
    ),
    "the password was reset": lambda store, browser, clock: accounts.reset(
        store, RONDA, "noc.a", NOW
    ),
    "nobody used it for days": lambda store, browser, clock: setattr(clock, "now", NOW + 4 * 86400),
    "the cookie was changed": lambda store, browser, clock: browser.client.set_cookie(
        "ronda", "eyJ1c2VyIjoibm9jLmEifQ.x.y"
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_session_ends_when(
    ending: str, regency: Any, store: Engine, signed_in: Callable[..., Any], clock: Any
) -> None:
    browser = signed_in("noc")
    assert browser.get("/").status_code == 200
    ENDINGS[ending](store, browser, clock)
    assert browser.get("/").status_code == 303


@pytest.mark.slow
def test_a_session_ends_though_it_is_used_every_day(
    regency: Any, signed_in: Callable[..., Any], clock: Any
) -> None:
    browser = signed_in("noc")
    for _ in range(14):
        assert browser.get("/").status_code == 200
        clock.now += 86400
    assert browser.get("/").status_code == 200
    clock.now += 1
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    "path",
    ["/incidents?page=0000000019999999999999999999", "/incidents?page=" + "9" * 5000],
)
def test_a_page_that_cannot_be_is_refused(path: str, signed_in: Callable[..., Any]) -> None:
    assert signed_in("noc").get(path).status_code == 400


@pytest.mark.parametrize(
    "path",
    [f"/plans/windows/{2**63}/cancel", f"/plans/mutes/{2**63}/lift", f"/duty/{2**63}/drop"],
)
def test_a_number_that_no_row_has_changes_nothing(path: str, signed_in: Callable[..., Any]) -> None:
    assert signed_in("admin").post(path, form_on="/plans").status_code < 404


@pytest.mark.parametrize(
    ("given", "goes"),
    [
        ("/sites/35.10.06.2005", "/sites/35.10.06.2005"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("//[", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
    ],
)
def test_a_sign_in_leads_only_to_pages_of_ours(
    given: str, goes: str, account: Callable[..., str], visitor: Callable[[], Any]
) -> None:
    account("dewi", "noc")
    answer = visitor().post("/login", name="dewi", password="kentongan malam", next=given)
    assert answer.headers["Location"] == goes


def test_a_body_too_large_is_refused(visitor: Callable[[], Any]) -> None:
    answer = visitor().client.post("/login", data={"name": "x" * 100_000})
    assert answer.status_code == 413


def test_a_broken_page_tells_no_secrets(
    regency: Any, signed_in: Callable[..., Any], numbers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    regency.site(SITE, "Benculuk")
    browser = signed_in("noc")
    monkeypatch.delattr(type(numbers), "latest")
    answer = browser.get(f"/sites/{SITE}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Ada yang rusak di sisi kami" in text
    assert "latest" not in text


def test_pages_say_that_the_database_is_gone(
    regency: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sites RENAME TO gone")
    answer = browser.get("/")
    assert answer.status_code == 503
    assert "Laporan dari desa tetap disimpan" in answer.get_data(as_text=True)
