"""Whoever puts an agent in fetches the file that this centre took in, and what proves it."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from collector.intake.body import Problem
from collector.intake.programs import MOST_A_MINUTE, NAMES, Turns
from playbooks import agent_file

pytestmark = pytest.mark.slow

Centre = Any


def test_what_was_taken_in_is_fetched_and_can_be_proved(running: Centre, tmp_path: Path) -> None:
    assert running.ask("GET", "/agent/ronda-agent.pyz")[0] == 404
    data = agent_file.built()
    signature, public = agent_file.signed(data, tmp_path / "key.pem")
    made = tmp_path / agent_file.NAME
    made.write_bytes(data)
    made.with_name(f"{made.name}.sig").write_bytes(signature)
    (tmp_path / "ronda-agent.pub").write_bytes(public)
    agent_file.take(running.settings.folder, made, tmp_path / "ronda-agent.pub")
    found = {name: running.ask("GET", f"/agent/{name}") for name in NAMES}
    assert {status for status, _, _ in found.values()} == {200}
    file, sign, told, key = (found[name][1] for name in NAMES)
    assert file == data
    agent_file.check(file, sign, key)
    assert told.decode() == f"{hashlib.sha256(data).hexdigest()}  ronda-agent.pyz\n"
    assert found["ronda-agent.pyz"][2]["x-content-type-options"] == "nosniff"


def test_nothing_else_of_the_folder_is_given(running: Centre) -> None:
    (running.settings.folder / "agent").mkdir()
    (running.settings.folder / "agent" / "key.pem").write_text("secret")
    for path in ("/agent/key.pem", "/agent/", "/agent/../secret.key", "/agent/%2e%2e/secret.key"):
        assert running.ask("GET", path)[0] == 404, path
    assert running.ask("POST", "/agent/ronda-agent.pyz", "x")[0] == 405


def test_only_so_many_are_given_in_a_minute() -> None:
    turns = Turns()
    for at in range(MOST_A_MINUTE):
        turns.take(1000.0 + at / 10)
    with pytest.raises(Problem) as refused:
        turns.take(1030.0)
    assert (refused.value.status, refused.value.retry_s) == (503, 31)
    turns.take(1060.0)
    # a clock that is set back keeps nobody away for long
    turns.take(500.0)
