"""One run on one device: what is done in which order, and how it ends when something fails."""

from dataclasses import replace

import pytest

from playbooks.diary import Ending, Interrupted
from playbooks.guards.guard import Guard, Net
from playbooks.hosts import Host
from playbooks.looks import Seen
from playbooks.model import Command, Keep, Kind, Level, Look, Platform, Playbook, Proof, Put, Recipe
from playbooks.plan import Planned, plan
from playbooks.runner import Runner, Work
from playbooks.session import Output, Unreachable, WrongHostKey
from playbooks.settling import WayBack, last_told
from playbooks.states import HostState, StepState
from playbooks.talk import Talk
from tests.playbooks.fakes import HOST, Clock, Device, Eyes, Notes, WordGuard

LOOK = Look(Proof.HEARTBEAT, 1, 120.0)
WHOLE = Recipe(
    precheck=(Command("look", 1),),
    snapshot=(Command("save", 1),),
    do=(Command("change", 1),),
    verify=(LOOK,),
    persist=(Command("write", 1),),
    undo=(Command("restore", 1),),
)
# what the clock shows 30 s before the net's time, which is 3 times 120 s and 2 times 30 s more
GUARD_S = 2 * 120.0 + 60.0 + 60.0
MORE = Command("more", 1, limit_s=15.0)


class Broken(Device):
    """Its undo does not bring it back."""

    def undo(self) -> None:
        self.net = Net.UNDONE


class Slow(Device):
    """Writes so slowly that its net is nearly due."""

    def run(self, text: str, limit_s: float) -> Output:
        if text == "write":
            self.clock.now = 1000.0 + GUARD_S - 29
        return super().run(text, limit_s)


class Waylaid(Device):
    """Back only when its net has sprung already."""

    def connect(self, host: Host) -> Device:
        if self.away and self.clock.now < 1000.0 + GUARD_S:
            self.clock.now = 1000.0 + GUARD_S
        return super().connect(host)


class Late(Device):
    """What it pings comes up a while after the change."""

    def run(self, text: str, limit_s: float) -> Output:
        self.answers["ping"] = ("1 received", 0) if self.clock.now > 1050 else ("0 received", 1)
        return super().run(text, limit_s)


class Stranger(Device):
    """Shows another key than the one that is pinned."""

    def connect(self, _: Host) -> Device:
        self.opened += 1
        raise WrongHostKey("shows another key", "SHA256:abc")


def playbook(recipe: Recipe, changes: bool = True) -> Playbook:
    title = {"id": "Coba", "en": "Try"}
    recipes = {Platform.OPENWRT: recipe}
    return Playbook("coba", title, Level.GREEN, "coba.yml", recipes, changes=changes)


def run(
    device: Device,
    recipe: Recipe = WHOLE,
    eyes: Eyes | None = None,
    notes: Notes | None = None,
    changes: bool = True,
) -> Ending:
    guards = {Platform.OPENWRT: WordGuard()}
    clock = device.clock
    runner = Runner(
        device.connect, guards, eyes or Eyes(), clock.times, lambda _, data: f"{data!r}"
    )
    given = {"guard": "/guard/7"}
    planned = plan(playbook(recipe, changes), Platform.OPENWRT, given)
    return runner.go(Work(7, "coba", HOST, planned, given), notes or Notes())


def test_everything_is_done_in_order_and_the_net_taken_away_at_the_end() -> None:
    device, notes = Device(Clock()), Notes()
    assert run(device, notes=notes) == Ending(HostState.DONE)
    before = ["look", "prove", "prepare", "save", f"arm {GUARD_S:.0f}"]
    assert device.ran == [*before, "change", "write", "disarm", "clear"]
    assert device.net is Net.ABSENT and notes.until == 1000.0 + GUARD_S
    assert notes.shown == [
        "look done",
        "prove done",
        "prepare done",
        "save done",
        "arm done",
        "change done",
        "heartbeat within 120 s done",
        "write done",
        "disarm done",
        "clear done",
    ]


@pytest.mark.parametrize("step", ["look", "prove", "prepare", "save"])
def test_what_fails_before_the_net_changes_nothing(step: str) -> None:
    device = Device(Clock(), {step: ("no space left", 1)})
    ending = run(device)
    assert ending.state is HostState.FAILED and ending.reason.endswith("no space left")
    assert "change" not in device.ran and device.net is Net.ABSENT
    # what was begun on the device is taken away again
    assert ("clear" in device.ran) == (step in ("prepare", "save"))


def test_a_change_that_is_refused_is_undone_at_once() -> None:
    device, notes = Device(Clock(), {"change": ("uci: Entry not found", 1)}), Notes()
    ending = run(device, notes=notes)
    assert ending == Ending(HostState.ROLLED_BACK, "step 6: ended with 1: uci: Entry not found")
    assert device.ran[-2:] == ["fire", "clear"] and "write" not in device.ran
    assert notes.shown[-3:] == ["change failed", "fire done", "clear done"]


def test_a_proof_that_does_not_come_takes_the_change_back() -> None:
    device = Device(Clock())
    ending = run(device, eyes=Eyes(good_at=9e9))
    assert ending == Ending(HostState.ROLLED_BACK, "step 7: has not reported since")
    assert device.net is Net.ABSENT and "write" not in device.ran


def test_a_proof_may_take_its_time() -> None:
    assert run(Device(Clock()), eyes=Eyes(good_at=1100.0)).state is HostState.DONE


def test_what_was_measured_before_the_act_was_over_proves_nothing() -> None:
    class Restarting(Device):
        """Acts for ten seconds, and is another one half a minute later."""

        def run(self, text: str, limit_s: float) -> Output:
            self.clock.now += {"change": 10.25, "restarted": 30.0}.get(text, 0.0)
            return super().run(text, limit_s)

    class Watching(Eyes):
        def seen(self, look: Look, site: str, since: float, now: float) -> Seen:
            sinces.append((since, look.subject))
            return Seen(True)

    sinces: list[tuple[float, str]] = []
    asked = Look(Proof.HOLDS, 1, 60.0, "x > @{begin}")
    proofs = (asked, Command("restarted", 1), LOOK, asked)
    run(Restarting(Clock()), replace(WHOLE, verify=proofs), Watching())
    over, back = 1010.25, 1040.25
    assert sinces == [(over, "x > 1011"), (back, ""), (back, "x > 1041")]


def test_a_change_that_cuts_its_own_line_is_undone_by_the_device_in_time() -> None:
    device = Device(Clock(), cut={"change"})
    ending = run(device, eyes=Eyes(good_at=9e9))
    assert ending == Ending(HostState.ROLLED_BACK, "step 7: has not reported since")
    # nobody could tell it to: it was its own timer
    assert "fire" not in device.ran[: device.ran.index("change") + 1]
    assert 1000.0 + GUARD_S <= device.clock.now < 1000.0 + GUARD_S + 60


def test_a_device_that_never_comes_back_is_not_called_undone() -> None:
    device = Broken(Clock(), cut={"change"})
    ending = run(device, eyes=Eyes(good_at=9e9))
    assert ending.state is HostState.UNKNOWN and "no route to it" in ending.reason


def test_a_line_that_dies_under_a_good_change_is_opened_again() -> None:
    device = Device(Clock(), lost={"change"})
    assert run(device).state is HostState.DONE
    assert device.ran.count("change") == 1 and device.opened == 2


def test_a_lost_answer_to_stopping_the_net_is_asked_again_of_the_device() -> None:
    device = Device(Clock(), lost={"disarm"})
    ending = run(device)
    assert ending.state is HostState.DONE and device.net is Net.ABSENT


def test_an_undo_that_fails_is_told() -> None:
    device = Device(Clock(), {"change": ("no", 1)}, undo_fails=True)
    ending = run(device)
    assert ending.state is HostState.FAILED and ending.reason.endswith("undoing it failed")


def test_a_net_is_not_stopped_in_its_last_half_minute() -> None:
    device = Slow(Clock())
    ending = run(device)
    assert ending.state is HostState.ROLLED_BACK and "disarm" not in device.ran
    assert "the proof came too late" in ending.reason


def test_nothing_is_done_any_more_once_the_device_took_the_change_back() -> None:
    device = Waylaid(Clock(), cut={"change"})
    ending = run(device, replace(WHOLE, do=(Command("change", 1, limit_s=15.0), MORE)))
    assert ending.state is HostState.ROLLED_BACK and "more" not in device.ran
    assert "it was reached too late" in ending.reason


def test_nothing_is_begun_that_may_still_go_on_when_the_net_springs() -> None:
    class Sluggish(Device):
        """Seen to be good so late that writing it down could take longer than is left."""

        def run(self, text: str, limit_s: float) -> Output:
            if text == "slow":
                self.clock.now = 1000.0 + GUARD_S - 50
            return super().run(text, limit_s)

    device = Sluggish(Clock())
    ending = run(device, replace(WHOLE, do=(Command("slow", 1),)))
    assert ending.state is HostState.ROLLED_BACK and "write" not in device.ran
    assert "it was reached too late" in ending.reason


def test_what_a_net_left_that_cannot_be_taken_away_is_told() -> None:
    class Full(Device):
        def run(self, text: str, limit_s: float) -> Output:
            if text == "clear":
                raise Unreachable("the line went dead")
            return super().run(text, limit_s)

    class Book(Notes):
        def end(
            self, step: Planned, state: StepState, output: Output | None = None, reason: str = ""
        ) -> None:
            super().end(step, state, output, reason)
            self.last = output

    notes = Book()
    assert run(Full(Clock()), notes=notes).state is HostState.DONE
    assert notes.last is not None and "the line went dead" in notes.last.text


def test_a_proof_on_the_device_is_tried_until_its_time_is_over() -> None:
    device = Late(Clock())
    proof = Command("ping", 1, limit_s=90.0)
    assert run(device, replace(WHOLE, verify=(proof,))).state is HostState.DONE
    assert device.ran.count("ping") > 10


def test_what_only_reads_has_no_net() -> None:
    device = Device(Clock(), {"look around": ("all is well", 0)})
    reads = Recipe(do=(Command("look around", 1),))
    assert run(device, reads, changes=False) == Ending(HostState.DONE)
    assert device.ran == ["look around"]


def test_what_cannot_be_undone_says_that_it_stays() -> None:
    device = Device(Clock())
    reboots = Recipe(do=(Command("reboot", 1),), verify=(LOOK,))
    ending = run(device, reboots, Eyes(good_at=9e9))
    assert ending.state is HostState.FAILED
    assert ending.reason == "step 2: has not reported since; what was done stays"


def test_a_value_of_the_wrong_type_from_a_device_is_never_put_into_a_command() -> None:
    keep = Keep("lease", Kind.IDENTIFIER, r"lease-time: (\S+)")
    recipe = replace(
        WHOLE,
        snapshot=(Command("save", 1, keep=keep),),
        undo=(Command("restore @{lease}", 1),),
    )
    device = Device(Clock(), {"save": ("lease-time: $(reboot)\n", 0)})
    ending = run(device, recipe)
    assert ending.state is HostState.FAILED and "lease: expected letters" in ending.reason
    assert all("reboot" not in text for text in device.ran)


def test_a_centre_that_stops_leaves_the_step_as_it_was_written() -> None:
    device, notes = Device(Clock(dies_at=1010.0)), Notes()
    with pytest.raises(Interrupted):
        run(device, eyes=Eyes(good_at=9e9), notes=notes)
    assert notes.shown[-1] == "heartbeat within 120 s running"
    assert device.net is Net.ARMED and notes.until == 1000.0 + GUARD_S


def test_a_device_that_shows_another_key_is_not_tried_again() -> None:
    device = Stranger(Clock())
    ending = run(device)
    assert ending == Ending(HostState.FAILED, "step 1: shows another key") and device.opened == 1


def test_a_device_out_of_reach_is_a_failure_that_changed_nothing() -> None:
    device = Device(Clock(), away=True)
    ending = run(device)
    assert ending == Ending(HostState.FAILED, "step 1: no route to it")


def test_an_archive_is_kept_and_only_its_name_is_told() -> None:
    device, notes = Device(Clock(), {"export": ("secret text", 0)}), Notes()
    reads = Recipe(do=(Command("export", 1, archive=True),))
    assert run(device, reads, notes=notes, changes=False).state is HostState.DONE


def settled(device: Device, until: float, told: Net | None = None) -> Ending:
    clock, guards = device.clock, {Platform.OPENWRT: WordGuard()}
    runner = Runner(device.connect, guards, Eyes(), clock.times, lambda *_: "")

    def back(guard: Guard, talk: Talk) -> WayBack:
        return WayBack(7, guard, talk, Notes(), until, True, 6, told)

    return runner.settle(back, HOST, "interrupted at step 5")


def test_settling_waits_for_the_device_and_ends_as_it_says() -> None:
    device = Device(Clock(), net=Net.ARMED, fires_at=1300.0)
    assert settled(device, 1300.0) == Ending(HostState.ROLLED_BACK, "interrupted at step 5")


@pytest.mark.parametrize(
    ("told", "state"),
    [
        pytest.param(None, HostState.UNKNOWN, id="nothing was heard of its end"),
        pytest.param(Net.DISARMED, HostState.DONE, id="it was stopped, and taken away"),
        pytest.param(Net.UNDONE, HostState.ROLLED_BACK, id="it had sprung, and was taken away"),
    ],
)
def test_a_net_that_was_taken_away_ended_as_was_heard_before(
    told: Net | None, state: HostState
) -> None:
    assert settled(Device(Clock(), net=Net.ABSENT), 1300.0, told).state is state


STOPPED, SPRUNG = ("disarm", "ronda-guard disarmed\n"), ("fire", "| x\nronda-guard undone\n")


@pytest.mark.parametrize(
    ("steps", "net"),
    [
        pytest.param([], None, id="no step"),
        pytest.param([("cat log", "ronda-guard undone")], None, id="a command that prints it"),
        pytest.param([("disarm", ""), STOPPED], Net.DISARMED, id="stopped"),
        pytest.param([("disarm", ""), SPRUNG, ("clear", "")], Net.UNDONE, id="sprung"),
        pytest.param([("fire", "ronda-guard undoing")], None, id="on its way"),
    ],
)
def test_the_steps_that_were_written_tell_how_a_net_ended(
    steps: list[tuple[str, str]], net: Net | None
) -> None:
    assert last_told(steps) is net


def test_an_undo_that_failed_days_ago_is_not_tried_again_by_itself() -> None:
    device = Device(Clock(now=90_000.0), net=Net.FAILED)
    assert settled(device, until=1300.0).reason.endswith("undoing it failed")
    assert device.ran == ["read"]


def test_a_net_that_slept_over_its_time_is_told_to_undo() -> None:
    device = Device(Clock(now=90_000.0), net=Net.ARMED)
    assert settled(device, until=1300.0).state is HostState.ROLLED_BACK
    assert device.ran == ["read", "fire", "clear"]


def test_unreachable_says_whether_the_command_may_have_begun() -> None:
    assert not Unreachable("x").sent and Unreachable("x", sent=True).sent


LAID = replace(WHOLE, snapshot=(Put("agent", "@{guard}/agent.pyz", 1),))


class Weak(Device):
    """Its line breaks twice while a file is sent; `full`: it has no room for it."""

    breaks = 2
    full = False

    def put(self, data: bytes, place: str, limit_s: float) -> Output:
        if self.breaks:
            self.breaks -= 1
            raise Unreachable("the connection was lost", sent=True)
        if self.full:
            return Output("only 3 kB are free", 1, 0.1)
        return super().put(data, place, limit_s)


def laid(device: Device, notes: Notes) -> Ending:
    """A run that brings a file along."""
    runner = Runner(
        device.connect, {Platform.OPENWRT: WordGuard()}, Eyes(), device.clock.times,
        lambda *_: "", lambda work, source: f"{source} of {work.host.name}".encode(),
    )  # fmt: skip
    given = {"guard": "/guard/7"}
    work = Work(7, "coba", HOST, plan(playbook(LAID), Platform.OPENWRT, given), given)
    return runner.go(work, notes)


def test_a_file_is_sent_again_after_the_line_broke_and_lies_there_before_the_net() -> None:
    device, notes = Weak(Clock()), Notes()
    assert laid(device, notes) == Ending(HostState.DONE)
    assert device.files == {"/guard/7/agent.pyz": f"agent of {HOST.name}".encode()}
    order = [one.partition(" ")[0] for one in device.ran]
    assert order.index("prepare") < order.index("put") < order.index("arm") < order.index("change")


def test_a_file_that_finds_no_room_ends_the_run_before_anything_was_changed() -> None:
    device, notes = Weak(Clock()), Notes()
    device.full = True
    ending = laid(device, notes)
    assert ending == Ending(HostState.FAILED, "step 4: ended with 1: only 3 kB are free")
    assert "change" not in device.ran
