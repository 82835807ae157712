"""Who is limited to areas or a site gets nothing of other villages out of any endpoint."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from collector.prometheus_api import ENDPOINTS, Api
from collector.promql.source import Centre
from collector.series.history import History
from tests.collector.promql.conftest import START, Small, small, two
from tests.collector.promql.test_others import send
from tests.web.prometheus_shape import check, endpoint_of
from web import tokens
from web.app import furnish
from web.prometheus import PREFIX, Prometheus

__all__ = ["small", "two"]

# nothing of the other village may stand in any answer
OTHER = ["35.10.06.2005", "Sarimulyo", "Banyuwangi", "Cluring", "Telkom"]
# nor of what only it has, or what belongs to no village
OTHERS_OWN = ["bytes_total", "listrik_total", "suhu", "dapur", "meter"]
AREAS = [("35.09", ""), ("35.09.01.2001", ""), ("", "35.09.01.2001")]
NOWHERE = [("35.09.02", ""), ("", "35.09.01.2002"), ("35.09.01.2002", "")]

SELECTORS = [
    '{__name__=~".+"}',
    "ronda_host_load1",
    'ronda_host_load1{site="35.10.06.2005"}',
    'ronda_host_load1{site=~".*"}',
    'ronda_host_load1{site!=""}',
    'ronda_host_load1{site!~"35.09.*"}',
    "bytes_total",
    "listrik_total",
    "suhu",
    'suhu{site=""}',
    "ronda_site_up",
    "ronda_site_state",
    "ronda_report_age_seconds",
]
EXPRESSIONS = [
    *SELECTORS,
    'count({__name__=~".+"})',
    'count by (regency) ({__name__=~".+"})',
    'count_values("v", ronda_host_load1)',
    "topk(99, ronda_host_load1)",
    "ronda_host_load1 or ronda_site_up or suhu",
    "ronda_host_load1 unless on (nothing) vector(1)",
    "ronda_host_load1 * on () group_left () (0 * count(suhu) + 1 or vector(1))",
    'label_replace(ronda_host_load1, "x", "$1", "village", "(.*)")',
    "max_over_time(ronda_host_load1[1h])",
    "max_over_time(ronda_host_load1[1h:1m])",
    "ronda_host_load1 @ 1790000640 offset -1m",
    "quantile(0.5, {__name__=~'ronda_.+'})",
    "sort_by_label(ronda_host_load1, 'site')",
    "scalar(bytes_total)",
    "vector(scalar(listrik_total))",
    "avg_over_time(ronda_host_load1[30d])",
]


@pytest.fixture
def api(two: Small, bare_console: Flask) -> Client:
    """The HTTP API over two villages; the first has series that the second has not."""
    each = {START + 60 * minute: float(minute) for minute in range(11)}
    send(two, 3, {"__name__": "suhu", "ruang": "dapur"}, each)
    send(two, 4, {"__name__": "listrik_total", "site": "35.10.06.2005", "meter": "1"}, each)
    send(two, 5, {"__name__": "air_total", "site": "35.09.01.2001"}, each)
    app = bare_console
    history = History(two.settings, two.blocks)
    furnish(app, two.settings, two.store, history, lambda: two.now, lambda: 0)
    centre = Centre(two.settings, two.store, two.blocks)
    return Client(Prometheus(app, Api(centre, lambda: 0.0, "1"), lambda: two.now), TestResponse)


def requests() -> list[tuple[str, dict[str, Any]]]:
    """Every way to ask every endpoint."""
    spans: list[dict[str, Any]] = [{}, {"start": START - 86_400, "end": START + 7200}]
    found: list[tuple[str, dict[str, Any]]] = [
        *(("query", {"query": text}) for text in EXPRESSIONS),
        *(("query", {"query": f"{text}[1h]"}) for text in SELECTORS),
        *(
            ("query_range", {"query": text, "start": START, "end": START + 600, "step": 60})
            for text in EXPRESSIONS
        ),
        *(("query_exemplars", {"query": text}) for text in SELECTORS),
    ]
    paths = ["labels", *(f"label/{name}/values" for name in LABELS), "metadata"]
    for span in spans:
        found += [(path, span) for path in paths]
        # all of these list the same series, each another part of them
        found += [(path, {"match[]": SELECTORS, **span}) for path in (*paths, "series")]
        alone = ("labels", "label/site/values", "metadata", "series")
        found += [(path, {"match[]": text, **span}) for path in alone for text in SELECTORS]
    return [*found, ("metadata", {"metric": "bytes_total"}), ("status/buildinfo", {})]


LABELS = ["__name__", "site", "village", "district", "regency", "isp", "upstream", "ruang", "meter"]


def answers(api: Client, two: Small, area: str, site: str) -> list[tuple[str, Any, Any]]:
    """What each request gives to a token of this area or site."""
    token = tokens.issue(two.store, "dinas", "viewer", area, site, two.now)
    headers = {"Authorization": f"Bearer {token}"}
    found = []
    for path, asked in requests():
        response = api.post(f"{PREFIX}api/v1/{path}", data=asked, headers=headers)
        document = json.loads(response.get_data())
        check(endpoint_of(path), response.status_code, document)
        found.append((path, asked, document))
    return found


def test_every_endpoint_is_asked() -> None:
    asked = {endpoint_of(path) for path, _ in requests()}
    # these two answer out of rules and incidents
    assert asked >= set(ENDPOINTS) - {"rules", "alerts", "format_query"}


@pytest.mark.mostly_sqlite
@pytest.mark.slow
@pytest.mark.parametrize(("area", "site"), AREAS)
def test_nothing_of_other_villages_is_told(api: Client, two: Small, area: str, site: str) -> None:
    mine = 0
    for path, asked, document in answers(api, two, area, site):
        told = json.dumps(document)
        for word in OTHER + OTHERS_OWN:
            assert word not in told, (path, asked, told)
        mine += "35.09.01.2001" in told
    assert mine > 50


@pytest.mark.mostly_sqlite
@pytest.mark.slow
@pytest.mark.parametrize(("area", "site"), NOWHERE)
def test_who_has_no_village_gets_nothing(api: Client, two: Small, area: str, site: str) -> None:
    for path, asked, document in answers(api, two, area, site):
        told = json.dumps(document)
        assert "35.09" not in told and "Jember" not in told, (path, asked, told)
        for word in OTHER + OTHERS_OWN:
            assert word not in told, (path, asked, told)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("query", "mine", "all_of_them"),
    [
        ("count(ronda_host_load1)", "1", "2"),
        ("count(suhu) or vector(0)", "0", "1"),
        ("absent(bytes_total)", "1", None),
        ('absent(ronda_host_load1{isp="Telkom"})', "1", None),
        ("absent_over_time(listrik_total[1h])", "1", None),
        ('count({__name__=~".+",site!="35.09.01.2001"}) or vector(0)', "0", "13"),
        ("sum(ronda_site_up) or vector(-1)", "0", "1"),
        ("max(max_over_time(ronda_host_load1[1h]))", "100", "100"),
        ("count(count by (regency) (ronda_site_state))", "1", "2"),
    ],
)
def test_counts_and_absences_are_of_ones_own(
    api: Client, two: Small, query: str, mine: str, all_of_them: str | None
) -> None:
    for area, wanted in (("35.09", mine), ("", all_of_them)):
        token = tokens.issue(two.store, "dinas", "viewer", area, "", two.now)
        headers = {"Authorization": f"Bearer {token}"}
        response = api.post(f"{PREFIX}api/v1/query", data={"query": query}, headers=headers)
        data = check("query", response.status_code, json.loads(response.get_data()))
        found = [row["value"][1] for row in data["result"]]
        assert found == ([] if wanted is None else [wanted])
