"""Responders that all tests of SNMP share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.probes.snmp.expected import DATA
from tests.agent.probes.snmp.simulator import simulator
from tests.recorded import NOT_HERE

OWN = Path(__file__).parents[2] / "data" / "snmp"


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the devices that were recorded in the field."""
    folder = DATA / "snmprec"
    if not folder.is_dir():
        pytest.skip(NOT_HERE)
    with simulator(folder, tmp_path_factory.mktemp("recorded")) as port:
        yield port


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the devices that we wrote ourselves."""
    with simulator(OWN, tmp_path_factory.mktemp("written")) as port:
        yield port
