"""Is an answer shaped as Prometheus documents it? AssertionError says where it is not.

After https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import re
from collections.abc import Callable
from typing import Any

ERRORS = {
    400: {"bad_data"},
    401: {"unauthorized"},
    404: {"not_found"},
    405: {"bad_data"},
    422: {"execution"},
    503: {"timeout", "unavailable"},
}
TYPES = {
    "counter",
    "gauge",
    "histogram",
    "gaugehistogram",
    "summary",
    "info",
    "stateset",
    "unknown",
}
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
FIGURE = re.compile(r"NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
BUILD = {"version", "revision", "branch", "buildUser", "buildDate", "goVersion"}


def check(endpoint: str, status: int, document: Any) -> Any:
    """The data of a good answer, None of an error."""
    assert isinstance(document, dict)
    if document["status"] == "error":
        assert set(document) <= {"status", "errorType", "error", "data"}
        assert document["errorType"] in ERRORS[status], document
        assert isinstance(document["error"], str) and document["error"]
        return None
    assert status == 200
    assert document["status"] == "success"
    assert set(document) <= {"status", "data", "warnings", "infos"}
    for kind in ("warnings", "infos"):
        if kind in document:
            assert document[kind] and all(isinstance(text, str) for text in document[kind])
    SHAPES[endpoint](document["data"])
    return document["data"]


def expression(data: Any) -> None:
    assert set(data) == {"resultType", "result"}
    RESULTS[data["resultType"]](data["result"])


def range_expression(data: Any) -> None:
    assert data["resultType"] == "matrix"
    expression(data)


def vector(result: Any) -> None:
    assert isinstance(result, list)
    for row in result:
        assert set(row) == {"metric", "value"}
        labels(row["metric"])
        point(row["value"])


def matrix(result: Any) -> None:
    assert isinstance(result, list)
    for row in result:
        assert set(row) == {"metric", "values"}
        labels(row["metric"])
        assert row["values"]
        for each in row["values"]:
            point(each)
        times = [time for time, _ in row["values"]]
        assert times == sorted(set(times))


def point(pair: Any) -> None:
    stamp(pair)
    assert FIGURE.fullmatch(pair[1]), pair


def text(pair: Any) -> None:
    stamp(pair)
    assert isinstance(pair[1], str)


def stamp(pair: Any) -> None:
    assert isinstance(pair, list) and len(pair) == 2
    assert isinstance(pair[0], int | float) and not isinstance(pair[0], bool)
    assert abs(pair[0] * 1000 - round(pair[0] * 1000)) < 1e-3


def labels(found: Any) -> None:
    assert isinstance(found, dict)
    for name, word in found.items():
        assert isinstance(name, str) and isinstance(word, str)
        # an empty label is one that is not there
        assert name and word


def label_sets(data: Any) -> None:
    assert isinstance(data, list)
    for found in data:
        labels(found)
        assert "__name__" in found
    told = [tuple(sorted(found.items())) for found in data]
    assert len(told) == len(set(told))


def words(data: Any) -> None:
    assert isinstance(data, list)
    assert all(isinstance(word, str) and word for word in data)
    assert data == sorted(set(data))


def label_names(data: Any) -> None:
    words(data)
    assert all(LABEL.fullmatch(name) for name in data)


def metadata(data: Any) -> None:
    assert isinstance(data, dict)
    for name, entries in data.items():
        assert isinstance(name, str) and isinstance(entries, list) and entries
        for entry in entries:
            assert set(entry) == {"type", "help", "unit"}
            assert entry["type"] in TYPES
            assert isinstance(entry["help"], str) and isinstance(entry["unit"], str)


def one_text(data: Any) -> None:
    assert isinstance(data, str)


def build(data: Any) -> None:
    assert set(data) == BUILD
    assert all(isinstance(word, str) for word in data.values())
    assert re.fullmatch(r"\d+\.\d+\.\d+", data["version"])


def exemplars(data: Any) -> None:
    assert isinstance(data, list)
    for row in data:
        assert set(row) == {"seriesLabels", "exemplars"}


def within(key: str) -> Callable[[Any], None]:
    def shape(data: Any) -> None:
        assert set(data) == {key}
        assert isinstance(data[key], list)

    return shape


RESULTS = {"vector": vector, "matrix": matrix, "scalar": point, "string": text}
SHAPES: dict[str, Callable[[Any], None]] = {
    "query": expression,
    "query_range": range_expression,
    "query_exemplars": exemplars,
    "series": label_sets,
    "labels": label_names,
    "label/values": words,
    "metadata": metadata,
    "format_query": one_text,
    "rules": within("groups"),
    "alerts": within("alerts"),
    "status/buildinfo": build,
}


def endpoint_of(path: str) -> str:
    """The endpoint that stands under a path after `api/v1/`."""
    return "label/values" if path.startswith("label/") else path
