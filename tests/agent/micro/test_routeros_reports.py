"""What a router's scripts send, byte by byte, to a real ingest, and what is kept of it."""

import socket
from pathlib import Path
from typing import Any

import pytest

from collector.micro.platforms import PLATFORMS
from tests.agent.micro.routeros.centre import Centre
from tests.agent.micro.routeros.router import Router
from tests.agent.micro.routeros.village import BOTH, CHECKS, NEW, OLD, choices, logged, village
from tests.playbooks.devices.routeros.values import span

pytestmark = pytest.mark.slow

BODY = """\
seq={seq}
uptime={uptime}
boot={boot}
spool={boot}
every_s=60
check.gateway=good
check.1.1.1.1=good
{known}ronda_uplink_up{{uplink="main"}}=1
ronda_device_up{{device="router"}}=1
ronda_device_uptime_seconds{{device="router"}}={seconds}
ronda_device_cpu_ratio{{device="router"}}=0.040
ronda_device_memory_used_ratio{{device="router"}}=0.403
ronda_uplink_link_up{{interface="ether1"}}=1
ronda_uplink_receive_bytes_total{{interface="ether1"}}=1000
ronda_uplink_transmit_bytes_total{{interface="ether1"}}=500
ronda_dhcp_leases{{pool="pool-hs"}}=1
ronda_hotspot_sessions=1
ronda_agent_spool_entries=0
ronda_agent_spool_dropped_total=0
"""
KNOWN = "check.known=good\nronda_uplink_content_ok=1\n"
# the stand-in's clock and counters at its first report
BOOTS = {
    OLD: "nov/18/2026.11:06:43.200003.80000000.5000",
    NEW: "2026-11-18.11:06:43.200003.80000000.5000",
}


def bodies(router: Router) -> list[str]:
    return [request.partition(b"\r\n\r\n")[2].decode("latin-1") for request in router.requests]


@pytest.mark.parametrize("version", BOTH)
def test_the_requests_are_these_byte_by_byte(tmp_path: Path, version: str) -> None:
    with village(tmp_path, version) as (centre, router):
        router.advance(60)
        enrolled, first, second = router.requests
        token = router.named(("system", "script"), "ronda-token")
    assert token is not None
    agent = {OLD: "Mikrotik/6.x Fetch", NEW: "MikroTik"}[version]
    host = f"Host: {centre.settings.ingest}\r\nUser-Agent: {agent}\r\nConnection: close\r\n"
    secret = token["source"].split(" ")[2]
    for at, request, known in ((1, first, ""), (2, second, KNOWN)):
        up = 200_003 + 60 * (at - 1)
        uptime = str(span(f"{up}s"))
        body = BODY.format(seq=at, uptime=uptime, boot=BOOTS[version], seconds=up, known=known)
        head = f"Authorization: Bearer {secret}\r\nContent-Length: {len(body)}\r\n\r\n"
        assert request.decode() == f"POST /api/v1/reports/flat HTTP/1.1\r\n{host}{head}{body}"
    assert enrolled.decode().startswith(
        f"POST /api/v1/enrol HTTP/1.1\r\n{host}Content-Type: application/json\r\n"
    )


def test_a_request_that_comes_again_byte_by_byte_counts_once(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        before = centre.frames()
        with socket.create_connection(("127.0.0.1", int(centre.url.rpartition(":")[2]))) as link:
            link.sendall(router.requests[-1])
            answer = b"".join(iter(lambda: link.recv(65536), b""))
        assert answer.partition(b"\r\n\r\n")[2].startswith(b"ok 1\ntime ")
        again = centre.frames()
    # the fold knows it by its number and spool
    assert {(frame["spool"], frame["n"]) for frame in again} == {
        (frame["spool"], frame["n"]) for frame in before
    }


@pytest.mark.parametrize("version", BOTH)
def test_an_uptime_of_weeks_is_the_same_to_both(tmp_path: Path, version: str) -> None:
    with village(tmp_path, version) as (centre, router):
        router.uptime = 788_640.0
        router.real -= 588_000.0
        router.advance(70)
        body = bodies(router)[-1]
        frame = centre.frames()[-1]
    assert "\nuptime=1w2d03:0" in body
    seconds = frame['ronda_device_uptime_seconds{device="router"}']
    assert seconds == frame["up"] and 788_640 <= seconds < 788_720


SPANS = {
    "00:00:07": 7, "08:09:10": 29350, "1d00:00:00": 86400, "2w00:00:01": 1209601,
    "1w2d03:04:05": 788645, "100w6d23:59:59": 61084799,
}  # fmt: skip


def test_spans_and_ratios_are_counted_without_fractions(tmp_path: Path) -> None:
    with village(tmp_path, OLD) as (_, router):
        for text, seconds in SPANS.items():
            assert called(router, "ronda-seconds", f'span="{text}"') == str(seconds)
        ratios = [called(router, "ronda-ratio", f"part={part} whole=200") for part in
                  (0, 1, 7, 100, 199, 200)]  # fmt: skip
    assert ratios == ["0.000", "0.005", "0.035", "0.500", "0.995", "1"]


def called(router: Router, script: str, given: str) -> str:
    read = f":local f [:parse [/system script get {script} source]]; :put [$f {given}]"
    printed, failed = router.run(read)
    assert not failed, printed
    return printed.rstrip("\n")


SSID = 'Balai, "Desa" \\ $sini {a=b} ñ'


@pytest.mark.parametrize(
    ("version", "package"),
    [(OLD, "wireless"), ("7.11", "wave2"), (NEW, "wifi"), (NEW, "wireless"), (NEW, "capsman")],
)
def test_wifi_of_every_kind_is_counted_whatever_its_name(
    tmp_path: Path, version: str, package: str
) -> None:
    with village(tmp_path, version, (package,)) as (centre, router):
        name = SSID.encode().decode("latin-1")
        menu = {"wave2": "wifiwave2"}.get(package, package)
        top = ("caps-man", "interface") if package == "capsman" else ("interface", menu)
        table = ("caps-man",) if package == "capsman" else top
        kind = {"ssid": name, "mode": "ap-bridge"} if package == "wireless" else {}
        router.add(top, {"name": "kantor,1", **kind, "configuration": "pf"})
        if package in ("wave2", "wifi"):
            router.add((*top, "configuration"), {"name": "pf", "ssid": name})
        for _ in range(3):
            router.add((*table, "registration-table"), {"interface": "kantor,1", "ssid": name})
        router.advance(60)
        frame = centre.frames()[-1]
        assert b"\nerror" not in router.answers[-1]
    escaped = SSID.replace("\\", "\\\\").replace('"', '\\"')
    assert frame[f'ronda_wifi_clients{{ap="kantor,1",ssid="{escaped}"}}'] == 3.0


def test_names_of_checks_arrive_whatever_they_hold(tmp_path: Path) -> None:
    name = 'si,de"k$a\\ [x] {1}=é? ; #'
    page = {"name": name, "kind": "http", "url": "http://192.168.1.5/?a=1,2&b=$c"}
    with village(tmp_path, OLD, checks=[*CHECKS, page]) as (centre, router):
        router.dead.add(page["url"])
        router.advance(90)
        assert b"\nerror" not in b"".join(router.answers)
    assert (name, "good", "") in centre.findings()
    assert (name, "bad", f"{page['url']} gives no page") in centre.findings()


@pytest.mark.parametrize("version", BOTH)
def test_a_line_that_is_lost_or_back_is_told_within_seconds(tmp_path: Path, version: str) -> None:
    with village(tmp_path, version) as (centre, router):
        router.advance(25)
        sent = len(router.requests)
        router.dead.add("1.1.1.1")
        router.advance(14)
        assert len(router.requests) == sent + 1
        router.dead.clear()
        router.advance(12)
        assert len(router.requests) == sent + 2
        told = [finding for finding in centre.findings() if finding[0] == "1.1.1.1"]
        ups = [frame['ronda_uplink_up{uplink="main"}'] for frame in centre.frames()]
    assert told[1:] == [("1.1.1.1", "bad", "no answer from 1.1.1.1"), ("1.1.1.1", "good", "")]
    assert ups == [1.0, 0.0, 1.0]


def test_one_ping_that_netwatch_lost_is_no_bad_news(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        for item in router.items["tool", "netwatch"].values():
            item["host"] = "9.9.9.9"
        router.dead.add("9.9.9.9")
        router.advance(12)
        assert len(centre.frames()) == 2
    assert ("1.1.1.1", "bad", "no answer from 1.1.1.1") not in centre.findings()


def test_ports_are_looked_at_where_the_version_can(tmp_path: Path) -> None:
    nas: dict[str, Any] = {"name": "nas", "kind": "tcp", "host": "192.168.1.9", "port": 445}
    said = {}
    for version in BOTH:
        with village(tmp_path / version, version, checks=[nas]) as (centre, router):
            router.dead.add("192.168.1.9:445")
            router.advance(20)
            said[version] = [(verdict, reason) for _, verdict, reason in centre.findings()]
    assert said[OLD] == [("unknown", "this RouterOS cannot look at ports, 7.4 and newer can")]
    assert said[NEW] == [("good", ""), ("bad", "no answer from 192.168.1.9:445")]


@pytest.mark.parametrize("version", BOTH)
def test_a_port_of_a_name_that_nobody_knows_is_bad(tmp_path: Path, version: str) -> None:
    nas: dict[str, Any] = {"name": "nas", "kind": "tcp", "host": "nas.desa.lan", "port": 445}
    with village(tmp_path, version, checks=[nas]) as (centre, router):
        router.names["nas.desa.lan"] = "192.168.1.9"
        router.advance(70)
        said = [finding[1:] for finding in centre.findings()]
    cannot = ("unknown", "this RouterOS cannot look at ports, 7.4 and newer can")
    assert said == [
        ("bad", "the name nas.desa.lan is not found"),
        cannot if version == OLD else ("good", ""),
    ]


def test_where_netwatch_is_not_installed_pings_still_are_made(tmp_path: Path) -> None:
    nas: dict[str, Any] = {"name": "nas", "kind": "tcp", "host": "192.168.1.9", "port": 445}
    with village(tmp_path, OLD, (), checks=[nas, *CHECKS]) as (centre, router):
        router.dead.add("1.1.1.1")
        router.advance(70)
        said = [finding for finding in centre.findings() if finding[0] in ("nas", "1.1.1.1")]
        assert [line for line in logged(router) if "warning" in line] == []
        assert router.run("/system script run ronda-remove") == ("", False)
        assert not router.items["system", "script"]
    cannot = ("nas", "unknown", "this RouterOS cannot look at ports, 7.4 and newer can")
    lost = ("1.1.1.1", "bad", "no answer from 1.1.1.1")
    assert said == [cannot, ("1.1.1.1", "good", ""), lost]


def test_after_a_start_netwatch_is_not_waited_for(tmp_path: Path) -> None:
    nas: dict[str, Any] = {"name": "nas", "kind": "tcp", "host": "192.168.1.9", "port": 445}
    with village(tmp_path, NEW, checks=[nas, *CHECKS]) as (centre, router):
        router.restart()
        router.dead.add("10.99.0.1")
        router.advance(75)
        early = centre.findings()
        router.advance(300)
        late = [finding[1:] for finding in centre.findings() if finding[0] == "nas"]
    assert ("gateway", "bad", "no answer from gateway") in early
    assert late[-2:] == [("unknown", "not looked at yet"), ("good", "")]


def test_a_router_that_is_upgraded_finds_its_new_commands_by_itself(tmp_path: Path) -> None:
    nas: dict[str, Any] = {"name": "nas", "kind": "tcp", "host": "192.168.1.9", "port": 445}
    with village(tmp_path, OLD, checks=[nas]) as (centre, router):
        router.restart()
        router.version, router.menus = NEW, Router(centre, NEW).menus
        router.advance(75)
    assert [verdict for _, verdict, _ in centre.findings()] == ["unknown", "good"]


def test_names_are_looked_up_and_gateways_found(tmp_path: Path) -> None:
    checks: list[dict[str, Any]] = [
        {"name": "dns", "kind": "dns", "query": "noc.example.go.id"},
        {"name": "noc", "kind": "ping", "host": "noc.example.go.id"},
        {"name": "gateway", "kind": "ping", "host": "gateway"},
    ]
    with village(tmp_path, checks=checks) as (centre, router):
        router.names["noc.example.go.id"] = "203.0.113.7"
        router.dead.add("10.99.0.1")
        router.advance(65)
        router.dead = {"203.0.113.7"}
        for item in router.items["ip", "route"].values():
            item["gateway"] = "pppoe-out1"
        router.add(("interface",), {"name": "pppoe-out1"})
        router.add(("ip", "address"), {"interface": "pppoe-out1", "network": "10.7.7.1"})
        router.advance(65)
        router.items["ip", "route"].clear()
        router.advance(65)
    told = centre.findings()
    by = {name: [f[1:] for f in told if f[0] == name] for name in ("dns", "noc", "gateway")}
    assert by["dns"] == [("bad", "the name noc.example.go.id is not found"), ("good", "")]
    gone = ("bad", "no answer from noc.example.go.id")
    assert by["noc"] == [gone, ("good", ""), gone]
    lost = ("bad", "no answer from gateway")
    assert by["gateway"] == [("good", ""), lost, ("good", ""), ("unknown", "no default route")]


def test_menus_of_packages_that_lack_stop_no_report(tmp_path: Path) -> None:
    with village(tmp_path, OLD, ()) as (centre, router):
        for path in [("interface", "pppoe-client"), ("ip", "dhcp-client"), ("ip", "hotspot"),
                     ("ip", "dhcp-server")]:  # fmt: skip
            router.menus.lose(path)
        router.advance(60)
        frame = centre.frames()[-1]
    assert frame['ronda_uplink_link_up{interface="ether1"}'] == 1.0
    assert "ronda_hotspot_sessions" not in frame
    assert not [line for line in logged(router) if "warning" in line]


def test_the_line_is_what_is_dialled_then_what_asks_for_its_address(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        assert called(router, "ronda-line", 'chosen={"wan"="lte1"}') == "lte1"
        assert called(router, "ronda-line", 'chosen={"wan"=""}') == "ether1"
        for item in router.items["interface", "pppoe-client"].values():
            item["disabled"] = False
        assert called(router, "ronda-line", 'chosen={"wan"=""}') == "pppoe-out1"


def test_bytes_are_counted_by_what_is_sent(tmp_path: Path) -> None:
    with village(tmp_path) as (centre, router):
        router.advance(60)
        sample = PLATFORMS["routeros"].sample(choices(centre))
        sent = bodies(router)[-1]
    assert abs(len(sample) - len(sent)) < 0.35 * len(sent)


def test_a_line_that_the_centre_cannot_use_is_told_once(tmp_path: Path) -> None:
    long = {"name": "a" * 120, "kind": "dns", "query": "x"}
    with village(tmp_path, checks=[long, *CHECKS]) as (centre, router):
        router.advance(300)
        assert len(centre.frames()) == 6
    told = [line for line in logged(router) if "cannot use" in line]
    assert len(told) == 1 and told[0].startswith("warning ronda: the centre cannot use check.a")


def test_the_centre_takes_it_for_the_site_of_its_code(tmp_path: Path) -> None:
    with village(tmp_path, OLD) as (centre, _):
        assert isinstance(centre, Centre)
        assert all(report.every_s == 60.0 for report in centre.reports() if report.frames)
