"""What cannot be sent waits in RAM, is thinned where it is too much, and told in the end."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.agent.micro.device import Device

TOKEN = "t0ken-of_a-device"
# pauses of a second are none; a limit is not made shorter
NO_PAUSE = '#!/bin/sh\n[ "$1" = 1 ] || exec /bin/sleep "$1"\n'


@contextmanager
def answering(status: int, text: str) -> Iterator[tuple[str, list[Any]]]:
    """A server that answers everything so; its address and what it was sent."""
    heard: list[Any] = []

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append((self.path, dict(self.headers), body))
            seq = body.partition("seq=")[2].partition("\n")[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.replace("SEQ", seq).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """Enrolled already."""
    made = Device(tmp_path / "device")
    made.with_curl()
    (made.etc / "token").write_text(TOKEN + "\n")
    (made.etc / "code").write_text("CODE\n")
    return made


def reports_to(device: Device, url: str) -> None:
    device.settings(SITE="35.10.06.2005", URL=url, CODE="CODE", CA="", WAN="wan", EVERY_S="300")


def nobody() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.slow
def test_what_waited_is_sent_after_the_newest_oldest_first(device: Device) -> None:
    device.put("sleep", NO_PAUSE)
    reports_to(device, nobody())
    for _ in range(3):
        assert device.once().returncode == 1
    assert device.waiting == ["0000000001", "0000000002", "0000000003"]
    with answering(200, "ok SEQ\ntime 1795301943\nconfig abc\n") as (url, heard):
        reports_to(device, url)
        assert device.once().returncode == 0
    sent = [body for path, _, body in heard if path.endswith("/flat")]
    assert [body.split("\n")[0] for body in sent] == ["seq=4", "seq=1", "seq=2", "seq=3"]
    assert ["\nsent=" in body for body in sent] == [False, True, True, True]
    assert all("\nevery_s=300\n" in body for body in sent)
    assert all(body.splitlines()[-1].startswith("end=") for body in sent)
    assert {headers["Authorization"] for _, headers, _ in heard} == {f"Bearer {TOKEN}"}
    assert device.waiting == []


@pytest.mark.slow
def test_too_much_is_thinned_from_end_to_end_and_counted(device: Device) -> None:
    said = device.part(
        "SITE=x EVERY_TOLD=\nspool_begin\nMOST=8\nfacts() { :; }\n"
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do\n"
        "  case $i in 5 | 6) put_down '!' ;; *) put_down ;; esac\ndone\n"
        "echo $DROPPED $SEQ; cat $RUN/dropped; ls $RUN/queue\n"
        'tail -n 1 "$FRESH"\n'
    )
    counts, kept, *rest = said.splitlines()
    files, last = rest[:-1], rest[-1]
    dropped = int(kept)
    assert counts == f"{dropped} 20"
    assert len(files) + dropped == 20 and len(files) <= 8
    # what changed stays, and so do beginning and end
    assert {"0000000005!", "0000000006!", "0000000001", "0000000020"} <= set(files)
    assert last == f"ronda_agent_spool_dropped_total={dropped}"


def test_where_only_changes_are_left_the_oldest_goes(device: Device) -> None:
    said = device.part(
        "EVERY_TOLD=\nspool_begin\nMOST=3\nfacts() { :; }\n"
        "for i in 1 2 3 4 5; do put_down '!'; done\necho $DROPPED; ls $RUN/queue\n"
    )
    assert said.split() == ["2", "0000000003!", "0000000004!", "0000000005!"]


@pytest.mark.slow
def test_after_a_boot_what_waited_is_counted_and_a_new_run_begins(device: Device) -> None:
    """Where the folder is no RAM, what lies there is of another boot's time."""
    reports_to(device, nobody())
    device.once()
    before = (device.run / "spool").read_text()
    (device.folder / "proc/sys/kernel/random/boot_id").write_text("0b007002-0000\n")
    device.once()
    assert device.waiting == ["0000000002"]
    assert (device.run / "dropped").read_text() == "1\n"
    assert (device.run / "spool").read_text() != before


@pytest.mark.slow
def test_a_trouble_is_logged_once_and_its_end_once(device: Device) -> None:
    device.put("sleep", NO_PAUSE)
    reports_to(device, nobody())
    for _ in range(3):
        device.once()
    (line,) = device.said
    assert line.startswith("no report reaches http://127.0.0.1:")
    with answering(200, "ok SEQ\nerror ronda_x: unknown key\ntime 1795301943\n") as (url, _):
        reports_to(device, url)
        device.once()
        device.once()
    assert device.said[1:] == [
        f"reports reach {url} again",
        "the centre does not take: ronda_x: unknown key;",
    ]


ANSWERS = {
    "a billing page": (200, "<html>Tagihan</html>", "another page answers instead of"),
    "a page that says ok": (200, "ok\n", "another page answers instead of"),
    "shut out": (401, "error authorization: unknown", "make its script anew"),
    "full": (503, "error report: disk full", "answers 503"),
    "catching up": (429, "error report: later", "answers 429"),
}


@pytest.mark.parametrize(("status", "text", "says"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_not_taken_is_kept(device: Device, status: int, text: str, says: str) -> None:
    with answering(status, text) as (url, _):
        reports_to(device, url)
        assert device.once().returncode == 1
    assert device.waiting == ["0000000001"]
    assert says in device.said[0]


def test_what_the_centre_will_never_take_is_dropped_and_counted(device: Device) -> None:
    with answering(400, "error uptime: missing\n") as (url, _):
        reports_to(device, url)
        assert device.once().returncode == 0
    assert device.waiting == []
    assert (device.run / "dropped").read_text() == "1\n"
    assert device.said == ["the centre refuses report 1: error uptime: missing"]


def test_the_token_is_no_argument_of_curl(device: Device) -> None:
    """Whoever is on the device may read the arguments of every process."""
    curl = (device.bin / "curl").readlink()
    (device.bin / "curl").unlink()
    device.put("curl", f'#!/bin/sh\necho "$*" >>{device.folder}/arguments\nexec {curl} "$@"\n')
    with answering(200, "ok SEQ\n") as (url, _):
        reports_to(device, url)
        assert device.once().returncode == 0
    assert TOKEN not in (device.folder / "arguments").read_text()


@pytest.mark.slow
def test_only_one_is_at_work(device: Device) -> None:
    reports_to(device, nobody())
    with device.running():
        for _ in range(100):
            if (device.run / "lock/pid").exists():
                break
            threading.Event().wait(0.05)
        second = device.once()
        assert (second.returncode, "is at it already" in second.stderr) == (1, True)
    # it was killed: nobody holds the lock any more
    assert device.once().stderr == ""


def test_a_device_without_any_client_says_so(device: Device) -> None:
    (device.bin / "curl").unlink()
    reports_to(device, "http://127.0.0.1:9")
    assert device.once().returncode == 1
    assert device.said[0].endswith("neither curl nor uclient-fetch is installed")


def test_missing_settings_end_it(device: Device) -> None:
    (device.etc / "settings").unlink(missing_ok=True)
    assert device.once().returncode == 2


@pytest.mark.slow
def test_it_tells_how_it_is_and_touches_nothing(device: Device) -> None:
    reports_to(device, "http://127.0.0.1:9")
    device.once()
    before = {path: path.stat().st_mtime_ns for path in device.run.rglob("*")}
    words = device.words("status")
    said = subprocess.run(words, capture_output=True, text=True, timeout=10)
    assert "1 made, 1 waiting, 0 dropped" in said.stdout
    assert "trouble  no report reaches" in said.stdout
    assert TOKEN not in said.stdout
    assert {path: path.stat().st_mtime_ns for path in device.run.rglob("*")} == before
