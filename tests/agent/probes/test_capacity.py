"""A line measured over a real socket, and every reason not to."""

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.around import KEY, Around
from agent.board import Board
from agent.config import read
from agent.once import single
from agent.probes.capacity import Capacity
from agent.probes.flow import Tally, steady_rate
from agent.probes.nightbook import kept_nights
from agent.probes.nights import Book
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from agent.wire import WireError

RATE = 'ronda_uplink_measured_bits_per_second{direction="download",uplink="main"}'
ROUTE = (
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
    "{}\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\n"
)
DEV = "Inter-|   Receive\n face |bytes\n  {}: {} 1 0 0 0 0 0 0 {} 1 0 0 0 0 0 0\n"
# two in the morning in Jakarta
TWO = 1_790_000_000 // 86400 * 86400 + 19 * 3600.0
MB = 1_000_000


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked.append(self.path)
        body = os.urandom(2 * MB) if self.path == "/file" else b"Tagihan Anda"
        self.send_response(200 if self.path in ("/file", "/isolir") else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


asked: list[str] = []


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    asked.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose way out and counters the test writes."""
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text(ROUTE.format("eth0"))
    monkeypatch.setenv("RONDA_AGENT_ROOT", str(tmp_path))
    count(tmp_path, 0)
    return tmp_path


def count(root: Path, received: int) -> None:
    (root / "proc/net/dev").write_text(DEV.format("eth0", received, 0))


class Night:
    """Rounds a minute apart from the site's turn on; the counters stand unless moved."""

    def __init__(self, probe: Capacity, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.probe, self.folder = probe, folder
        self.now = probe.quiet().own_turn(TWO, probe.spread or probe.name)
        self.steady = 5000.0
        self.memory: dict[str, Any] = {}
        self.values: Mapping[str, float | None] = {}
        monkeypatch.setattr("agent.probes.capacity.monotonic", lambda: self.steady)

    def round(self, asked: bool = False, sure: bool = True) -> Reading:
        now = self.now if sure else None
        here = Around(now=now, asked=asked, values=self.values, folder=str(self.folder))
        self.memory[KEY] = here
        reading = self.probe.measure(self.memory)
        self.now += 60
        self.steady += 60
        return reading


def test_three_samples_of_a_night_become_one_number(
    url: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Capacity("capacity", f"{url}/file", contract_mbps=1.0, max_bytes=MB)
    night = Night(probe, tmp_path, monkeypatch)
    assert night.round() == Reading(None, {RATE: None})
    found = [night.round() for _ in range(15)]
    assert len(asked) == 3
    assert found[0].verdict is None
    last = found[-1]
    assert last.verdict is Verdict.GOOD
    assert (last.values[RATE] or 0) > 1e6
    assert " of 1 Mbit/s, measured 3x" in last.reason
    # a new start, the same night
    again = Night(probe, tmp_path, monkeypatch)
    again.now = night.now
    assert again.round().values == last.values
    assert len(asked) == 3


def test_what_came_down_counts_though_nothing_goes_up(
    url: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Capacity("capacity", f"{url}/file", max_bytes=MB, upload_bytes=MB)
    night = Night(probe, tmp_path, monkeypatch)
    last = [night.round() for _ in range(16)][-1]
    assert len(asked) == 3
    assert {text for text, value in last.values.items() if value} == {RATE}


def test_people_on_the_line_come_first(
    url: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Capacity("capacity", f"{url}/file", max_bytes=MB)
    night = Night(probe, tmp_path, monkeypatch)
    for minute in range(130):
        # 4 Mbit/s
        count(root, minute * 30 * MB)
        reading = night.round()
    assert asked == []
    assert reading.verdict is Verdict.UNKNOWN
    assert reading.reason == "not measured: people use the line (4.0 Mbit/s)"
    assert reading.values == {RATE: None}


def test_the_counters_of_the_router_count_where_they_are_named(
    url: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Capacity("capacity", f"{url}/file", max_bytes=MB, interfaces=("router/sfp1",))
    night = Night(probe, tmp_path, monkeypatch)
    series = 'ronda_uplink_transmit_bytes_total{device="router",interface="sfp1"}'
    lan = 'ronda_uplink_transmit_bytes_total{device="router",interface="ether2"}'
    for minute in range(12):
        night.values = {series: 60.0 * MB * minute, lan: 0.0}
        night.round()
    assert asked == []
    for minute in range(12):
        night.values = {series: 0.0, lan: 900.0 * MB * minute}
        night.round()
    assert len(asked) == 3


def test_a_request_by_day_is_served_and_an_unsure_clock_is_no_time_for_it(
    url: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Capacity("capacity", f"{url}/file", max_bytes=MB)
    day = Night(probe, tmp_path, monkeypatch)
    day.now = TWO + 9 * 3600
    assert day.round(asked=True, sure=False).reason == "the clock is not sure yet"
    assert asked == []
    day.round(asked=True)
    for _ in range(12):
        reading = day.round()
    assert (len(asked), reading.verdict) == (3, Verdict.GOOD)


@pytest.mark.parametrize(
    ("more", "route", "why"),
    [
        ({"metered": True}, "eth0", "never on a line that is paid for by the byte"),
        ({}, "wwan0", "the way out is a mobile modem (wwan0)"),
        ({"interface": "eth1"}, "eth0", "the way out is eth0, not eth1"),
    ],
    ids=["metered", "modem", "another way out"],
)
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_line_that_costs_is_never_measured(
    url: str, root: Path, tmp_path: Path, more: dict[str, Any], route: str, why: str, by_hand: bool
) -> None:
    (root / "proc/net/route").write_text(ROUTE.format(route))
    probe = Capacity("capacity", f"{url}/file", **more)
    here = Around(now=TWO, asked=True, by_hand=by_hand, folder=str(tmp_path))
    for _ in range(3):
        assert probe.measure({KEY: here}) == Reading(Verdict.UNKNOWN, {RATE: None}, why)
    assert asked == []


@pytest.mark.parametrize(
    "line",
    [{"profile": "4g"}, {"profile": "hemat"}, {"bytes_per_day": 50_000_000}],
    ids=["4g", "hemat", "so many bytes a day"],
)
def test_a_line_that_counts_bytes_cannot_be_talked_out_of_it(line: dict[str, Any]) -> None:
    entry = {"name": "c", "kind": "capacity", "metered": False}
    config = read({**line, "site": "35.10", "checks": [entry]})
    assert vars(single("capacity", {"metered": "false"}, {}, line).probe)["metered"]
    assert isinstance(config.checks[0].probe, Capacity)
    assert config.checks[0].probe.metered
    assert config.checks[0].probe.spread == "35.10"
    assert not vars(read({"checks": [entry]}).checks[0].probe)["metered"]


def test_a_billing_page_is_no_measurement(url: str, root: Path) -> None:
    for path, why in (("/isolir", "only 12 bytes came"), ("/no", "HTTP 404 instead of 200")):
        with pytest.raises(WireError, match=why):
            Capacity("c", url + path).measure({KEY: Around(by_hand=True)})
    with pytest.raises(ProbeFailed, match="no collector"):
        Capacity("c").measure({KEY: Around(by_hand=True)})


def test_a_slow_beginning_does_not_count() -> None:
    marks = [(0.0, 0), (0.5, 1000), (1.0, 100_000), (1.5, 600_000), (2.0, 1_100_000)]
    assert steady_rate(marks) == pytest.approx(1_099_000 * 8 / 1.5)
    assert steady_rate([(0.0, 0), (0.5, 500_000)]) == 8e6
    assert Tally().total == 0


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"hours": "04.00"}, "hours"),
        ({"url": "ftp://a/b"}, "url"),
        ({"url": "http://a/b", "upload_bytes": 5}, "upload_bytes"),
        ({"max_bytes": 5}, "max_bytes"),
        ({"max_s": 600.0}, "max_s"),
        ({"line": ""}, "line"),
        ({"contract_mbps": -1.0}, "contract_mbps"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, Any], place: str) -> None:
    with pytest.raises(Refused) as refused:
        build(Capacity, {"name": "c", **given})
    assert refused.value.place == place


def test_a_new_number_is_news_though_the_verdict_is_the_same() -> None:
    check = replace(read({"checks": [{"name": "c", "kind": "capacity"}]}).checks[0])
    board = Board([check])
    assert board.take("c", Reading(Verdict.GOOD, {}, "90 of 100 Mbit/s"), 1.0) is not None
    assert board.take("c", Reading(Verdict.GOOD, {}, "90 of 100 Mbit/s"), 1.0) is None
    change = board.take("c", Reading(Verdict.GOOD, {}, "9 of 100 Mbit/s"), 1.0)
    assert change is not None
    assert change.reason == "9 of 100 Mbit/s"


SPOILT = {
    "cut off": b'{"samples": 5',
    "of another kind": b'{"samples": 5}',
    "a list": b"[]",
    "no text": b"\xff\xfe\x00",
    "a number without end": b'{"until": 1e999}',
    "a digit without end": b"9" * 60_000,
    "nested without end": b"[" * 60_000,
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_book_is_begun_anew_and_told_in_one_line(
    url: str,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    spoilt: bytes,
) -> None:
    (tmp_path / "measured-capacity.json").write_bytes(spoilt)
    night = Night(Capacity("capacity", f"{url}/file"), tmp_path, monkeypatch)
    night.round()
    assert isinstance(night.memory["book"], Book)
    said = "".join(capfd.readouterr())
    assert said.count("cannot be believed and is begun anew") == 1
    assert "Traceback" not in said and len(said) < 500


def test_status_tells_of_nights(tmp_path: Path) -> None:
    (tmp_path / "measured-a.json").write_text('{"measured": 3, "missed": {"busy": 2}}')
    (tmp_path / "measured-b.json").write_text("rubbish")
    assert kept_nights(str(tmp_path)) == {"a": {"measured": 3, "busy": 2, "why": ""}}
    assert kept_nights(str(tmp_path / "nowhere")) == {}
