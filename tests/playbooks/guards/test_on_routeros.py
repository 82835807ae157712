"""The net on RouterOS: sprung by uptime whatever its clock does, by a power cut, by hand; raced."""

import re
from collections.abc import Iterator

import paramiko
import pytest

from playbooks.guards.guard import Net, state_of
from playbooks.guards.routeros import ROUTEROS
from playbooks.model import Command
from tests.each import for_each
from tests.playbooks.devices.routeros.box import JOB, SCHEDULER, SCRIPT, Box
from tests.playbooks.devices.routeros.console import Router
from tests.playbooks.devices.telling import Teller

UNDO = '/ip dns set servers="9.9.9.9"'
DAY_S = 86_400.0
KEY = paramiko.ECDSAKey.generate()


@pytest.fixture(params=["6.49.10", "7.15.3"])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    box = Box(request.param)
    yield box
    for job in box.jobs:
        job.gen.close()


def done(box: Box, command: Command) -> str:
    text, failed = box.run(command.text, command.limit_s)
    assert not failed, f"{command.text}\n{text}"
    assert re.search(command.expect, text), f"{command.text}\n{text}"
    return text


def arm(box: Box, *undo: str, after_s: int = 300, run: int = 7) -> None:
    for command in ROUTEROS.arm(run, undo or [UNDO], after_s):
        done(box, command)


def told(box: Box, command: Command) -> Net | None:
    return state_of(box.run(command.text, command.limit_s)[0])


def state(box: Box, run: int = 7) -> Net | None:
    return told(box, ROUTEROS.read(run))


def undone(box: Box) -> bool:
    return bool(box.singles["ip", "dns"]["servers"] == "9.9.9.9")


def left(box: Box) -> list[str]:
    places = (SCRIPT, SCHEDULER, JOB)
    names = [it.get("name", it.get("script")) for at in places for it in box.items[at].values()]
    return [str(name) for name in names if "ronda" in str(name)]


def test_proving_shows_that_it_works_and_leaves_nothing(box: Box) -> None:
    for command in ROUTEROS.prove(7):
        done(box, command)
    assert (left(box), box.jobs) == ([], [])


@pytest.mark.parametrize("barred", ["scheduler", "policy"])
def test_proving_says_why_not_and_leaves_nothing(box: Box, barred: str) -> None:
    box.barred.add(barred)
    (command,) = ROUTEROS.prove(7)
    text, failed = box.run(command.text, command.limit_s)
    assert (failed, left(box)) == (True, [])
    assert "may not be added" in text


def test_no_second_net_is_proved_while_one_is_out(box: Box) -> None:
    for command in ROUTEROS.arm(6, ["/log info a"], 300):
        done(box, command)
    (command,) = ROUTEROS.prove(7)
    text, failed = box.run(command.text, command.limit_s)
    assert failed and "another run is still out" in text
    done(box, ROUTEROS.disarm(6))
    done(box, command)


def test_a_scheduler_that_does_nothing_is_found_out(box: Box) -> None:
    box.barred.add("time")
    (command,) = ROUTEROS.prove(7)
    text, failed = box.run(command.text, command.limit_s)
    assert (text, failed, left(box)) == ("no schedule of one second ran within ten\n", True, [])


def test_it_springs_by_itself_after_its_time_and_not_before(box: Box) -> None:
    arm(box)
    box.advance(295)
    assert (state(box), undone(box)) == (Net.ARMED, False)
    box.advance(20)
    assert (state(box), undone(box)) == (Net.UNDONE, True)


@pytest.mark.parametrize(
    "jump_s",
    [400 * DAY_S, -400 * DAY_S, 3600.0, -3600.0, 299.0, -5.0],
    ids=["a year on", "a year back", "an hour on", "an hour back", "to the end", "a little back"],
)
def test_a_clock_that_jumps_brings_it_neither_early_nor_late(box: Box, jump_s: float) -> None:
    arm(box)
    box.advance(100)
    box.set_clock(box.wall + jump_s)
    box.advance(190)
    assert (state(box), undone(box)) == (Net.ARMED, False)
    box.advance(25)
    assert (state(box), undone(box)) == (Net.UNDONE, True)


@pytest.mark.parametrize("uptime", [200_000.0, 20.0], ids=["long up", "just started"])
@pytest.mark.parametrize("ntp_s", [None, 4.0, 30.0], ids=["1970", "NTP at once", "NTP later"])
def test_it_springs_soon_after_a_power_cut(box: Box, uptime: float, ntp_s: float | None) -> None:
    box.uptime = uptime
    arm(box)
    box.advance(50)
    now = box.wall
    box.cut_power()
    box.power(took_s=30.0)
    if ntp_s is not None:
        box.advance(ntp_s)
        box.set_clock(now + 60)
    box.advance(15)
    assert (state(box), undone(box)) == (Net.UNDONE, True)
    box.singles["ip", "dns"]["servers"] = "1.1.1.1"
    box.restart()
    box.advance(900)
    assert (state(box), undone(box)) == (Net.UNDONE, False)


def test_it_springs_after_a_power_cut_where_the_clock_goes_back(box: Box) -> None:
    arm(box)
    box.cut_power()
    box.power(wall=1_795_000_000.0)
    box.advance(5)
    box.set_clock(1_700_000_000.0)
    box.advance(400)
    assert (state(box), undone(box)) == (Net.UNDONE, True)


def test_once_stopped_neither_time_nor_power_nor_hand_springs_it(box: Box) -> None:
    arm(box)
    assert told(box, ROUTEROS.disarm(7)) is Net.DISARMED
    box.advance(400)
    box.restart()
    box.advance(400)
    assert told(box, ROUTEROS.fire(7)) is Net.DISARMED
    assert not undone(box)


def test_once_sprung_it_cannot_be_stopped(box: Box) -> None:
    arm(box)
    assert told(box, ROUTEROS.fire(7)) is Net.UNDONE
    assert told(box, ROUTEROS.disarm(7)) is Net.UNDONE


@for_each("seed", range(20))
def test_one_wins_when_all_come_at_once(seed: int) -> None:
    box = Box(seed=seed)
    arm(box, "/ip dns static add name=undone address=10.0.0.1")
    box.advance(299)
    for text in ['/system script run "ronda-guard-7-net"', ROUTEROS.disarm(7).text] * 2:
        box.start(text)
    box.advance(30)
    ran = len(box.items["ip", "dns", "static"])
    assert (state(box), ran) in {(Net.UNDONE, 1), (Net.DISARMED, 0)}


def test_a_power_cut_in_the_middle_of_the_undo_begins_it_again(box: Box) -> None:
    box.run("/ip dns static add name=one")
    arm(box, "/ip dns static set one address=10.0.0.1; :delay 60s", UNDO)
    box.advance(320)
    assert (state(box), undone(box)) == (Net.UNDOING, False)
    box.restart()
    box.advance(30)
    assert state(box) is Net.UNDOING
    box.advance(60)
    assert (state(box), undone(box)) == (Net.UNDONE, True)


def test_what_follows_a_command_that_fails_runs_and_the_failure_is_told(box: Box) -> None:
    arm(box, "/ip route set nowhere distance=1", "/no such thing", UNDO)
    assert told(box, ROUTEROS.fire(7)) is Net.FAILED
    assert undone(box)
    text, _ = box.run(ROUTEROS.read(7).text)
    assert "undo-001 failed\nronda-guard-7-undo-002 failed\n" in text
    box.restart()
    box.advance(900)
    assert state(box) is Net.FAILED
    box.singles["ip", "dns"]["servers"] = "1.1.1.1"
    assert told(box, ROUTEROS.fire(7)) is Net.FAILED
    assert undone(box)


def test_nothing_is_left_when_it_is_cleared(box: Box) -> None:
    for ending in (ROUTEROS.disarm, ROUTEROS.fire):
        arm(box)
        text, failed = box.run(ROUTEROS.clear(7).text)
        assert (text, failed) == ("the net of run 7 is out\n", True)
        told(box, ending(7))
        assert told(box, ROUTEROS.clear(7)) is Net.ABSENT
        assert (left(box), box.jobs) == ([], [])
        assert told(box, ROUTEROS.clear(7)) is Net.ABSENT


def test_what_looks_again_goes_by_itself_where_nobody_clears(box: Box) -> None:
    arm(box)
    told(box, ROUTEROS.disarm(7))
    box.advance(320)
    assert not box.items[SCHEDULER]


def test_two_runs_do_not_know_each_other(box: Box) -> None:
    arm(box)
    arm(box, "/ip dns static add name=seventy", run=70)
    assert told(box, ROUTEROS.fire(70)) is Net.UNDONE
    done(box, ROUTEROS.clear(70))
    box.advance(100)
    assert (state(box), undone(box)) == (Net.ARMED, False)
    assert told(box, ROUTEROS.disarm(7)) is Net.DISARMED


def test_the_same_net_cannot_be_laid_twice_but_after_an_arming_that_broke_off(box: Box) -> None:
    commands = ROUTEROS.arm(7, [UNDO], 300)
    for command in commands[:-1]:
        done(box, command)
    assert state(box) is Net.ABSENT
    arm(box)
    assert box.run(commands[0].text) == ("a net of run 7 is out already\n", True)


def test_any_text_reaches_the_router_as_it_is(box: Box) -> None:
    odd = ':local a "x$[/nothing]"; # \\ "ä" ?\t$b\nnext'
    commands = ROUTEROS.arm(7, [odd], 300)
    for command in commands[:2]:
        assert "\n" not in command.text
        done(box, command)
    item = box.named(SCRIPT, "ronda-guard-7-undo-001")
    assert item is not None
    assert str(item["source"]).encode("latin-1").decode() == odd


@pytest.mark.slow
def test_a_command_that_cuts_its_own_link_comes_back_over_ssh() -> None:
    box = Box()
    router = Router(box, KEY, speed=5.0)
    try:
        teller = Teller(_connected(router))
        teller.all_done(ROUTEROS.prove(7))
        teller.all_done(ROUTEROS.arm(7, ["/ip service enable ssh"], 180))
        with pytest.raises((paramiko.SSHException, OSError, EOFError, AssertionError)):
            teller.told("/ip service disable ssh; :delay 10s")
            assert box.reachable
        teller.close()
        # slow before, lest a busy machine reach the end of the net's time first
        router.speed = 100.0
        for _ in range(1000):
            if box.reachable:
                break
            router._ended.wait(0.02)
        teller = Teller(_connected(router))
        assert teller.state(ROUTEROS.read(7)) is Net.UNDONE
        assert teller.state(ROUTEROS.clear(7)) is Net.ABSENT
        teller.close()
    finally:
        router.close()


def _connected(router: Router) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        "127.0.0.1",
        router.port,
        "admin",
        pkey=KEY,
        timeout=5,
        allow_agent=False,
        look_for_keys=False,
    )
    return client
