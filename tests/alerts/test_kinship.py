"""What faults of lines may have in common."""

import pytest

from alerts.ailments import Ailment
from alerts.faults import Parent
from alerts.kinship import Kinship
from collector.inventory import Site

CODE = "35.10.06.2005"
SITE = Site(
    CODE, 0, "Benculuk", "Cluring", "Banyuwangi", None, None, "Telkom", "POP A", "Penyulang 1",
    "24h", 60, "active", "fiber",
)  # fmt: skip


@pytest.mark.parametrize("rule", ["UplinkSlow", "UplinkLossy", "UplinkBelowContract"])
def test_a_slow_line_is_no_fault_of_a_power_feeder(rule: str) -> None:
    """Its agent has power: it tells of it."""
    kinship = Kinship([SITE], [])
    slow = Ailment(f"{rule}|{CODE}", CODE, "uplink", "warning", "Benculuk", 1.0, 2.0, rule=rule)
    assert {each.kind for each in kinship.fault(slow).parents} == {
        f"upstream/{rule}",
        f"isp/{rule}",
    }
    assert Parent("feeder", "Penyulang 1") in kinship.census
