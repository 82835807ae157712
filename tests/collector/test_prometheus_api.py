"""Prometheus's HTTP API: the shapes of its answers, its errors, and what a caller may not see."""

import re
from typing import Any

import pytest

from collector.promql.plan import Matcher
from tests.collector.promql.conftest import START, Small, small, two

__all__ = ["small", "two"]

AT = START + 606
BANYUWANGI = (Matcher("site", "=~", r"35\.10(?:[.-].*)?"),)


def data(answer: tuple[int, Any]) -> Any:
    status, document = answer
    assert status == 200, document
    assert document["status"] == "success"
    return document["data"]


def test_an_instant_vector_has_metric_and_value(two: Small) -> None:
    found = data(two.api("query", query='ronda_host_load1{regency="Jember"}', time=AT))
    assert found["resultType"] == "vector"
    assert found["result"] == [
        {
            "metric": {
                "__name__": "ronda_host_load1",
                "district": "Kencong",
                "isp": "XL",
                "regency": "Jember",
                "site": "35.09.01.2001",
                "upstream": "POP Genteng",
                "village": "Kencong",
            },
            "value": [AT, "100"],
        }
    ]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("query", "kind", "result"),
    [
        ("1 / 0", "scalar", [AT, "+Inf"]),
        ('"text"', "string", [AT, "text"]),
        ("vector(NaN)", "vector", [{"metric": {}, "value": [AT, "NaN"]}]),
        ("nothing", "vector", []),
    ],
)
def test_every_type_of_result_has_its_shape(
    two: Small, query: str, kind: str, result: object
) -> None:
    assert data(two.api("query", query=query, time=AT)) == {"resultType": kind, "result": result}


def test_a_range_vector_gives_the_samples_as_they_came(two: Small) -> None:
    query = 'ronda_host_load1{regency="Jember"}[2m]'
    found = data(two.api("query", query=query, time=START + 605.5))
    assert found["resultType"] == "matrix"
    assert found["result"][0]["values"] == [[START + 545, "90"], [START + 605, "100"]]


def test_a_range_query_gives_a_matrix_sorted_by_labels(two: Small) -> None:
    params = {"query": "ronda_host_load1", "start": START + 300, "end": START + 420, "step": "1m"}
    found = data(two.api("query_range", **params))
    assert found["resultType"] == "matrix"
    assert [row["metric"]["regency"] for row in found["result"]] == ["Banyuwangi", "Jember"]
    assert found["result"][0]["values"] == [
        [START + 300, "5"],
        [START + 360, "6"],
        [START + 420, "7"],
    ]
    scalar = data(two.api("query_range", **{**params, "query": "1"}))
    assert scalar["result"] == [
        {"metric": {}, "values": [[START + 60 * m, "1"] for m in (5, 6, 7)]}
    ]


def test_times_may_be_dates(two: Small) -> None:
    found = data(two.api("query", query="time()", time="2026-09-21T14:24:00.500Z"))
    assert found["result"] == [1790000640.5, "1790000640.5"]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("path", "params", "problem"),
    [
        ("query", {"query": "1 +"}, r'invalid parameter "query": parse error: .*'),
        ("query", {}, r'invalid parameter "query": parse error: no expression found in input'),
        (
            "query",
            {"query": "1", "time": "noon"},
            r'invalid parameter "time": cannot parse "noon".*',
        ),
        ("query", {"query": "1", "timeout": "x"}, r'invalid parameter "timeout": .*'),
        ("query", {"query": "info(x)"}, r'invalid parameter "query": info\(\) is not supported'),
        ("query_range", {"query": "1", "start": "1", "end": "2"}, r'invalid parameter "step": .*'),
        (
            "query_range",
            {"query": "1", "start": "2", "end": "1", "step": "1"},
            r'invalid parameter "end": end timestamp must not be before start time',
        ),
        (
            "query_range",
            {"query": "1", "start": "1", "end": "2", "step": "0"},
            r'invalid parameter "step": zero or negative .*',
        ),
        (
            "query_range",
            {"query": "up", "start": "0", "end": "10000000", "step": "1"},
            r"exceeded maximum resolution of 11,000 points per timeseries.*",
        ),
        ("query", {"query": 'x{a=~"(?=b)"}'}, r'invalid parameter "query": .*regex.*'),
        ("series", {}, r"no match\[\] parameter provided"),
        ("series", {"match": "rate(x[5m])"}, r'invalid parameter "match\[\]": .*'),
        ("labels", {"limit": "-1"}, r'invalid parameter "limit": .*'),
        ("labels", {"limit": "²"}, r'invalid parameter "limit": .*'),
        ("labels", {"limit": "9" * 5000}, r'invalid parameter "limit": .*'),
        ("query", {"query": "x @ 1e300"}, r'invalid parameter "query": parse error: .*'),
    ],
)
def test_what_cannot_be_answered_is_bad_data(
    two: Small, path: str, params: dict[str, str], problem: str
) -> None:
    status, document = two.api(path, **params)
    assert status == 400
    assert document["status"] == "error"
    assert document["errorType"] == "bad_data"
    assert re.fullmatch(problem, document["error"]), document["error"]


def test_what_fails_while_evaluating_is_told_apart(two: Small) -> None:
    query = "ronda_host_load1 + on () ronda_host_load1"
    status, document = two.api("query", query=query, time=AT)
    assert (status, document["errorType"]) == (422, "execution")
    assert "found duplicate series for the match group {} on the right" in document["error"]


def test_an_answer_says_what_it_thinks_of_the_question(two: Small) -> None:
    _, document = two.api("query", query="quantile(2, ronda_host_load1)", time=AT)
    assert document["warnings"] == [
        "PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"
    ]
    _, document = two.api("query", query="rate(ronda_host_load1[5m])", time=AT)
    assert "might not be a counter" in document["infos"][0]
    _, document = two.api("query", query="ronda_host_load1", time=AT, limit="1")
    assert len(document["data"]["result"]) == 1
    assert document["warnings"] == ["results truncated due to limit"]


def test_series_labels_and_values_are_listed(two: Small) -> None:
    times = {"start": START, "end": AT}
    found = data(two.api("series", match=['ronda_host_load1{regency="Jember"}'], **times))
    assert [row["village"] for row in found] == ["Kencong"]
    names = data(two.api("labels", **times))
    assert {"__name__", "site", "village", "check", "kind", "state"} <= set(names)
    assert data(two.api("label/village/values", **times)) == ["Kencong", "Sarimulyo"]
    assert "bytes_total" in data(two.api("label/__name__/values"))
    assert data(two.api("label/kind/values", match=['{regency="Banyuwangi"}'], **times)) == ["http"]
    assert data(two.api("label/nothing/values")) == []
    assert data(two.api("series", match=["ronda_host_load1"], end=START - 9e5)) == []


def test_a_backlog_is_listed_too(two: Small) -> None:
    two.late(0, [START - 86400], [1.0])
    times = {"start": START - 90_000, "end": START - 80_000}
    found = data(two.api("series", match=["ronda_host_load1"], **times))
    assert [row["village"] for row in found] == ["Sarimulyo"]


def test_metadata_buildinfo_rules_alerts_and_the_formatter_answer(two: Small) -> None:
    assert data(two.api("metadata"))["bytes_total"] == [{"type": "counter", "help": "", "unit": ""}]
    assert set(data(two.api("metadata", limit="1", metric="bytes_total"))) == {"bytes_total"}
    assert data(two.api("status/buildinfo"))["version"].startswith("3.")
    assert data(two.api("rules")) == {"groups": []}
    assert data(two.api("alerts")) == {"alerts": []}
    old = "x @ -1.5"
    assert data(two.api("format_query", query=old)) == old
    assert data(two.api("format_query", query="sum( rate(x[5m]) )by(a)")) == (
        "sum by (a) (rate(x[5m]))"
    )
    assert two.api("nothing")[0] == 404
    assert data(two.api("label/U__a_ffffffffffff_/values")) == []


def test_samples_of_a_calculation_have_no_name(two: Small) -> None:
    query = 'ronda_host_load1{isp="XL"}[1m:1m]'
    (row,) = data(two.api("query", query=query, time=AT))["result"]
    name = row["metric"].pop("__name__")
    assert name == "ronda_host_load1"
    (other,) = data(two.api("query", query="(1 * ronda_host_load1{isp='XL'})[1m:1m]", time=AT))[
        "result"
    ]
    assert other == row
    status, told = two.api("query", query='(1 * {site="35.09.01.2001"})[1m:1m]', time=AT)
    assert (status, told["error"]) == (422, "vector cannot contain metrics with the same labelset")


def test_what_is_nested_too_deeply_for_anything_is_refused(two: Small) -> None:
    for depth in (260, 3000):
        query = "abs(" * depth + "ronda_host_load1" + ")" * depth
        status, told = two.api("query", query=query, time=AT)
        assert (status, told["error"]) == (400, 'invalid parameter "query": nested too deeply')


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    "query",
    [
        "ronda_host_load1",
        'ronda_host_load1{regency="Jember"}',
        'ronda_host_load1{site=~".+"}',
        "max_over_time(ronda_host_load1[10m])",
        "ronda_site_up",
        "ronda_report_age_seconds",
        "ronda_host_load1 or ronda_site_state",
        "last_over_time((ronda_host_load1 offset 1m)[5m:1m])",
        "label_replace(ronda_host_load1, 'site', 'x', '', '')",
    ],
)
def test_a_limited_caller_sees_only_his_area(two: Small, query: str) -> None:
    found = data(two.api("query", BANYUWANGI, query=query, time=AT))
    assert all(row["metric"]["regency"] == "Banyuwangi" for row in found["result"])


def test_a_limited_caller_counts_only_his_area(two: Small) -> None:
    found = data(two.api("query", BANYUWANGI, query="count(ronda_host_load1)", time=AT))
    assert found["result"][0]["value"][1] == "1"
    query = 'absent(ronda_host_load1{site="35.09.01.2001"})'
    found = data(two.api("query", BANYUWANGI, query=query, time=AT))
    assert found["result"] == [{"metric": {"site": "35.09.01.2001"}, "value": [AT, "1"]}]


def test_lists_tell_a_limited_caller_nothing_of_other_areas(two: Small) -> None:
    times = {"start": START, "end": AT}
    assert data(two.api("label/village/values", BANYUWANGI, **times)) == ["Sarimulyo"]
    assert data(two.api("label/regency/values", BANYUWANGI, **times)) == ["Banyuwangi"]
    rows = data(two.api("series", BANYUWANGI, match=['{site=~".+"}'], **times))
    assert {row["site"] for row in rows} == {"35.10.06.2005"}
    jember = (Matcher("site", "=~", r"35\.09(?:[.-].*)?"),)
    # the other village alone reports this one
    assert "bytes_total" not in data(two.api("label/__name__/values", jember, **times))
    assert "bytes_total" not in data(two.api("metadata", jember, **times))
    assert data(two.api("label/village/values", (Matcher("site", "=~", "x"),), **times)) == []
