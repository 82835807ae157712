"""Measuring a line against the centre: real sockets, the real ingest, the agent's own probe."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.around import KEY, Around, Door
from agent.probes.capacity import Capacity
from agent.report import Reading, Verdict
from collector.intake.capacity import SAMPLES_A_DAY

Centre = Any
Make = Callable[..., dict[str, Any]]

DOWN, UP = "/api/v1/capacity", "/api/v1/capacity/up"
RATE = 'ronda_uplink_measured_bits_per_second{direction="%s",uplink="main"}'


@pytest.fixture
def measured(centre: Centre) -> Iterator[Centre]:
    """A centre whose samples are small, so that tests are short."""
    centre.settings = replace(centre.settings, capacity_mb=0.4, capacity_mbps=8.0)
    centre.start()
    yield centre
    centre.stop()


def test_nobody_measures_without_a_token(measured: Centre) -> None:
    assert measured.ask("GET", DOWN)[0] == 401
    assert measured.ask("POST", UP, b"x", token="of nobody")[0] == 401


@pytest.mark.slow
def test_what_is_given_is_bounded_and_cannot_be_pressed_together(measured: Centre) -> None:
    token = measured.enrol()["token"]
    status, body, headers = measured.ask("GET", f"{DOWN}?bytes=100000", token=token)
    assert (status, len(body), headers["x-ronda-limit"]) == (200, 100_000, "8000000")
    assert len(zlib.compress(body, 9)) > len(body)
    assert len(measured.ask("GET", f"{DOWN}?bytes=99999999", token=token)[1]) == 1 << 20
    assert measured.ask("GET", f"{DOWN}?bytes=100000", token=token)[1] != body


@pytest.mark.parametrize("count", ["0", "-5", "many", "1e6", "9" * 20])
def test_a_count_that_is_none_is_refused(measured: Centre, count: str) -> None:
    token = measured.enrol()["token"]
    status, answer = measured.ask_json("GET", f"{DOWN}?bytes={count}", token=token)
    assert (status, answer["error"]) == (400, "bytes: expected a whole number above 0")


@pytest.mark.slow
def test_an_agent_gets_so_much_a_day_and_then_again(measured: Centre) -> None:
    token = measured.enrol()["token"]
    for _ in range(SAMPLES_A_DAY):
        assert measured.ask("GET", f"{DOWN}?bytes=400000", token=token)[0] == 200
    status, body, headers = measured.ask("GET", f"{DOWN}?bytes=1", token=token)
    assert (status, body) == (429, b'{"error":"enough measured for today"}')
    assert 0 < int(headers["retry-after"]) <= 20 * 3600 + 1
    measured.clock.now += 86_400
    assert measured.ask("GET", f"{DOWN}?bytes=1", token=token)[0] == 200


@pytest.mark.slow
def test_one_measures_at_a_time_and_the_next_after_it(measured: Centre) -> None:
    other = "35.10.06.2006"
    measured.add_site(other, 1)
    first, second = measured.enrol()["token"], measured.enrol(other, "another-nonce")["token"]
    assert measured.ask("GET", f"{DOWN}?bytes=1000", token=first)[0] == 200
    status, answer, headers = measured.ask("GET", f"{DOWN}?bytes=1000", token=second)
    assert (status, answer) == (503, b'{"error":"others are measuring"}')
    assert headers["retry-after"] == "15"
    assert measured.ask("GET", f"{DOWN}?bytes=1000", token=first)[0] == 200
    # who asks for nothing has had its turn
    end = time.monotonic() + 6
    while measured.ask("GET", f"{DOWN}?bytes=1000", token=second)[0] != 200:
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
def test_reports_do_not_wait_for_a_measurement(measured: Centre, report: Make) -> None:
    measured.stop()
    measured.settings = replace(measured.settings, capacity_mb=100.0, capacity_mbps=150.0)
    measured.start()
    token = measured.enrol()["token"]
    door = Door(f"http://127.0.0.1:{measured.port}", token)
    probe = Capacity("capacity", max_bytes=30_000_000, max_s=3.0)
    found: list[Reading] = []
    here = {KEY: Around(by_hand=True, door=door)}
    thread = threading.Thread(target=lambda: found.append(probe.measure(here)))
    thread.start()
    took = []
    n = 0
    while thread.is_alive() and n < 200:
        n += 1
        began = time.monotonic()
        frame = {**report()["frames"][0], "n": n}
        assert measured.report(token, report(frames=[frame]))[0] == 200
        took.append(time.monotonic() - began)
    thread.join(10)
    assert len(took) >= 5
    assert sorted(took)[len(took) // 2] < 0.25
    assert found[0].verdict is Verdict.GOOD


@pytest.mark.slow
def test_a_peer_that_does_not_read_holds_one_piece(measured: Centre) -> None:
    measured.stop()
    measured.settings = replace(measured.settings, capacity_mb=200.0, capacity_mbps=2000.0)
    measured.start()
    token = measured.enrol()["token"]
    before = resident()
    ask = f"GET {DOWN}?bytes=1048576 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", measured.port), timeout=10) as wire:
        wire.sendall(ask.encode() * 100)
        wire.recv(1000)
        time.sleep(1.0)
        assert resident() - before < 24 << 20


@pytest.mark.slow
def test_a_centre_that_catches_up_has_no_time_for_it(measured: Centre) -> None:
    token = measured.enrol()["token"]
    measured.free_bytes = 0
    measured.report(token, {"v": 1, "spool": "s", "sent_at": 1.0, "frames": [], "findings": []})
    end = time.monotonic() + 5
    while (answer := measured.ask("GET", f"{DOWN}?bytes=1", token=token))[0] == 200:
        assert time.monotonic() < end
    assert (answer[0], answer[2]["retry-after"]) in ((503, "60"), (429, "72001"))


def test_a_centre_that_takes_no_measurements_says_so(measured: Centre) -> None:
    measured.stop()
    measured.settings = replace(measured.settings, capacity_mbps=0.0)
    measured.start()
    status, answer = measured.ask_json("GET", f"{DOWN}?bytes=1", token=measured.enrol()["token"])
    assert (status, "takes no measurements" in answer["error"]) == (503, True)


@pytest.mark.slow
def test_the_agents_probe_measures_both_ways_and_knows_whose_limit_it_met(
    measured: Centre,
) -> None:
    token = measured.enrol()["token"]
    here = Around(by_hand=True, door=Door(f"http://127.0.0.1:{measured.port}", token))
    probe = Capacity("capacity", contract_mbps=10.0, max_bytes=400_000, upload_bytes=200_000)
    reading = probe.measure({KEY: here})
    assert reading.verdict is Verdict.GOOD
    assert reading.reason.startswith("at least ")
    assert reading.reason.endswith("of 10 Mbit/s, measured 1x; the centre's side was the limit")
    down = reading.values[RATE % "download"]
    assert down is not None
    assert 6e6 < down < 10e6
    # more was paid for than the centre can give: nothing is proved
    reading = replace(probe, contract_mbps=1000.0).measure({KEY: here})
    assert reading.values[RATE % "download"] is None
    floor = reading.values[RATE % "download_floor"]
    assert floor is not None
    assert floor > 6e6


def resident() -> int:
    """Bytes of memory of this process, which ingest runs in."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096
