"""Beacons between real processes: a dead village is known soon, a lossy one is left in peace."""

from pathlib import Path

import pytest

from tests.soak.beacons import fault_to_state, lossy
from tests.stories.centre import Centre

pytestmark = pytest.mark.slow


def test_a_killed_agent_is_known_within_35_seconds(tmp_path: Path) -> None:
    with Centre(tmp_path / "var", RONDA_UPLINK_TARGETS="127.0.0.1") as centre:
        (took_s,) = fault_to_state(centre, 1, seed=3, within_s=5)
        assert 20 <= took_s <= 35 + 3, "three beacons, two seconds of slack, tick and commit"
    assert "Traceback" not in centre.output


@pytest.mark.soak
def test_lost_packets_and_killed_processes_silence_nobody(tmp_path: Path) -> None:
    with Centre(tmp_path / "var") as centre:
        assert lossy(centre, senders=60, seconds=75, ratio=0.1, kills=2) == []
    assert "Traceback" not in centre.output
