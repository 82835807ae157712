"""Every endpoint: without a token, with a lesser role, about another area, about nothing."""

import gzip
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.web.api import world
from tests.web.api.conftest import Program, Programs
from tests.web.conftest import SITE, Clock
from web.api.endpoints import ENDPOINTS
from web.api.problems import MEDIA
from web.api.refusals import of
from web.api.table import PREFIX, Endpoint
from web.people import ROLES

LIMITED = [one for one in ENDPOINTS if one.roles != ROLES]
# parts of a path that lie in no area
_OF_ALL = {"kind", "try", "name"}
PLACED = [
    one
    for one in ENDPOINTS
    if set(one.parts) - _OF_ALL or one.path.startswith(("/people/{", "/passwords/{"))
]
LISTS = [one for one in ENDPOINTS if one.method == "GET" and not one.parts and not one.everywhere]
# of no place, or of one's own: what a token of one district gets there is said elsewhere
EVERYBODYS = {"me", "exportBoundaries", "showTarget", "listImports", "listWebhooks", "listPeople"}
EVERYBODYS |= {"showTrial", "search"}
# made first: tests/web/reports says it of them
EVERYBODYS |= {one.name for one in ENDPOINTS if one.group == "reports"}
BODIES: dict[str, Any] = {
    "incidentHandled": {},
    "incidentNote": {"note": "sudah dicek"},
    "incidentPause": {"why": "menunggu PLN"},
    "incidentAssign": {"person": "Wayan"},
    "incidentCause": {"cause": "power", "note": "kata kades"},
    "incidentTicket": {"ticket": "IN4711"},
    "incidentMerge": {"into": 3},
    "incidentMute": {"hours": 1, "why": "teknisi di menara"},
    "incidentPhotoRemove": {"photo": 1},
    "citizenReportAnswer": {"text": "Besok diperbaiki."},
    "citizenReportSolve": {},
    "citizenReportClose": {"text": "Di luar jangkauan."},
    "citizenReportJoin": {"incident": 1},
    "changePerson": {"role": "viewer", "areas": [world.HERE]},
    "changeWebhook": {"active": False},
    "incidentSnooze": {"hours": 1},
    "incidentSplit": {"site": SITE},
    "incidentPhoto": b"\xff\xd8\xff",
    "addNote": {"text": "kunci di kades"},
    "changeNote": {"text": "kunci di bendahara"},
    "setCadence": {"profile": "4g"},
    "changePassword": {"area": world.HERE},
    "identifyPerson": {"email": "sari@x.id"},
    "grantAgent": {"scopes": []},
    "askAgent": {"do": ["probe_now"]},
    "changeOverride": {"for_s": 30},
}

# what nobody took in cannot be taken back
UNDONE = {"showUndo": [404], "undoImport": [404]}


@pytest.fixture
def store(whole: Engine) -> Engine:
    return whole


def path_of(one: Endpoint, which: int) -> str:
    """The path for what is here (0), elsewhere (1), nowhere (2)."""
    path = one.path
    for part in one.parts:
        path = path.replace(f"{{{part}}}", str(world.values(one.path, part)[which]))
    return path


def anywhere(one: Endpoint) -> str:
    """A path that is one, whatever stands there."""
    path = one.path
    for part in one.parts:
        path = path.replace(f"{{{part}}}", "1")
    return path


def body_of(one: Endpoint) -> Any:
    if one.takes is None:
        return None
    return BODIES.get(one.name, {"name": "lain"})


def send(program: Program, one: Endpoint, path: str, body: Any = None) -> Any:
    if isinstance(body, bytes):
        return program.ask(one.method, path, data=body, content_type=one.brings[0])
    return program.ask(one.method, path, body, '"0"' if one.revised else "")


@pytest.mark.slow
def test_nobody_asks_without_a_token(app: Flask) -> None:
    client = app.test_client()
    for one in ENDPOINTS:
        path = anywhere(one)
        for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}):
            answer = client.open(PREFIX + path, method=one.method, headers=header)
            assert (answer.status_code, answer.mimetype) == (401, MEDIA), one.name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.slow
def test_a_lesser_role_is_refused_before_anything_is_looked_for(asks: Programs) -> None:
    programs = {role: asks(role) for role in ROLES}
    for one in LIMITED:
        path = anywhere(one)
        for role in [role for role in ROLES if role not in one.roles][-1:]:
            answer = send(programs[role], one, path, body_of(one))
            assert answer.status_code == 403, one.name
        assert 403 in of(one)


@pytest.mark.slow
def test_what_lies_elsewhere_is_answered_like_what_is_not_there(asks: Programs) -> None:
    for one in PLACED:
        program = asks(one.roles[-1], world.HERE)
        answers = [send(program, one, path_of(one, which), body_of(one)) for which in (1, 2)]
        assert [answer.status_code for answer in answers] == [404, 404], one.name
        assert answers[0].get_data() == answers[1].get_data(), one.name


@pytest.mark.parametrize("one", PLACED, ids=lambda one: one.name)
def test_what_is_there_is_found_by_who_may(asks: Programs, one: Endpoint) -> None:
    """Else the test above would be content with a door that is always shut."""
    here = 0 if path_of(one, 0).find("None") < 0 else 1
    program = asks("admin", world.HERE if here == 0 else "")
    answer = send(program, one, path_of(one, here), body_of(one))
    assert answer.status_code in (200, 201, 204, 409, 412, 422, *UNDONE.get(one.name, ()))


@pytest.mark.slow
def test_a_list_tells_nothing_of_elsewhere(asks: Programs) -> None:
    program = asks("admin", world.HERE)
    for one in LISTS:
        if one.name in EVERYBODYS:
            continue
        answer = program.ask("GET", one.path)
        assert answer.status_code == 200, one.name
        text = answer.get_data(as_text=True)
        assert "35.10.11" not in text and "Genteng Kulon" not in text, one.name
        if one.name not in ("listHolidayRows", "listActs", "listPlaybooks"):
            assert world.HERE in text, one.name


def test_nobody_elsewhere_is_listed(asks: Programs) -> None:
    program = asks("admin", world.HERE)
    assert [one["name"] for one in program.get("/people")["items"]] == ["sari"]
    for path in ("/webhooks", "/imports"):
        assert program.get(path)["items"] == []


STRANGE = {
    "no such endpoint": ("GET", "/nothing", 404),
    "no endpoint at all": ("GET", "/", 404),
    "another method": ("DELETE", "/sites", 405),
    "a method nobody knows": ("TRACE", "/sites", 405),
    "the document is only read": ("POST", "/openapi.json", 405),
    "a value nobody knows": ("GET", "/sites?colour=red", 422),
    "a value twice": ("GET", "/sites?state=down&state=slow", 422),
    "a state that there is not": ("GET", "/sites?state=sad", 422),
    "too many": ("GET", "/sites?limit=201", 422),
    "a cursor of nobody's": ("GET", "/sites?cursor=e30", 422),
    "a cursor of another list": ("GET", "/incidents?cursor=WyIzNSJd", 200),
    "a cursor with half a character": ("GET", "/inventory/areas?cursor=WyJcdWQ4MDAiXQ", 422),
    "a NUL in the query": ("GET", "/sites?q=%00", 400),
    "a NUL in the path": ("GET", "/sites/%00", 400),
    "a number too large": ("GET", "/incidents/9223372036854775808", 404),
    "a number that is none": ("GET", "/incidents/one", 404),
    "a day that there is not": ("GET", "/audit?day=2026-02-30", 400),
}


@pytest.mark.parametrize(("method", "path", "status"), STRANGE.values(), ids=list(STRANGE))
def test_a_strange_request_is_refused_in_json(
    asks: Programs, method: str, path: str, status: int
) -> None:
    answer = asks("admin").ask(method, path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    if status >= 400:
        assert answer.mimetype == MEDIA
        assert answer.get_json()["status"] == status
    if status == 405:
        assert answer.headers["Allow"]


BAD_BODIES = {
    "nothing": (b"", "application/json", 400),
    "half": (b'{"note": ', "application/json", 400),
    "a NUL": (b'{"note": "a\\u0000"}', "application/json", 400),
    "not UTF-8": (b'{"note": "\xff"}', "application/json", 400),
    "half a pair": (b'{"note": "\\ud800"}', "application/json", 400),
    "deep": (b"[" * 20_000, "application/json", 422),
    "a form": (b"note=a", "application/x-www-form-urlencoded", 415),
    "a list": (b"[]", "application/json", 422),
    "another word": (b'{"note": "a", "more": 1}', "application/json", 422),
    "a number": (b'{"note": 1}', "application/json", 422),
    "only blanks": (b'{"note": "  "}', "application/json", 422),
    "too long": (b'{"note": "%s"}' % (b"a" * 600), "application/json", 422),
    "too large": (b'{"note": "%s"}' % (b"a" * 70_000), "application/json", 413),
}


@pytest.mark.parametrize(("body", "kind", "status"), BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_a_body_that_is_none_is_refused(
    asks: Programs, body: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind}
    answer = asks("noc").ask("POST", "/incidents/1/note", data=body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, MEDIA)


@pytest.mark.slow
def test_a_token_that_asks_too_fast_is_told_to_wait(
    app: Flask, asks: Programs, clock: Clock
) -> None:
    program, other = asks("viewer"), asks("viewer")
    for _ in range(120):
        program.get("/me")
    answer = program.ask("GET", "/me")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    other.get("/me")
    clock.now += 1
    program.get("/me")


def test_problems_are_said_in_indonesian_to_who_asks_for_it(asks: Programs) -> None:
    program = asks("noc")
    program.post("/incidents/1/resume", None, 409)
    sent = {"headers": {"Accept-Language": "id, en;q=0.5"}}
    told = program.ask("POST", "/incidents/1/resume", **sent).get_json()
    assert told["detail"] != program.ask("POST", "/incidents/1/resume").get_json()["detail"]


def test_a_session_of_the_console_opens_nothing_here(app: Flask) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["user"] = "budi"
    answer = client.get(f"{PREFIX}/me")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_a_database_that_is_gone_is_said_in_json(app: Flask, whole: Engine, asks: Programs) -> None:
    program = asks("viewer")
    with whole.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE api_tokens RENAME TO gone")
    answer = program.ask("GET", "/me")
    assert (answer.status_code, answer.mimetype) == (503, MEDIA)


def test_a_long_answer_is_packed_for_who_takes_it(asks: Programs) -> None:
    headers = {"Accept-Encoding": "gzip"}
    answer = asks("viewer").ask("GET", "/incidents", headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b'"items"' in gzip.decompress(answer.get_data())
