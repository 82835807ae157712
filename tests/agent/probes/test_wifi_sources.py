"""Who knows of access points: stubs of iw, ubus, hostapd_cli, iwinfo, ndsctl, and a real socket."""

import json
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from agent.probes import ubus
from agent.probes.access_points import Radio, people
from agent.probes.air import Air, Counted, busy_part, noise_of
from agent.probes.radios import access_points, hosted, iwinfo, listed, plain, survey
from agent.probes.sessions import chilli, nds_json, nds_status
from agent.probes.system import run
from agent.probes.wifi import Wifi
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.machine import Machine
from tests.agent.probes.stubs import SAMPLES
from tests.each import for_each

UP, CLIENTS = (f'ronda_wifi_{what}{{ap="wlan0",ssid="Desa"}}' for what in ("up", "clients"))
NOISE = 'ronda_wifi_noise_dbm{ap="wlan0",radio="wlan0"}'
BUSY = 'ronda_wifi_channel_busy_ratio{ap="wlan0",radio="wlan0"}'

IW_DEV = """phy#0
	Interface wlan0-1
		ifindex 9
		ssid Kantor
		type AP
		channel 1 (2412 MHz), width: 20 MHz, center1: 2412 MHz
	Interface wlan0
		ifindex 4
		ssid Desa
		type AP
		channel 1 (2412 MHz), width: 20 MHz, center1: 2412 MHz
"""
SURVEY = """Survey data from wlan0
	frequency:			2437 MHz
	noise:				-40 dBm
	channel active time:		10 ms
	channel busy time:		9 ms
Survey data from wlan0
	frequency:			2412 MHz [in use]
	noise:				-91 dBm
	channel active time:		{active} ms
	channel busy time:		{busy} ms
	channel receive time:		3 ms
"""
STATUS = """state=ENABLED
phy=phy0
freq=2412
num_sta_non_erp=0
num_sta_no_short_preamble=5
channel=1
bss[0]=wlan0
bssid[0]=02:00:00:00:00:01
ssid[0]=Desa
num_sta[0]=4
bss[1]=wlan0-1
bssid[1]=02:00:00:00:00:02
ssid[1]=Caf\\xc3\\xa9
num_sta[1]=1
"""
NDS = """{
"client_list_length":"3",
"clients":{
"02:00:00:00:01:01":{"gatewayname":"hs","mac":"02:00:00:00:01:01","ip":"10.0.0.5",
"state":"Authenticated"},
"02:00:00:00:01:02":{"mac":"02:00:00:00:01:02","state":"Preauthenticated"},
"02:00:00:00:01:03":{"mac":"02:00:00:00:01:03","state":"Authenticated"},
}
}
"""
NDS_STATUS = """==================
openNDS Status
====
Version: 10.1.2
Client authentications since start: 9
Current clients: 2

Client 0
  Client Type: cpd_can
  State: Authenticated
Client 1
  State: Preauthenticated
====
"""
CHILLI = """02-00-00-00-01-01 10.1.0.3 pass 46c83f70000 1 budi 2/0 2/0 http://url.id
02-00-00-00-01-02 10.1.0.4 dnat 46c83f70001 0 - 0/0 0/0 http://url.id
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def iw(machine: Machine, active: int = 1000, busy: int = 250) -> None:
    machine.put(
        "iw",
        {
            "dev": IW_DEV,
            "dev wlan0 station dump": "Station 02:00:00:00:01:01 (on wlan0)\n",
            "dev wlan0-1 station dump": "",
            "dev wlan0-1 survey dump": SURVEY.format(active=active, busy=busy),
        },
    )


def of_ubus(machine: Machine, up: bool = True, **more: object) -> None:
    interface = {"section": "default_radio0", "config": {"mode": "ap", "ssid": "Desa"}}
    if up:
        interface["ifname"] = "wlan0"
    state = {"up": up, "pending": False, "disabled": False, "interfaces": [interface]}
    told = {
        "call network.wireless status": {"radio0": state},
        "call hostapd.wlan0 get_clients": {
            "freq": 2412,
            "clients": {"02:00:00:00:01:01": {"authorized": True}, "02:00:00:00:01:02": {}},
        },
        'call iwinfo info {"device":"wlan0"}': {"frequency": 2412, "noise": -95, "mode": "Master"},
        'call iwinfo survey {"device":"wlan0"}': {
            "results": [
                {"mhz": 2437, "noise": -30, "active_time": 5, "busy_time": 5},
                {"mhz": 2412, "noise": 4294967208, "active_time": 2000, "busy_time": 500},
            ]
        },
        "call dhcp ipv4leases": {
            "device": {
                "br-lan": {
                    "leases": [
                        {"mac": "020000000101", "hostname": "hp-budi", "ip": "192.168.1.5",
                         "valid": 60},
                        {"mac": "020000000102", "address": "192.168.1.6", "valid": -1},
                        {"mac": "020000000103", "address": "192.168.1.7", "valid": 0},
                    ]
                }
            }
        },
        **more,
    }  # fmt: skip
    machine.put("ubus", {words: json.dumps(answer) for words, answer in told.items()})


def test_the_kernel_tells_of_networks_people_and_air_of_each_radio_once(machine: Machine) -> None:
    iw(machine)
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (1, 1)
    assert values['ronda_wifi_clients{ap="wlan0-1",ssid="Kantor"}'] == 0
    # the two networks share one channel: the first of them speaks for it
    air = {name: value for name, value in values.items() if "radio=" in name}
    assert air == {
        'ronda_wifi_noise_dbm{ap="wlan0-1",radio="wlan0-1"}': -91,
        'ronda_wifi_channel_busy_ratio{ap="wlan0-1",radio="wlan0-1"}': 0.25,
    }
    iw(machine, active=2000, busy=1250)
    assert machine.look()['ronda_wifi_channel_busy_ratio{ap="wlan0-1",radio="wlan0-1"}'] == 1
    iw(machine, active=100, busy=50)
    assert machine.look()['ronda_wifi_channel_busy_ratio{ap="wlan0-1",radio="wlan0-1"}'] is None


def test_ubus_alone_is_enough(machine: Machine) -> None:
    of_ubus(machine)
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (1, 2)
    assert (values[NOISE], values[BUSY]) == (-88, 0.25)
    assert values['ronda_dhcp_leases{pool="all"}'] == 2


def test_the_pool_of_odhcpd_has_the_size_that_its_configuration_says(machine: Machine) -> None:
    lan = {"interface": "lan", "ipv4-address": [{"address": "192.168.1.1", "mask": 24}]}
    of_ubus(machine, **{"call network.interface dump": {"interface": [{"interface": "wan"}, lan]}})
    (machine.root / "etc/config").mkdir(parents=True)
    (machine.root / "etc/config/dhcp").write_text(
        "config dnsmasq\n\toption domain 'lan'\n\nconfig dhcp 'lan'\n\toption interface 'lan'\n"
        "\toption start '5'\n\toption limit '20'\n\nconfig dhcp wan\n\toption ignore 1\n"
    )
    values = machine.look()
    assert values['ronda_dhcp_leases{pool="lan"}'] == 2
    assert values['ronda_dhcp_leases_used_ratio{pool="lan"}'] == 0.1


def test_several_sources_of_one_radio_count_once(machine: Machine) -> None:
    iw(machine)
    of_ubus(machine)
    machine.put("hostapd_cli", {"status": STATUS})
    machine.put("iwinfo", {"": 'wlan0     ESSID: "Desa"\n  Mode: Master  Channel: 1\n'})
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (1, 1)
    assert len([name for name in values if name.startswith("ronda_wifi_clients")]) == 2


def test_a_source_that_fails_leaves_the_word_to_the_next(machine: Machine) -> None:
    machine.script("iw", "echo 02:00:00:00:00:01 >&2; exit 161")
    of_ubus(machine)
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (1, 2)


def test_a_radio_that_does_not_come_up_is_down_from_the_start(machine: Machine) -> None:
    of_ubus(machine, up=False)
    section = 'ronda_wifi_up{ap="default_radio0",ssid="Desa"}'
    assert machine.look()[section] == 0
    of_ubus(machine)
    values = machine.look()
    assert values[UP] == 1
    assert section not in values
    of_ubus(machine, up=False)
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (0, None)
    assert section not in values


def test_one_that_is_gone_is_down_and_one_nobody_could_look_for_is_unknown(
    machine: Machine,
) -> None:
    iw(machine)
    assert machine.look()[UP] == 1
    machine.put("iw", {"dev": ""})
    gone = machine.look()
    assert (gone[UP], gone[CLIENTS]) == (0, None)
    machine.put("iw", {})
    unseen = machine.look()
    assert (unseen[UP], unseen[CLIENTS]) == (None, None)


def test_an_interface_that_does_not_send_is_down_by_the_name_it_had(machine: Machine) -> None:
    iw(machine)
    machine.look()
    machine.put("iw", {"dev": "phy#0\n\tInterface wlan0\n\t\ttype AP\n"})
    values = machine.look()
    assert values[UP] == 0
    assert 'ronda_wifi_up{ap="wlan0",ssid=""}' not in values


def test_a_program_that_hangs_is_given_up_with_all_it_started(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.probes.wifi._COMMAND_S", 0.2)
    machine.script("iw", "/bin/sleep 30")
    of_ubus(machine)
    begun = monotonic()
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (1, 2)
    assert monotonic() - begun < 5


def test_a_program_that_says_too_much_is_stopped(tmp_path: Path) -> None:
    begun = monotonic()
    output = run(["/bin/sh", "-c", "while :; do echo 0123456789012345678901234567890; done"], 20)
    assert output.late
    assert len(output.out) == 1 << 20
    assert monotonic() - begun < 15


def test_hostapd_is_asked_by_its_command(machine: Machine) -> None:
    machine.put("hostapd_cli", {"status": f"Selected interface 'wlan0'\n{STATUS}"})
    values = machine.look()
    assert (values[UP], values[CLIENTS]) == (1, 4)
    assert values['ronda_wifi_clients{ap="wlan0-1",ssid="Café"}'] == 1
    machine.put("hostapd_cli", {"status": STATUS.replace("ENABLED", "DFS")})
    assert machine.look()[UP] == 0


def test_an_old_hostapd_is_asked_for_everybody(machine: Machine) -> None:
    old = "\n".join(line for line in STATUS.splitlines() if not line.startswith("num_sta["))
    everybody = "02:00:00:00:01:01\nflags=[AUTH]\naid=1\n02:00:00:00:01:02\nflags=[AUTH]\n"
    machine.put("hostapd_cli", {"status": old, "-i wlan0 all_sta": everybody})
    values = machine.look()
    assert values[CLIENTS] == 2
    assert values['ronda_wifi_clients{ap="wlan0-1",ssid="Café"}'] is None


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """hostapd's socket, in a folder whose path is short enough for one."""
    asked: list[bytes] = []
    with (
        tempfile.TemporaryDirectory() as root,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line,
    ):
        monkeypatch.setenv("RONDA_AGENT_ROOT", root)
        os.makedirs(f"{root}/var/run/hostapd")
        line.bind(f"{root}/var/run/hostapd/wlan0")

        def answer() -> None:
            request, who = line.recvfrom(100)
            asked.append(request)
            line.sendto(STATUS.encode(), who)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield asked
        thread.join(5)


def test_hostapd_is_asked_by_its_socket(machine: Machine, control: list[bytes]) -> None:
    values = machine.look()
    assert control == [b"STATUS"]
    assert (values[UP], values[CLIENTS]) == (1, 4)


def test_iwinfo_alone_is_enough(machine: Machine) -> None:
    text = """wlan0     ESSID: "Desa"
          Access Point: 02:00:00:00:00:01
          Mode: Master  Channel: 1 (2.412 GHz)  HT Mode: HE20
          Signal: unknown  Noise: -85 dBm
          Supports VAPs: yes  PHY name: phy0
"""
    one = "02:00:00:00:01:01  -50 dBm / unknown (SNR -50)  80 ms ago\n\tRX: 6.0 MBit/s\n"
    machine.put("iwinfo", {"": text, "wlan0 assoclist": one})
    values = machine.look()
    assert (values[UP], values[CLIENTS], values[NOISE]) == (1, 1, -85)
    machine.put("iwinfo", {"": text, "wlan0 assoclist": "No station connected\n"})
    assert machine.look()[CLIENTS] == 0


def test_an_access_point_with_a_name_is_one_however_many_radios_it_has(machine: Machine) -> None:
    def counters(first: int, second: int) -> None:
        rest = "0 0 0 0 0 0 0"
        lines = [f"{n}: {b} {rest} {b} {rest}" for n, b in (("wlan0", first), ("wlan1", second))]
        (machine.root / "proc/net/dev").write_text("\n\n" + "\n".join(lines) + "\n")

    told = IW_DEV.replace("wlan0-1", "wlan1").replace("Kantor", "Desa")
    answers = {
        "dev": told,
        "dev wlan0 station dump": "Station a\n",
        "dev wlan1 station dump": "Station b\nStation c\n",
    }
    machine.put("iw", answers)
    counters(100, 1000)
    values = machine.look(ap="pendopo")
    received = 'ronda_wifi_receive_bytes_total{ap="pendopo"}'
    assert values['ronda_wifi_clients{ap="pendopo",ssid="Desa"}'] == 3
    assert values['ronda_wifi_up{ap="pendopo",ssid="Desa"}'] == 1
    assert values[received] == 1100
    # one of them began again: the sum goes on
    counters(150, 30)
    assert machine.look(ap="pendopo")[received] == 1180


def test_of_too_many_access_points_those_that_are_there_are_read(machine: Machine) -> None:
    def of(first: int, last: int) -> str:
        radios = (f"\tInterface w{n}\n\t\tssid s\n\t\ttype AP\n" for n in range(first, last))
        return "phy#0\n" + "".join(radios)

    machine.put("iw", {"dev": of(0, 10)})
    machine.look()
    machine.put("iw", {"dev": of(10, 22)})
    ups = {name: v for name, v in machine.look().items() if name.startswith("ronda_wifi_up")}
    assert len(ups) == 16
    assert [ups[f'ronda_wifi_up{{ap="w{n}",ssid="s"}}'] for n in range(10, 22)] == [1] * 12
    machine.put("iw", {"dev": of(0, 20)})
    reading = Wifi("wifi").measure(machine.memory)
    assert reading.reason == "20 access points, only 16 are read"


@pytest.mark.parametrize(
    ("radios", "told"),
    [
        pytest.param([(True, 2.0), (True, 3.0)], (1, 5), id="both"),
        pytest.param([(True, 2.0), (False, None)], (1, 2), id="one gone"),
        pytest.param([(True, 2.0), (True, None)], (1, None), id="one does not count"),
        pytest.param([(True, 2.0), (None, None)], (1, None), id="one not seen"),
        pytest.param([(False, None), (False, None)], (0, None), id="all gone"),
        pytest.param([(None, None), (False, None)], (None, None), id="one gone, one not seen"),
    ],
)
def test_radios_of_one_name_are_added_up(
    radios: list[tuple[bool | None, float | None]], told: tuple[float | None, float | None]
) -> None:
    assert people([Radio("w", "s", there, clients) for there, clients in radios]) == told


@pytest.mark.parametrize(
    ("program", "answers", "sessions"),
    [
        pytest.param("ndsctl", {"json": NDS, "status": NDS_STATUS}, 2, id="json"),
        pytest.param("ndsctl", {"status": NDS_STATUS}, 1, id="status"),
        pytest.param("chilli_query", {"list": CHILLI}, 1, id="chilli"),
        pytest.param("chilli_query", {"list": ""}, 0, id="nobody"),
    ],
)
def test_people_who_are_logged_in_are_counted(
    machine: Machine, program: str, answers: dict[str, str], sessions: int
) -> None:
    machine.put(program, answers)
    machine.put("iw", {"dev": ""})
    assert machine.look()["ronda_hotspot_sessions"] == sessions
    machine.put(program, {})
    assert machine.look()["ronda_hotspot_sessions"] is None


def test_a_portal_that_never_ran_has_no_sessions(machine: Machine) -> None:
    machine.put("ndsctl", {})
    iw(machine)
    assert "ronda_hotspot_sessions" not in machine.look()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (nds_json, "ndsctl: opennds probably not started"),
        (nds_json, '{"error": "locked"}'),
        (nds_status, "openNDS Status\n"),
        (chilli, "usage: chilli_query list"),
    ],
)
def test_what_is_no_answer_of_a_portal_counts_nobody(
    read: Callable[[str], int | None], text: str
) -> None:
    assert read(text) is None


@for_each(
    ("value", "noise"),
    [
        (-91, -91), (0, None), (-95, None), (255, None), (161, None), (165, -91), (4294967208, -88),
        (-128, None), (12, None), (None, None), (True, None), ("-90", None),
    ],
)  # fmt: skip
def test_noise_that_nobody_measured_is_unknown(value: object, noise: float | None) -> None:
    assert noise_of(value) == noise


OLD = Counted(2412, 10_000, 4000, 100.0)


@pytest.mark.parametrize(
    ("before", "air", "part"),
    [
        pytest.param(None, Air(None, 2412, 10_000, 4000), 0.4, id="since the radio began"),
        pytest.param(OLD, Air(None, 2412, 20_000, 6000), 0.2, id="since the last look"),
        pytest.param(OLD, Air(None, 2412, 20_000, 4000), 0.0, id="quiet"),
        pytest.param(OLD, Air(None, 2412, 20_000, 15_000), None, id="busier than it listened"),
        pytest.param(OLD, Air(None, 2412, 10_000, 4000), None, id="counters stand still"),
        pytest.param(OLD, Air(None, 2412, 5000, 4500), None, id="began again"),
        pytest.param(OLD, Air(None, 2412, 20_000, 10), None, id="one of them wrapped"),
        pytest.param(OLD, Air(None, 2437, 20_000, 6000), None, id="another channel"),
        pytest.param(OLD, Air(None, 2412, 11_000, 4100), None, id="counts since the last reading"),
        pytest.param(None, Air(None, 2412, 0, 0), None, id="nothing yet"),
        pytest.param(None, Air(None, 2412, 2.0**64 - 1, 5), None, id="all ones"),
        pytest.param(None, Air(None, 2412, None, 5), None, id="half of it"),
    ],
)
def test_the_busy_part_is_never_a_wrong_one(
    before: Counted | None, air: Air, part: float | None
) -> None:
    assert busy_part(before, air, 110.0)[1] == part


def test_a_driver_that_counts_from_zero_at_each_reading_is_not_believed() -> None:
    memory: Counted | None = None
    parts = []
    # 60 s between the looks, each counted by itself
    for turn, active in enumerate([59_000, 61_000, 58_000, 60_500, 60_900, 59_900]):
        memory, part = busy_part(memory, Air(None, 5180, active, active // 4), turn * 60.0)
        parts.append(part)
    assert parts == [14750 / 59_000, None, None, None, None, None]


def test_names_that_are_not_ascii_are_one_name_whoever_tells_it() -> None:
    assert plain('Caf\\xc3\\xa9 \\x20\\\\ \\"x\\"') == 'Café  \\ "x"'
    assert plain("a\\x0ab\\n") == "ab"
    assert len(plain("x" * 90)) == 32


def test_words_of_programs_that_know_nothing_are_nothing() -> None:
    assert access_points("") == {}
    assert hosted("FAIL") == {}
    assert iwinfo("No such wireless device: x\n") == {}
    assert survey("") is None
    assert survey("Survey data from w\n\tfrequency:\t5180 MHz\n\tnoise: -90 dBm\n") is None
    assert listed("OK\n") == 0


@pytest.mark.parametrize("told", [None, [], "x", {"radio0": None}, {"radio0": {"interfaces": [1]}}])
def test_strange_answers_of_ubus_are_nothing(told: object) -> None:
    assert ubus.wireless(told) == {}
    assert ubus.info(told) is None
    assert ubus.clients(told) is None or told == {"radio0": {"interfaces": [1]}}
    assert ubus.air(told, told) == Air(None, 0)
    assert ubus.load(told) is None
    assert ubus.leases(told) is None


@recorded.needed("samples")
def test_a_radio_that_is_switched_off_is_no_access_point() -> None:
    told = json.loads((SAMPLES / "openwrt/ubus_network.wireless_status.json").read_text())
    for radio in told.values():
        radio["disabled"] = True
    assert ubus.wireless(told) == {}


def test_the_load_of_hostapd_is_a_share_of_255() -> None:
    assert ubus.load({"airtime": {"utilization": 51}}) == 0.2
    assert ubus.load({"airtime": {"utilization": 255}}) is None


def test_the_name_of_an_access_point_is_printable() -> None:
    with pytest.raises(Refused, match="ap: not up to 100 printable characters"):
        build(Wifi, {"name": "wifi", "ap": "a\nb"})
