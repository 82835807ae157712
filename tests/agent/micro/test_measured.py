"""What `ronda sites script` foretells of OpenWrt's agent is what it costs, over real TLS."""

from pathlib import Path

import pytest

from tests.bench.micro_footprint import bytes_a_report, flash_bytes, packed_bytes, staged

pytestmark = [pytest.mark.slow, pytest.mark.soak]

MONTH_S = 30 * 86400
KNOWN_EVERY_S = 300


def test_bytes_of_a_report_and_of_flash_are_as_told(tmp_path: Path) -> None:
    with staged(tmp_path, 60) as stage:
        measured = bytes_a_report(stage, count=2)
        told, reports = stage.foretold, MONTH_S // 60
        looks = told["bytes_a_month"] - reports * told["bytes_a_report"]
        # each report of this test looks at the centre's known page as well
        foretold = told["bytes_a_report"] + looks // (MONTH_S // KNOWN_EVERY_S)
        assert foretold == pytest.approx(measured, rel=0.2)
        assert flash_bytes(stage.installed) + flash_bytes(stage.device.etc) < 48 << 10
        assert packed_bytes(stage.installed) < 20 << 10
        assert flash_bytes(stage.device.run) < 8 << 10
