"""Stories of what is told to whom when incidents are of several, restart, or change their parent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.test_storms_told import code, regency, run, told
from tests.alerts.village import NINE, Village, village


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        yield made


def test_checks_of_one_name_in_two_villages_are_two_faults(here: Village) -> None:
    codes = regency(here, 2)
    for c in codes:
        here.say("bad", NINE, site=c)
    run(here, NINE + 1, 3)
    assert [i.parent for i in here.incidents()] == ["", ""]
    assert told(here) == {"noc": 2, "it": 2}
