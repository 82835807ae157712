"""What an agent will not do reads in plain words at the centre."""

import time
from typing import Any

import pytest

from collector import db
from collector.intake.fickle import AT_ONCE
from collector.schema import agents

pytestmark = pytest.mark.slow


def error(running: Any) -> str:
    with db.reading(running.engine) as connection:
        return str(connection.execute(agents.select()).one().config_error)


def comes(running: Any, words: str) -> bool:
    end = time.monotonic() + 5
    while error(running) != words and time.monotonic() < end:
        time.sleep(0.02)
    return error(running) == words


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("checks%5B0%5D.name: %22d%C3%A9sa%22", 'checks[0].name: "désa"'),
        ("50% of %ZZ", "50% of %ZZ"),
    ],
)
def test_why_a_configuration_was_refused(running: Any, sent: str, words: str) -> None:
    token = running.enrol()["token"]
    said = {"X-Ronda-Config": '"abc"', "X-Ronda-Config-Error": sent}
    running.ask("GET", "/api/v1/config", None, said, token)
    assert comes(running, words)


def test_an_order_that_was_not_obeyed_is_kept_until_the_next_word(
    running: Any, report: Any
) -> None:
    token = running.enrol()["token"]
    said = {"X-Ronda-Refused": "open_tunnel no tunnel target%3B x"}
    assert running.ask("POST", "/api/v1/reports", report(), said, token)[0] == 200
    assert comes(running, "would not: open_tunnel no tunnel target; x")
    running.ask("GET", "/api/v1/config", None, {"X-Ronda-Config": '"abc"'}, token)
    assert comes(running, "")


def test_words_that_change_with_each_question_are_written_a_few_times_and_then_counted(
    running: Any,
) -> None:
    token = running.enrol()["token"]
    for n in range(AT_ONCE + 4):
        said = {"X-Ronda-Knows": f"ping:name,host;kind{n}:name"}
        assert running.ask("GET", "/api/v1/config", None, said, token)[0] == 200
    with db.reading(running.engine) as connection:
        known = connection.execute(agents.select()).one().knows
    assert known == f"ping:name,host;kind{AT_ONCE - 1}:name"
    metrics = running.ask("GET", "/metrics", None, {}, token)[1]
    assert b"ronda_ingest_words_left_out_total 4.0" in metrics
