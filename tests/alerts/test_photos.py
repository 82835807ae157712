"""Photos of incidents: bounded for each and in all, those of what is over make room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from alerts import chronicle, incidents, photos
from alerts.incidents import New
from alerts.photos import MOST_OF_ONE, Kept, Picture
from collector.db import reading, writing
from tests.alerts.village import NINE, Village, village


def picture(size: int = 100) -> Picture:
    return Picture(b"x" * size, 40, 30)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        yield made


def opened(store: Engine, key: str = "a") -> int:
    new = New(key=key, subject="uplink", severity="critical", title=key, down_since=NINE)
    with writing(store) as connection:
        return incidents.open_incident(connection, new, NINE)


def add(store: Engine, number: int, size: int = 100, most: int = 10_000) -> Kept:
    with writing(store) as connection:
        return photos.add(connection, number, picture(size), "Sari", NINE, most)


def kept(store: Engine, number: int) -> list[int]:
    with reading(store) as connection:
        return [one.id for one in photos.of(connection, number)]


def lines(store: Engine, number: int) -> list[tuple[str, str]]:
    with reading(store) as connection:
        return [(one.by, one.verb) for one in chronicle.lines(connection, [number])[number]]


def test_a_photo_is_kept_with_who_took_it(here: Village) -> None:
    number = opened(here.store)
    assert add(here.store, number) is Kept.DONE
    with reading(here.store) as connection:
        (one,) = photos.of(connection, number)
        assert photos.body(connection, number, one.id) == picture().body
        assert photos.body(connection, number + 1, one.id) is None
    assert (one.by, one.at, one.size) == ("Sari", NINE, 100)
    assert lines(here.store, number) == [("Sari", "photo")]


def test_an_incident_has_so_many_and_no_more(here: Village) -> None:
    number = opened(here.store)
    done = [add(here.store, number) for _ in range(MOST_OF_ONE + 1)]
    assert done == [Kept.DONE] * MOST_OF_ONE + [Kept.ENOUGH]


def test_what_is_over_makes_room_and_its_chronicle_says_so(here: Village) -> None:
    old, new = opened(here.store, "old"), opened(here.store, "new")
    for _ in range(3):
        add(here.store, old, 100, 350)
    with writing(here.store) as connection:
        incidents.resolve(connection, old, NINE)
    assert add(here.store, new, 250, 350) is Kept.DONE
    assert kept(here.store, old) == [3]
    assert lines(here.store, old)[-2:] == [("", "photo gone")] * 2


def test_what_goes_on_makes_no_room(here: Village) -> None:
    old, new = opened(here.store, "old"), opened(here.store, "new")
    add(here.store, old, 300, 350)
    assert add(here.store, new, 100, 350) is Kept.FULL
    assert len(kept(here.store, old)) == 1


def test_a_photo_of_what_became_part_of_another_goes_there(here: Village) -> None:
    part, whole = opened(here.store, "part"), opened(here.store, "whole")
    with writing(here.store) as connection:
        incidents.merge(connection, part, whole, NINE)
    assert add(here.store, part) is Kept.DONE
    assert len(kept(here.store, whole)) == 1


def test_a_photo_can_be_taken_away_once(here: Village) -> None:
    number = opened(here.store)
    add(here.store, number)
    with writing(here.store) as connection:
        assert photos.remove(connection, number, 1, "Dewi", NINE)
        assert not photos.remove(connection, number, 1, "Dewi", NINE)
    assert kept(here.store, number) == []


def test_there_is_no_photo_of_no_incident(here: Village) -> None:
    assert add(here.store, 99) is Kept.MISSING
