"""What is done on a device is what was shown when it was asked for, or nothing is."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, insert

from collector import db, schema
from collector.settings import Settings
from playbooks import asking, host_rows, marks, run_rows
from playbooks.asking import Asked
from playbooks.guards.table import GUARDS
from playbooks.hands import Hands
from playbooks.hosts import Host, Jump, Login, Way
from playbooks.model import Command, Kind, Level, Parameter, Platform, Playbook, Recipe
from playbooks.plan import plan
from playbooks.runner import Runner
from playbooks.states import HostState
from tests.playbooks.fakes import Clock, Device, Eyes

SITE, SECRET = "35.10.01.2001", b"k" * 32
PARAMS = (
    Parameter("wan", Kind.INTERFACE, {}, default="eth0"),
    Parameter("sandi", Kind.SECRET, {}),
)
RECIPE = Recipe(do=(Command("renew @{wan} @{sandi} for @{run} in @{guard}", 1),))
PLAYBOOK = Playbook("coba", {}, Level.RED, "f", {Platform.DEBIAN: RECIPE}, PARAMS, changes=False)
HOST = Host(SITE, "pc", Platform.DEBIAN, "192.0.2.1", 22, Login("root", "pw"), ())


class Centre:
    """A run that waits for its approval, and hands that would then do it."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self.settings, self.store = settings, store
        self.device = Device(Clock(time.time()))
        self.keep(HOST)
        asked = Asked(PLAYBOOK, [SITE], {"sandi": "s"}, "siti")
        with db.writing(store) as connection:
            wanted = asking.wish(connection, SECRET, settings, asked)
            self.number = asking.ask(connection, wanted, self.device.clock.now)

    def keep(self, host: Host) -> None:
        with db.writing(self.store) as connection:
            host_rows.put(connection, SECRET, host, "", 1.0, "siti")

    def work(self) -> tuple[HostState, str]:
        runner = Runner(self.device.connect, GUARDS, Eyes(), self.device.clock.times, lambda *_: "")
        with db.reading(self.store) as connection:
            run = run_rows.get(connection, self.number)
            (row,) = run_rows.hosts_of(connection, self.number)
        assert run is not None
        ending = Hands(self.settings, self.store, SECRET, runner).work(run, PLAYBOOK, row)
        return ending.state, ending.reason


@pytest.fixture
def centre(store_settings: Settings, store: Engine) -> Centre:
    with db.writing(store) as connection:
        place = {"code": SITE, "name": SITE, "row": 0, "lifecycle": "active"}
        connection.execute(insert(schema.sites).values(place))
    return Centre(store_settings, store)


def test_a_plan_that_still_holds_is_done_with_the_number_of_its_run(centre: Centre) -> None:
    assert centre.work() == (HostState.DONE, "")
    assert centre.device.ran == [f"renew eth0 s for {centre.number} in /var/lib/ronda-guard/1"]


MEANWHILE = [
    pytest.param(lambda host: replace(host, values={"wan": "eth1"}), id="its uplink"),
    pytest.param(lambda host: replace(host, address="192.0.2.9"), id="its address"),
    pytest.param(lambda host: replace(host, login=Login("admin", "pw")), id="who signs in"),
    pytest.param(lambda host: replace(host, way=Way.TUNNEL), id="the way to it"),
]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("change", MEANWHILE)
def test_what_changed_after_it_was_approved_is_not_done(
    centre: Centre, change: Callable[[Host], Host]
) -> None:
    centre.keep(change(HOST))
    why = "what would be done is not what was planned: look at its plan, and ask again"
    assert centre.work() == (HostState.FAILED, f"{SITE}/pc: {why}")
    assert centre.device.ran == []


def test_what_says_nothing_of_what_is_done_may_change(centre: Centre) -> None:
    centre.keep(replace(HOST, login=Login("root", "another"), host_keys=("ssh-ed25519 AAAA",)))
    assert centre.work()[0] is HostState.DONE


JUMP = Jump("192.0.2.3", 22, Login("root", "pw"), (), "gerbang")
OTHERS = [
    replace(HOST, port=2222),
    replace(HOST, device="other"),
    replace(HOST, way=Way.JUMP, jump=JUMP),
    replace(HOST, way=Way.JUMP, jump=replace(JUMP, address="192.0.2.4")),
]


def test_no_two_devices_or_ways_bear_one_mark() -> None:
    whole = plan(PLAYBOOK, Platform.DEBIAN, {"wan": "eth0", "sandi": "s"})
    assert len({marks.mark(PLAYBOOK, host, whole) for host in (HOST, *OTHERS)}) == 5
