"""promtool and Grafana at a running centre: what they ask is answered as Prometheus would."""

import base64
import gzip
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.stories.centre import Centre, wait_for
from tests.stories.grafana_requests import REQUESTS, Sent
from tests.web.prometheus_shape import check, endpoint_of

pytestmark = pytest.mark.slow

LOAD = "ronda_host_load1"
# the fleet is silent when it is asked about
LAST = f"last_over_time({LOAD}[1h])"
# what Grafana's data source sends beside its questions
HEADERS = {
    "User-Agent": "Grafana/12.0.1",
    "Accept-Encoding": "gzip",
    "X-Datasource-Uid": "ronda",
    "X-Grafana-Org-Id": "1",
    "X-Dashboard-Uid": "desa",
    "X-Panel-Id": "2",
}


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre to which five villages reported for a few seconds."""
    with Centre(tmp_path_factory.mktemp("clients") / "var") as centre:
        fleet = ("--sites", "5", "--interval", "1", "--duration", "6", "--seed", "3")
        done = centre.run("simulate", "--ingest", centre.ingest_url, *fleet, "--json")
        assert json.loads(done.stdout)["reports_acked"] >= 25, done.stderr
        yield centre


@pytest.fixture(scope="module")
def token(centre: Centre) -> str:
    found: str = centre.ask("users", "token", "--role", "viewer", "--name", "grafana")["token"]
    return found


def promtool(centre: Centre, token: str, *words: str) -> str:
    """What it prints; `URL` among the words stands for the centre's, with the token in it."""
    url = centre.console_url.replace("://", f"://ronda:{token}@") + "/prometheus"
    command = ["promtool", *(url if word == "URL" else word for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_promtool_asks_for_now_and_over_time(centre: Centre, token: str) -> None:
    at = f"--time={time.time():.3f}"
    query = f"count({LAST})"
    now = json.loads(promtool(centre, token, "query", "-o", "json", "instant", at, "URL", query))
    assert [row["value"][1] for row in now] == ["5"]
    text = promtool(centre, token, "query", "instant", "URL", "vector(1) + time() * 0")
    assert text.startswith("{} => 1 @[")
    start, end = f"--start={time.time() - 600:.0f}", f"--end={time.time():.0f}"
    over = promtool(
        centre, token, "query", "-o", "json", "range", start, end, "--step=15s", "URL", LAST
    )
    rows = json.loads(over)
    assert len(rows) == 5
    assert all(row["metric"]["__name__"] == LOAD and row["values"] for row in rows)


def test_promtool_lists_series_and_labels(centre: Centre, token: str) -> None:
    series = promtool(centre, token, "query", "series", f"--match={LOAD}", "URL")
    assert len(series.split("\n")) - 1 == 5
    assert f'__name__="{LOAD}"' in series.replace(": ", "=") or LOAD in series
    names = promtool(centre, token, "query", "labels", "URL", "__name__").split()
    assert LOAD in names and "ronda_site_up" in names
    assert len(promtool(centre, token, "query", "labels", "URL", "site").split()) == 5


def test_promtool_is_told_what_is_wrong(centre: Centre, token: str) -> None:
    url = centre.console_url.replace("://", f"://x:{token}@") + "/prometheus"
    for wrong, said in ((f"sum({LOAD}", "parse error"), ("info(x)", "info")):
        command = ["promtool", "query", "instant", url, wrong]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert "bad_data" in done.stderr and said in done.stderr


class Grafana:
    """Its Prometheus data source: questions by GET or POST, as it is set up."""

    def __init__(self, centre: Centre, token: str, post: bool, basic: bool) -> None:
        self._base = f"{centre.console_url}/prometheus/api/v1/"
        pair = base64.b64encode(f"x:{token}".encode()).decode()
        said = f"Basic {pair}" if basic else f"Bearer {token}"
        self._headers = HEADERS | {"Authorization": said}
        self._post = post

    def ask(self, path: str, post: bool | None = None, **asked: Any) -> tuple[int, Any]:
        """Status and data; the shape is checked."""
        pairs = urlencode({name.replace("match", "match[]"): asked[name] for name in asked}, True)
        post = self._post if post is None else post
        headers = dict(self._headers)
        if post:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        url = self._base + path + ("" if post or not pairs else f"?{pairs}")
        body = pairs.encode() if post else None
        request = urllib.request.Request(url, body, headers, method="POST" if post else "GET")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, packed, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, packed, text = error.code, error.headers, error.read()
        if packed.get("Content-Encoding") == "gzip":
            text = gzip.decompress(text)
        assert packed["Content-Type"].startswith("application/json")
        return status, check(endpoint_of(path), status, json.loads(text))

    def good(self, path: str, post: bool | None = None, **asked: Any) -> Any:
        status, data = self.ask(path, post, **asked)
        assert status == 200
        return data


@pytest.fixture(params=["post", "get"], scope="module")
def grafana(request: pytest.FixtureRequest, centre: Centre, token: str) -> Grafana:
    return Grafana(centre, token, request.param == "post", request.param == "get")


@pytest.mark.parametrize("sent", REQUESTS, ids=[sent.why for sent in REQUESTS])
def test_a_request_as_grafana_writes_it_is_answered(centre: Centre, token: str, sent: Sent) -> None:
    end = int(time.time())
    put = {"{START}": str(end - 3600), "{END}": str(end), "{SITE}": "35.10.71.2001-s3"}
    target, body = sent.target, sent.body
    for name, value in put.items():
        target, body = target.replace(name, value), body.replace(name, value)
    headers = HEADERS | {"Authorization": f"Bearer {token}"}
    if sent.method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = HTTPConnection(centre.settings.console, timeout=30)
    try:
        connection.request(sent.method, f"/prometheus/api/v1/{target}", body or None, headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.headers.get("Content-Encoding") == "gzip":
        text = gzip.decompress(text)
    assert answer.status == (200 if sent.endpoint else 404), text
    data = check(sent.endpoint, answer.status, json.loads(text))
    assert data is not None or not sent.endpoint


def test_grafana_saves_the_data_source(grafana: Grafana) -> None:
    assert grafana.good("query", query="1+1", time="4")["result"] == [4, "2"]
    version = grafana.good("status/buildinfo", post=False)["version"]
    assert version.startswith("3.")
    assert grafana.ask("rules", post=False)[0] == 200
    # it takes 404 for "not Mimir"
    assert grafana.ask("status/config", post=False)[0] == 404


def test_grafana_fills_its_query_builder(grafana: Grafana) -> None:
    now = time.time()
    span = {"start": f"{now - 3600:.3f}", "end": f"{now:.3f}"}
    assert LOAD in grafana.good("label/__name__/values", post=False, **span)
    assert LOAD in grafana.good("label/__name__/values", post=False, limit=40000, **span)
    names = grafana.good("labels", match=f'{{__name__="{LOAD}"}}', **span)
    assert {"__name__", "site", "village", "isp"} <= set(names)
    sites = grafana.good("label/site/values", post=False, match=LOAD, **span)
    assert len(sites) == 5
    two = [f'{LOAD}{{site="{sites[0]}"}}', f'ronda_site_up{{site="{sites[1]}"}}']
    assert grafana.good("label/site/values", post=False, match=two, **span) == sites[:2]
    series = grafana.good("series", match=f'{LOAD}{{site=~".*"}}', limit=40000, **span)
    assert len(series) == 5
    told = grafana.good("metadata", post=False, limit=5)
    assert len(told) == 5
    assert LOAD in grafana.good("metadata", post=False)
    assert grafana.good("metadata", post=False, metric=LOAD, limit_per_metric=1) == {
        LOAD: [{"type": "gauge", "help": "", "unit": ""}]
    }


def test_times_may_be_dates(grafana: Grafana) -> None:
    now = datetime.now(UTC)
    end = now.isoformat().replace("+00:00", "Z")
    start = datetime.fromtimestamp(now.timestamp() - 1800, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    nanos = f"{end[:-1]}789Z"
    for until in (end, nanos, now.isoformat()):
        assert len(grafana.good("label/site/values", post=False, start=start, end=until)) == 5
        data = grafana.good("query_range", query=LAST, start=start, end=until, step="30s")
        assert len(data["result"]) == 5
    assert grafana.good("query", query="time()", time=end)["result"][0] == pytest.approx(
        now.timestamp(), abs=0.002
    )


def test_grafana_draws_a_panel(grafana: Grafana) -> None:
    end = int(time.time()) // 15 * 15 + 15
    asked = {"start": end - 3600, "end": end, "step": 15}
    data = grafana.good("query_range", query=f"sum by (isp) ({LAST})", **asked)
    assert data["result"]
    wide = {"start": f"{end - 3600}.5", "end": f"{end}.5", "step": "0.5"}
    assert len(grafana.good("query_range", query=LOAD, timeout="60s", **wide)["result"]) == 5
    last = grafana.good("query", query=LAST, time=f"{end}.25")
    assert {row["value"][0] for row in last["result"]} == {end + 0.25}
    raw = grafana.good("query", query=f"{LOAD}[1h]", time=end, timeout="30s")
    assert raw["resultType"] == "matrix"
    assert grafana.good("query_exemplars", query=LOAD, **asked) == []
    assert grafana.good("query", query='"desa"', time=end)["resultType"] == "string"
    assert grafana.good("query", query="-1/0 + vector(0)")["result"][0]["value"][1] == "-Inf"
    assert grafana.good("alerts", post=False) == {"alerts": []}
    assert grafana.good("format_query", query="sum(a)by(b)") == "sum by (b) (a)"


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("query", {"query": "sum("}, 400),
        ("query", {}, 400),
        ("query", {"query": "1", "time": "yesterday"}, 400),
        ("query", {"query": "1", "timeout": "soon"}, 400),
        ("query", {"query": f"{LAST} * on () {LAST}"}, 422),
        ("query_range", {"query": LOAD, "start": 0, "end": 10, "step": 0}, 400),
        ("query_range", {"query": LOAD, "start": 10, "end": 0, "step": 1}, 400),
        ("query_range", {"query": LOAD, "start": 0, "end": 1e9, "step": 1}, 400),
        ("query_range", {"query": f"{LOAD}[5m]", "start": 0, "end": 9, "step": 1}, 400),
        ("query_exemplars", {"query": "a b"}, 400),
        ("series", {}, 400),
        ("series", {"match": "{}"}, 400),
        ("series", {"match": "rate(x[5m])"}, 400),
        ("labels", {"start": "never"}, 400),
        ("format_query", {"query": "(("}, 400),
    ],
)
def test_grafana_is_told_what_is_wrong(
    grafana: Grafana, path: str, asked: dict[str, Any], status: int
) -> None:
    assert grafana.ask(path, **asked) == (status, None)


def test_nobody_else_is_answered(centre: Centre) -> None:
    stranger = Grafana(centre, "wrong", True, True)
    for path in ("query", "labels", "label/site/values", "metadata", "status/buildinfo"):
        assert stranger.ask(path, query="1") == (401, None)


def test_series_end_when_the_fleet_says_good_bye(centre: Centre, token: str) -> None:
    grafana = Grafana(centre, token, True, False)

    def up() -> bool:
        return (
            grafana.good("query", query="count(ronda_site_up) or vector(0)")["result"][0]["value"][
                1
            ]
            == "0"
        )

    wait_for("silence", up, 60)
