"""What a UPS says through NUT and apcupsd: mains, charge, runtime; their odd ways are known."""

import os
import pwd
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from agent.config import Check, read
from agent.probes.power import State, of_apcupsd, of_nut, status_of
from agent.report import Reading, Verdict
from agent.runner import measure
from tests import recorded
from tests.agent.probes.stubs import SAMPLES

# file, mains (ups.status, STATUS), charge (battery.charge, BCHARGE), runtime (battery.runtime,
# TIMELEFT)
FILES = {
    "upsc_2E__PS1000L__nutdrv_qx__2.8.1__01": (1, 0.76, 47039),
    "upsc_APC__Back-UPS_BK650M2-CH__usbhid-ups__2.8.0__01": (1, 1, 3618),
    "upsc_APC__Back-UPS_BVK750M2___usbhid-ups__2.8.3.1__01": (1, 1, 823),
    "upsc_APC__Back-UPS_ES_750__usbhid-ups__2.6.4__01": (1, 0.35, None),
    "upsc_APC__Smart-UPS_1000__snmp-ups__2.7.4__01": (0, 0.93, 70680),
    "upsc_Powercom__Imperial_IMD-825AP_LCD__usbhid-ups__2.6.4__01": (1, 1, 800),
    "apcaccess_status": (1, 1, 7800),
}


@recorded.needed("samples")
@pytest.mark.parametrize("file", FILES)
def test_a_sample_of_the_field_is_read_right(file: str) -> None:
    told = status_of((SAMPLES / "ups" / f"{file}.txt").read_text())
    _, state = of_apcupsd(told) if file.startswith("apc") else of_nut("ups", told)
    mains, charge, runtime_s = FILES[file]
    assert (state.mains, state.runtime_s) == (mains, runtime_s)
    assert state.charge == pytest.approx(charge)


@recorded.needed("samples")
def test_every_sample_of_a_ups_is_tried() -> None:
    assert sorted(path.stem for path in (SAMPLES / "ups").glob("*.txt")) == sorted(FILES)


NUT = {
    "on mains": ("OL CHRG", "80", "900", State(1.0, 0.8, 900)),
    "on battery": ("OB DISCHRG", "37", "312", State(0.0, 0.37, 312, "on battery, 37 % left")),
    "empty on battery": ("OB LB", "0", "0", State(0.0, 0, 0, "on battery, 0 % left")),
    "told to shut down": ("FSD OB LB", "4", "20", State(0.0, 0.04, 20, "on battery, 4 % left")),
    "never calibrated": ("OL", "35", "0", State(1.0, 0.35, None)),
    "discharges at the mains": ("OL DISCHRG", "99", "900", State(1.0, 0.99, 900)),
    "on bypass": ("BYPASS", "99", "900", State(1.0, 0.99, 900)),
    "off": ("OFF", "99", "-1", State(None, 0.99, None, "neither on mains nor on battery: OFF")),
    "no estimate": ("OL", "-1", "N/A", State(1.0, None, None)),
}


@pytest.mark.parametrize(("status", "charge", "runtime", "state"), NUT.values(), ids=NUT.keys())
def test_nut(status: str, charge: str, runtime: str, state: State) -> None:
    told = {"ups.status": status, "battery.charge": charge, "battery.runtime": runtime}
    assert of_nut("ups", told) == ("ups", state)


APCUPSD = {
    "online": ({"STATFLAG": "0x05000008", "BCHARGE": "100.0 Percent", "TIMELEFT": "37.5 Minutes"},
               State(1.0, 1.0, 2250)),
    "on battery": ({"STATFLAG": "0x05060010", "BCHARGE": "61.0 Percent", "TIMELEFT": "9.0 Minutes"},
                   State(0.0, 0.61, 540, "on battery, 61 % left")),
    "by words": ({"STATUS": "ONBATT LOWBATT", "BCHARGE": "3.0 Percent", "TIMELEFT": "0.0 Minutes"},
                 State(0.0, 0.03, 0, "on battery, 3 % left")),
    "cable out": ({"STATUS": "COMMLOST", "STATFLAG": "0x05000100", "BCHARGE": "100.0 Percent"},
                  State(None, None, None, "apcupsd lost the UPS (COMMLOST)")),
    "no estimate": ({"STATUS": "ONLINE", "TIMELEFT": "0.0 Minutes"}, State(1.0, None, None)),
    "says nothing": ({}, State(None, None, None, "neither on mains nor on battery: no STATUS")),
}  # fmt: skip


@pytest.mark.parametrize(("told", "state"), APCUPSD.values(), ids=APCUPSD.keys())
def test_apcupsd(told: dict[str, str], state: State) -> None:
    assert of_apcupsd(told)[1] == state


def power(port: int, **settings: object) -> Check:
    entry = {"name": "ups", "kind": "power", "host": "127.0.0.1", "port": port, **settings}
    return read({"checks": [entry]}).checks[0]


def serve(*answers: bytes) -> tuple[int, threading.Thread]:
    """Somebody who answers each question with the next of these, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with listener, closing(listener.accept()[0]) as line:
            for answer in answers:
                line.recv(4096)
                line.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return listener.getsockname()[1], thread


def test_apcupsd_is_asked_in_its_own_protocol() -> None:
    lines = [b"UPSNAME  : balai\n", b"STATUS   : ONBATT\n", b"BCHARGE  : 55.0 Percent\n"]
    answer = b"".join(len(line).to_bytes(2, "big") + line for line in lines) + b"\0\0"
    port, thread = serve(answer)
    reading = measure(power(port, via="apcupsd"), {})
    thread.join(5)
    assert (reading.verdict, reading.reason) == (Verdict.BAD, "on battery, 55 % left")
    assert reading.values['ronda_power_battery_ratio{ups="balai"}'] == 0.55


ODD = {
    "no such name": ([b"ERR UNKNOWN-UPS\n"], "upsd: UNKNOWN-UPS"),
    "stale data": ([b"ERR DATA-STALE\n"], "upsd: DATA-STALE"),
    "hangs up": ([b"BEGIN LIST VAR a\n"], "the connection was closed in the middle of an answer"),
}


@pytest.mark.parametrize(("answers", "why"), ODD.values(), ids=ODD.keys())
def test_a_daemon_that_cannot_tell_is_no_lost_mains(answers: list[bytes], why: str) -> None:
    port, thread = serve(*answers)
    reading = measure(power(port, ups="a"), {})
    thread.join(5)
    assert (reading.verdict, reading.reason) == (Verdict.UNKNOWN, why)


def test_a_daemon_that_is_not_there_is_told_with_its_place() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    entry = {"name": "ups", "kind": "power", "host": "127.0.0.1", "port": port}
    reading = measure(read({"checks": [entry]}).checks[0], {})
    told = Reading(Verdict.UNKNOWN, reason=f"127.0.0.1:{port} refuses the connection")
    assert reading == told


def test_a_daemon_that_is_silent_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        reading = measure(power(listener.getsockname()[1], timeout_s=0.3), {})
        assert time.monotonic() - began < 2
    assert (reading.verdict, reading.reason) == (
        Verdict.UNKNOWN,
        "nut does not answer within 0.3 s",
    )


class Nut:
    """A real upsd with the driver for UPSes that are only a file."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port: int = taken.getsockname()[1]
        self._state = folder / "a.dev"
        self.say("OL", 90, 1200)
        for name, text in {
            "ups.conf": f"[a]\ndriver = dummy-ups\nport = {self._state}\nmode = dummy-once\n",
            "upsd.conf": f"LISTEN 127.0.0.1 {self.port}\n",
            "upsd.users": "",
            "nut.conf": "MODE=standalone\n",
        }.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o640)
        user = pwd.getpwuid(os.geteuid()).pw_name
        environment = {"NUT_CONFPATH": str(folder), "NUT_STATEPATH": str(folder)}
        environment["NUT_ALTPIDPATH"] = str(folder)
        for words in (["/lib/nut/dummy-ups", "-a", "a", "-u", user, "-FF"],
                      ["/lib/nut/upsd", "-u", user, "-F"]):  # fmt: skip
            process = subprocess.Popen(
                words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)

    def say(self, status: str, charge: int, runtime_s: int) -> None:
        new = self._state.with_suffix(".new")
        new.write_text(
            f"ups.status: {status}\nbattery.charge: {charge}\nbattery.runtime: {runtime_s}\n"
        )
        new.rename(self._state)


@pytest.fixture
def nut(tmp_path: Path) -> Iterator[Nut]:
    assert Path("/lib/nut/upsd").exists(), "upsd is missing: apt-get install nut-server"
    with ExitStack() as stack:
        yield Nut(tmp_path, stack)


def until(verdict: Verdict, one: Check) -> Reading:
    end = time.monotonic() + 20
    while (reading := measure(one, {})).verdict is not verdict:
        assert time.monotonic() < end, reading
        time.sleep(0.1)
    return reading


@pytest.mark.slow
def test_a_real_upsd_tells_of_a_lost_mains_and_of_its_return(nut: Nut) -> None:
    one = power(nut.port)
    reading = until(Verdict.GOOD, one)
    assert dict(reading.values) == {
        'ronda_power_on_mains{ups="a"}': 1,
        'ronda_power_battery_ratio{ups="a"}': pytest.approx(0.9),
        'ronda_power_runtime_seconds{ups="a"}': 1200,
    }
    nut.say("OB DISCHRG", 71, 600)
    reading = until(Verdict.BAD, one)
    assert reading.reason == "on battery, 71 % left"
    assert reading.values['ronda_power_on_mains{ups="a"}'] == 0
    nut.say("OL CHRG", 72, 700)
    until(Verdict.GOOD, one)
