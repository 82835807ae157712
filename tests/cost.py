"""What tests cost: `pytest -p tests.cost` ends with the dearest, by CPU and not by the clock.

The children that a test waited for count, and what its fixtures took counts for the first that
asked for them. On a machine that others use, too, these figures can be compared and times cannot.
"""

import os
from collections import Counter
from collections.abc import Generator

import pytest

SHOWN = 40
_spent: Counter[str] = Counter()
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
    spent = [value for name, value in report.user_properties if name == "cpu_s"]
    _spent[report.nodeid] += sum(map(float, map(str, spent)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"{_spent.total():.0f} CPU-seconds in tests")
    for name, spent in _spent.most_common(SHOWN):
        terminalreporter.write_line(f"{spent:8.2f}  {name}")
