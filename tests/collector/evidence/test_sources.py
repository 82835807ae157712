"""What a site's day is read from: checks that have not changed for long, and the engine's look."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from collector import db, doctor_evidence, schema
from collector.backup.making import make
from collector.backup.restoring import restore
from collector.evidence import lines, seals, sources
from collector.evidence.sealer import nightly
from collector.evidence.signing import Signer, trust
from collector.evidence.verify import verify
from collector.finding import Finding
from collector.reasons import find
from collector.secret import load_secret
from collector.settings import Settings
from collector.states import RETIRED
from tests.collector.evidence.world import BANTUR, add_site, at, normal, tell, tick
from tests.stores import migrated

BEGIN, END = int(at("2026-10-05 00:00:00")), int(at("2026-10-06 00:00:00"))
HOUR = 3600


@pytest.fixture
def store(store: Engine) -> Engine:
    with db.writing(store) as connection:
        add_site(connection)
        tell(connection, [normal(BEGIN - 400.0 * 86400)])
    return store


def add_check(connection: Connection, name: str, *told: tuple[float, str], **more: Any) -> None:
    row = {"site": BANTUR, "name": name, "kind": "http", "verdict": "good", "rev": 1}
    connection.execute(insert(schema.checks).values({**row, "since": BEGIN - 9.0, **more}))
    for moment, verdict in told:
        said = {"site": BANTUR, "check": name, "at": moment, "verdict": verdict, "rev": 1}
        connection.execute(insert(schema.verdicts).values(said))


def checks_of(store: Engine) -> dict[str, list[tuple[str, int]]]:
    with db.reading(store) as connection:
        (place,) = sources.sites_of(connection, [BANTUR])
        found = sources.lines_of(connection, None, place, BEGIN, END, float("inf"))
    return {
        line.name: [(str(spell.state), spell.seconds // HOUR) for spell in line.spells]
        for line in found
        if line.kind == lines.CHECK
    }


def test_checks_are_read_from_what_they_said_before_and_within(store: Engine) -> None:
    with db.writing(store) as connection:
        add_check(connection, "changes", (BEGIN - 5.0, "bad"), (BEGIN + 6.0 * HOUR, "good"))
        add_check(connection, "last of several", (BEGIN - 9.0, "good"), (BEGIN - 5.0, "bad"))
        add_check(connection, "older than verdicts are kept")
        add_check(connection, "said nothing yet", since=END + 5.0)
        add_check(connection, "retired before", (BEGIN - 9.0, "good"), reason=RETIRED)
        ended = {"reason": RETIRED, "since": BEGIN + 6.0 * HOUR}
        add_check(connection, "retired within", (BEGIN - 9.0, "good"), **ended)
    assert checks_of(store) == {
        "changes": [("down", 6), ("normal", 18)],
        "last of several": [("down", 24)],
        "older than verdicts are kept": [("normal", 24)],
        "retired within": [("normal", 6), ("unknown", 18)],
    }


def test_the_engine_seals_while_it_runs_and_stops_with_it(
    store: Engine, store_settings: Settings
) -> None:
    with db.writing(store) as connection:
        tick(connection, at("2026-10-07 00:00:00"))
    stop = threading.Event()
    stop.set()
    nightly(store_settings, store, stop)()
    with db.reading(store) as connection:
        assert seals.count(connection) == 0
    stop.clear()
    with db.writing(store) as connection:
        connection.execute(schema.states.delete())
        tell(connection, [normal(at("2026-10-04 00:00:00"))])
    nightly(store_settings, store, stop)()
    with db.reading(store) as connection:
        assert seals.count(connection) == 2
        signer = Signer(load_secret(store_settings.folder))
        assert verify(connection, signer, store_settings.folder).sound


@pytest.fixture
def centre(tmp_path: Path) -> Settings:
    """A centre that has sealed a day."""
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        add_site(connection)
        tell(connection, [normal(at("2026-10-04 00:00:00"))])
        tick(connection, at("2026-10-07 00:00:00"))
    nightly(settings, engine, threading.Event())()
    engine.dispose()
    return settings


@pytest.mark.slow
@pytest.mark.parametrize("with_key", [True, False], ids=["with its key", "without it"])
def test_a_restored_centre_has_its_chain(centre: Settings, tmp_path: Path, with_key: bool) -> None:
    passphrase = "kentongan malam yang panjang" if with_key else None
    make(centre, tmp_path / "backup", passphrase, at("2026-10-07 01:00:00"))
    there = Settings(data=str(tmp_path / "there"))
    restore(there, tmp_path / "backup", passphrase, at("2026-10-08 01:00:00"))
    engine = db.open_store(there)
    with db.writing(engine) as connection:
        tick(connection, at("2026-10-08 02:00:00"))
    nightly(there, engine, threading.Event())()
    with db.reading(engine) as connection:
        signer = Signer(load_secret(there.folder))
        found = verify(connection, signer, there.folder)
        assert found.count == 3 and found.sound is with_key
        if not with_key:
            old = next(key for key in found.keys if key != signer.key)
            assert trust(there.folder, old) and verify(connection, signer, there.folder).sound
    engine.dispose()


def told_by(settings: Settings, engine: Engine) -> list[Finding]:
    return list(doctor_evidence.findings(settings, engine))


def test_the_doctor_tells_how_far_it_is_sealed_and_by_whom(centre: Settings) -> None:
    engine = db.open_store(centre)
    (fine,) = told_by(centre, engine)
    assert fine.fine and fine.says.startswith("2 records, sealed up to 2026-10-05, head 2:")
    assert "2 catatan, disegel sampai 2026-10-05" in find(fine.says, "id")
    with db.writing(engine) as connection:
        tick(connection, at("2026-10-19 00:00:00"))
    (late,) = told_by(centre, engine)
    assert late.says.startswith("12 days are to be sealed; 2 records")
    assert "12 hari belum disegel" in find(late.says, "id")
    with db.writing(engine) as connection:
        connection.execute(schema.seals.update().values(signer=Signer(b"x" * 32).key))
    (other,) = told_by(centre, engine)
    assert other.says.startswith("record 2 is signed with a key that is not this centre's")
    assert other.do.startswith("if it was restored without its key: ronda report trust")
    assert "bukan milik pusat ini" in find(other.says, "id")
    assert "dipulihkan tanpa kuncinya" in find(other.do, "id")
    with db.writing(engine) as connection:
        db.meta_set(connection, "evidence", "")
    assert told_by(centre, engine) == []
    engine.dispose()
