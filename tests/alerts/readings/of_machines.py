"""Stories of the rules for the agent's own machine and for the agent itself."""

import uuid
from array import array
from collections.abc import Callable

import pytest

from agent.config import read
from agent.spool import Spool
from agent.strict import Refused
from collector import agents
from collector.db import writing
from tests.alerts.readings.regency import Story, Village
from tests.collector.centre_bench import Agent
from tests.small_disk import small_disk

_HOST = {"name": "host", "kind": "host", "mounts": ["/srv"]}


def _machine(village: Village, **more: object) -> None:
    """Linux with nothing wrong about it."""
    village.put("/proc/loadavg", "0.10 0.1 0.1 1/100 1\n")
    village.put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 600 kB\n")
    village.put("/proc/mounts", "/dev/sda1 /srv ext4 rw 0 0\n")
    (village.folder / "root" / "srv").mkdir()
    _stat(village, 0, 1000)
    village.watch(_HOST)


def _stat(village: Village, busy: int, idle: int, boot: int = 1_790_000_000) -> None:
    village.put("/proc/stat", f"cpu {busy} 0 0 {idle} 0 0 0 0 0 0\nbtime {boot}\n")


def cpu(village: Village) -> Story:
    _machine(village)
    village.look()
    for busy, idle, minutes in ((1000, 9000, 3), (9000, 9100, 20), (9100, 20000, 3)):
        _stat(village, busy, idle)
        yield minutes


def memory(village: Village) -> Story:
    _machine(village)
    for free, minutes in ((600, 3), (20, 14), (500, 3)):
        village.put("/proc/meminfo", f"MemTotal: 1000 kB\nMemAvailable: {free} kB\n")
        yield minutes


def read_only(village: Village) -> Story:
    _machine(village)
    for how, minutes in (("rw", 2), ("ro", 4), ("rw", 2)):
        village.put("/proc/mounts", f"/dev/sda1 /srv ext4 {how},noatime 0 0\n")
        yield minutes


def hot(village: Village) -> Story:
    _machine(village)
    village.put("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
    for degrees, minutes in ((45, 2), (91, 8), (60, 2)):
        village.put("/sys/class/thermal/thermal_zone0/temp", f"{degrees}000\n")
        yield minutes


def reboots(village: Village) -> Story:
    _machine(village)
    yield 2
    for turn in range(3):
        _stat(village, 0, 1000, 1_790_000_100 + turn * 120)
        yield 2
    yield 35


def disk(village: Village) -> Story:
    _machine(village)
    folder = village.folder / "root" / "srv"
    with small_disk(folder, "size=1m"):
        yield 2
        (folder / "log").write_bytes(bytes(1_000_000))
        yield 8
        (folder / "log").unlink()
        yield 2


def inodes(village: Village) -> Story:
    _machine(village)
    folder = village.folder / "root" / "srv"
    with small_disk(folder, "size=1m,nr_inodes=40"):
        yield 2
        for number in range(38):
            (folder / f"session{number}").touch()
        yield 8
        for file in folder.iterdir():
            file.unlink()
        yield 2


def clock(village: Village) -> Story:
    _machine(village)
    yield 5
    village.agent.ahead_s = 400.0
    yield 15
    village.agent.ahead_s = 0.0
    yield 15


def dropping(village: Village) -> Story:
    """Its spool has room for little, and the centre does not take it."""
    spool = Spool(str(village.folder / "spool"), "boot", limit_bytes=300_000)
    village.own = lambda: {"ronda_agent_spool_dropped_total": spool.dropped_total}
    yield 12
    names = tuple(f'ronda_check_duration_seconds{{check="{uuid.uuid4()}"}}' for _ in range(200))
    for minute in range(300):
        values = array("d", (minute * 1.7 + place**0.5 for place in range(200)))
        spool.append_frame(minute * 60.0, 0.0, minute * 60.0, "layout", names, values)
        if minute % 5 == 0:
            spool.flush(minute * 60.0)
    assert spool.dropped_total > 0
    yield 2
    yield 35


def two_agents(village: Village) -> Story:
    """A card that was copied: both go on reporting with one token."""
    yield 5
    mine = village.agent
    twin = Agent(village.regency, mine.id, mine.site, mine.every_s, 30.0, boots=7)
    twin.values = dict(mine.values)
    twin.started = village.regency.now
    village.regency.agents.append(twin)
    yield 5
    # the card is taken out, and the right machine starts again
    twin.running = False
    mine.reboot(village.regency.now)
    yield 15


def refused(village: Village) -> Story:
    """What the agent says of a configuration that it will not have."""
    yield 2
    with pytest.raises(Refused) as error:
        read({"checks": [{"name": "web", "kind": "gopher"}]})
    for said, minutes in ((str(error.value), 4), ("", 3)):
        with writing(village.regency.store) as connection:
            agents.tell_config(connection, village.agent.id, "e1", said, "e2" if said else "")
        yield minutes


STORIES: dict[str, Callable[[Village], Story]] = {
    "HostCpuHigh": cpu,
    "HostMemoryFull": memory,
    "DiskFull": disk,
    "InodesFull": inodes,
    "DiskReadOnly": read_only,
    "HostHot": hot,
    "ClockWrong": clock,
    "HostRebootLoop": reboots,
    "AgentDropping": dropping,
    "TwoAgents": two_agents,
    "ConfigurationRefused": refused,
}
