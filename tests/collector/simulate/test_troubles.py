"""What a scenario does to villages is what the real fold makes of their reports."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import uvloop

from collector.intake.wire import Report, write
from collector.journal.framing import Kind as Journal
from collector.simulate.catalogue import MEASURED, catalogue
from collector.simulate.fate import Fate, zones
from collector.simulate.geography import PER_REGENCY, villages
from collector.simulate.scenario import Event, Kind, Scenario
from collector.simulate.troubles import shown
from tests.collector import centre_bench
from tests.collector.simulate.centre import Centre, Entry, fleet

pytestmark = pytest.mark.slow

START = 1_790_000_040.0  # 21.14 in Jakarta
SITES = 36
VILLAGES = list(villages(SITES))
MINUTE = 60
STEP_S = 5.0


class Folded(Centre):
    """The small centre, which hands what arrives to a real journal and a real fold."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.real = centre_bench.Centre(folder, now=START)
        self.real.inventory(*(asdict(one) for one in VILLAGES))
        self.agents = {f"token-{n}": self.real.agent(one.code).id for n, one in enumerate(VILLAGES)}
        # they are there for their tokens: the simulated ones speak
        self.real.agents.clear()

    def _keep(self, token: str, report: Entry) -> Entry:
        body = write(msgspec.convert(report, Report))
        self.real.write(Journal.REPORT, self.real.now + 0.05, self.agents[token], body)
        return super()._keep(token, report)


class Told:
    """What a scenario came to: `at` looks at the states of all sites after so many minutes."""

    def __init__(self, folder: Path, *events: Event) -> None:
        self.centre = Folded(folder)
        self.scenario = Scenario(events, first_findings=False)

    def play(self, *looks: int) -> list[dict[str, tuple[str, str]]]:
        """State and cause by site at each of these minutes."""
        return uvloop.run(self._play(looks))

    async def _play(self, looks: Sequence[int]) -> list[dict[str, tuple[str, str]]]:
        real, seen = self.centre.real, []
        server = await asyncio.start_server(self.centre.serve, "127.0.0.1", 0)
        self.centre.port = server.sockets[0].getsockname()[1]
        async with (
            server,
            fleet(self.centre, START, SITES, scenario=self.scenario) as here,
        ):
            self.fleet = here
            here.live.begin(START)
            now = START
            for look in looks:
                while now < START + look * MINUTE:
                    real.now = now
                    await here.drive(now, STEP_S, STEP_S)
                    real.tick()
                    now += STEP_S
                real.fold()
                seen.append({one.code: self._state(one.code) for one in VILLAGES})
            server.close()
        return seen

    def _state(self, code: str) -> tuple[str, str]:
        state = self.centre.real.state(code)
        return state.state, state.cause

    def newest(self, code: str, *names: str) -> list[float]:
        """The newest number of each series."""
        found = self.centre.real.samples(code, names)
        return [float(found[name][1][-1]) for name in names]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def of(seen: dict[str, tuple[str, str]], codes: Sequence[str]) -> Counter[tuple[str, str]]:
    return Counter(seen[code] for code in codes)


FEEDER = VILLAGES[0].power_feeder
UPSTREAM = VILLAGES[0].upstream
BEHIND_FEEDER = [one.code for one in VILLAGES if one.power_feeder == FEEDER]
BEHIND_POP = [one.code for one in VILLAGES if one.upstream == UPSTREAM]


def test_a_regency_has_feeders_of_several_providers_and_pops_for_storms() -> None:
    assert len(BEHIND_FEEDER) >= 10 <= len(BEHIND_POP)
    assert len({one.isp for one in VILLAGES if one.power_feeder == FEEDER}) > 1


def test_a_blackout_is_power_at_once_and_by_the_short_uptime(folder: Path) -> None:
    event = Event(
        Kind.BLACKOUT,
        {"power_feeder": FEEDER},
        at_s=300,
        until_s=2400,
        ups=0.4,
        battery_s=600,
        clocks_lost=0.5,
    )
    told = Told(folder, event)
    on_battery, dark, back = told.play(6, 35, 50)
    assert set(of(on_battery, BEHIND_FEEDER)) == {("normal", "")}, "nobody is silent yet"
    states = of(dark, BEHIND_FEEDER)
    assert set(states) == {("unknown", "power")}
    others = [one.code for one in VILLAGES if one.code not in BEHIND_FEEDER]
    assert set(of(dark, others)) == {("normal", "")}
    assert {state for state, _ in of(back, BEHIND_FEEDER)} == {"normal"}
    real, fate = told.centre.real, told.fleet.agents.fate
    past = [interval for code in BEHIND_FEEDER for interval in real.timeline(code)]
    assert "down" not in {one.state for one in past}, "without power nobody saw the line"
    assert {one.cause for one in past if one.state == "unknown"} >= {"power"}
    lost = ~fate.keeps_clock[: len(BEHIND_FEEDER)]
    assert 0 < lost.sum() < len(BEHIND_FEEDER), "some clocks wake in 1970"


def test_who_has_a_ups_says_that_it_runs_on_battery(folder: Path) -> None:
    event = Event(Kind.BLACKOUT, {"power_feeder": FEEDER}, 120, ups=1.0, battery_s=3600)
    told = Told(folder, event)
    told.play(10)
    names = 'ronda_power_on_mains{ups="kantor"}', 'ronda_power_battery_ratio{ups="kantor"}'
    for code in BEHIND_FEEDER:
        mains, charge = told.newest(code, *names)
        assert mains == 0 and 0.5 < charge < 0.95


def test_a_pop_is_silence_at_once_and_a_line_that_was_down_afterwards(folder: Path) -> None:
    event = Event(Kind.POP_DOWN, {"upstream": UPSTREAM}, at_s=300, until_s=1500)
    told = Told(folder, event)
    silent, back = told.play(15, 40)
    assert set(of(silent, BEHIND_POP)) == {("unknown", "isp")}
    assert {state for state, _ in of(back, BEHIND_POP)} == {"normal"}
    causes: Counter[str] = Counter()
    for code in BEHIND_POP:
        past = told.centre.real.timeline(code)
        down = [one for one in past if one.state == "down"]
        assert sum((one.until or 0) - one.since for one in down) == pytest.approx(1200, abs=70)
        causes.update({one.cause for one in down})
        assert told.newest(code, "ronda_host_boot_timestamp_seconds")[0] < START, "it ran on"
    # who fell silent first knew of no neighbours, and its light held
    assert set(causes) <= {"isp", "fiber"} and causes["isp"] > 0.7 * len(BEHIND_POP)


def test_a_suspended_line_answers_pings_with_the_wrong_page(folder: Path) -> None:
    share = Event(Kind.ISOLIR, {"upstream": UPSTREAM}, at_s=60, share=0.5)
    told = Told(folder, share)
    (seen,) = told.play(8)
    assert set(of(seen, list(seen))) == {("normal", "")}
    names = "ronda_uplink_content_ok", 'ronda_uplink_up{uplink="main"}'
    found = Counter(tuple(told.newest(one.code, *names)) for one in VILLAGES)
    suspended = round(len(BEHIND_POP) / 2)
    assert found == {(0.0, 1.0): suspended, (1.0, 1.0): SITES - suspended}


def test_a_full_pool_lets_many_in_and_gives_nobody_an_address(folder: Path) -> None:
    event = Event(Kind.DHCP_EXHAUSTION, [VILLAGES[0].code], at_s=60, fills_s=240)
    told = Told(folder, event)
    (seen,) = told.play(10)
    used, dhcp, client = (
        'ronda_dhcp_leases_used_ratio{pool="hotspot"}',
        'ronda_hotspot_journey_up{step="dhcp"}',
        'ronda_wifi_clients{ap="balai",ssid="desa-digital"}',
    )
    assert told.newest(VILLAGES[0].code, used, dhcp) == [1.0, 0.0]
    assert told.newest(VILLAGES[1].code, dhcp) == [1.0]
    assert told.newest(VILLAGES[1].code, used)[0] < 1
    clients = told.centre.real.samples(VILLAGES[0].code, [client])[client][1]
    assert clients[-1] > clients[0]
    assert seen[VILLAGES[0].code] == ("normal", "")


def test_an_evening_is_slow_and_the_measured_speed_says_so(folder: Path) -> None:
    event = Event(Kind.SLOW_EVENING, 0.5, at_s=0)
    told = Told(folder, event)
    (seen,) = told.play(10)
    slow = [code for code, (state, _) in seen.items() if state == "slow"]
    assert len(slow) == SITES / 2
    name = MEASURED[0].name
    for one in VILLAGES:
        speed = told.newest(one.code, name)[0]
        assert speed < 25e6 if one.code in slow else speed > 35e6


def test_evenings_are_those_of_the_villages_own_zone() -> None:
    some = list(villages(PER_REGENCY * 20))[::PER_REGENCY]
    ahead = (zones(some) / 3600).astype(int).tolist()
    assert set(ahead) == {7, 8}
    fate = Fate(Scenario((Event(Kind.SLOW_EVENING, 1.0, at_s=0),)), some, START, 1)
    midnight = START // 86_400 * 86_400 + 86_400
    hours = np.array([midnight + hour * 3600 for hour in range(24)])
    for site in (ahead.index(7), ahead.index(8)):
        degree = fate.degrees(np.full(24, site), hours)[Kind.SLOW_EVENING]
        assert (np.flatnonzero(degree) + ahead[site]).tolist() == [19, 20, 21]


def test_other_troubles_leave_what_agents_report_as_it_is() -> None:
    def names(*events: Event) -> list[Any]:
        return catalogue(60, first=shown(event.kind for event in events))

    assert names() == names(Event(Kind.FIBER_CUT, 1.0, 0), Event(Kind.ISOLIR, 1.0, 0))
    assert names()[0] != names(Event(Kind.BLACKOUT, 1.0, 0))[0]
