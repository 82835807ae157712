"""Files on devices: an agent that does not report goes back, a configuration is put back whole."""

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
import pytest

from playbooks import quoting
from playbooks.diary import Ending
from playbooks.guards.table import GUARDS
from playbooks.hosts import Host, Login
from playbooks.model import Command, Platform
from playbooks.plan import plan
from playbooks.runner import Runner, Work
from playbooks.states import HostState
from playbooks.transport.connecting import Patience, connect
from tests.playbooks import samples
from tests.playbooks.books import books
from tests.playbooks.devices.debian import Debian
from tests.playbooks.devices.linux import PASSWORD, Device, written
from tests.playbooks.devices.openwrt import OpenWrt
from tests.playbooks.fakes import Clock, Eyes, Notes

pytestmark = pytest.mark.slow
PLACE = "usr/local/lib/ronda/ronda-agent.pyz"
QUICK = Patience(connect_s=3.0, handshake_s=10.0, sign_in_s=10.0)
KEYS = {
    Platform.DEBIAN: "etc/ssh/ssh_host_ed25519_key.pub",
    Platform.OPENWRT: "etc/dropbear/dropbear_key.pub",
}
NEVER = float("inf")


@dataclass
class Bench:
    """A device, and runs of the library on it; a proof of the centre comes from `good_at` on."""

    device: Device
    host: Host
    notes: Notes = field(default_factory=Notes)

    def run(self, name: str, data: bytes = b"", good_at: float = 0.0, **given: str) -> Ending:
        book, platform = books()[name], self.host.platform
        values = {**samples.values(book), "guard": GUARDS[platform].folder(7), **given}
        clock = Clock()
        runner = Runner(
            lambda host: connect(host, QUICK), GUARDS, Eyes(good_at), clock.times,
            lambda work, data: "", lambda work, source: data,
        )  # fmt: skip
        work = Work(7, name, self.host, plan(book, platform, values), values)
        return runner.go(work, self.notes)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[[Platform], Bench]]:
    made: list[Device] = []

    def make(platform: Platform) -> Bench:
        kind = Debian() if platform is Platform.DEBIAN else OpenWrt()
        device = Device(kind, tmp_path / "device", paramiko.ECDSAKey.generate())
        made.append(device)
        login = Login("root", PASSWORD)
        key = host_key(device, platform)
        host = Host("35.10.01.2001", "pc", platform, "127.0.0.1", device.port, login, (key,))
        return Bench(device, host)

    yield make
    for device in made:
        device.close()


def host_key(device: Device, platform: Platform) -> str:
    if platform is Platform.DEBIAN:
        return (device.disk / KEYS[platform]).read_text().strip()
    told = device.room.words(
        "dropbearkey", "-y", "-f", str(device.disk / "etc/dropbear/dropbear_key")
    )
    lines = subprocess.run(
        told, capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()
    return next(line for line in lines if line.startswith("ssh-"))


def with_agent(bench: Bench) -> None:
    disk = bench.device.disk
    unit = "[Service]\nExecStart=/usr/bin/python3 /usr/local/lib/ronda/ronda-agent.pyz run\n"
    written(disk, {"etc/systemd/system/ronda-agent.service": unit})
    written(disk, {PLACE: "old\n", "var/lib/ronda-agent/identity.json": "{}"}, 0o755)


WORKS = b"print('9.9.9')\n"


def test_an_agent_that_reports_stays_and_the_old_one_is_kept(
    bench: Callable[[Platform], Bench],
) -> None:
    mini = bench(Platform.DEBIAN)
    with_agent(mini)
    assert mini.run("perbarui-agen", WORKS) == Ending(HostState.DONE), mini.notes.shown
    assert (mini.device.disk / PLACE).read_bytes() == WORKS
    kept = mini.device.disk / "usr/local/lib/ronda/ronda-agent.before.pyz"
    assert kept.read_text() == "old\n"
    assert "ronda-guard" not in mini.device.inside("ls /var/lib /etc/systemd/system -R")
    assert "ronda-agent restart" in mini.device.inside("cat /run/log/services")


def test_an_agent_that_does_not_report_in_five_minutes_goes_back(
    bench: Callable[[Platform], Bench],
) -> None:
    mini = bench(Platform.DEBIAN)
    with_agent(mini)
    ending = mini.run("perbarui-agen", WORKS, good_at=NEVER)
    assert ending.state is HostState.ROLLED_BACK, (ending, mini.notes.shown)
    assert "has not reported since" in ending.reason
    assert (mini.device.disk / PLACE).read_text() == "old\n"
    assert mini.device.inside("grep -c restart /run/log/services") == "2\n"


def test_an_agent_that_does_not_start_is_not_put_in_its_place(
    bench: Callable[[Platform], Bench],
) -> None:
    mini = bench(Platform.DEBIAN)
    with_agent(mini)
    ending = mini.run("perbarui-agen", b"raise SystemExit('no')\n")
    assert ending.state is HostState.FAILED, ending
    assert (mini.device.disk / PLACE).read_text() == "old\n"
    assert "restart" not in mini.device.inside("cat /run/log/services")


# the device's five minutes are over soon, what else it waits for takes its time
HURRIED = """#!/bin/sh
[ "$1" != 5 ] || set -- 0.05
exec /host/usr/bin/sleep "$1"
"""


@pytest.mark.parametrize(
    ("said", "net"),
    [
        pytest.param('{"running": true, "reports": 3}', "armed", id="reports"),
        pytest.param('{"running": true, "reports": 0}', "undone", id="runs and does not report"),
        pytest.param('{"running": false}', "undone", id="does not run"),
        pytest.param("Traceback (most recent call last):", "undone", id="is broken"),
    ],
)
def test_a_device_that_nobody_reaches_asks_its_new_agent_by_itself(
    bench: Callable[[Platform], Bench], said: str, net: str
) -> None:
    mini = bench(Platform.DEBIAN)
    with_agent(mini)
    book = books()["perbarui-agen"]
    recipe, guard = book.recipes[Platform.DEBIAN], GUARDS[Platform.DEBIAN]
    given = {"guard": guard.folder(7), "begin": "0"}

    def done(*commands: str) -> None:
        for text in commands:
            mini.device.inside(quoting.filled(Platform.DEBIAN, text, given))

    texts = [step.text for step in recipe.snapshot if isinstance(step, Command)]
    undo = [
        quoting.filled(Platform.DEBIAN, one.text, given)
        for one in recipe.undo
        if isinstance(one, Command)
    ]
    done(*(command.text for command in guard.prepare(7)), texts[0])
    written(mini.device.disk, {f"{guard.folder(7)[1:]}/agent.pyz": f"print({said!r})\n"})
    done(*texts[1:], *(command.text for command in guard.arm(7, undo, 9000)))
    written(mini.device.disk, {"usr/local/sbin/sleep": HURRIED}, 0o755)
    done(*(step.text for step in recipe.do if isinstance(step, Command)))
    mini.device.wait("! pgrep -f '[s]h watch' >/dev/null")
    assert mini.device.inside(guard.read(7).text).endswith(f"ronda-guard {net}\n")
    kept = (mini.device.disk / PLACE).read_text()
    assert kept == ("old\n" if net == "undone" else f"print({said!r})\n")


def test_an_agent_whose_data_are_not_found_is_not_replaced(
    bench: Callable[[Platform], Bench],
) -> None:
    mini = bench(Platform.DEBIAN)
    with_agent(mini)
    (mini.device.disk / "var/lib/ronda-agent/identity.json").unlink()
    ending = mini.run("perbarui-agen", WORKS)
    assert ending.state is HostState.FAILED and "RONDA_AGENT_DATA" in ending.reason


def packed(**texts: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in texts.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


@pytest.mark.parametrize("good_at", [0.0, NEVER], ids=["proved", "not proved"])
def test_a_kept_configuration_of_openwrt_is_put_back(
    bench: Callable[[Platform], Bench], good_at: float
) -> None:
    router = bench(Platform.OPENWRT)
    config = router.device.disk / "etc/config"
    before = {path.name: path.read_text() for path in config.iterdir()}
    kept = {name: before[name] for name in ("network", "system", "firewall")}
    kept |= {"wireless": before["wireless"].replace("lama-sekali", "dulu-sekali"), "extra": "\n"}
    kept |= {"dropbear": "no way in\n"}
    data = packed(**{f"etc__config__{name}": text for name, text in kept.items()})
    ending = router.run("pulihkan-konfigurasi", data, good_at)
    after = {path.name: path.read_text() for path in config.iterdir()}
    if good_at:
        assert ending.state is HostState.ROLLED_BACK, (ending, router.notes.shown)
        assert after == before
        return
    assert ending == Ending(HostState.DONE), router.notes.shown
    assert after == {**before, **kept, "dropbear": before["dropbear"]}


@pytest.mark.parametrize("good_at", [0.0, NEVER], ids=["proved", "not proved"])
def test_a_part_of_debian_is_put_back(bench: Callable[[Platform], Bench], good_at: float) -> None:
    mini = bench(Platform.DEBIAN)
    web = mini.device.disk / "etc/nginx"
    written(web, {"nginx.conf": "new\n", "sites/added": "x\n"})
    data = packed(etc__nginx__nginx_conf="old\n", etc__passwd="nobody\n")
    ending = mini.run("pulihkan-konfigurasi", data, good_at, part="web")
    found = {path.name: path.read_text() for path in web.rglob("*") if path.is_file()}
    if good_at:
        assert ending.state is HostState.ROLLED_BACK, (ending, mini.notes.shown)
        assert found == {"nginx.conf": "new\n", "added": "x\n"}
    else:
        assert ending == Ending(HostState.DONE), mini.notes.shown
        assert found == {"nginx_conf": "old\n"}
    assert "root:x:0" in (mini.device.disk / "etc/passwd").read_text()


def test_a_stolen_router_is_locked_and_unlocked(bench: Callable[[Platform], Bench]) -> None:
    router = bench(Platform.OPENWRT)
    written(router.device.disk, {"etc/banner": "OpenWrt\n"})
    firewall = (router.device.disk / "etc/config/firewall").read_text()
    assert router.run("kunci-pencurian") == Ending(HostState.DONE), router.notes.shown
    read = "uci get firewall.ronda_lock.target; uci get 'wireless.@wifi-iface[0].disabled'"
    assert router.device.inside(f"{read}; cat /etc/banner").startswith(
        "REJECT\n1\nOpenWrt\nronda-lock"
    )
    assert router.run("buka-kunci-pencurian") == Ending(HostState.DONE), router.notes.shown
    assert (
        router.device.inside("uci -q get 'wireless.@wifi-iface[0].disabled'; cat /etc/banner")
        == "OpenWrt\n"
    )
    assert (router.device.disk / "etc/config/firewall").read_text().split() == firewall.split()
