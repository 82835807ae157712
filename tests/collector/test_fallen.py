"""Who fell together, and what it costs when a country falls."""

import time
from collections.abc import Sequence

import pytest

from collector.fold.fallen import Fall, Fallen, minutes
from collector.fold.sites import Site, Sites
from collector.neighbours import Neighbours

NOW = 1_790_000_040.0


def site(number: int, isp: str = "Telkom", upstream: str = "", feeder: str = "") -> Site:
    code = f"35.10.{number // 12 % 99 + 1:02}.{2000 + number % 12}-{number}"
    row = {"code": code, "row": number, "lifecycle": "active", "report_every_s": 60}
    return Sites().put({**row, "isp": isp, "upstream": upstream, "power_feeder": feeder})


def fell(fallen: Fallen, *falls: tuple[Site, float, float]) -> None:
    for one, begin, end in falls:
        fallen.fell(Fall(one, minutes(begin, end), 0, None, awake=False))


def told(fallen: Fallen, at: float = NOW + 200) -> dict[int, Sequence[Neighbours]]:
    return {fall.site.row: beside for fall, beside in fallen.tell(at)}


def test_those_of_one_upstream_in_two_districts_fell_together() -> None:
    fallen = Fallen()
    one, other = site(1, upstream="POP"), site(20, upstream="POP")
    fell(fallen, (one, NOW, NOW + 60), (other, NOW + 50, NOW + 110))
    beside = told(fallen)
    assert [(g.kind, g.others) for g in beside[1]] == [("upstream", 1)]
    assert beside[1] == beside[20]


def test_those_an_hour_apart_did_not() -> None:
    fallen = Fallen()
    fell(fallen, (site(1), NOW - 3600, NOW - 3540))
    told(fallen)
    fell(fallen, (site(2), NOW, NOW + 60))
    assert told(fallen) == {2: ()}


def test_a_site_that_reports_each_hour_may_have_fallen_with_any_of_that_hour() -> None:
    fallen = Fallen()
    fell(fallen, (site(1), NOW - 3000, NOW + 600))
    told(fallen)
    fell(fallen, (site(2), NOW, NOW + 60))
    assert set(told(fallen)) == {1, 2}


def test_who_rose_counts_no_more() -> None:
    fallen = Fallen()
    fell(fallen, (site(1), NOW, NOW + 60), (site(2), NOW, NOW + 60))
    told(fallen)
    fallen.rose(site(1))
    fell(fallen, (site(3), NOW, NOW + 60))
    assert [g.others for g in told(fallen)[3]] == [1, 1]


def test_earlier_ones_hear_of_a_group_that_grows_but_not_of_each_of_a_thousand() -> None:
    fallen = Fallen()
    heard = 0
    for number in range(1000):
        fell(fallen, (site(number * 12, upstream="POP"), NOW, NOW + 60))
        heard += len(told(fallen))
    assert 2000 <= heard <= 5000


@pytest.mark.slow
@pytest.mark.parametrize(("count", "limit_s"), [(300, 0.3), (83_763, 4.0)])
def test_a_country_that_falls_at_one_tick_does_not_stall_the_fold(
    count: int, limit_s: float
) -> None:
    # 1 s on an idle core; the limit leaves room for a machine that does other things as well
    sites = [
        site(n, ("Telkom", "Icon")[n % 3 == 0], f"POP{n // 30}", f"F{n // 40}")
        for n in range(count)
    ]
    fallen, began = Fallen(), time.process_time()
    fell(fallen, *((one, NOW, NOW + 60) for one in sites))
    assert len(told(fallen)) == count
    assert time.process_time() - began < limit_s
