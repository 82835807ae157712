"""What tests cost: `pytest -p tests.cost` ends with the dearest, by CPU and by what they wait.

The children that a test waited for count, and what its fixtures took counts for the first that
asked for them. On a machine that others use, too, CPU-seconds can be compared and times cannot;
where two threads share a core they may still be half as much again. What a test waits is its time
without its CPU: for a sleep, another process, or a core.

A run fails when a test that is not marked `slow` takes more than MOST_S, its fixtures left out.
"""

import os
from collections import Counter
from collections.abc import Generator

import pytest

SHOWN = 40
# whoever is at fault by this is so on any machine: a tenth of it is what such a test may take
MOST_S = 1.0
_spent: Counter[str] = Counter()
_waited: Counter[str] = Counter()
_too_dear: list[str] = []
_before = [0.0]


def _cpu_s() -> float:
    return sum(os.times()[:4])


def pytest_collection_finish() -> None:
    _before[0] = _cpu_s()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    now = _cpu_s()
    # workers hand these on to whoever prints
    report.user_properties.append(("cpu_s", now - _before[0]))
    _before[0] = now
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    told = [value for name, value in report.user_properties if name == "cpu_s"]
    spent = sum(map(float, map(str, told)))
    _spent[report.nodeid] += spent
    _waited[report.nodeid] += max(0.0, report.duration - spent)
    if report.when == "call" and spent > MOST_S and "slow" not in report.keywords:
        _too_dear.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _too_dear and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what, tests in (("CPU-seconds", _spent), ("seconds of waiting", _waited)):
        terminalreporter.section(f"{tests.total():.0f} {what} in tests")
        for name, seconds in tests.most_common(SHOWN):
            terminalreporter.write_line(f"{seconds:8.2f}  {name}")
    for name in _too_dear:
        terminalreporter.write_line(f"more than {MOST_S:g} CPU-s and not marked slow: {name}")
