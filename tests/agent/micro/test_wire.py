"""The agent of OpenWrt speaks to a real ingest by whatever its device has."""

import stat
from typing import Any

import pytest

from tests.agent.micro.device import Device

pytestmark = pytest.mark.slow

CLIENTS = {"curl": 0, "uclient-fetch of 2019": 2019, "of 2021": 2021, "of 2024": 2024}


@pytest.mark.parametrize("year", CLIENTS.values(), ids=CLIENTS)
def test_each_client_enrols_and_reports(device: Device, ingest: Any, year: int) -> None:
    if year:
        (device.bin / "curl").unlink()
        device.with_uclient(year)
    first = device.once()
    assert (first.returncode, first.stderr) == (0, "")
    assert device.said == ["enrolled for 35.10.06.2005"]
    assert device.waiting == []
    assert stat.S_IMODE((device.etc / "token").stat().st_mode) == 0o600
    assert device.once().returncode == 0
    frames = [report for report in ingest.reports() if report.frames]
    assert [report.frames[0].n for report in frames] == [2, 3]
    assert len({report.spool for report in frames}) == 1
    names = next(iter(frames[0].layouts.values()))
    assert "ronda_host_load1" in names and 'ronda_check_up{check="gateway",kind="ping"}' in names
    assert (device.etc / "tag").read_text() != ""


def test_a_second_start_asks_for_nothing_and_writes_no_flash(device: Device) -> None:
    device.once()
    before = {path.name: path.stat() for path in device.etc.iterdir()}
    device.once()
    after = {path.name: path.stat() for path in device.etc.iterdir()}
    assert {n: (s.st_ino, s.st_mtime_ns) for n, s in before.items()} == {
        n: (s.st_ino, s.st_mtime_ns) for n, s in after.items()
    }
