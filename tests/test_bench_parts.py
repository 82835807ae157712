"""What benches are made of says what it should: requests, verdicts, pictures."""

import xml.etree.ElementTree as ET
from math import nan

import cramjam
import pytest

from collector.foreign.protobuf import read_request
from tests.bench import plot, writes
from tests.bench.cut import upto
from tests.bench.musts import LATER, MET, MISSED, UNKNOWN, Figure, all_met
from tests.bench.stages import Stage, serving_after_s


def test_requests_to_peers_carry_the_numbers_of_our_reports() -> None:
    load = writes.made(sites=2, minutes=2, start=1_790_000_000.0)
    body = list(writes.remote_writes(load))[1][1]
    sent = list(read_request(bytes(cramjam.snappy.decompress_raw(body))))
    assert [series.bits for series in sent] == [[b] for b in load.values[1, 1].view("<u8").tolist()]
    assert {time for series in sent for time in series.times_ms} == {1_790_000_060_000}
    assert all(series.labels == sorted(series.labels) for series in sent)


@pytest.mark.parametrize(
    ("whole", "settled", "verdict"),
    [
        (5.0, 9.0, MET),
        (6.0, 5.0, LATER),
        (6.0, 6.0, MISSED),
        (6.0, None, MISSED),
        (nan, 1, UNKNOWN),
    ],
)
def test_a_figure_is_met_only_when_the_whole_run_was_within_it(
    whole: float, settled: float | None, verdict: str
) -> None:
    figure = Figure("lag", "s", whole, settled, must=5.0)
    assert figure.verdict == verdict
    assert all_met([figure, Figure("told", "", 7.0)]) is (verdict == MET)


@pytest.mark.parametrize(
    ("ranges", "whole"), [([], 0), ([[3, 9]], 0), ([[1, 9], [12, 12]], 9), ([[1, 1440]], 1440)]
)
def test_the_past_of_a_site_is_whole_up_to_its_first_hole(
    ranges: list[list[int]], whole: int
) -> None:
    assert upto(ranges) == whole


def test_a_centre_serves_when_the_last_of_what_people_need_does() -> None:
    listens = Stage("web", "listens", False, 0.2, 0.1, 1.0)
    opens = Stage("web", "opens", True, 1.4, 0.9, 5.0)
    never = Stage("engine", "commits", True, None, 0.0, 0.0)
    assert serving_after_s([listens, opens]) == 1.4
    assert serving_after_s([listens, opens, never]) != serving_after_s([listens, opens])


def test_a_picture_of_growth_is_well_formed_and_leaves_out_what_is_nothing() -> None:
    panel = plot.Panel("CPU <s>", {"up": [(300, 0.0), (3000, 2.0)], "web": []})
    tree = ET.fromstring(plot.drawn("CPU & memory", [panel, panel]))
    assert len(tree.findall("{*}circle")) == 2
