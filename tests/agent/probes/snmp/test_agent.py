"""An agent at the kecamatan that looks at the device of a village, and what reaches the centre."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.identity import Home, Identity
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.probes.snmp.fake_device import FakeDevice
from tests.agent.probes.snmp.test_misbehaviour import interfaces, system

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
SITE = "35.10.06.2005"
UP = f'ronda_device_up{{device="router",site="{SITE}"}}'
LINK = f'ronda_uplink_link_up{{device="router",interface="port1",site="{SITE}"}}'
CHECK = f'ronda_check_up{{check="router",kind="snmp",site="{SITE}"}}'


@pytest.mark.slow
def test_a_device_of_another_site_reaches_the_centre_and_its_loss_too(tmp_path: Path) -> None:
    router, home = FakeDevice({**system(), **interfaces(1)}), Home(str(tmp_path))
    with collector() as centre:
        _prepare(home, centre, router.port)
        environment = {**os.environ, "RONDA_AGENT_DATA": home.folder, "PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-m", "agent.cli", "run"]
        process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
        try:
            _until(centre, [1, 1, 1])
            router.close()
            _until(centre, [0, None, 0])
        finally:
            process.terminate()
            process.wait(10)
        found = [f for report in centre.reports for f in report.get("findings", [])]
    assert [(f["check"], f["site"], f["verdict"]) for f in found] == [
        ("router", SITE, "good"),
        ("router", SITE, "bad"),
    ]
    assert "Connection refused" in found[-1]["reason"]


def _prepare(home: Home, centre: FakeCollector, port: int) -> None:
    home.make()
    home.keep_identity(Identity(url=centre.url, agent="7", token="token-1"))
    check = {"name": "router", "kind": "snmp", "host": "127.0.0.1", "port": port, "site": SITE}
    centre.config = {"report_every_s": 1, "check_every_s": 1, "checks": [check]}
    home.keep_config(centre.config, centre.etag)


def _until(centre: FakeCollector, values: list[float | None]) -> None:
    """Wait for the report that says so of device, link and check."""
    end = time.monotonic() + 60
    while _latest(centre) != values:
        assert time.monotonic() < end, _latest(centre)
        time.sleep(0.1)


def _latest(centre: FakeCollector) -> list[float | None] | None:
    """The last values of device, link and check; None before there is a frame with them."""
    reports = list(centre.reports)
    layouts = {k: v for report in reports for k, v in report.get("layouts", {}).items()}
    frames = [frame for report in reports for frame in report.get("frames", [])]
    if not frames or not {UP, LINK, CHECK} <= set(layouts[frames[-1]["layout"]]):
        return None
    last = dict(zip(layouts[frames[-1]["layout"]], frames[-1]["values"], strict=True))
    return [last[name] for name in (UP, LINK, CHECK)]


def test_looking_over_v2c_brings_neither_an_event_loop_nor_cryptography() -> None:
    router = FakeDevice({**system(), **interfaces(1)})
    script = (
        "import sys; from tests.agent.probes.snmp.looking import look;"
        f"print(look({router.port}, 'public')[0].verdict); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    router.close()
    verdict, modules = done.stdout.splitlines()
    assert verdict == "good"
    spared = {"asyncio", "cryptography", "pysnmp.hlapi", "pysnmp.entity", "pysnmp.smi.builder"}
    assert not spared & set(modules.split())
