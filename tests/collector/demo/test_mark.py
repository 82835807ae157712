"""A demo and a centre never share a folder; a second start knows what is left to tell."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.strict import Refused
from collector.db import meta_get, open_store, writing
from collector.demo import mark, regency
from collector.demo.mark import DAY_S, DAYS, Book, Hole
from collector.inventory.keeping import put
from collector.settings import Settings, load
from tests.stores import migrated

NOW = 1_790_000_000.0
PAST = NOW - DAYS * DAY_S


def test_a_new_folder_becomes_a_demo_and_stays_one(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "new"))
    assert mark.claim(settings, wanted=True).demo
    assert mark.claim(settings, wanted=True).demo
    with pytest.raises(Refused, match="holds a demo"):
        mark.claim(settings, wanted=False)


@pytest.mark.parametrize("name", ["ronda.db", "journal", "secret.key"])
def test_a_folder_of_a_centre_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(Refused, match="holds a centre"):
        mark.claim(Settings(data=str(tmp_path)), wanted=True)
    assert not Settings(data=str(tmp_path)).demo


def test_a_database_of_a_centre_is_refused(tmp_path: Path) -> None:
    centre = Settings(data=str(tmp_path))
    migrated(centre)
    with writing(open_store(centre)) as connection:
        put(connection, "sites", regency.sites(60)[:1], NOW, "test")
        mark.confirm(connection, centre)
        (tmp_path / "LATIHAN").touch()
        with pytest.raises(Refused, match="holds a centre"):
            mark.confirm(connection, centre)


def test_a_database_of_a_demo_is_refused_to_a_centre(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    (tmp_path / "LATIHAN").touch()
    with writing(open_store(settings)) as connection:
        mark.confirm(connection, settings)
        assert meta_get(connection, "demo")
        (tmp_path / "LATIHAN").unlink()
        with pytest.raises(Refused, match="holds a demo"):
            mark.confirm(connection, settings)


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJyPcVXRxlq1sM5f0v6Qk9Tg3Wl3yHhE3kqX1f6J2aB"


def test_a_demo_asks_and_tells_nobody_outside(tmp_path: Path) -> None:
    (tmp_path / "LATIHAN").touch()
    environment = {
        "RONDA_HEARTBEAT_URL": "https://example.org/beat",
        "RONDA_CENTRE_TARGETS": "192.0.2.1:53",
        "RONDA_CAPACITY_URL": "https://example.org/large",
        "RONDA_BACKUP_FOLDER": str(tmp_path),
        "RONDA_BACKUP_PASSPHRASE_FILE": str(tmp_path / "words"),
        "RONDA_BACKUP_SFTP": "sftp://ronda@backup.example.go.id:22/ronda",
        "RONDA_BACKUP_SFTP_HOST_KEY": KEY,
        "RONDA_BACKUP_SFTP_KEY_FILE": str(tmp_path / "key"),
    }
    settings = load(None, environment, {"data": str(tmp_path)})
    assert (settings.heartbeat_url, settings.centre_targets) == ("", ())
    assert (settings.uplink_targets, settings.capacity_url, settings.channels_file) == ((), "", "")
    assert settings.backup_sftp == "", "what is made up lies beside no centre's backups"


def test_a_book_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    book = Book(NOW, [(PAST, NOW - DAY_S)], NOW + 5)
    with writing(open_store(settings)) as connection:
        assert mark.read(connection) is None
        mark.write(connection, book)
        assert mark.read(connection) == book


HALF = Book(NOW, [(PAST, NOW - 45 * DAY_S)], NOW + 100)
WHOLE = Book(NOW, [], NOW + 100)


@pytest.mark.parametrize(
    ("book", "now", "holes"),
    [
        pytest.param(None, NOW, [(PAST, NOW)], id="the first start: all of the past"),
        pytest.param(WHOLE, NOW + 130, [], id="a short stop leaves nothing"),
        pytest.param(WHOLE, NOW + 900, [(NOW + 100, NOW + 900)], id="a stop"),
        pytest.param(
            HALF,
            NOW + 900,
            [(PAST, NOW - 45 * DAY_S), (NOW + 100, NOW + 900)],
            id="stopped while the past was told",
        ),
    ],
)
def test_a_start_knows_what_is_left(book: Book | None, now: float, holes: Sequence[Hole]) -> None:
    resumed = mark.resumed(book, now)
    assert (list(resumed.holes), resumed.lived) == (holes, now)


def test_the_past_is_told_in_days_newest_first() -> None:
    pieces = list(mark.days([(0.0, 2.5 * DAY_S), (4 * DAY_S, 5 * DAY_S)]))
    assert [(begin / DAY_S, end / DAY_S) for begin, end in pieces] == [
        (4, 5), (1.5, 2.5), (0.5, 1.5), (0, 0.5),
    ]  # fmt: skip


def test_what_is_told_is_no_hole_any_more() -> None:
    book = mark.resumed(None, NOW)
    told = []
    for piece in list(mark.days(book.holes)):
        book = mark.filled(book, piece)
        told.append(book.told)
    assert told == sorted(told)
    assert (book.holes, book.told) == ([], 1.0)


@pytest.mark.parametrize(
    ("at", "before", "after"),
    [
        (5.0, [], [(10.0, 20.0), (30.0, 40.0)]),
        (15.0, [(10.0, 15.0)], [(15.0, 20.0), (30.0, 40.0)]),
        (25.0, [(10.0, 20.0)], [(30.0, 40.0)]),
        (40.0, [(10.0, 20.0), (30.0, 40.0)], []),
    ],
)
def test_holes_are_parted_at_a_moment(at: float, before: list[Hole], after: list[Hole]) -> None:
    assert mark.parted([(10.0, 20.0), (30.0, 40.0)], at) == (before, after)
