"""The net on real shells: armed over SSH, sprung by time, power cut or hand; stopped; raced."""

import threading
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from playbooks.guards.guard import Guard, Net
from playbooks.guards.table import GUARDS
from playbooks.model import Platform
from tests.playbooks.devices.debian import Debian
from tests.playbooks.devices.linux import Device, Make
from tests.playbooks.devices.openwrt import OpenWrt
from tests.playbooks.devices.telling import Teller

pytestmark = pytest.mark.slow

KEY = paramiko.ECDSAKey.generate()
MAKES: dict[str, tuple[Platform, type[Make], dict[str, bool]]] = {
    "debian": (Platform.DEBIAN, Debian, {}),
    "debian with systemd": (Platform.DEBIAN, Debian, {"systemd": True}),
    "openwrt": (Platform.OPENWRT, OpenWrt, {}),
}
LONG_S = 300
# what a net may leave in any place of the disk, and any process of it
LEFT = (
    "find /etc /var /run /tmp /root 2>/dev/null | grep -i 'ronda-guard'; "
    "for line in /proc/[0-9]*/cmdline; do tr '\\000' ' ' <$line; echo; done 2>/dev/null | "
    "grep -v grep | grep 'ronda-guard/'; echo end"
)


class Bench:
    """A device with a guard; what the nets do is to write lines into /root/undone."""

    def __init__(self, guard: Guard, device: Device) -> None:
        self.guard, self.device = guard, device
        self.teller = Teller(device.connect())

    def again(self) -> None:
        """Log in anew, after whatever befell the device."""
        self.teller.close()
        self.teller = Teller(self.device.connect())

    def arm(self, run: int, *undo: str, after_s: int = LONG_S) -> None:
        self.teller.all_done(self.guard.arm(run, undo or ["echo undone >>/root/undone"], after_s))

    def state(self, run: int) -> Net | None:
        return self.teller.state(self.guard.read(run))

    def until(self, run: int, net: Net, limit_s: float = 15.0) -> None:
        text = self.guard.read(run).text
        self.device.wait(f"{text} | grep -q 'ronda-guard {net}'", limit_s)

    def undone(self) -> str:
        return self.device.inside("cat /root/undone 2>/dev/null")

    def left(self) -> str:
        """What a net has left; a process that is about to end is not meant."""
        for _ in range(20):
            found = self.device.inside(LEFT)
            if found == "end\n":
                break
        return found


with_each_timer = pytest.mark.parametrize("device", MAKES, indirect=True)


@pytest.fixture(scope="module", params=["debian", "openwrt"])
def device(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Guard, Device]]:
    platform, make, options = MAKES[request.param]
    folder: Path = tmp_path_factory.mktemp("device")
    made = Device(make(**options), folder, KEY)
    yield GUARDS[platform], made
    made.close()


@pytest.fixture
def bench(device: tuple[Guard, Device]) -> Iterator[Bench]:
    bench = Bench(*device)
    yield bench
    bench.teller.close()
    # a test that fails must not fail the next ones, too
    bench.device.inside("rm -rf /var/lib/ronda-guard /etc/ronda-guard /root/undone")
    for run in (7, 70):
        bench.device.inside(bench.guard.clear(run).text)
    bench.device.restart()


@with_each_timer
def test_proving_shows_that_it_works_and_leaves_nothing(bench: Bench) -> None:
    before = bench.device.inside("find /etc /var /root")
    bench.teller.all_done(bench.guard.prove(7))
    assert bench.left() == "end\n"
    assert bench.device.inside("find /etc /var /root") == before


@with_each_timer
def test_no_second_net_is_proved_while_one_is_out(bench: Bench) -> None:
    bench.arm(6)
    command, *_ = bench.guard.prove(7)
    text, code = bench.teller.told(command.text)
    assert code == 1 and "another run is still out" in text
    bench.teller.state(bench.guard.disarm(6))
    bench.teller.all_done(bench.guard.prove(7))
    assert bench.teller.state(bench.guard.clear(6)) is Net.ABSENT


def test_it_springs_by_itself_after_its_time(bench: Bench) -> None:
    bench.arm(7, after_s=1)
    bench.until(7, Net.UNDONE)
    assert bench.undone() == "undone\n"


def test_it_springs_after_a_power_cut_and_only_once(bench: Bench) -> None:
    bench.arm(7)
    bench.device.restart()
    bench.until(7, Net.UNDONE)
    bench.device.restart()
    bench.again()
    assert (bench.state(7), bench.undone()) == (Net.UNDONE, "undone\n")


@with_each_timer
def test_once_stopped_neither_time_nor_power_nor_hand_springs_it(bench: Bench) -> None:
    bench.arm(7, after_s=1)
    assert bench.teller.state(bench.guard.disarm(7)) is Net.DISARMED
    bench.device.restart()
    bench.again()
    assert bench.teller.state(bench.guard.fire(7)) is Net.DISARMED
    assert bench.teller.state(bench.guard.disarm(7)) is Net.DISARMED
    assert bench.undone() == ""


def test_once_sprung_it_cannot_be_stopped(bench: Bench) -> None:
    bench.arm(7)
    assert bench.teller.state(bench.guard.fire(7)) is Net.UNDONE
    assert bench.teller.state(bench.guard.disarm(7)) is Net.UNDONE
    assert bench.undone() == "undone\n"


def test_one_wins_when_all_come_at_once(bench: Bench) -> None:
    """Two stop it, two spring it, over and over: one state, and the undo ran once or never."""
    script = f"{bench.guard.folder(7)}/net"
    told = set[str]()
    for _ in range(5):
        bench.arm(7)
        verbs = " ".join(f"(sh {script} {verb} >/root/{verb}{n} 2>&1) &"
                         for n in (1, 2) for verb in ("undo", "disarm"))  # fmt: skip
        bench.device.inside(f"cd /; {verbs} wait")
        net = bench.state(7)
        ran = bench.undone().count("undone")
        assert (net, ran) in {(Net.UNDONE, 1), (Net.DISARMED, 0)}
        told.add(str(net))
        bench.device.inside("rm -f /root/undone")
        bench.teller.done(bench.guard.clear(7))


def test_a_power_cut_in_the_middle_of_the_undo_begins_it_again(bench: Bench) -> None:
    bench.arm(
        7,
        "echo one >>/root/undone; sync",
        "[ -e /root/second ] || sleep 60",
        "echo two >>/root/undone",
    )
    bench.device.inside(f"(sh {bench.guard.folder(7)}/net undo &) >/dev/null 2>&1")
    bench.device.wait("grep -q one /root/undone")
    assert bench.state(7) is Net.UNDOING
    bench.device.inside("touch /root/second; sync")
    bench.device.restart()
    bench.until(7, Net.UNDONE)
    assert bench.undone() == "one\none\ntwo\n"
    bench.device.inside("rm /root/second")


def test_an_undo_that_was_killed_is_taken_up_by_hand(bench: Bench) -> None:
    bench.arm(
        7, "[ -e /tmp/second ] || { touch /tmp/second; sleep 60; }", "echo two >>/root/undone"
    )
    bench.device.inside(f"(sh {bench.guard.folder(7)}/net undo &) >/dev/null 2>&1")
    bench.device.wait("[ -e /tmp/second ]")
    bench.device.inside("kill -9 $(cat /var/run/ronda-guard-7.undo)")
    assert bench.state(7) is Net.UNDOING
    assert bench.teller.state(bench.guard.fire(7)) is Net.UNDONE
    assert bench.undone() == "two\n"


def test_what_follows_a_command_that_fails_runs_and_the_failure_is_told(bench: Bench) -> None:
    bench.arm(7, "echo some words; exit 3", "if then", "echo undone >>/root/undone")
    assert bench.teller.state(bench.guard.fire(7)) is Net.FAILED
    assert bench.undone() == "undone\n"
    text, _ = bench.teller.told(bench.guard.read(7).text)
    assert "| some words\n| undo.001 ended with 3\n" in text
    assert "| undo.002 ended with 2\n" in text
    # neither time nor power tries again what failed; somebody may
    bench.device.restart()
    bench.again()
    assert (bench.state(7), bench.undone()) == (Net.FAILED, "undone\n")
    assert bench.teller.state(bench.guard.fire(7)) is Net.FAILED
    assert bench.undone() == "undone\nundone\n"


def test_a_command_that_hangs_is_given_up_and_the_next_one_runs(bench: Bench) -> None:
    bench.arm(7, "sleep 90", "echo undone >>/root/undone")
    bench.device.inside(f"sed -i 's/sleep 120/sleep 1/' {bench.guard.folder(7)}/net")
    assert bench.teller.state(bench.guard.fire(7)) is Net.FAILED
    assert bench.undone() == "undone\n"


def test_the_undo_goes_on_when_who_asked_for_it_is_cut_off(bench: Bench) -> None:
    bench.arm(7, "sleep 1", "echo undone >>/root/undone")
    transport = bench.teller.client.get_transport()
    assert transport is not None
    channel = transport.open_session()
    channel.exec_command(bench.guard.fire(7).text)
    bench.device.wait(f"[ -e {bench.guard.folder(7)}/undoing ]")
    transport.close()
    bench.until(7, Net.UNDONE)
    assert bench.undone() == "undone\n"
    bench.again()


def test_the_log_is_bounded_and_cannot_pass_for_a_state(bench: Bench) -> None:
    bench.arm(7, "seq 1 20000; echo ronda-guard armed")
    assert bench.teller.state(bench.guard.fire(7)) is Net.UNDONE
    text, _ = bench.teller.told(bench.guard.read(7).text)
    assert len(text) < 8192
    assert "| ronda-guard armed" in text


@with_each_timer
def test_nothing_is_left_when_it_is_cleared(bench: Bench) -> None:
    for ending in (bench.guard.disarm, bench.guard.fire):
        bench.teller.all_done(bench.guard.prepare(7))
        bench.arm(7)
        refused, code = bench.teller.told(bench.guard.clear(7).text)
        assert (refused, code) == ("ronda-guard armed\n", 1)
        bench.teller.state(ending(7))
        assert bench.teller.state(bench.guard.clear(7)) is Net.ABSENT
        assert bench.left() == "end\n"
        assert bench.state(7) is Net.ABSENT
        assert bench.teller.state(bench.guard.clear(7)) is Net.ABSENT


def test_two_runs_do_not_know_each_other(bench: Bench) -> None:
    bench.arm(7, "echo seven >>/root/undone")
    bench.arm(70, "echo seventy >>/root/undone")
    assert bench.teller.state(bench.guard.fire(70)) is Net.UNDONE
    bench.teller.done(bench.guard.clear(70))
    assert bench.state(7) is Net.ARMED
    assert bench.teller.state(bench.guard.disarm(7)) is Net.DISARMED
    assert bench.undone() == "seventy\n"


def test_the_same_net_cannot_be_laid_twice_but_after_an_arming_that_broke_off(
    bench: Bench,
) -> None:
    commands = bench.guard.arm(7, ["echo undone >>/root/undone"], LONG_S)
    bench.teller.all_done(commands[:-1])
    assert bench.state(7) is Net.ABSENT
    bench.teller.all_done(commands)
    text, code = bench.teller.told(commands[0].text)
    assert (text, code) == ("a net of run 7 is out already\n", 1)
    assert bench.state(7) is Net.ARMED


def test_what_is_kept_can_be_read_by_root_alone(bench: Bench) -> None:
    bench.arm(7, "echo 'kata sandi' >/dev/null")
    folder = bench.guard.folder(7)
    open_ = bench.device.inside(f"find {folder} ! -type l -perm -o+r -o ! -type l -perm -g+r")
    modes = bench.device.inside(f"ls -ld {folder} {folder}/..").splitlines()
    assert open_ == ""
    assert [line.split()[0] for line in modes] == ["drwx------"] * 2


@pytest.mark.parametrize(
    "cut",
    ["ip route del default", "nft add table ip shut && nft add chain ip shut in "
     "'{ type filter hook input priority 0; policy drop; }'"],
    ids=["no way back to the centre", "a firewall that lets nobody in"],
)  # fmt: skip
def test_a_change_that_cuts_its_own_link_comes_back(bench: Bench, cut: str) -> None:
    undo = [
        "ip route replace default via 10.99.0.1",
        "nft delete table ip shut 2>/dev/null || true",
    ]
    bench.arm(7, *undo, after_s=2)
    threading.Thread(target=_ignored, args=(bench.teller, cut), daemon=True).start()
    with pytest.raises((paramiko.SSHException, OSError)):
        bench.device.wait("! ip route | grep -q default || nft list ruleset | grep -q shut")
        bench.device.connect(limit_s=1.0)
    bench.until(7, Net.UNDONE)
    bench.again()
    assert bench.state(7) is Net.UNDONE


def _ignored(teller: Teller, text: str) -> None:
    try:
        teller.told(text, limit_s=3)
    except (paramiko.SSHException, OSError):
        return
