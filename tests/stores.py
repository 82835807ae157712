"""Databases of a centre for tests, copied from a first one instead of migrated each time."""

import secrets
import tempfile
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
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        for key in ("epoch", "centre"):
            db.meta_set(connection, key, secrets.token_hex(4))
    engine.dispose()


@cache
def _first() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="ronda-first-") as folder:
        db.migrate(Settings(data=folder))
        return {name: (Path(folder) / f"{name}.db").read_bytes() for name in db.HEADS}
