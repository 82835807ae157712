"""The OpenWrt agent looks at pages, ports, hosts and names by what busybox has."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from collector.config import MOST_CHECKS
from tests.agent.micro.device import AGENT, Device

PING = {
    "busybox": (
        "3 packets transmitted, 3 packets received, 0% packet loss\n"
        "round-trip min/avg/max = 1.100/2.500/3.000 ms",
        "good",
        "0.000",
        "0.002500",
    ),
    "iputils with loss": (
        "3 packets transmitted, 2 received, 33.3333% packet loss, time 2003ms\n"
        "rtt min/avg/max/mdev = 10.0/20.0/30.0/1.0 ms",
        "good",
        "0.333",
        "0.020000",
    ),
    "silence": ("3 packets transmitted, 0 packets received, 100% packet loss", "bad", "1.000", ""),
    "no name": ("ping: bad address 'x'", "bad:the name 10.0.0.9 is not found", "1.000", ""),
    "no right": ("ping: permission denied (are you root?)", "unknown:may not ping", "1.000", ""),
}


@pytest.fixture
def device(tmp_path: Path) -> Device:
    made = Device(tmp_path / "device")
    made.with_curl()
    return made


def look(device: Device, *words: str) -> dict[str, str]:
    quoted = " ".join(f"'{word}'" for word in words)
    lines = device.part(f"mkdir -p $RUN/looks\nlook_once {quoted}\n").splitlines()
    return dict(
        line.partition("=")[::2] if "{" not in line else line.rpartition("=")[::2] for line in lines
    )


@pytest.mark.parametrize(("text", "verdict", "loss", "rtt"), PING.values(), ids=PING)
def test_what_ping_says_is_understood(
    device: Device, text: str, verdict: str, loss: str, rtt: str
) -> None:
    device.put("ping", f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    found = look(device, "ping", "mesin", "10.0.0.9", "", "1")
    said = "bad:no answer from 10.0.0.9" if text.startswith("3") and verdict == "bad" else verdict
    assert found["check.mesin"] == said
    assert found['ronda_uplink_loss_ratio{target="mesin"}'] == loss
    assert found['ronda_uplink_rtt_seconds{target="mesin"}'] == rtt


@pytest.mark.slow
def test_quotes_and_strokes_of_a_name_stay_in_its_label(device: Device) -> None:
    found = look(device, "ping", 'kata "a\\b"', "127.0.0.1", "", "1")
    assert found['ronda_uplink_loss_ratio{target="kata \\"a\\\\b\\""}'] == "0.000"


@pytest.mark.slow
def test_a_real_ping_of_this_machine_is_good(device: Device) -> None:
    found = look(device, "ping", "sendiri", "127.0.0.1", "", "1")
    assert found["check.sendiri"] == "good"
    assert 0 < float(found['ronda_uplink_rtt_seconds{target="sendiri"}']) < 1


def test_a_port_that_answers_and_says_nothing_is_good_at_once(device: Device) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        found = look(device, "tcp", "pintu", "127.0.0.1", str(server.getsockname()[1]), "5")
    assert found["check.pintu"] == "good"
    assert float(found['ronda_check_duration_seconds{check="pintu"}']) < 2


def test_a_port_that_refuses_is_bad(device: Device) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        found = look(device, "tcp", "pintu", "127.0.0.1", str(port), "5")
    assert found["check.pintu"] == f"bad:127.0.0.1 port {port} refuses the connection"


@pytest.mark.slow
def test_a_port_behind_which_nobody_is_is_bad_after_its_time(device: Device) -> None:
    # a queue that is full: the kernel leaves further calls without an answer
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as server:
        address = server.getsockname()
        calls = [socket.socket() for _ in range(4)]
        for call in calls:
            call.setblocking(False)
            call.connect_ex(address)
        found = look(device, "tcp", "pintu", "127.0.0.1", str(address[1]), "1")
        for call in calls:
            call.close()
    assert found["check.pintu"] == f"bad:no answer from 127.0.0.1 port {address[1]}"


@contextmanager
def page(status: int, text: str = "") -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/tagihan")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("year", [0, 2019, 2024], ids=["curl", "uclient of 2019", "of 2024"])
@pytest.mark.parametrize(("status", "says"), [(200, "good"), (502, "bad:HTTP 502 instead of 200")])
def test_a_page_is_judged_by_its_status(device: Device, year: int, status: int, says: str) -> None:
    client = "curl" if not year else "uclient"
    if year:
        device.with_uclient(year)
    with page(status) as url:
        lines = device.part(
            f"mkdir -p $RUN/looks\nCLIENT={client}\nlook_once http toko {url}/ '' 5\n"
        ).splitlines()
    assert lines[0] == f"check.toko={says}"
    assert f'ronda_check_http_status_code{{check="toko"}}={status}' in lines


def test_a_page_that_is_not_there_is_bad(device: Device) -> None:
    found = look(device, "http", "toko", "http://127.0.0.1:1/", "", "2")
    assert found["check.toko"] == "bad:no answer from http://127.0.0.1:1/"


KNOWN = {
    "right": (200, "ronda-known 3cd9b9c7", "good", "1"),
    "another centre": (
        200,
        "ronda-known 00000000",
        "bad:another page instead of the centre's",
        "0",
    ),
    "a bill": (200, "<html>Tagihan", "bad:another page instead of the centre's", "0"),
    "sent elsewhere": (302, "", "bad:another page instead of the centre's", "0"),
    "not well": (503, "", "unknown:the centre cannot be reached", ""),
}


@pytest.mark.parametrize(("status", "text", "says", "right"), KNOWN.values(), ids=KNOWN)
def test_known_content_tells_a_bill_from_the_internet(
    device: Device, status: int, text: str, says: str, right: str
) -> None:
    with page(status, text) as url:
        lines = device.part(
            f"mkdir -p $RUN/looks\nURL={url}\nlook_once known known 3cd9b9c7\n"
        ).splitlines()
    assert (lines[0], lines[-1]) == (f"check.known={says}", f"ronda_uplink_content_ok={right}")


def test_the_centre_out_of_reach_says_nothing_of_the_content(device: Device) -> None:
    text = "mkdir -p $RUN/looks\nURL=http://127.0.0.1:1\nlook_once known known 3cd9b9c7\n"
    lines = device.part(text).splitlines()
    assert lines[0] == "check.known=unknown:the centre cannot be reached"
    assert lines[-1] == "ronda_uplink_content_ok="


def test_a_name_is_found_or_not(device: Device) -> None:
    device.put("nslookup", "#!/bin/sh\n[ $1 = a.id ]\n")
    assert look(device, "dns", "dns", "a.id")["ronda_uplink_dns_up"] == "1"
    found = look(device, "dns", "dns", "b.id")
    assert (found["check.dns"], found["ronda_uplink_dns_up"]) == ("bad:b.id is not found", "0")


def test_a_verdict_that_turns_is_seen_whatever_the_checks_name_is(device: Device) -> None:
    # a limit of a look is not made shorter by it
    device.put("sleep", '#!/bin/sh\n[ "$1" = 2 ] || exec /bin/sleep "$1"\n')
    text = (
        "up\nprintf 'dns\\037a=good\\0\\037main\\037\\037a.id\\037\\037\\n' >$RUN/checks\n"
        'look_around all; echo "<$CHANGED>"; look_around all; echo "<$CHANGED>"\n'
        'rm $RUN/there; look_around all; echo "<$CHANGED>"; seen\n'
    )
    device.run.mkdir()
    (device.run / "there").touch()
    device.put("nslookup", f"#!/bin/sh\n[ -e {device.run}/there ]\n")
    lines = device.part(text.replace("\\0\\037", "\\037")).splitlines()
    assert lines[:4] == ["<>", "<>", "<1>", "check.a=good=bad:a.id is not found"]
    assert lines[-1] == 'ronda_uplink_up{uplink="main"}=0'


UPLINKS = {
    "one good is enough": ("good bad", "1"),
    "all bad": ("bad bad", "0"),
    "one unknown": ("bad unknown", ""),
}


@pytest.mark.parametrize(("verdicts", "up"), UPLINKS.values(), ids=UPLINKS)
def test_a_line_is_up_by_its_checks(device: Device, verdicts: str, up: str) -> None:
    lines = "\n".join(
        f"printf 'ping\\037c{n}\\037main\\03760\\037h\\037\\0372\\n' >>$RUN/checks\n"
        f"echo check.c{n}={verdict}:why >$RUN/looks/{n}; echo {verdict} >$RUN/looks/{n}.is"
        for n, verdict in enumerate(verdicts.split(), 1)
    )
    said = device.part(f"mkdir -p $RUN/looks\n{lines}\nseen\n").splitlines()
    assert said[-1] == f'ronda_uplink_up{{uplink="main"}}={up}'


def test_checks_are_read_from_the_configuration(device: Device) -> None:
    given = (
        '{"checks":[{"name":"gateway","kind":"ping","host":"gateway","uplink":"main"},'
        '{"name":"b a","kind":"tcp","host":"10.0.0.1","port":22,"timeout_s":3.5,"every_s":300},'
        '{"name":"web","kind":"http","url":"http://x/?a=b&c"},{"name":"n","kind":"dns","query":"a.id"},'
        '{"name":"k","kind":"known","centre":"3cd9b9c7"},{"name":"link","kind":"link"},'
        '{"name":"x","kind":"ping","host":"-f"},{"name":"y","kind":"http","url":"http://x","must_match":["Desa"]},'
        '{"name":"z","kind":"ping","host":"h","site":"35.10.06.2006"}]}'
    )
    flat = f"printf '%s' '{given}' | awk -f {AGENT}/json.awk"
    said = device.part(f"{flat} | awk -f {AGENT}/checks.awk | tr '\\037' '|'\n")
    assert said.splitlines() == [
        "ping|gateway|main|0|gateway||0",
        "tcp|b a||300|10.0.0.1|22|3",
        "http|web||0|http://x/?a=b&c||0",
        "dns|n||0|a.id||0",
        "known|k||0|3cd9b9c7||0",
    ]


def test_all_checks_that_a_village_may_have_are_looked_at(device: Device) -> None:
    checks = [{"name": f"c{n}", "kind": "dns", "query": f"{n}.id"} for n in range(MOST_CHECKS)]
    (device.folder / "config").write_text(json.dumps({"checks": checks}))
    flat = f"awk -f {AGENT}/json.awk <{device.folder}/config"
    assert device.part(f"{flat} | awk -f {AGENT}/checks.awk | wc -l\n") == f"{MOST_CHECKS}\n"
