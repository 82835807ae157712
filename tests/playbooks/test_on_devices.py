"""Whole runs: a centre's rows and commands, a real SSH server, a device that can be cut off."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from sqlalchemy import Engine, insert

import ronda
from collector import db, schema
from collector.db import reading, writing
from collector.settings import Settings
from playbooks import run_rows
from playbooks.floor import Floor
from playbooks.states import OPEN_HOSTS, HostState
from tests.amounts import some
from tests.playbooks.devices.debian import Debian
from tests.playbooks.devices.linux import PASSWORD, Device
from tests.stores import migrated

pytestmark = pytest.mark.slow

SITE = "35.10.01.2001"
# each step leaves a line on the device's disk, so that one done twice would be seen
LOGGED = """
name: coba
title: {id: Coba, en: Try}
level: green
params:
  word: {type: identifier, title: {id: Kata, en: Word}, default: baik}
  sandi: {type: secret, title: {id: Sandi, en: Password}}
platforms:
  debian:
    precheck:
      - echo precheck >>/root/log
    snapshot:
      - run: echo snapshot >>/root/log; cat /etc/debian_version
        keep: {name: version, type: identifier}
    do:
      - {run: "echo do @{word} @{version} >>/root/log", limit: 5s}
      - {run: "echo @{sandi} >/root/secret; cat /root/secret", limit: 5s}
    verify:
      - {run: echo verify >>/root/log, limit: 5s}
    persist:
      - {run: echo persist >>/root/log, limit: 5s}
    undo:
      - echo undo >>/root/log
      - rm -f /root/secret
"""
CUTTING = """
name: potong
title: {id: Potong, en: Cut}
level: green
platforms:
  debian:
    do:
      - {run: "ip route del default; ip addr flush dev eth0", limit: 3s}
    verify:
      - {run: "true", limit: 2s}
    undo:
      - sh /etc/network/up; ip route | grep default
"""
READING = """
name: lihat
title: {id: Lihat, en: Look}
level: green
changes: false
platforms:
  debian:
    do:
      - ip route
      - {run: "ping -c 1 @{noc}", exits: [0, 1, 2]}
"""


@pytest.fixture(scope="module")
def key() -> paramiko.ECDSAKey:
    return paramiko.ECDSAKey.generate()


@pytest.fixture
def device(tmp_path: Path, key: paramiko.ECDSAKey) -> Iterator[Device]:
    made = Device(Debian(), tmp_path / "device", key)
    yield made
    made.close()


@pytest.fixture
def centre(tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch) -> Iterator["Centre"]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    folder = settings.folder / "playbooks"
    folder.mkdir()
    for text in (LOGGED, CUTTING, READING):
        (folder / f"{text.split()[1]}.yml").write_text(text)
    store = db.open_store(settings)
    with writing(store) as connection:
        row = {"code": SITE, "name": "Benculuk", "row": 0}
        known = {column.name for column in schema.sites.c}
        connection.execute(
            insert(schema.sites).values({k: v for k, v in row.items() if k in known})
        )
    made = Centre(settings, store)
    made.keep(device, monkeypatch)
    yield made
    store.dispose()


class Centre:
    """A data folder, and what people and its engine do with it."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self.settings, self.store = settings, store

    def keep(self, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
        pinned = (device.disk / "etc/ssh/ssh_host_ed25519_key.pub").read_text().strip()
        place = f"root@127.0.0.1:{device.port}"
        words = ["hosts", "set", SITE, "pc", place, "--platform", "debian", "--host-key", pinned]
        done = self.ronda(*words, typed=PASSWORD)
        assert done.returncode == 0, done.stderr

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(Path(ronda.__file__)), *words, "--data", self.settings.data]

    def ronda(self, *words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words), input=f"{typed}\n", capture_output=True, text=True, timeout=300
        )

    def lead(self, limit_s: float = 240.0) -> None:
        """The engine's rounds until nothing is open."""
        floor = Floor(self.settings, self.store, threading.Event(), time.time)
        by = time.monotonic() + limit_s
        try:
            while self.open():
                floor.deliver(time.time())
                assert time.monotonic() < by, self.told()
                time.sleep(0.2)
        finally:
            floor.lead.leave()

    def open(self) -> bool:
        return any(host.state in OPEN_HOSTS for host in self.hosts())

    def hosts(self) -> list[run_rows.HostRow]:
        with reading(self.store) as connection:
            return run_rows.hosts_of(connection, 1)

    def told(self) -> list[tuple[str, str, str]]:
        with reading(self.store) as connection:
            steps = run_rows.steps_of(connection, 1, SITE, "pc")
        return [(step.shown, step.state.value, step.reason) for step in steps]


def test_a_diagnosis_is_read_and_its_output_kept(centre: Centre) -> None:
    done = centre.ronda("playbooks", "run", "lihat", "--site", SITE, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["state"] == "done" and told["hosts"][0]["state"] == "done"
    first, second = told["hosts"][0]["steps"]
    assert "default via" in first["output"] and second["does"] == "ping -c 1 127.0.0.1"


def test_a_whole_run_leaves_what_it_should_and_no_secret_anywhere(
    centre: Centre, device: Device
) -> None:
    words = ["playbooks", "run", "coba", "--site", SITE, "--param", "word=x", "--param", "sandi"]
    done = centre.ronda(*words, "--json", typed="R4hasia'$(id)")
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["state"] == "done", told
    log = "precheck\nsnapshot\ndo x 12.11\nverify\npersist\n"
    assert device.inside("cat /root/log; cat /root/secret") == f"{log}R4hasia'$(id)\n"
    everything = done.stdout + done.stderr
    for path in centre.settings.folder.rglob("*"):
        everything += path.read_bytes().decode("latin-1") if path.is_file() else ""
    assert "R4hasia" not in everything and PASSWORD not in everything
    assert "ronda-guard" not in device.inside("ls /var/lib /etc/systemd/system -R")


def test_a_change_that_cuts_its_own_line_is_back_by_itself(centre: Centre, device: Device) -> None:
    done = centre.ronda("playbooks", "run", "potong", "--site", SITE, "--json")
    told: dict[str, Any] = json.loads(done.stdout)
    [host] = told["hosts"]
    assert done.returncode == 1 and host["state"] == "rolled_back", told
    assert "default via" in device.inside("ip route")


def test_a_power_cut_inside_the_window_takes_the_change_back_too(
    centre: Centre, device: Device
) -> None:
    process = subprocess.Popen(
        centre.command("playbooks", "run", "potong", "--site", SITE, "--json"),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        device.wait("! ip route | grep -q default")
        device.restart()
        out, _ = process.communicate(timeout=300)
    finally:
        process.kill()
    [host] = json.loads(out)["hosts"]
    assert host["state"] == "rolled_back", out


# the parts of `coba`: 1 precheck, 2 prove, 3 prepare, 4 snapshot, 5 arm, 6 and 7 do, 8 verify,
# 9 persist, 10 disarm, 11 clear
@pytest.mark.parametrize("number", some(range(1, 12), 5))
def test_a_centre_killed_at_a_step_does_none_twice_and_tells_the_truth(
    centre: Centre, device: Device, number: int
) -> None:
    words = ["playbooks", "run", "coba", "--site", SITE, "--param", "sandi=x", "--json"]
    process = subprocess.Popen(centre.command(*words), stdout=subprocess.DEVNULL)
    by = time.monotonic() + 60
    while len(centre.told()) < number and process.poll() is None and time.monotonic() < by:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    centre.lead()
    [host] = centre.hosts()
    log = device.inside("cat /root/log").splitlines()
    assert len(log) == len(set(log)), "a step was done twice"
    truth = {True: HostState.DONE, False: HostState.ROLLED_BACK}["undo" not in log]
    if host.state in (HostState.DONE, HostState.ROLLED_BACK):
        assert host.state is truth, (host, log)
    else:
        assert not any(line.startswith("do ") for line in log) or "undo" in log, (host, log)
    assert "ronda-guard" not in device.inside("ls /var/lib /etc/systemd/system -R")
