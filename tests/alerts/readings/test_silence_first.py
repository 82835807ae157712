"""A village that goes silent is told as that, on every profile: nobody says first that its
application cannot be reached from outside."""

import time
from pathlib import Path

import pytest

from collector.inventory.kinds import CADENCES
from tests.agent.servers import page
from tests.alerts.readings.regency import Regency, Village
from tests.alerts.readings.stand_ins import WELCOME, Server, server
from tests.collector.centre_bench import Centre

pytestmark = pytest.mark.slow

CODE, ELSEWHERE = "35.10.01.2001", "35.10.01.2002"


@pytest.fixture(params=CADENCES)
def regency(request: pytest.FixtureRequest, tmp_path: Path) -> Regency:
    """A village of each profile, as often as that reports, and a neighbour that looks at it."""
    made = Regency(tmp_path, time.time() // 3600 * 3600)
    request.addfinalizer(lambda: Centre.close(made))
    every_s = CADENCES[request.param][1]
    village = Village(made, CODE, tmp_path / "village", every_s=every_s)
    village.look()
    return made


def neighbour(regency: Regency, public: Server) -> Village:
    made = Village(regency, ELSEWHERE, regency.folder / "neighbour")
    regency.granted[made.agent.id].add(CODE)
    seen = {"name": "luar opensid", "kind": "http", "url": public.url, "site": CODE}
    made.watch(seen)
    made.look()
    return made


def interval(regency: Regency) -> float:
    return regency.agents[0].every_s / 60


def test_the_silence_comes_first(regency: Regency) -> None:
    with server(WELCOME) as public:
        other = neighbour(regency, public)
        regency.live(max(2, interval(regency)))
        # just after a report the power goes: the page with it
        regency.live(0.25)
        regency.agents[0].running = False
        public.answer = b""
        other.look()
        regency.live(2.5 * interval(regency) + 15)
    assert regency.state(CODE).state == "unknown"
    assert regency.news.get(CODE, []) == []


def test_a_village_that_goes_on_reporting_is_told(regency: Regency) -> None:
    with server(WELCOME) as public:
        other = neighbour(regency, public)
        regency.live(max(2, interval(regency)))
        public.answer = page(b"", "404 Not Found")
        other.look()
        regency.live(2.5 * interval(regency) + 5)
        assert regency.news[CODE] == [("ServiceUnreachable", "fired")]
        public.answer = WELCOME
        other.look()
        regency.live(3)
    assert regency.news[CODE][1:] == [("ServiceUnreachable", "resolved")]
