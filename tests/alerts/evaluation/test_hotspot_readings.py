"""The default rules of the hotspot over what the check `wifi` really reads: they fire and end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.rules.loading import load
from tests.agent.probes.machine import Machine
from tests.alerts.evaluation.scene import START, Scene

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"
CONFIG = "dhcp-range=set:lan,192.168.1.1,192.168.1.20,12h\n"


class Village:
    """A router with stubs, a report each minute, the rules that come with Ronda."""

    def __init__(self, centre: Scene, machine: Machine) -> None:
        centre.site(SITE)
        centre.rules = load("/nowhere").rules
        self.centre, self.machine, self.at = centre, machine, START
        self.rounds = centre.rounds()
        self.phones(5)
        self.portal(4)
        self.leases(6)

    def phones(self, count: int | None) -> None:
        """None: the radio is gone."""
        dump = "".join(f"Station 02:00:00:00:01:{n:02x} (on wlan0)\n" for n in range(count or 0))
        radio = "phy#0\n\tInterface wlan0\n\t\tssid Desa\n\t\ttype AP\n\t\tchannel 1\n"
        answers = {"dev": "" if count is None else radio, "dev wlan0 station dump": dump}
        self.machine.put("iw", answers)

    def portal(self, count: int) -> None:
        people = ",".join(f'"{n}":{{"state":"Authenticated"}}' for n in range(count))
        self.machine.put("ndsctl", {"json": f'{{"client_list_length":"9","clients":{{{people}}}}}'})

    def leases(self, count: int) -> None:
        lines = [f"0 02:00:00:00:01:{n:02x} 192.168.1.{n + 1} * *\n" for n in range(count)]
        for path, text in (("tmp/dhcp.leases", "".join(lines)), ("etc/dnsmasq.conf", CONFIG)):
            file = self.machine.root / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)

    def live(self, minutes: int) -> list[tuple[str, str]]:
        """What was told meanwhile: rule and news."""
        news = []
        # nothing changes meanwhile, so one look does for all of them
        values = self.machine.look()
        for _ in range(minutes):
            self.centre.put(SITE, self.at, values)
            changes = self.rounds.step(self.at + 1)
            news += [(c.alarm.rule, str(c.news)) for c in changes if c.news]
            self.at += 60
        return news


@pytest.fixture
def village(centre: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Village]:
    yield Village(centre, Machine(tmp_path, monkeypatch))


@pytest.mark.slow
def test_an_access_point_that_goes_is_told_and_its_return(village: Village) -> None:
    assert village.live(3) == []
    village.phones(None)
    assert village.live(3) == [("AccessPointDown", "fired")]
    village.phones(5)
    assert village.live(2) == [("AccessPointDown", "resolved")]


def test_a_program_that_fails_is_no_access_point_that_went(village: Village) -> None:
    village.live(2)
    village.machine.put("iw", {})
    assert village.live(4) == []


@pytest.mark.slow
def test_phones_of_which_none_signs_in_are_told(village: Village) -> None:
    village.live(1)
    village.portal(0)
    assert village.live(32) == [("HotspotNobodySignsIn", "fired")]
    village.portal(1)
    assert village.live(2) == [("HotspotNobodySignsIn", "resolved")]


def test_a_pool_that_runs_out_is_told(village: Village) -> None:
    village.live(1)
    village.leases(20)
    assert village.live(7) == [("DhcpPoolFull", "fired")]
    village.leases(3)
    assert village.live(2) == [("DhcpPoolFull", "resolved")]
