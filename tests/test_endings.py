"""A run of tests ends, also where one of them has left a thread behind."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LEFT = """
import os, threading, time
os.environ.pop("PYTEST_XDIST_WORKER", None)
from tests import conftest
conftest.END_S = 1
threading.Thread(target=time.sleep, args=(600,), name="left").start()
conftest.pytest_unconfigure()
"""


def test_a_thread_that_a_test_left_behind_keeps_no_run_from_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and "Timeout" in done.stderr and "threading.py" in done.stderr
