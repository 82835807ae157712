"""Light at a module of this machine, from what `ethtool -m` says."""

from pathlib import Path

import pytest

from agent.probes.link import Link
from agent.probes.optics import optics
from tests import recorded
from tests.agent.probes import stubs

SAMPLES = stubs.SAMPLES / "optical"
RX, TX = (f'ronda_uplink_optical_{way}_dbm{{interface="sfp0"}}' for way in ("rx", "tx"))
FILES: dict[str, dict[str, float]] = {
    "ethtool_m_ddm": {"tx": 5.58, "rx": -23.57},
    "ethtool_m_no_ddm": {},
    "jc_ethtool--module-info": {},
}
LANES = """\tIdentifier                                : 0x11 (QSFP28)
\tLaser tx bias current (Channel 1)         : 6.750 mA
\tTransmit avg optical power (Channel 1)    : 0.8613 mW / -0.65 dBm
\tTransmit avg optical power (Channel 2)    : 0.7943 mW / -1.00 dBm
\tRcvr signal avg optical power(Channel 1)  : 0.1000 mW / -10.00 dBm
\tRcvr signal avg optical power (Channel 1) : 0.5012 mW / -3.00 dBm
\tRcvr signal avg optical power (Channel 2) : 0.0000 mW / -inf dBm
\tRcvr signal avg optical power high alarm  : Off
"""
DARK = """Laser output power                        : 0.5012 mW / -3.00 dBm
Laser output power high alarm threshold   : 6.4566 mW / 8.10 dBm
Receiver signal average optical power     : 0.0000 mW / -inf dBm
"""


@recorded.needed("samples")
@pytest.mark.parametrize("file", FILES)
def test_a_sample_of_the_field_is_read_right(file: str) -> None:
    assert optics((SAMPLES / f"{file}.txt").read_text()) == FILES[file]


def test_of_several_lanes_the_worst_is_told() -> None:
    assert optics(LANES) == {"tx": -1.0, "rx": -40.0}


def test_a_receiver_in_the_dark_has_no_light_and_is_not_unknown() -> None:
    assert optics(DARK) == {"tx": -3.0, "rx": -40.0}


MODULES: dict[str, tuple[str, float | None, float | None]] = {
    "dark": (f"cat <<'END'\n{DARK}END", -40.0, -3.0),
    "without diagnostics": ("echo 'Identifier : 0x03 (SFP)'", None, None),
    "none": ("echo 'netlink error: No such device' >&2; exit 1", None, None),
    "not for us": ("echo 'Cannot get EEPROM: Operation not permitted' >&2; exit 1", None, None),
}


@pytest.mark.parametrize(("script", "received", "sent"), MODULES.values(), ids=MODULES.keys())
def test_a_link_tells_of_its_module(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    received: float | None,
    sent: float | None,
) -> None:
    stubs.put_on_path(tmp_path, monkeypatch, ethtool=script)
    values = Link("link", ("lo",), optics=("sfp0",)).measure({}).values
    assert (values[RX], values[TX]) == (received, sent)
