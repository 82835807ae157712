"""MikroTik by REST: a router as its documentation says, one that is slow, strange, or another."""

import hashlib
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.probes.routeros import device, people, radios
from agent.probes.routeros.check import Routeros
from agent.probes.routeros.values import number, seconds, yes
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from tests.agent.probes.fake_router import Router, router
from tests.agent.servers import Authority
from tests.each import for_each

MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
PEOPLE = re.compile(r"budi|warga|rahasia")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def papers(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The router's certificate; the agent's folder with the login beside it."""
    monkeypatch.setenv("RONDA_AGENT_DATA", str(tmp_path))
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins" / "localhost").write_text("ronda:rahasia\n")
    authority.context(tmp_path)
    return next(tmp_path.glob("*.pem"))


@pytest.fixture
def served(papers: Path) -> Iterator[Router]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers)
    with router(context) as server:
        yield server


def rule(served: Router, authority: Authority, **settings: object) -> Routeros:
    trust = {} if "fingerprint" in settings else {"ca": authority.pem}
    table = {"name": "router", "host": "localhost", "port": served.server_port, **trust}
    return build(Routeros, {**table, "timeout_s": 2, "within_s": 4, **settings})


def test_a_router_tells_what_it_has_and_of_nobody_who_he_is(
    served: Router, authority: Authority
) -> None:
    memory: dict[str, object] = {}
    reading = rule(served, authority).measure(memory)
    assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
    mine = 'device="router"'
    assert reading.values == {
        f"ronda_device_up{{{mine}}}": 1.0,
        f"ronda_device_uptime_seconds{{{mine}}}": 245540.0,
        f"ronda_device_cpu_ratio{{{mine}}}": 0.07,
        f"ronda_device_memory_used_ratio{{{mine}}}": 0.625,
        f"ronda_device_temperature_celsius{{{mine}}}": 58.0,
        f'ronda_uplink_link_up{{{mine},interface="ether1"}}': 1.0,
        f'ronda_uplink_receive_bytes_total{{{mine},interface="ether1"}}': 8124000111.0,
        f'ronda_uplink_transmit_bytes_total{{{mine},interface="ether1"}}': 912000222.0,
        f'ronda_uplink_receive_errors_total{{{mine},interface="ether1"}}': 3.0,
        f'ronda_uplink_speed_bits_per_second{{{mine},interface="ether1"}}': 1e9,
        f'ronda_uplink_link_up{{{mine},interface="sfp1"}}': 1.0,
        f'ronda_uplink_receive_bytes_total{{{mine},interface="sfp1"}}': 50.0,
        f'ronda_uplink_transmit_bytes_total{{{mine},interface="sfp1"}}': 60.0,
        f'ronda_uplink_receive_errors_total{{{mine},interface="sfp1"}}': 0.0,
        f'ronda_uplink_speed_bits_per_second{{{mine},interface="sfp1"}}': 2.5e9,
        f'ronda_uplink_optical_rx_dbm{{{mine},interface="sfp1"}}': -19.5,
        f'ronda_uplink_optical_tx_dbm{{{mine},interface="sfp1"}}': 2.1,
        "ronda_hotspot_sessions": 4.0,
        'ronda_dhcp_leases{pool="hs"}': 3.0,
        'ronda_dhcp_leases_used_ratio{pool="hs"}': 3 / 14,
        'ronda_dhcp_leases{pool="other"}': 1.0,
        'ronda_wifi_up{ap="router",ssid="Desa"}': 1.0,
        'ronda_wifi_clients{ap="router",ssid="Desa"}': 3.0,
        'ronda_wifi_receive_bytes_total{ap="router"}': 1000.0,
        'ronda_wifi_transmit_bytes_total{ap="router"}': 2000.0,
        'ronda_wifi_up{ap="pendopo",ssid="Desa"}': 1.0,
        'ronda_wifi_clients{ap="pendopo",ssid="Desa"}': 3.0,
        'ronda_wifi_receive_bytes_total{ap="pendopo"}': None,
        'ronda_wifi_transmit_bytes_total{ap="pendopo"}': None,
    }
    told = repr((reading, memory))
    assert not MAC.search(told)
    assert not PEOPLE.search(told)


def test_menus_that_are_not_there_are_asked_for_once(served: Router, authority: Authority) -> None:
    check, memory = rule(served, authority), dict[str, object]()
    check.measure(memory)
    assert "caps-man/interface" in served.asked
    served.asked.clear()
    check.measure(memory)
    assert not {"caps-man/interface", "interface/wireless"} & set(served.asked)
    served.menus["system/resource"]["uptime"] = "3m1s"
    served.asked.clear()
    check.measure(memory)
    check.measure(memory)
    assert "caps-man/interface" in served.asked


def test_an_access_point_that_is_gone_is_down_and_one_nobody_saw_is_unknown(
    served: Router, authority: Authority
) -> None:
    check, memory = rule(served, authority), dict[str, object]()
    up, clients = (f'ronda_wifi_{what}{{ap="pendopo",ssid="Desa"}}' for what in ("up", "clients"))
    assert check.measure(memory).values[up] == 1
    served.raw["interface/wifi"] = (500, b'{"error":500,"message":"Internal Server Error"}')
    lost = check.measure(memory)
    assert (lost.values[up], lost.values[clients]) == (None, None)
    assert lost.reason == "the router does not tell everything"
    served.raw.clear()
    served.menus["interface/wifi"] = served.menus["interface/wifi"][:2]
    gone = check.measure(memory).values
    assert (gone[up], gone[clients]) == (0, None)
    assert gone['ronda_wifi_up{ap="router",ssid="Desa"}'] == 1


def test_the_old_driver_is_read_too(served: Router, authority: Authority) -> None:
    for menu in [menu for menu in served.menus if menu.startswith("interface/wifi")]:
        del served.menus[menu]
    served.menus["interface/wireless"] = [
        # running says that somebody is connected
        {"name": "wlan1", "mode": "ap-bridge", "ssid": "Desa", "running": "false"},
        {"name": "wlan2", "mode": "station", "ssid": "Tetangga", "running": "true"},
    ]
    served.menus["interface/wireless/registration-table"] = [
        {"interface": "wlan1", "ap": "false"},
        {"interface": "wlan1", "ap": "true"},
    ]
    served.menus["interface/wireless/monitor"] = [{"noise-floor": "-102dBm"}]
    values = rule(served, authority, device="localhost").measure({}).values
    assert values['ronda_wifi_up{ap="wlan1",ssid="Desa"}'] == 1
    assert values['ronda_wifi_clients{ap="wlan1",ssid="Desa"}'] == 1
    assert values['ronda_wifi_noise_dbm{ap="wlan1",radio="wlan1"}'] == -102
    assert not any("wlan2" in name for name in values)


def test_a_router_without_a_hotspot_has_no_sessions(served: Router, authority: Authority) -> None:
    served.menus["ip/hotspot"], served.menus["ip/hotspot/active"] = [], []
    assert "ronda_hotspot_sessions" not in rule(served, authority).measure({}).values


def test_a_refused_login_says_nothing_of_the_router(served: Router, authority: Authority) -> None:
    served.login = "ronda:lain"
    with pytest.raises(ProbeFailed, match="^localhost refuses the login$"):
        rule(served, authority).measure({})


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param((404, b"<html>no</html>"), id="version 6"),
        pytest.param((200, b"<html>WebFig</html>"), id="a page"),
        pytest.param((200, b"[" * 100_000), id="deep"),
        pytest.param((200, b"[1]"), id="no lines"),
        pytest.param((200, b'{"uptime":"' + b"9" * (2 << 20) + b'"}'), id="endless"),
    ],
)
def test_who_answers_in_another_way_is_no_router(
    served: Router, authority: Authority, raw: tuple[int, bytes]
) -> None:
    served.raw["system/resource"] = raw
    with pytest.raises(ProbeFailed, match="localhost answers, but has no REST API of RouterOS 7"):
        rule(served, authority).measure({})


def test_an_answer_that_is_too_long_is_no_number_and_the_rest_is_told(
    served: Router, authority: Authority
) -> None:
    served.raw["ip/dhcp-server/lease"] = (200, b'[{"address":"' + b"1" * (2 << 20) + b'"}]')
    reading = rule(served, authority).measure({})
    assert reading.values['ronda_dhcp_leases{pool="hs"}'] is None
    assert reading.values["ronda_hotspot_sessions"] == 4
    assert reading.reason == "the router does not tell everything"


def test_a_slow_menu_does_not_hold_up_the_others(served: Router, authority: Authority) -> None:
    served.slow_s["system/health"] = 0.6
    reading = rule(served, authority, timeout_s=0.3).measure({})
    assert reading.verdict == Verdict.GOOD
    assert reading.values["ronda_hotspot_sessions"] == 4
    assert 'ronda_device_temperature_celsius{device="router"}' not in reading.values


def test_a_router_that_does_not_answer_is_down(served: Router, authority: Authority) -> None:
    served.slow_s["system/resource"] = 0.6
    reading = rule(served, authority, timeout_s=0.2).measure({})
    assert reading.values == {'ronda_device_up{device="router"}': 0.0}
    assert (reading.verdict, reading.reason != "") == (Verdict.BAD, True)


def look(port: int, **settings: object) -> Reading:
    return build(Routeros, {"name": "r", "host": "localhost", "port": port, **settings}).measure({})


def test_no_password_goes_to_who_has_not_proved_himself(served: Router, papers: Path) -> None:
    with pytest.raises(ProbeFailed, match="^certificate of localhost: "):
        look(served.server_port)
    with pytest.raises(ProbeFailed, match="shows another certificate than the one"):
        look(served.server_port, fingerprint="0" * 64)
    assert served.asked == []


def test_a_certificate_that_is_written_down_is_believed_whoever_signed_it(
    served: Router, papers: Path
) -> None:
    der = ssl.PEM_cert_to_DER_cert(
        papers.read_text()[papers.read_text().index("-----BEGIN CERT") :]
    )
    digits = hashlib.sha256(der).hexdigest().upper()
    spelled = ":".join(digits[at : at + 2] for at in range(0, 64, 2))
    assert look(served.server_port, fingerprint=spelled).verdict == Verdict.GOOD


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"host": "-x"}, "host: not a host"),
        ({"host": "r", "fingerprint": "abc"}, "fingerprint: not the 64 hex digits of a SHA-256"),
        ({"host": "r", "within_s": 900}, "within_s: must be 1 to 60"),
        ({"host": "r", "ca": "x"}, "ca: not a certificate in PEM"),
        ({"host": "r", "device": "a\n"}, "device: not up to 100 printable characters"),
    ],
)
def test_bad_settings_are_refused_by_place(settings: dict[str, object], why: str) -> None:
    with pytest.raises(Refused, match=why):
        build(Routeros, {"name": "r", **settings})


@for_each(
    ("value", "found"),
    [
        ("7", 7), ("1%", 1), ("40.2MiB", 40.2 * 2**20), ("1196.0KiB", 1196 * 1024),
        ("1Gbps", 1e9), ("2.5Gbps", 2.5e9), ("100Mbps", 1e8), ("-2.843dBm", -2.843), (-40, -40),
        ("33C", 33), ("", None), (None, None), ("N/A", None), ("12 apples", None), ("0x10", None),
    ],
)  # fmt: skip
def test_a_value_is_its_number_in_the_base_unit(value: object, found: float | None) -> None:
    assert number(value) == (None if found is None else pytest.approx(found))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("6w5d11h55m45s", 4103745), ("2d20h12m20s", 245540), ("1d02:03:04", 93784), ("45s", 45),
        ("10s500ms", 10), ("3w", 1814400), ("", None), (None, None), ("never", None), ("5", None),
    ],
)  # fmt: skip
def test_a_length_of_time_is_seconds(value: object, found: float | None) -> None:
    assert seconds(value) == found


def test_truth_has_two_spellings() -> None:
    assert [yes(v) for v in ("true", "yes", True, "false", "no", None)] == [True] * 3 + [False] * 3


def test_health_of_old_and_new_versions_is_read() -> None:
    name = 'ronda_device_temperature_celsius{device="r"}'
    new = [{"name": "cpu-temperature", "value": "61"}, {"name": "board-temperature1", "value": "4"}]
    assert device.heat("r", new) == {name: 4}
    assert device.heat("r", [{"voltage": "24.2", "temperature": "39C"}]) == {name: 39}
    assert device.heat("r", [{"name": "cpu-temperature", "value": "0"}]) == {}
    assert device.heat("r", None) == {}


def test_interfaces_are_chosen_and_those_of_people_never() -> None:
    rows = [
        {"name": "ether1", "type": "ether"},
        {"name": "ether2", "type": "ether", "disabled": "true"},
        {"name": "bridge", "type": "bridge"},
        {"name": "<l2tp-budi>", "type": "l2tp-in"},
        {"name": "hs-vlan9", "type": "vlan", "dynamic": "true"},
    ]
    assert [row["name"] for row in device.chosen(rows, ())] == ["ether1"]
    assert [row["name"] for row in device.chosen(rows, ("*",))] == ["ether1", "ether2", "bridge"]


@pytest.mark.parametrize(
    ("row", "light"),
    [
        ({"sfp-rx-power": "-40dBm"}, -40),
        ({"sfp-rx-power": "0"}, None),
        ({"sfp-rx-power": "-2064"}, None),
        ({"sfp-rx-power": ""}, None),
    ],
)
def test_light_that_cannot_be_is_unknown(row: dict[str, str], light: float | None) -> None:
    values = device.port("r", "", {"name": "sfp1", **row})
    assert values == {'ronda_uplink_optical_rx_dbm{device="r",interface="sfp1"}': light}


def test_pools_have_ranges_prefixes_and_single_addresses() -> None:
    row = {"name": "hs", "ranges": "10.0.0.2-10.0.0.9, 10.0.1.0/24,10.0.2.7,x,10.0.0.9-10.0.0.1"}
    assert [pool.size for pool in people.ranges_of(row)] == [8, 256, 1]


def test_whose_a_radio_is_stands_before_the_address() -> None:
    assert radios.owner({"cap": "cAP-balai@192.168.88.9%bridge"}) == "cAP-balai"
    assert radios.owner({"cap": "02:00:00:00:00:09%bridge"}) == ""
    assert radios.owner({}) == ""
