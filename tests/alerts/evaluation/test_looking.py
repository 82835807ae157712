"""What rules see of the sites is read once, and a past that is told anew does not come again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from alerts.evaluation.looking import Looking
from collector import schema
from collector.db import reading, writing
from collector.promql import store
from collector.settings import Settings
from tests.alerts.evaluation.scene import START, Scene, scene

HERE, THERE = "35.10.06.2005", "35.10.06.2006"


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Scene]:
    with scene(Settings(data=str(tmp_path), database_url=database_url)) as made:
        made.site(HERE)
        made.site(THERE)
        yield made


def test_a_past_that_was_told_anew_is_not_read_at_each_look(centre: Scene) -> None:
    looking = Looking(centre.settings, centre.store, centre.blocks)
    with reading(centre.store) as connection:
        looking.look(connection, START)
    rev = next(centre.rev)
    row = {"site": HERE, "since": START - 9000, "until": START - 8000, "state": "down", "rev": rev}
    with writing(centre.store) as connection:
        connection.execute(insert(schema.states), [row])
    with reading(centre.store) as connection:
        looking.look(connection, START + 5)
        assert looking._rev == store.newest_state(connection) == rev
    # what comes after it is seen
    centre.state(THERE, "down", START + 6)
    with reading(centre.store) as connection:
        later = looking.look(connection, START + 10)
    assert later.changed(START + 6).tolist() == [later.place_of[THERE]]
