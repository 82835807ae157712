"""The dashboards that we ship, as Grafana asks for them: every panel has something to show.

And it shows what Prometheus and VictoriaMetrics would, had they the same samples.
"""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.collector import write_request
from tests.stories import full_trace, grafana
from tests.stories.centre import Centre, wait_for
from tests.stories.grafana import Asked, Chosen, Span
from tests.stories.kills import all_folded
from tests.stories.senders import Raw, asked, prometheus, raw, victoria

pytestmark = pytest.mark.slow

ALL = "$__all"
KABUPATEN: Mapping[str, Chosen] = {
    "all": {"regency": ALL, "district": ALL, "isp": ALL},
    "several": {
        "regency": ["Kabupaten Banyuwangi"],
        "district": ["Kalibaru", "Songgon (Utara)"],
        "isp": ["Icon+", "Telkom", "BUMDes Net"],
    },
}
DESA: Mapping[str, Chosen] = {
    "all": {"district": ALL, "village": "Sukasari", "site": full_trace.FIRST},
    "one": {"district": "Kalibaru", "village": "Sukasari", "site": full_trace.FIRST},
}
CASES = [
    *(("kabupaten", case, chosen) for case, chosen in KABUPATEN.items()),
    *(("desa", case, chosen) for case, chosen in DESA.items()),
]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp("dashboards") / "var") as centre:
        yield centre


@pytest.fixture(scope="module")
def token(centre: Centre) -> str:
    found: str = centre.ask("users", "token", "--role", "viewer", "--name", "grafana")["token"]
    return found


@pytest.fixture(scope="module")
def span(centre: Centre, token: str) -> Span:
    """The hour in which the villages reported, once it can be asked for."""
    began = time.time()
    full_trace.report_all(centre)
    base, query = f"{centre.console_url}/prometheus", {"query": "count(ronda_site_up)"}
    wait_for("three are there", lambda: counted(asked(base, "query", query, token)) == 3)
    # what came with it may still change the past that is asked about
    all_folded(centre)
    end = time.time()
    # and of its last second is concluded with the ticks behind it
    wait_for("ticks behind it", lambda: time.time() > end + 2)
    all_folded(centre)
    return Span(began - 3600, end)


def counted(found: Mapping[str, list[Mapping[str, list[str]]]]) -> float:
    return sum(float(row["value"][1]) for row in found["result"])


def answer(centre: Centre, token: str, question: Asked, span: Span) -> list[object]:
    path = "query" if question.instant else "query_range"
    base = f"{centre.console_url}/prometheus"
    found: list[object] = asked(base, path, span.params(question), token)["result"]
    return found


@pytest.mark.parametrize(("name", "case", "chosen"), CASES, ids=[f"{b}-{c}" for b, c, _ in CASES])
def test_every_expression_has_an_answer(
    centre: Centre, token: str, span: Span, name: str, case: str, chosen: Chosen
) -> None:
    told = grafana.board(name)
    empty = [
        f"{question.place}: {question.query}"
        for question in grafana.questions(told, chosen, span)
        if not answer(centre, token, question, span)
    ]
    assert empty == []


@pytest.mark.parametrize(("name", "case", "chosen"), CASES, ids=[f"{b}-{c}" for b, c, _ in CASES])
def test_every_variable_offers_what_is_chosen(
    centre: Centre, token: str, span: Span, name: str, case: str, chosen: Chosen
) -> None:
    known = grafana.variables(grafana.board(name))
    for variable in known.values():
        if variable["type"] != "query":
            continue
        selector, label = grafana.label_values(variable["query"]["query"])
        assert selector
        times = {"start": f"{span.start:.0f}", "end": f"{span.end:.0f}", "limit": "40000"}
        match = {"match[]": grafana.put_in(selector, known, chosen)}
        base = f"{centre.console_url}/prometheus"
        offered = asked(base, f"label/{label}/values", times | match, token)
        value = chosen[variable["name"]]
        assert offered and (
            value == ALL or {*([value] if isinstance(value, str) else value)} <= {*offered}
        )


# it has a value at the time of the question alone, not at minutes of the past
AGE = "ronda_report_age_seconds"


@pytest.fixture(scope="module")
def peers(
    tmp_path_factory: pytest.TempPathFactory, centre: Centre, token: str, span: Span
) -> Iterator[dict[str, str]]:
    """A real Prometheus and a real VictoriaMetrics with the samples that our API gives."""
    base = f"{centre.console_url}/prometheus"
    held = raw(base, '{__name__=~"ronda_.+"}[70m]', span.end, token)
    for row in asked(base, "query", {"query": AGE, "time": f"{span.end:.3f}"}, token)["result"]:
        held.setdefault(frozenset(row["metric"].items()), {})[row["value"][0]] = row["value"][1]
    folder = tmp_path_factory.mktemp("peers")
    with prometheus(folder) as first, victoria(folder) as second:
        found = {"Prometheus": f"http://{first}", "VictoriaMetrics": f"http://{second}"}
        for url in found.values():
            give(url, held)
        count = 'count({__name__=~"ronda_.+"}) or vector(0)'
        at = {"query": count, "time": f"{span.end:.3f}", "nocache": "1"}
        for url in found.values():
            wait_for("taken", lambda u=url: counted(asked(u, "query", at)) > 150)
        yield found


def give(url: str, held: Raw) -> None:
    """By remote_write, all series at one time after the other: neither takes the distant past."""
    every = [
        (dict(series), [(round(at * 1000), float(value)) for at, value in sorted(points.items())])
        for series, points in held.items()
    ]
    body = write_request.body(*every)
    request = Request(f"{url}/api/v1/write", body, write_request.HEADERS, method="POST")
    with urlopen(request, timeout=30) as answer:
        assert answer.status in (200, 204)


SAME = pytest.mark.parametrize(("name", "chosen"), [CASES[1][::2], CASES[3][::2]])


@SAME
def test_prometheus_gives_the_same_answers_over_the_same_samples(
    centre: Centre, token: str, span: Span, peers: dict[str, str], name: str, chosen: Chosen
) -> None:
    both = compared(centre, token, span, peers["Prometheus"], name, chosen)
    assert len(both) == {"kabupaten": 20, "desa": 62}[name]
    assert [place for place, (_, mine, theirs) in both.items() if mine != near(theirs)] == []


@SAME
def test_victoriametrics_differs_where_it_says_so_and_nowhere_else(
    centre: Centre, token: str, span: Span, peers: dict[str, str], name: str, chosen: Chosen
) -> None:
    """It does not extrapolate: a rate is what happened between the samples around the window.

    So the numbers of smooth counters are a few percent from ours, whole counts one, and there are
    some where a counter has only begun.
    """
    both = compared(centre, token, span, peers["VictoriaMetrics"], name, chosen)
    begun = span.end - full_trace.LENGTH_S + 2 * RATE_S
    for place, (query, mine, theirs) in both.items():
        if not GROWS.search(query):
            assert mine == near(theirs), place
            continue
        assert mine.keys() <= theirs.keys(), place
        for key, value in mine.items():
            if key[1] >= begun:
                assert theirs[key] == pytest.approx(
                    value, rel=0.1, abs=WHOLE[GROWS.search(query)[1]]
                ), place


RATE_S = 4 * grafana.LEAST_STEP_S
GROWS = re.compile(r"\b(rate|increase)\(")
WHOLE = {"rate": 1 / RATE_S, "increase": 1.0}
Points = dict[tuple[object, float], float]


def near(points: Points) -> object:
    return pytest.approx(points, rel=1e-9, abs=1e-12)


def compared(
    centre: Centre, token: str, span: Span, peer: str, name: str, chosen: Chosen
) -> dict[str, tuple[str, Points, Points]]:
    """By place: what was asked, our numbers and those of the other."""
    found = {}
    for question in grafana.questions(grafana.board(name), chosen, span):
        params = {**span.params(question), "nocache": "1"}
        path = "query" if question.instant else "query_range"
        both = ((f"{centre.console_url}/prometheus", token), (peer, ""))
        mine, theirs = (points(asked(url, path, params, secret)["result"]) for url, secret in both)
        found[question.place] = question.query, mine, theirs
    return found


def points(result: list[dict[str, Any]]) -> Points:
    """By series and time, without names: others keep some of them where we do not."""
    return {
        (
            frozenset(row["metric"].items() - {("__name__", row["metric"].get("__name__"))}),
            at,
        ): float(value)
        for row in result
        for at, value in row.get("values") or [row["value"]]
    }
