"""The query interface over HTTP: who may ask, how he says who he is, what he gets."""

import base64
import gzip
from typing import Any

import msgspec
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from collector.inventory.scope import of
from collector.prometheus_api import Api
from collector.promql.plan import Matcher
from collector.promql.source import Centre
from collector.series.history import History
from tests.collector.promql.conftest import START, Small, small, two
from web import people, signins, tokens
from web.app import furnish
from web.prometheus import Prometheus, matchers_of

__all__ = ["small", "two"]

QUERY = "/prometheus/api/v1/query"


@pytest.fixture
def asker(two: Small, bare_console: Flask) -> Client:
    """A client of the console over the small centre."""
    app = bare_console
    history = History(two.settings, two.blocks)
    furnish(app, two.settings, two.store, history, lambda: two.now, lambda: 0)
    centre = Centre(two.settings, two.store, two.blocks)
    api = Prometheus(app, Api(centre, lambda: 0.0, "1"), lambda: two.now)
    return Client(api, TestResponse)


def token(two: Small, area: str = "", site: str = "") -> str:
    return tokens.issue(two.store, "grafana", "viewer", area, site, two.now)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def result(response: Any) -> Any:
    assert response.status_code == 200, response.get_data()
    return msgspec.json.decode(response.get_data())["data"]["result"]


def test_a_question_may_stand_in_the_address_in_a_form_or_in_parts(
    asker: Client, two: Small
) -> None:
    asked, mine = {"query": "count(ronda_host_load1)"}, bearer(token(two))
    told = [
        asker.get(QUERY, query_string=asked, headers=mine),
        asker.post(QUERY, query_string=asked, headers=mine),
        asker.post(QUERY, data=asked, headers=mine),
        asker.post(QUERY, data=asked, headers=mine, content_type="multipart/form-data"),
    ]
    assert [result(one)[0]["value"][1] for one in told] == ["2"] * 4
    large = asker.post(QUERY, data={"query": "1" * 70_000}, headers=mine)
    assert (large.status_code, large.get_json()["errorType"]) == (413, "bad_data")


def test_without_a_token_or_a_session_nothing_is_told(asker: Client) -> None:
    response = asker.get(QUERY, query_string={"query": "1"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert msgspec.json.decode(response.get_data())["status"] == "error"
    wrong = asker.get(QUERY, query_string={"query": "1"}, headers=bearer("wrong"))
    assert wrong.status_code == 401


def test_a_token_is_taken_as_bearer_and_as_password_of_anybody(asker: Client, two: Small) -> None:
    text = token(two)
    assert (
        len(
            result(
                asker.get(QUERY, query_string={"query": "ronda_host_load1"}, headers=bearer(text))
            )
        )
        == 2
    )
    for pair in (f"anybody:{text}", f"{text}:"):
        basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        response = asker.post(QUERY, data={"query": "count(ronda_host_load1)"}, headers=basic)
        assert result(response)[0]["value"][1] == "2"


def test_a_token_of_an_area_sees_that_area(asker: Client, two: Small) -> None:
    for limited in (token(two, area="35.09"), token(two, site="35.09.01.2001")):
        response = asker.post(
            QUERY, data={"query": "ronda_host_load1 or ronda_site_up"}, headers=bearer(limited)
        )
        assert {row["metric"]["site"] for row in result(response)} == {"35.09.01.2001"}


def test_a_session_of_the_console_will_do(asker: Client, two: Small, bare_console: Flask) -> None:
    link = people.first_link(two.store, two.now)
    assert link is not None
    made = people.use_link(two.store, link.rsplit("/")[-1], "sari", "kentongan malam", two.now)
    assert made is not None
    app = bare_console
    history = History(two.settings, two.blocks)
    furnish(app, two.settings, two.store, history, lambda: two.now, lambda: 0)
    with app.test_client() as browser:
        with browser.session_transaction() as session:
            about = {"user": made.name, "revocation": made.revocation}
            about["key"] = signins.begin(two.store, made, "", "", two.now)
            session.update(**about, seen=two.now, began=two.now)
        found = browser.get_cookie("ronda")
        assert found is not None
    asker.set_cookie("ronda", found.value)
    assert len(result(asker.get(QUERY, query_string={"query": "ronda_host_load1"}))) == 2


def test_answers_are_json_packed_where_wanted_and_kept_by_nobody(asker: Client, two: Small) -> None:
    headers = bearer(token(two)) | {"Accept-Encoding": "gzip"}
    params = {"query": "ronda_host_load1", "start": START, "end": START + 600, "step": "10"}
    response = asker.get(f"{QUERY}_range", query_string=params, headers=headers)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Encoding"] == "gzip"
    document = msgspec.json.decode(gzip.decompress(response.get_data()))
    assert document["data"]["resultType"] == "matrix"


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", QUERY, 405),
        ("GET", "/prometheus/", 404),
        ("GET", "/prometheus/api/v1/nothing", 404),
        ("GET", QUERY, 400),
        ("GET", "/prometheus/healthz", 404),
    ],
)
def test_other_paths_and_methods(
    asker: Client, two: Small, method: str, path: str, status: int
) -> None:
    response = asker.open(path, method=method, headers=bearer(token(two)))
    assert response.status_code == status


def test_areas_and_sites_become_one_matcher() -> None:
    assert matchers_of(of([])) == ()
    assert matchers_of(of(["35.10", "35.09.01"])) == (
        Matcher("site", "=~", r"35\.10(?:[.-].*)?|35\.09\.01(?:[.-].*)?"),
    )
    assert matchers_of(of([], "35.10.06.2005-b")) == (
        Matcher("site", "=~", r"35\.10\.06\.2005\-b"),
    )
