"""The centre's numbers as series: window and blocks, labels of the inventory, states."""

import time

import numpy as np
import pytest

from agent.strict import Refused
from collector.db import writing
from collector.series import days
from collector.series.days import DAY_S
from collector.series.frames import Frames
from tests.collector.promql.conftest import START, Small

MINE = (
    '{__name__="ronda_host_load1", district="Cluring", isp="Telkom", regency="Banyuwangi", '
    'site="35.10.06.2005", upstream="POP Genteng", village="Sarimulyo"}'
)


def test_a_number_of_a_village_has_the_labels_of_the_inventory(two: Small) -> None:
    assert two.ask('ronda_host_load1{village="Sarimulyo"}', START + 601) == {MINE: 10.0}
    assert two.ask('sum by (regency) (ronda_host_load1{isp=~"XL|Tel.*"})', START + 606) == {
        '{regency="Banyuwangi"}': 10.0,
        '{regency="Jember"}': 100.0,
    }


def test_labels_of_a_column_and_of_its_site_stand_together(two: Small) -> None:
    found = two.ask('ronda_check_up{check="app"} == 0', START + 606)
    assert list(found.values()) == [0.0]
    assert 'kind="http"' in next(iter(found))


def test_a_renamed_village_is_known_under_its_new_name(two: Small) -> None:
    assert len(two.ask('ronda_host_load1{village="Kencong"}', START + 600)) == 1
    two.site(2, "35.10.06.2006", "Tampo")
    two.put(2, START + 600, 7)
    assert list(two.ask('ronda_host_load1{village="Tampo"}', START + 600).values()) == [7.0]


def test_a_sample_holds_for_five_minutes(two: Small) -> None:
    query = 'ronda_host_load1{site="35.10.06.2005"}'
    assert two.ask(query, START + 600 + 299) == {MINE: 10.0}
    assert two.ask(query, START + 600 + 300) == {}


def test_of_a_site_that_reports_seldom_it_holds_for_longer(small: Small) -> None:
    small.site(0, "35.10.06.2005", "Sarimulyo", report_every_s=3600)
    small.put(0, START, 1)
    assert len(small.ask("ronda_host_load1", START + 8999)) == 1
    assert small.ask("ronda_host_load1", START + 9000) == {}


def test_what_could_not_be_measured_ends_a_series_until_the_next_number(small: Small) -> None:
    small.site(0, "35.10.06.2005", "Sarimulyo")
    for minute, value in enumerate([1, None, 3]):
        small.put(0, START + minute * 60, value)
    found = small.ask("ronda_host_load1", START, START + 120, 60)
    assert list(found.values()) == [{START: 1.0, START + 120: 3.0}]
    assert list(small.ask("count_over_time(ronda_host_load1[5m])", START + 120).values()) == [2.0]


def test_the_series_of_a_silent_site_end_when_its_silence_is_told(two: Small) -> None:
    with two.store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM states WHERE site = '35.10.06.2005'")
    two.state("35.10.06.2005", "unknown", START + 600)
    query = 'ronda_host_load1{site="35.10.06.2005"}'
    assert len(two.ask(query, START + 749)) == 1
    assert two.ask(query, START + 751) == {}


def test_a_backlog_is_there_as_soon_as_it_is_stored(two: Small) -> None:
    two.late(0, [START - 3600 + 60 * i for i in range(10)], [50.0 + i for i in range(10)])
    query = 'count_over_time(ronda_host_load1{village="Sarimulyo"}[2h])'
    assert list(two.ask(query, START + 600).values()) == [21.0]
    assert two.ask('ronda_host_load1{village="Sarimulyo"}', START - 3600) == {MINE: 50.0}


def fill(small: Small, sites: int) -> None:
    rows = np.arange(sites, dtype=np.int32)
    small.sites([(row, f"35.10.06.{2000 + row}", f"Desa {row}") for row in range(sites)])
    for minute in range(5):
        times = START + minute * 60 + rows / 100
        small.writer.write(rows, times, small.ids[:1], (rows + minute)[:, None] * 1.0, 1)
        small.writer.touch(rows, times)
    small.writer.sync(1)


def test_many_sites_are_looked_at_together_and_answer_as_one_by_one(small: Small) -> None:
    fill(small, 40)
    small.late(3, [START - 60, START + 30], [500.0, 600.0])
    queries = [
        "ronda_host_load1",
        "ronda_host_load1 offset 2m",
        "sum_over_time(ronda_host_load1[3m])",
        "rate(ronda_host_load1[5m])",
    ]
    for query in queries:
        together = small.ask(query, START + 245)
        assert len(together) == 40
        for row in (3, 17):
            alone = query.replace("load1", f'load1{{village="Desa {row}"}}')
            assert small.ask(alone, START + 245).items() <= together.items()
    line = small.ask("max(ronda_host_load1)", START, START + 240, 30)["{}"]
    assert line[START + 30] == 600.0
    assert line[START + 240] == 42.0


def test_a_site_that_only_a_backlog_tells_of_is_among_the_many(small: Small) -> None:
    fill(small, 40)
    small.site(40, "35.10.06.9000", "Desa Jauh")
    small.late(40, [START + 200], [7.0])
    assert len(small.ask("ronda_host_load1", START + 245)) == 41


def test_many_sites_are_found_in_packed_days(small: Small) -> None:
    fill(small, 40)
    day = int(START // DAY_S) - 3
    times = day * DAY_S + np.arange(10) * 60.0
    with writing(small.blocks) as connection:
        days.put(connection, 7, day, [Frames(times, small.ids[:1], np.full((10, 1), 5.0))])
    at = float(times[-1]) + 1
    assert list(small.ask("sum_over_time(ronda_host_load1[1h])", at).values()) == [50.0]
    assert list(small.ask("ronda_host_load1", at).values()) == [5.0]
    params = {"match": ["ronda_host_load1"], "start": times[0], "end": at}
    assert [row["village"] for row in small.api("series", **params)[1]["data"]] == ["Desa 7"]


def test_states_are_series_that_nobody_reports(two: Small) -> None:
    up = two.ask("ronda_site_up", START + 606)
    assert sorted(up.values()) == [0.0, 1.0]
    assert two.ask("count by (state) (ronda_site_state == 1)", START + 606) == {
        '{state="normal"}': 1.0,
        '{state="down"}': 1.0,
    }
    query = 'avg_over_time(ronda_site_up{regency="Jember"}[10m])'
    assert list(two.ask(query, START + 600).values()) == [pytest.approx(0.4)]
    line = two.ask('ronda_site_up{regency="Jember"}', START, START + 600, 150)
    assert list(next(iter(line.values())).values()) == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_an_unknown_site_is_neither_up_nor_down(small: Small) -> None:
    small.site(0, "35.10.06.2005", "Sarimulyo")
    small.state("35.10.06.2005", "unknown", START)
    assert small.ask("ronda_site_up", START + 1) == {}
    assert list(small.ask('ronda_site_state{state="unknown"}', START + 1).values()) == [1.0]
    assert small.ask("ronda_site_state", START - 1) == {}


def test_the_age_of_a_report_grows(two: Small) -> None:
    query = 'ronda_report_age_seconds{regency="Banyuwangi"}'
    assert list(two.ask(query, START + 700).values()) == [100.0]
    assert (
        two.ask("ronda_report_age_seconds > 90", START + 694).keys()
        == two.ask(query, START + 694).keys()
    )


def test_ten_million_points_are_refused_before_they_are_read(small: Small) -> None:
    fill(small, 1000)
    small.ask("count(ronda_host_load1)", START + 245)
    began = time.thread_time()
    with pytest.raises(Refused, match="maximum resolution"):
        small.ask("ronda_host_load1", START - 100 * 86400, START, 0.86)
    with pytest.raises(Refused, match="asks for at least 10,001,000 points"):
        small.ask("ronda_host_load1", START - 100_000, START, 10)
    assert time.thread_time() - began < 0.5


def test_nothing_is_there_before_anything_was_reported(small: Small) -> None:
    assert small.ask("ronda_host_load1", START) == {}
    assert small.ask("absent(ronda_host_load1)", START) == {"{}": 1.0}
    assert np.isnan(small.ask("scalar(ronda_host_load1)", START))
