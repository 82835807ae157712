"""A router's scripts keep within the bytes that the site may use in a day, and say so."""

from pathlib import Path

import pytest

from agent.allowance import every_s, thrift
from tests.agent.micro.routeros.router import Router
from tests.agent.micro.routeros.village import BOTH, logged, village

pytestmark = pytest.mark.slow

KB = 1000


def state(router: Router, name: str) -> int:
    printed, failed = router.run(f':global RondaState; :put ($RondaState->"{name}")')
    assert not failed
    return int(printed)


def spend(router: Router, spent: int) -> None:
    _, failed = router.run(f':global RondaState; :set ($RondaState->"spent") {spent}')
    assert not failed


@pytest.mark.parametrize("version", BOTH)
def test_over_the_bound_reports_come_less_often_and_say_so(tmp_path: Path, version: str) -> None:
    bound = {"bytes_per_day": 1000 * KB, "connection": 6000}
    with village(tmp_path, version, **bound) as (centre, router):
        router.advance(120)
        first = state(router, "spent")
        assert 3 * 6000 < first < 3 * 9000
        for spent in (0, 799, 800, 999, 1000, 1249, 1250):
            spend(router, spent * KB)
            _, failed = router.run(
                ":local f [:parse [/system script get ronda-pace source]]; "
                ":local c [:parse [/system script get ronda-settings source]]; "
                ":local d [$c]; [$f chosen=$d]"
            )
            assert not failed
            assert state(router, "pace") == every_s(thrift(spent * KB, 1000 * KB), 60)
        spend(router, 900 * KB)
        router.advance(1000)
        # the one that was due, and one every 240 s
        told = [report.every_s for report in centre.reports() if report.frames][3:]
        assert told == [240.0] * len(told) and 4 <= len(told) <= 5
        assert len([line for line in logged(router) if "bytes of the day" in line]) >= 1


def test_news_go_over_the_bound_and_wait_a_quarter_beyond(tmp_path: Path) -> None:
    bound = {"bytes_per_day": 1000 * KB, "connection": 6000}
    with village(tmp_path, **bound) as (centre, router):
        router.advance(70)
        before = len(centre.frames())
        spend(router, 1000 * KB)
        router.advance(70)
        router.dead.add("ether1")
        router.advance(20)
        assert len(centre.frames()) >= before + 2
        spend(router, 1260 * KB)
        router.advance(20)
        before = len(centre.frames())
        router.dead.discard("ether1")
        router.advance(60)
        assert len(centre.frames()) == before


def test_the_next_day_of_the_site_has_its_bytes_anew(tmp_path: Path) -> None:
    with village(tmp_path, bytes_per_day=1000 * KB, connection=6000) as (_, router):
        router.advance(65)
        day = state(router, "day")
        spend(router, 1300 * KB)
        router.real += 86_400
        # the word of the hour brings the centre's time
        router.advance(100)
        assert state(router, "day") == day + 1
        assert state(router, "pace") == 60 and state(router, "spent") < 1000 * KB


def test_what_never_left_is_not_counted(tmp_path: Path) -> None:
    with village(tmp_path, bytes_per_day=1000 * KB, connection=6000) as (_, router):
        router.advance(5)
        before = state(router, "spent")
        router.out = True
        router.advance(600)
        looks = 588 * 11
        assert state(router, "spent") <= before + looks
