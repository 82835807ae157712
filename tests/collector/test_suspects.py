"""The table of suspects: what is written is read, and it does not grow for ever."""

from pathlib import Path

from collector import db, suspects
from collector.settings import Settings
from tests.stores import migrated


def test_what_was_written_is_read(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    store = db.open_store(settings)
    with db.writing(store) as connection:
        assert suspects.read(connection) == {}
        db.meta_set(connection, suspects.KEY, suspects.pack({"b": 2.5, "a": 1.25}))
    with db.reading(store) as connection:
        assert suspects.read(connection) == {"a": 1.25, "b": 2.5}
    store.dispose()


def test_of_too_many_those_stay_who_fell_last(tmp_path: Path) -> None:
    many = {f"{n:06}": float(n) for n in range(suspects.MOST + 5)}
    packed = suspects.pack(many)
    assert '"000004"' not in packed
    assert packed.startswith('{"000005":5.0,')
