"""Databases of a centre for tests, copied from a first one instead of migrated each time."""

import secrets
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from collector import db
from collector.settings import Settings
from tests import postgres


def migrated(settings: Settings) -> None:
    """Both databases as `db.migrate` leaves them, and the centre by a name of its own."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database_url in postgres.MIGRATED:
        return
    store = settings.folder / "ronda.db"
    if settings.database_url or store.exists():
        db.migrate(settings)
        return
    for name, content in _first().items():
        (settings.folder / f"{name}.db").write_bytes(content)
    # an engine for two words would take longer than many a test
    with closing(sqlite3.connect(store)) as connection, connection:
        for key in ("epoch", "centre"):
            word = (secrets.token_hex(4), key)
            connection.execute("UPDATE meta SET value = ? WHERE key = ?", word)


@cache
def _first() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="ronda-first-") as folder:
        db.migrate(Settings(data=folder))
        return {name: (Path(folder) / f"{name}.db").read_bytes() for name in db.HEADS}
