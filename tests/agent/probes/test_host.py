"""The machine: texts of /proc as Linux prints them, and this machine itself."""

import json
from pathlib import Path

import pytest

from agent.probes.host import (
    Host,
    boot_at,
    busy_ratio,
    cpu_ticks,
    hottest,
    memory_used_ratio,
    steady_boot,
)
from agent.probes.mounts import Mount, use, worth_watching
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.stubs import SAMPLES, put_tree

STAT = "cpu  100 10 50 800 40 0 5 5 30 0\ncpu0 1 2 3 4\nintr 9\nbtime 1790000000\n"


def test_cpu_is_the_busy_part_between_two_readings() -> None:
    before = cpu_ticks(STAT)
    assert before == (170, 1010)
    assert busy_ratio(None, before) is None
    assert busy_ratio(before, before) is None
    assert busy_ratio(before, (195, 1110)) == 0.25
    assert busy_ratio((200, 1000), (190, 1100)) == 0


def test_the_boot_time_does_not_waver() -> None:
    assert boot_at(STAT) == 1790000000
    assert boot_at("cpu 1\n") is None
    assert steady_boot(None, 10.0) == 10
    assert steady_boot(10.0, 11.0) == 10
    assert steady_boot(10.0, 1e9) == 1e9


@pytest.mark.parametrize(
    ("text", "used"),
    [
        pytest.param("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\n", 0.75, id="new"),
        pytest.param(
            "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 50 kB\n", 0.8, id="old"
        ),
        pytest.param("nothing\n", None, id="nothing"),
    ],
)
def test_memory_is_what_programs_could_not_get(text: str, used: float | None) -> None:
    assert memory_used_ratio(text) == used


@recorded.needed("samples")
def test_recorded_memory_is_read() -> None:
    told = json.loads((SAMPLES / "host/jc_linux-proc_meminfo.expected.json").read_text())
    used = memory_used_ratio((SAMPLES / "host/jc_linux-proc_meminfo").read_text())
    assert used == pytest.approx(1 - told["MemAvailable"] / told["MemTotal"])


@pytest.mark.parametrize(
    ("sensors", "degrees"),
    [
        pytest.param([("acpitz\n", "27800\n"), ("nvme\n", "60000")], 27.8, id="processor first"),
        pytest.param([("cpu-thermal", "51540"), ("coretemp", "53000")], 53, id="hottest"),
        pytest.param([("nvme", "60000")], 60, id="any is better than none"),
        pytest.param([("cpu", "45")], 45, id="whole degrees"),
        pytest.param(
            [("cpu", "0"), ("cpu", "255000"), ("cpu", "-5"), ("cpu", "")], None, id="broken"
        ),
        pytest.param([], None, id="none"),
    ],
)
def test_heat_is_of_the_hottest_sensor_that_works(
    sensors: list[tuple[str, str]], degrees: float | None
) -> None:
    assert hottest(sensors) == degrees


DEBIAN = """sysfs /sys sysfs rw 0 0
/dev/sda2 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
/dev/sda1 /boot/efi vfat rw 0 0
/dev/sdb1 /mnt/My\\040disk ext4 ro,noatime 0 0
/dev/sda2 /var/lib/docker ext4 rw 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0
/dev/loop3 /snap/core squashfs ro 0 0
server:/x /nfs nfs rw 0 0
"""
OPENWRT = """/dev/root /rom squashfs ro,relatime 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/ubi0_2 /overlay ubifs rw 0 0
overlayfs:/overlay / overlay rw 0 0
"""


@pytest.mark.parametrize(
    ("text", "mounts"),
    [
        pytest.param(DEBIAN, [("/", False), ("/boot/efi", False), ("/mnt/My disk", True)], id="PC"),
        pytest.param(OPENWRT, [("/", False), ("/overlay", False)], id="OpenWrt"),
        pytest.param(
            "rootfs / rootfs rw 0 0\n/dev/mmcblk0p2 / ext4 ro 0 0\n", [("/", True)], id="turned ro"
        ),
        pytest.param("nonsense\n", [], id="noise"),
    ],
)
def test_what_can_fill_up_is_watched(text: str, mounts: list[tuple[str, bool]]) -> None:
    assert worth_watching(text) == [Mount(*entry) for entry in mounts]


def test_named_mounts_are_watched_whatever_they_are() -> None:
    assert worth_watching(DEBIAN, ("/run", "/gone")) == [Mount("/run", False)]


def test_use_is_what_df_says() -> None:
    disk, inodes = use("/")
    assert disk is not None and 0 < disk < 1
    assert inodes is None or 0 < inodes < 1
    assert use("/nowhere") == (None, None)


def test_this_machine_has_everything() -> None:
    memory: dict[str, object] = {}
    Host("host").measure(memory)
    values = Host("host").measure(memory).values
    assert {
        "ronda_host_cpu_ratio",
        "ronda_host_load1",
        "ronda_host_memory_used_ratio",
        "ronda_host_boot_timestamp_seconds",
        'ronda_host_disk_used_ratio{mount="/"}',
        'ronda_host_filesystem_readonly{mount="/"}',
    } <= set(values)
    assert 0 < (values["ronda_host_memory_used_ratio"] or 0) < 1


def test_a_tree_of_its_own_tells_heat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = put_tree(
        tmp_path,
        monkeypatch,
        {
            "/proc/stat": STAT,
            "/proc/loadavg": "0.42 0.3 0.2 1/99 1234\n",
            "/proc/meminfo": "MemTotal: 4 kB\nMemAvailable: 1 kB\n",
            "/proc/mounts": "/dev/sda1 / ext4 ro 0 0\n",
            "/sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
            "/sys/class/thermal/thermal_zone0/temp": "48312\n",
            "/sys/class/hwmon/hwmon0/name": "coretemp\n",
            "/sys/class/hwmon/hwmon0/temp1_input": "49000\n",
        },
    )
    memory: dict[str, object] = {}
    values = Host("host").measure(memory).values
    assert values["ronda_host_load1"] == 0.42
    assert values["ronda_host_cpu_ratio"] is None
    assert values["ronda_host_temperature_celsius"] == 49
    assert values['ronda_host_filesystem_readonly{mount="/"}'] == 1
    (root / "proc/stat").write_text(STAT.replace("cpu  100 ", "cpu  200 "))
    (root / "sys/class/thermal/thermal_zone0/temp").write_text("")
    (root / "sys/class/hwmon/hwmon0/temp1_input").unlink()
    values = Host("host").measure(memory).values
    assert values["ronda_host_cpu_ratio"] == 1
    # the series stays, so that its end can be seen
    assert values["ronda_host_temperature_celsius"] is None


def test_a_mount_that_is_no_folder_is_refused() -> None:
    with pytest.raises(Refused, match="mounts: not a folder from the root: 'home'"):
        build(Host, {"name": "host", "mounts": ["home"]})
