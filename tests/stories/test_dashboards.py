"""The dashboards that we ship, as Grafana asks for them: every panel has something to show."""

import time
from collections.abc import Iterator, Mapping

import pytest

from tests.stories import full_trace, grafana
from tests.stories.centre import Centre, wait_for
from tests.stories.grafana import Asked, Chosen, Span
from tests.stories.senders import asked

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
    wait_for("folded", lambda: counted(asked(base, "query", query, token)) == 3)
    return Span(began - 3600, time.time())


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
