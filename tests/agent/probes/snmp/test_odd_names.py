"""Names that no vendor's manual shows: the agent's series are still such as ingest takes."""

from collections.abc import Iterator

import pytest
from pysnmp.proto.api import v2c

from agent.probes.snmp.message import Oid, oid
from agent.probes.snmp.visit import MOST_SERIES
from agent.report import Reading, Verdict, parse_series
from agent.runner import measure
from collector.intake.names import Names
from tests.agent.probes.snmp.fake_device import FakeDevice
from tests.agent.probes.snmp.looking import check

IF, IFX = oid("1.3.6.1.2.1.2.2.1"), oid("1.3.6.1.2.1.31.1.1.1")
ODD = {
    "spaces": b"  WAN ke kantor desa ",
    "quotes": b'lan "balai" \\ 1',
    "unicode": "Jalur utama – désa ☎".encode(),
    "emoji without end": "🛰".encode() * 100,
    "bytes of nobody": b"\xff\xfe\x01eth\x00\n",
    "markup": b"<b>=cmd|'/c'!A1</b>",
    "long": b"x" * 255,
}


def device(names: dict[int, bytes]) -> dict[Oid, object]:
    values: dict[Oid, object] = {
        oid("1.3.6.1.2.1.1.1.0"): v2c.OctetString("switch"),
        oid("1.3.6.1.2.1.1.2.0"): v2c.ObjectIdentifier("1.3.6.1.4.1.99999.1"),
        oid("1.3.6.1.2.1.1.3.0"): v2c.TimeTicks(100),
    }
    for index, name in names.items():
        values[(*IFX, 1, index)] = v2c.OctetString(name)
        values[(*IF, 8, index)] = v2c.Integer(1)
        for table, column in ((IFX, 6), (IFX, 10), (IF, 14), (IFX, 15)):
            values[(*table, column, index)] = v2c.Integer(1000)
    return values


@pytest.fixture
def looked(request: pytest.FixtureRequest) -> Iterator[Reading]:
    made = FakeDevice(device(request.param))
    yield measure(check(made.port, device=""), {})
    made.close()


@pytest.mark.parametrize("looked", [dict(enumerate(ODD.values(), 1))], indirect=True, ids=["odd"])
def test_every_series_may_stand_in_a_layout(looked: Reading) -> None:
    assert looked.verdict is Verdict.GOOD
    layout = Names().judge(list(looked.values), "layout")
    assert layout.count == len(looked.values)
    ups = [name for name in looked.values if name.startswith("ronda_uplink_link_up")]
    named = {parse_series(name)[1]["interface"] for name in ups}
    assert len(named) == len(ODD)
    assert {"WAN ke kantor desa", 'lan "balai" \\ 1', "Jalur utama – désa ☎"} <= named


MANY = {index: b"ge-0/0/%d" % index for index in range(1, 301)}


@pytest.mark.slow
@pytest.mark.parametrize("looked", [MANY], indirect=True, ids=["300 interfaces"])
def test_of_very_many_interfaces_the_links_come_first_and_the_rest_is_told(
    looked: Reading,
) -> None:
    assert len([n for n in looked.values if n.startswith("ronda_uplink_link_up")]) == 300
    assert len(looked.values) <= MOST_SERIES + 1
    assert "series over 1000 are left out" in looked.reason
