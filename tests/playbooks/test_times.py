"""A clock that is set right in the middle of a run; a tunnel opened anew in its middle."""

from dataclasses import dataclass, replace

import pytest

from playbooks.diary import Ending
from playbooks.hosts import TUNNEL_S, Host, Way
from playbooks.model import Command, Level, Look, Platform, Playbook, Proof, Recipe
from playbooks.plan import guard_s, plan
from playbooks.runner import Runner, Work
from playbooks.session import Output, Session, Unreachable
from playbooks.states import HostState
from playbooks.times import Times
from tests.playbooks.fakes import HOST, Clock, Device, Eyes, Notes, WordGuard

PROOF = Command("ping", 1, limit_s=30.0)
RECIPE = Recipe(
    do=(Command("change", 1, limit_s=10.0),),
    verify=(PROOF,),
    persist=(Command("write", 1, limit_s=10.0),),
    undo=(Command("restore", 1),),
)
BEAT = replace(RECIPE, verify=(Look(Proof.HEARTBEAT, 1, 120.0),))


def run(device: Device, times: Times, recipe: Recipe = RECIPE, host: Host = HOST) -> Ending:
    book = Playbook("coba", {}, Level.GREEN, "f", {Platform.OPENWRT: recipe})
    runner = Runner(device.connect, {Platform.OPENWRT: WordGuard()}, Eyes(), times, lambda *_: "")
    whole = plan(book, Platform.OPENWRT, {}, reach_s=host.reach_s)
    return runner.go(Work(7, "coba", host, whole, {}), Notes())


@dataclass
class Wall:
    """The collector's clock: `steps` by so much once the change was made."""

    device: Device
    steps: float

    def __call__(self) -> float:
        return self.device.clock.now + (self.steps if "change" in self.device.ran else 0.0)


class Refusing(Device):
    """Its proof never comes."""

    def run(self, text: str, limit_s: float) -> Output:
        self.answers["ping"] = ("0 received", 1)
        return super().run(text, limit_s)


@pytest.mark.parametrize("steps", [-86400.0, 86400.0])
def test_a_clock_that_steps_makes_no_proof_longer_and_no_net_shorter(steps: float) -> None:
    clock = Clock()
    good, bad = Device(clock), Refusing(clock)
    assert run(good, Times(Wall(good, steps), clock, clock.pause)).state is HostState.DONE
    began = clock.now
    ending = run(bad, Times(Wall(bad, steps), clock, clock.pause))
    assert ending.state is HostState.ROLLED_BACK and clock.now - began < 60


class Tunnelled(Device):
    """What is done cuts its tunnel; it takes a while to have it opened again."""

    opens_in_s = 200.0

    def connect(self, host: Host) -> Session:
        if self.opened:
            self.clock.pause(min(self.opens_in_s, TUNNEL_S))
            self.away = self.opens_in_s > TUNNEL_S
        return super().connect(host)

    def run(self, text: str, limit_s: float) -> Output:
        output = super().run(text, limit_s)
        if text == "change":
            raise Unreachable("the line went dead", sent=True)
        return output


FAR = replace(HOST, way=Way.TUNNEL)


@pytest.mark.parametrize("recipe", [RECIPE, BEAT], ids=["a command", "a report"])
def test_a_good_change_that_cuts_the_tunnel_stays(recipe: Recipe) -> None:
    device = Tunnelled(Clock())
    assert run(device, device.clock.times, recipe, FAR) == Ending(HostState.DONE)


def test_a_tunnel_that_does_not_come_back_gives_a_proof_no_time_for_ever() -> None:
    device = Tunnelled(Clock())
    device.opens_in_s = 1e6
    ending = run(device, device.clock.times, RECIPE, FAR)
    assert ending.state is not HostState.DONE
    assert device.clock.now - 1000.0 < 3 * guard_s(RECIPE, TUNNEL_S)


def test_the_net_waits_for_tunnels_and_only_for_them() -> None:
    assert guard_s(RECIPE, FAR.reach_s) == guard_s(RECIPE, HOST.reach_s) + 2 * TUNNEL_S
    assert guard_s(replace(RECIPE, undo=()), TUNNEL_S) == 0.0


class Shut(Device):
    """Lets nobody in any more; connections of before live on."""

    def connect(self, host: Host) -> Session:
        if "change" in self.ran and self.net is not self.net.UNDONE:
            self.look()
            self.clock.pause(15.0)
            self.look()
            if self.net is self.net.ARMED:
                raise Unreachable("connection refused")
        return super().connect(host)


def test_what_shuts_the_door_behind_us_is_never_proved_on_the_old_line() -> None:
    device = Shut(Clock())
    ending = run(device, device.clock.times)
    assert ending.state is HostState.ROLLED_BACK and "write" not in device.ran
