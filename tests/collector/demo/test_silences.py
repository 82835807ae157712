"""The past's silences have the causes that the centre would have found, so reports say the same."""

from itertools import groupby, pairwise

from collector.cause import UNKNOWN
from collector.demo import regency, silences, story
from collector.simulate.scenario import Kind
from tests.collector.demo.test_story import DAYS, FLEET, SEED, START

END = START + DAYS * story.DAY_S
EVENTS = story.past(FLEET, DAYS, SEED)


def test_what_befell_many_is_known_as_theirs_who_mend_it() -> None:
    found = {}
    for number, event in enumerate(EVENTS):
        hit = silences.hit_by(event, number, FLEET)
        cause = silences.thought(event, hit)
        found.setdefault(event.kind, set()).add((cause.name, len(hit) > 1))
    assert found[Kind.POWER_CUT] == {("power", True)}
    assert found[Kind.POP_DOWN] <= {("isp", True), (UNKNOWN.name, False)}
    assert ("isp", True) in found[Kind.POP_DOWN]
    assert {name for name, _ in found[Kind.FIBER_CUT]} == {UNKNOWN.name}


def test_rows_of_a_village_leave_no_hole_and_are_over() -> None:
    rows = list(silences.timelines(EVENTS, FLEET, START, END, 3600.0))
    for _, mine in groupby(rows, key=lambda row: row[0]):
        line = [interval for _, interval in mine]
        assert line[0].since == START and line[-1].end < END
        assert all(a.until == b.since for a, b in pairwise(line))
    told = {(row.state, row.cause) for _, row in rows}
    assert told == {("unknown", ""), ("unknown", "isp"), ("unknown", "power")}
    assert len({code for code, _ in rows}) > len(regency.villages()) / 2
