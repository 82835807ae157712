"""Agents a release older or newer are served: what one leaves out or adds costs it nothing."""

from collections.abc import Callable
from typing import Any

from tests.collector.intake.conftest import Centre

Make = Callable[..., dict[str, Any]]
ADDED = {"later": {"deep": [1, None]}, "more": "x"}


def test_what_an_older_agent_does_not_say_yet_is_not_missed(running: Centre) -> None:
    status, enrolled = running.ask_json(
        "POST", "/api/v1/enrol", {"code": running.code(), "nonce": "nonce-of-8"}
    )
    assert status == 200
    frame = {"n": 1, "at": 1_790_000_000.2, "layout": "L", "values": [1.0]}
    told = {"v": 1, "spool": "9f1c22d0", "sent_at": 1_790_000_000.4}
    bare = {**told, "layouts": {"L": ["ronda_host_load1"]}, "frames": [frame]}
    assert running.report(enrolled["token"], bare)[1]["kept"] == 1
    finding = {"n": 2, "at": 1_790_000_001.2, "check": "web", "verdict": "bad"}
    assert running.report(enrolled["token"], {**told, "findings": [finding]})[1]["kept"] == 1
    first, second = running.reports()
    assert (first.frames[0].up, first.dropped, second.findings[0].reason) == (None, 0, "")


def test_what_a_newer_agent_says_beyond_it_is_passed_over(running: Centre, report: Make) -> None:
    code = {"code": running.code(), "nonce": "nonce-of-8", "name": "a", **ADDED}
    status, enrolled = running.ask_json("POST", "/api/v1/enrol", code)
    assert status == 200
    body = report()
    body["frames"] = [{**frame, **ADDED} for frame in body["frames"]]
    finding = {"n": 2, "at": 1_790_000_000.3, "check": "web", "verdict": "bad", "reason": "x"}
    body["findings"] = [{**finding, **ADDED}]
    status, answer = running.report(enrolled["token"], {**body, **ADDED})
    assert (status, answer["kept"], answer["rejected"]) == (200, 2, [])
    # the fold reads it as it stands in the journal
    (kept,) = running.reports()
    assert [entry.n for entry in (*kept.frames, *kept.findings)] == [1, 2]
    # another protocol altogether is another matter, and is said
    assert running.report(enrolled["token"], {**body, "v": 2})[0] == 400
