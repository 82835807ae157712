"""Links: a tree of files as Linux shows them, and the interfaces of this machine."""

from pathlib import Path

import pytest

from agent.probes.link import Link, chosen, speed_bits, steady
from agent.probes.system import Traffic, traffic
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.stubs import SAMPLES, put_tree

HEAD = "Inter-|   Receive  |  Transmit\n face |bytes packets errs ...\n"


def row(name: str, received: int, errors: int, sent: int) -> str:
    return f"{name:>6}: {received} 9 {errors} 0 0 0 0 0 {sent} 9 0 0 0 0 0 0\n"


TREE = {
    "/proc/net/dev": HEAD
    + row("lo", 1, 0, 1)
    + row("eth0", 1000, 2, 500)
    + row("ppp0", 70, 0, 7)
    + row("wlan0", 5, 0, 6),
    "/proc/net/route": "Iface\n",
    "/sys/class/net/lo/carrier": "1\n",
    "/sys/class/net/eth0/device/uevent": "",
    "/sys/class/net/eth0/carrier": "1\n",
    "/sys/class/net/eth0/operstate": "up\n",
    "/sys/class/net/eth0/speed": "100\n",
    "/sys/class/net/ppp0/carrier": "1\n",
    "/sys/class/net/ppp0/operstate": "unknown\n",
    "/sys/class/net/wlan0/device/uevent": "",
    "/sys/class/net/wlan0/carrier": "1\n",
    "/sys/class/net/veth12/carrier": "1\n",
    "/sys/class/net/docker0/carrier": "1\n",
    "/sys/class/net/br-lan/carrier": "1\n",
}


def of(metric: str, interface: str) -> str:
    return f'ronda_uplink_{metric}{{interface="{interface}"}}'


def test_hardware_and_wan_like_links_are_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = put_tree(tmp_path, monkeypatch, TREE)
    assert chosen() == ("eth0", "ppp0", "wlan0")
    routes = "Iface\nbr-lan\t00000000\t0101010A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    (root / "proc/net/route").write_text(routes)
    assert chosen() == ("br-lan", "eth0", "ppp0", "wlan0")


def test_a_link_tells_carrier_speed_and_counters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_tree(tmp_path, monkeypatch, TREE)
    reading = Link("link").measure({})
    assert reading.verdict is None
    assert {k: v for k, v in reading.values.items() if "eth0" in k} == {
        of("link_up", "eth0"): 1.0,
        of("speed_bits_per_second", "eth0"): 1e8,
        of("receive_bytes_total", "eth0"): 1000.0,
        of("transmit_bytes_total", "eth0"): 500.0,
        of("receive_errors_total", "eth0"): 2.0,
    }
    assert of("speed_bits_per_second", "wlan0") not in reading.values


def test_a_cable_pulled_keeps_its_series_and_a_modem_gone_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = put_tree(tmp_path, monkeypatch, TREE)
    link = Link("link", ("eth0", "usb9"))
    memory: dict[str, object] = {}
    before = link.measure(memory)
    (root / "sys/class/net/eth0/carrier").write_text("0\n")
    (root / "sys/class/net/eth0/speed").write_text("-1\n")
    after = link.measure(memory)
    assert list(before.values) == list(after.values)
    assert after.values[of("link_up", "eth0")] == 0
    assert after.values[of("speed_bits_per_second", "eth0")] is None
    assert after.values[of("link_up", "usb9")] == 0
    assert after.values[of("receive_bytes_total", "usb9")] is None


@pytest.mark.parametrize(
    ("last", "now", "told"),
    [
        pytest.param(None, 5.0, 5.0, id="first"),
        pytest.param(5.0, 9.0, 9.0, id="grows"),
        pytest.param(1e9, 20.0, 20.0, id="driver restarted"),
        pytest.param(4_294_967_000.0, 300.0, 300.0, id="32 bits wrapped"),
        pytest.param(1e9, 1e9 - 5, 1e9, id="a slip back is held"),
        pytest.param(0.0, 0.0, 0.0, id="nothing yet"),
    ],
)
def test_counters_go_on_as_they_are_but_never_slip(
    last: float | None, now: float, told: float
) -> None:
    assert steady(last, now) == told


@pytest.mark.parametrize(
    ("text", "speed"),
    [("1000\n", 1e9), ("-1\n", None), ("4294967295\n", None), ("", None), ("0\n", None)],
)
def test_a_speed_is_known_or_not(text: str, speed: float | None) -> None:
    assert speed_bits(text) == speed


@recorded.needed("samples")
def test_recorded_counters_are_read() -> None:
    text = (SAMPLES / "net" / "jc_linux-proc_net_dev").read_text()
    assert traffic(text)["ens33"] == Traffic(60600053, 0, 44256546)


def test_noise_among_counters_is_left_out() -> None:
    assert traffic(HEAD + " eth0: 1 2 3\n eth1: a" + " 1" * 15 + "\nnonsense\n") == {}


def test_this_machine_has_counters() -> None:
    values = Link("link", ("lo",)).measure({}).values
    assert (values[of("receive_bytes_total", "lo")] or 0) > 0


@pytest.mark.parametrize("interface", ["", "../x", "..", "a b", "x" * 16])
def test_what_is_no_interface_is_refused(interface: str) -> None:
    with pytest.raises(Refused, match="interfaces: not an interface"):
        build(Link, {"name": "link", "interfaces": [interface]})


def test_too_many_interfaces_are_refused() -> None:
    with pytest.raises(Refused, match="interfaces: more than 16"):
        build(Link, {"name": "link", "interfaces": [f"eth{i}" for i in range(17)]})
