"""No count under five, in any cell, and none that two tables give together."""

import itertools

from tests.each import for_each
from web.opendata.cells import LEAST, STEP, cell, public, whole
from web.opendata.datasets import AVAILABILITY, INCIDENTS, SITES, WIFI, empty


@for_each(
    ("count", "said"),
    [(None, None), (0, 0), (1, None), (4, None), (4.9, None), (5, 5), (7, 5), (7.5, 10)]
    + [(8, 10), (12, 10), (12.5, 15), (13, 15), (1234, 1235), (10**6, 10**6)],
)
def test_a_count_as_everybody_reads_it(count: float | None, said: int | None) -> None:
    assert cell(count) == said


def test_no_difference_of_two_public_counts_is_one_under_five() -> None:
    """A district's count and that of all its districts but one: what is between them is hidden."""
    for one, other in itertools.product(range(0, 60), repeat=2):
        whole_of, part = cell(one + other), cell(other)
        if whole_of is None or part is None:
            continue
        assert (whole_of - part) % STEP == 0
        assert not 0 < abs(whole_of - part) < LEAST


def test_a_row_says_that_a_count_of_it_is_hidden() -> None:
    rows = [
        {**empty(INCIDENTS), "opened": 3, "resolved": 11},
        {**empty(INCIDENTS), "opened": 0, "resolved": 11},
        {**empty(WIFI), "people_peak": 9, "person_hours": 100, "gigabytes": None},
    ]
    told = [public(INCIDENTS, rows[:1]), public(INCIDENTS, rows[1:2]), public(WIFI, rows[2:])]
    assert [(r["opened"], r["resolved"], r["suppressed"]) for (r,) in told[:2]] == [
        (None, 10, True),
        (0, 10, False),
    ]
    ((last,),) = told[2:]
    assert (last["person_hours"], last["gigabytes"], last["suppressed"]) == (100, None, False)


def test_what_few_people_did_is_hidden_whole() -> None:
    row = {**empty(WIFI), "people_peak": 4, "person_hours": 96, "gigabytes": 300}
    (told,) = public(WIFI, [row])
    assert [told[name] for name in ("people_peak", "person_hours", "gigabytes")] == [None] * 3
    assert told["suppressed"] is True


def test_what_is_for_agencies_is_in_no_public_row() -> None:
    row = {**empty(AVAILABILITY), "outages": 3, "down_s": 7}
    (told,) = public(AVAILABILITY, [row])
    assert "outages" not in told and "down_s" not in told
    assert whole(AVAILABILITY, [row]) == [row]


def test_a_name_that_somebody_is_known_by_is_told_by_its_code() -> None:
    row = {**empty(SITES), "site_code": "35.10.06.2005-rt1", "site_name": "Rumah Pak Slamet"}
    row |= {"district_code": "35.10.06", "district_name": "Cluring 0812-3456-7890"}
    (told,) = public(SITES, [row])
    assert (told["site_name"], told["district_name"]) == ("35.10.06.2005-rt1", "35.10.06")
    assert whole(SITES, [row])[0]["site_name"] == "Rumah Pak Slamet", "agencies read it as it is"
    (plain,) = public(SITES, [{**row, "site_name": "Benculuk", "district_name": "Cluring"}])
    assert (plain["site_name"], plain["district_name"]) == ("Benculuk", "Cluring")
