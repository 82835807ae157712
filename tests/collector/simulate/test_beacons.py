"""Simulated beacons: sent, echoed, lost as the scenario says, confirmed as the agent does."""

import socket
from collections.abc import Iterator

import pytest

from collector.intake.heard import Heard
from collector.simulate.beacons import Beacons
from collector.simulate.fate import Fate
from collector.simulate.geography import villages
from collector.simulate.scenario import Event, Kind, Scenario

START = 1_790_000_000.0
SITES = 20
SIGNERS = [(site + 1, bytes([site]) * 32) for site in range(SITES)]


class Fleet:
    """The fleet's beacons against the real table, in one thread, time by hand."""

    def __init__(self, *events: Event) -> None:
        keys = {agent: (key,) for agent, key in SIGNERS}
        self.heard = Heard(lambda agent: keys.get(agent, ()))
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.line.setblocking(False)
        fate = Fate(Scenario(events), list(villages(SITES)), START, seed=1)
        url = f"http://127.0.0.1:{self.line.getsockname()[1]}"
        self.confirmed: list[int] = []
        self.beacons = Beacons(url, SIGNERS, fate, 1, START, self._confirm)

    def _confirm(self, site: int, now: float) -> None:
        self.confirmed.append(site)

    def run(self, seconds: int) -> "Fleet":
        for half in range(2 * seconds):
            now = START + half / 2
            self.beacons.tick(now)
            self.answer(now)
        return self

    def answer(self, now: float) -> None:
        try:
            while True:
                packet, sender = self.line.recvfrom(100)
                echo = self.heard.take(packet, now)
                if echo is not None:
                    self.line.sendto(echo, sender)
        except BlockingIOError:
            return

    def close(self) -> None:
        self.beacons.close()
        self.line.close()


@pytest.fixture
def made() -> Iterator[list[Fleet]]:
    fleets: list[Fleet] = []
    yield fleets
    for fleet in fleets:
        fleet.close()


def fleet(made: list[Fleet], *events: Event) -> Fleet:
    made.append(Fleet(*events))
    return made[-1]


def test_each_agent_is_heard_every_ten_seconds(made: list[Fleet]) -> None:
    found = fleet(made).run(60)
    assert found.heard.counts == {"heard": found.beacons.sent}
    assert 6 * SITES <= found.beacons.sent <= 6 * SITES + 1
    assert found.beacons.echoed >= found.beacons.sent - 2
    assert found.confirmed == []


def test_who_hears_no_echo_confirms_once(made: list[Fleet]) -> None:
    found = fleet(made, Event(Kind.BEACON_LOSS, 0.5, 0.0, ratio=1.0)).run(60)
    assert len(found.confirmed) == len(set(found.confirmed)) == SITES // 2
    assert len(found.heard) == SITES // 2


def test_a_silent_village_sends_neither_beacons_nor_reports(made: list[Fleet]) -> None:
    found = fleet(made, Event(Kind.SILENCE, 1.0, 0.0)).run(60)
    assert (found.beacons.sent, found.confirmed) == (0, [])


def test_a_village_without_power_does_not_count_on(made: list[Fleet]) -> None:
    found = fleet(made, Event(Kind.POWER_CUT, 1.0, 0.0, until_s=40)).run(60)
    assert found.heard.counts["heard"] == found.beacons.sent
    assert 0 < found.beacons.sent <= 2 * SITES + 1


def test_a_share_is_lost_each_way(made: list[Fleet]) -> None:
    found = fleet(made, Event(Kind.BEACON_LOSS, 1.0, 0.0, ratio=0.3)).run(600)
    slots = 60 * SITES
    assert found.beacons.sent / slots == pytest.approx(0.7, abs=0.05)
    assert found.beacons.echoed / slots == pytest.approx(0.49, abs=0.06)
    assert found.confirmed
