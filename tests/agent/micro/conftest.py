"""A real ingest in a thread, and devices that enrol at it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.agent.micro.device import Device
from tests.collector.intake.conftest import SITE, Centre

PING = """#!/bin/sh
echo "3 packets transmitted, 3 packets received, 0% packet loss"
echo "round-trip min/avg/max = 1.100/2.500/3.000 ms"
"""


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Any]:
    """It takes the machine's own time for the time, as its devices do."""
    made = Centre(tmp_path / "data")
    made.clock = time.time
    made.settings = replace(made.settings, uplink_targets=("127.0.0.1",))
    yield made
    made.stop()
    made.engine.dispose()
    if made.failure is not None:
        raise made.failure


@pytest.fixture
def code(ingest: Any) -> str:
    from collector import agents, db

    with db.writing(ingest.engine) as connection:
        return agents.issue_code(connection, SITE, time.time(), 30)


@pytest.fixture
def device(tmp_path: Path, ingest: Any, code: str) -> Device:
    """Not enrolled yet, with the real curl; ingest serves."""
    ingest.start()
    made = Device(tmp_path / "device")
    made.with_curl()
    # what takes seconds on a real line is looked at in the stories
    made.put("nslookup", "#!/bin/sh\n")
    made.put("ping", PING)
    url = f"http://127.0.0.1:{ingest.port}"
    made.settings(SITE=SITE, URL=url, CODE=code, CA="", WAN="wan", EVERY_S="", VERSION="0.1")
    return made
