"""What faults of lines may have in common."""

import pytest
from sqlalchemy import Engine

from alerts.ailments import Ailment
from alerts.faults import Parent
from alerts.kinship import Kin, Kinship
from collector.db import reading, writing
from collector.inventory import Site
from collector.inventory.keeping import put

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


def test_villages_behind_one_pop_are_kin_whichever_table_names_it(store: Engine) -> None:
    """A contract is written line by line, and so may its POP be."""
    codes = [f"35.10.06.{2001 + n}" for n in range(4)]
    rows = [{"code": code, "name": code} for code in codes]
    rows[0] |= {"isp": "Telkom", "upstream": "POP A"}
    lines = [
        {"site": code, "name": "main", "isp": "Telkom", "upstream": "POP A"} for code in codes[1:]
    ]
    # a line that is not the main one says no more than a row of the site itself
    lines.append({"site": codes[0], "name": "cadangan", "isp": "XL", "upstream": "BTS 7"})
    with writing(store) as connection:
        put(connection, "sites", rows, 1.0, "test")
    kin = Kin()
    with reading(store) as connection:
        assert kin.look(connection).census[Parent("upstream", "POP A")] == 1
    with writing(store) as connection:
        put(connection, "uplinks", lines, 2.0, "test")
    with reading(store) as connection:
        kinship = kin.look(connection)
    assert kinship.census[Parent("upstream", "POP A")] == 4
    assert kinship.census[Parent("isp", "Telkom|35.10.06")] == 4
    assert Parent("upstream", "BTS 7") not in kinship.census
