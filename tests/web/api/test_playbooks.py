"""Playbooks by program: planned, run, stopped; never one that wants two people."""

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.web.api import world
from tests.web.conftest import OTHER, SITE


@pytest.fixture
def store(whole: Engine) -> Engine:
    return whole


@pytest.mark.slow
def test_a_program_plans_and_runs_where_its_token_reaches(asks: Any) -> None:
    program = asks(area=world.HERE)
    wish = {"sites": [SITE]}
    plan = program.post(f"/playbooks/{world.PLAYBOOK}/plan", wish)
    assert plan[0]["site"] == SITE and plan[0]["steps"]
    run = program.post(f"/playbooks/{world.PLAYBOOK}/run", wish, 201)
    assert (run["state"], run["hosts"][0]["site"]) == ("waiting", SITE)
    assert program.get("/runs")["items"][0]["id"] == run["id"]
    stopped = program.post(f"/runs/{run['id']}/stop", None)
    assert stopped["state"] == "stopped"


def test_a_program_is_no_second_person_nor_a_first(asks: Any) -> None:
    program = asks(area=world.HERE)
    answer = program.post("/playbooks/nyalakan-ulang-router/run", {"sites": [SITE]}, 403)
    assert "program" in answer["detail"]


def test_a_program_runs_nothing_elsewhere(asks: Any) -> None:
    program = asks(area=world.HERE)
    program.post(f"/playbooks/{world.PLAYBOOK}/run", {"sites": [SITE, OTHER]}, 422)
