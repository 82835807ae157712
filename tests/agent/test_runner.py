"""Probes run beside each other; one that hangs or breaks holds up nobody."""

import threading
import time

import pytest

from agent.report import ProbeFailed, Reading, Verdict
from agent.runner import Answer, Runner, measure
from tests.agent.probe_stub import Hung, Said, check


class Bell:
    """Waits for the next word from a thread."""

    def __init__(self) -> None:
        self.rung = threading.Semaphore(0)

    def __call__(self) -> None:
        self.rung.release()

    def wait(self) -> None:
        assert self.rung.acquire(timeout=10)


def test_an_answer_comes_with_its_duration() -> None:
    bell = Bell()
    runner = Runner(time.monotonic, bell)
    runner.start(check("app", Said(Verdict.BAD, "HTTP 502")))
    bell.wait()
    (answer,) = runner.answers(time.monotonic())
    assert answer.check == "app"
    assert answer.reading == Reading(Verdict.BAD, {}, "HTTP 502")
    assert 0 <= answer.duration_s < 5
    assert not runner.busy("app")


def test_a_probe_that_hangs_is_unknown_and_the_others_go_on() -> None:
    bell, now = Bell(), [0.0]
    hung, quick = Hung(), Said()
    runner = Runner(lambda: now[0], bell)
    stuck = check("stuck", hung, limit_s=3.0)
    runner.start(stuck)
    for _ in range(3):
        runner.start(check("app", quick))
        bell.wait()
        assert [a.check for a in runner.answers(now[0])] == ["app"]
    assert runner.next_limit() == 4.0
    now[0] = 4.5
    reading = Reading(Verdict.UNKNOWN, reason="no answer within 3 s")
    assert runner.answers(now[0]) == [Answer("stuck", reading, 4.5)]
    assert runner.answers(now[0]) == []
    assert runner.busy("stuck")
    assert runner.next_limit() == float("inf")
    hung.let_go.set()
    bell.wait()
    # what it says now is of long ago
    assert runner.answers(now[0]) == []
    assert not runner.busy("stuck")
    assert hung.rounds == 1


def test_a_probe_remembers_from_round_to_round_until_its_settings_change() -> None:
    bell = Bell()
    runner = Runner(time.monotonic, bell)
    seen: list[int] = []

    class Remembering:
        name, limit_s = "r", 5.0

        def measure(self, memory: dict[str, int]) -> Reading:
            memory["n"] = memory.get("n", 0) + 1
            seen.append(memory["n"])
            return Reading(Verdict.GOOD)

    from agent.config import Check

    one = Check("r", "tcp", Remembering())
    for turn in (one, one, Check("r", "tcp", Remembering()), one):
        runner.start(turn)
        bell.wait()
        runner.answers(0)
    assert seen == [1, 2, 1, 1]


def fails(error: Exception) -> Reading:
    raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(ProbeFailed("no ping on this system"), "no ping on this system", id="failed"),
        pytest.param(OSError(13, "Permission denied"), "Permission denied", id="system"),
        pytest.param(KeyError("x"), "KeyError: 'x'", id="mistake"),
        pytest.param(ProbeFailed("a\n  b" * 200), ("a b" * 200)[:300], id="one line, bounded"),
    ],
)
def test_not_being_able_to_look_is_unknown(error: Exception, reason: str) -> None:
    reading = measure(check("app", lambda: fails(error)), {})
    assert (reading.verdict, reading.reason) == (Verdict.UNKNOWN, reason)


def test_a_mistake_in_a_probe_is_logged_once_with_its_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = check("broken one", lambda: fails(ZeroDivisionError("division by zero")))
    for _ in range(3):
        measure(broken, {})
    said = capsys.readouterr().err
    assert said.count("Traceback") == 1
    assert said.count("broken one: cannot look") == 1


def test_an_answer_from_before_a_change_of_settings_does_not_count() -> None:
    bell = Bell()
    runner = Runner(time.monotonic, bell)
    hung = Hung()
    old, new = check("app", hung, limit_s=5.0), check("app", Said(Verdict.BAD), limit_s=6.0)
    runner.start(old)
    runner.keep((new,))
    assert not runner.busy("app")
    runner.start(new)
    bell.wait()
    hung.let_go.set()
    bell.wait()
    assert [a.reading.verdict for a in runner.answers(time.monotonic())] == [Verdict.BAD]
    assert not runner.busy("app")
