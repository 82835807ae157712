"""What we ship for Grafana is what it takes: its own model, series that exist, no plugin."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from collector.prometheus_api import COMPATIBLE
from collector.promql import derived, register
from collector.promql.labels import NAME
from collector.promql.plan import plan
from tests.stories import grafana
from tests.stories.full_trace import NAMES
from tests.stories.grafana import BOARDS, FOLDER, Span

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "tests" / "data" / "grafana" / "dashboard.schema.json").read_text())
HOUR = Span(0, 3600)
SERIES = re.compile(r"\bronda_\w+")

boards = pytest.mark.parametrize("name", BOARDS)


@boards
def test_a_dashboard_keeps_to_the_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    wrong = Draft202012Validator(SCHEMA).iter_errors(grafana.board(name))
    assert [f"{error.json_path}: {error.message[:200]}" for error in wrong] == []


@boards
def test_panels_have_numbers_of_their_own_and_do_not_overlap(name: str) -> None:
    panels = grafana.board(name)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells: Counter[tuple[int, int]] = Counter()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells.update(
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        )
    assert [cell for cell, count in cells.items() if count > 1] == []


@boards
def test_every_expression_can_be_read_and_names_series_that_exist(name: str) -> None:
    told = grafana.board(name)
    ours = {listed[NAME] for listed in (*derived.NAMES, *register.NAMES)}
    known = ours | {series.partition("{")[0] for series in NAMES}
    chosen = {variable: "x" for variable in grafana.variables(told)}
    for question in grafana.questions(told, chosen, HOUR):
        plan(question.query)
        assert "$" not in question.query, question
        assert set(SERIES.findall(question.query)) <= known, question.place
    for variable in grafana.variables(told).values():
        if variable["type"] == "query":
            assert variable["definition"] == variable["query"]["query"]
            selector, _ = grafana.label_values(variable["definition"])
            plan(grafana.put_in(selector or "", grafana.variables(told), chosen))


def test_links_lead_to_dashboards_that_are_there() -> None:
    there = {grafana.board(name)["uid"] for name in BOARDS}
    text = "".join(path.read_text() for path in BOARDS.values())
    assert set(re.findall(r"/d/([\w-]+)", text)) == there
    desa = grafana.variables(grafana.board("desa"))
    assert set(re.findall(r"var-(\w+)=", text)) == desa.keys() - {"DS"}


def test_the_data_source_is_set_up_as_the_centre_answers() -> None:
    path = FOLDER / "provisioning" / "datasources" / "ronda.yml"
    (source,) = yaml.safe_load(path.read_text())["datasources"]
    assert (source["type"], source["uid"]) == ("prometheus", "ronda")
    assert source["url"] == "${RONDA_URL}/prometheus"
    data = source["jsonData"]
    assert (data["httpMethod"], data["prometheusType"]) == ("POST", "Prometheus")
    assert data["prometheusVersion"] == COMPATIBLE
    assert data["timeInterval"] == f"{grafana.LEAST_STEP_S}s"
    # a token is Grafana's environment, never a file's
    assert data["httpHeaderName1"] == "Authorization"
    assert source["secureJsonData"] == {"httpHeaderValue1": "Bearer ${RONDA_TOKEN}"}


def test_dashboards_are_read_out_of_a_folder() -> None:
    path = FOLDER / "provisioning" / "dashboards" / "ronda.yml"
    (provider,) = yaml.safe_load(path.read_text())["providers"]
    assert (provider["type"], provider["options"]) == ("file", {"path": "${RONDA_DASHBOARDS}"})
