"""Series that other programs sent: asked for, listed, kept within areas and limits."""

import math
from typing import Any

import numpy as np
import pytest

from collector.db import writing
from collector.foreign.carrying import spell
from collector.promql.limits import Failed, Limits
from collector.promql.plan import Matcher
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.promql.vectors import STALE
from collector.series import foreign
from collector.series.foreign import DAY_MS
from tests.collector.promql.conftest import START, Small

ROOM = '{__name__="suhu", job="rumah", ruang="dapur"}'
BARN = '{__name__="suhu", job="rumah", ruang="gudang"}'

OURS = {
    "__name__": "ronda_host_load1",
    "district": "Cluring",
    "isp": "Telkom",
    "regency": "Banyuwangi",
    "site": "35.10.06.2005",
    "upstream": "POP Genteng",
    "village": "Sarimulyo",
}


def send(
    small: Small, number: int, labels: dict[str, str], samples: dict[float, float], part: int = 0
) -> None:
    times = np.rint(np.array(list(samples)) * 1000).astype(np.int64)
    runs = foreign.by_day(times, np.array(list(samples.values())))
    with writing(small.blocks) as connection:
        foreign.add(connection, {number: spell(labels)})
        foreign.put(connection, part, {(number, day): run for day, run in runs.items()})


@pytest.fixture
def mixed(two: Small) -> Small:
    """Two of our sites, and beside them two rooms and a meter at one of the sites."""
    each = [START + 60 * minute for minute in range(11)]
    room = {"__name__": "suhu", "job": "rumah", "ruang": "dapur"}
    send(two, 3, room, {at: 20.0 + i for i, at in enumerate(each)})
    send(two, 5, room | {"ruang": "gudang"}, {at: 30.0 for at in each})
    meter = {"__name__": "listrik_total", "site": "35.10.06.2005"}
    send(two, 9, meter, {at: 60.0 * i for i, at in enumerate(each)})
    return two


def test_a_series_of_others_answers_now_and_over_time(mixed: Small) -> None:
    assert mixed.ask('suhu{ruang="dapur"}', START + 601) == {ROOM: 30.0}
    line = mixed.ask('suhu{ruang="dapur"}', START + 60, START + 180, 60)
    assert line == {ROOM: {START + 60: 21.0, START + 120: 22.0, START + 180: 23.0}}
    assert list(mixed.ask("rate(listrik_total[5m])", START + 600).values()) == [pytest.approx(1)]
    assert mixed.ask("sum(sum_over_time(suhu[2m]))", START + 600) == {"{}": 119.0}


def test_the_stretch_of_a_query_is_open_at_its_start(mixed: Small) -> None:
    assert mixed.ask('suhu{ruang="dapur"}', START + 899) == {ROOM: 30.0}
    assert mixed.ask('suhu{ruang="dapur"}', START + 900) == {}
    assert mixed.ask("suhu", START - 1) == {}


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('suhu{ruang=~"da.*"}', {ROOM}),
        ('suhu{ruang!~"da.*"}', {BARN}),
        ('{__name__=~"su.+",job!=""}', {ROOM, BARN}),
        ('suhu{site=""}', {ROOM, BARN}),
        ('suhu{site!=""}', set()),
        ('suhu{ruang=~"d"}', set()),
        ('suhu{village="Sarimulyo"}', set()),
    ],
)
def test_matchers_hold_for_the_labels_it_was_sent_with(
    mixed: Small, query: str, found: set[str]
) -> None:
    assert set(mixed.ask(query, START + 600)) == found


def test_our_names_and_those_of_others_mix(mixed: Small) -> None:
    found = mixed.ask('{__name__=~"suhu|ronda_host_load1|ronda_report_age_seconds"}', START + 606)
    assert len(found) == 6
    joined = "ronda_host_load1 + on (site) group_left () listrik_total"
    assert list(mixed.ask(joined, START + 606).values()) == [610.0]
    assert mixed.ask("count(suhu or ronda_host_load1)", START + 606) == {"{}": 4.0}


def test_of_two_series_with_the_same_labels_ours_stays(two: Small) -> None:
    query = 'ronda_host_load1{village="Sarimulyo"}'
    (said,) = two.ask(query, START + 600)
    send(two, 1, OURS, {START + 600: 99.0})
    send(two, 2, OURS | {"job": "x"}, {START + 600: 98.0})
    found = two.ask(query, START + 600)
    assert found[said] == 10.0
    assert sorted(found.values()) == [10.0, 98.0]


def test_a_stale_marker_ends_a_series_and_nan_does_not(small: Small) -> None:
    samples = {START: 1.0, START + 15: math.nan, START + 30: STALE, START + 90: 2.0}
    send(small, 1, {"__name__": "suhu"}, samples)
    (value,) = small.ask("suhu", START + 20).values()
    assert math.isnan(value)
    assert small.ask("suhu", START + 30) == {}
    assert small.ask("suhu", START + 90) == {'{__name__="suhu"}': 2.0}
    assert small.ask("count_over_time(suhu[5m])", START + 90) == {"{}": 3.0}


def test_new_series_are_there_at_once(mixed: Small) -> None:
    source = Centre(mixed.settings, mixed.store, mixed.blocks)
    before = len(source.look().other_ids)
    send(mixed, 12, {"__name__": "suhu", "ruang": "kamar"}, {START: 1.0})
    assert len(source.look().other_ids) == before + 1


def limited(small: Small, limits: Limits) -> None:
    source = query_source(Centre(small.settings, small.store, small.blocks))
    at = round(START * 1000) + 3 * DAY_MS
    ask(Ask("sum_over_time(suhu[4d])", at, at), source, limits, source.words)


def test_series_and_samples_of_others_are_limited(mixed: Small) -> None:
    limited(mixed, Limits(series=2, samples=22))
    with pytest.raises(Failed, match="touches 2 series, more than 1"):
        limited(mixed, Limits(series=1))
    with pytest.raises(Failed, match="too many samples"):
        limited(mixed, Limits(samples=21))


def test_lists_hold_the_series_of_others(mixed: Small) -> None:
    rows = mixed.api("series", match=['suhu{ruang=~"d.+"}'])[1]["data"]
    assert rows == [{"__name__": "suhu", "job": "rumah", "ruang": "dapur"}]
    selections: list[dict[str, Any]] = [{}, {"match": ["suhu"]}]
    for more in selections:
        assert {"job", "ruang"} <= set(mixed.api("labels", **more)[1]["data"])
        assert mixed.api("label/ruang/values", **more)[1]["data"] == ["dapur", "gudang"]
        assert "suhu" in mixed.api("metadata", **more)[1]["data"]
    start, end = START - 5 * 86400, START - 3 * 86400
    assert mixed.api("series", match=["suhu"], start=start, end=end)[1]["data"] == []


@pytest.mark.slow
def test_whoever_is_limited_to_areas_sees_what_names_their_sites(mixed: Small) -> None:
    theirs = (Matcher("site", "=~", r"35\.10(?:[.-].*)?"),)
    others = (Matcher("site", "=~", r"35\.09(?:[.-].*)?"),)
    at = START + 600
    for scope, meters in ((theirs, 1), (others, 0)):
        for query in ("suhu", '{__name__=~".+",site=""}', '{ruang!=""}'):
            assert mixed.api("query", scope, query=query, time=at)[1]["data"]["result"] == []
        found = mixed.api("query", scope, query="listrik_total", time=at)[1]["data"]["result"]
        assert len(found) == meters
        assert mixed.api("series", scope, match=["suhu"])[1]["data"] == []
        assert len(mixed.api("series", scope, match=["listrik_total"])[1]["data"]) == meters
        assert mixed.api("label/ruang/values", scope)[1]["data"] == []
        names = mixed.api("label/__name__/values", scope)[1]["data"]
        assert "suhu" not in names
        assert ("listrik_total" in names) == bool(meters)
        assert "ruang" not in mixed.api("labels", scope)[1]["data"]
        assert "suhu" not in mixed.api("metadata", scope)[1]["data"]
