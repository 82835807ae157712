"""What doctor says of an external engine, in both languages."""

import json
from dataclasses import replace

import pytest

from agent.strict import Refused
from collector import db, doctor_engine, reasons
from collector.external import standing
from collector.external.place import place_of
from collector.external.standing import Shelf, Standing
from collector.settings import Settings
from tests.stores import migrated

NOW = 1_795_990_000.0
FINE = Standing("vm:8428", NOW - 60, True, True, "export")
SHELF = Shelf(NOW, 900, 12)
CASES: dict[str, tuple[Standing | None, Shelf | None, float, tuple[str, str, str]]] = {
    "never asked": (
        None,
        None,
        0.0,
        ("not asked yet", "start the centre; its engine does it", "belum ditanya"),
    ),
    "all is well": (
        FINE,
        SHELF,
        0.0,
        (
            "vm:8428: 900 days of sites are there alone, 12 stay here",
            "",
            "vm:8428: 900 hari tempat hanya ada di sana, 12 tetap di sini",
        ),
    ),
    "away": (
        replace(FINE, works=False, said="it cannot be asked: Connection refused"),
        SHELF,
        0.0,
        (
            "vm:8428: it cannot be asked: Connection refused",
            "see the reason; here are the newest 8 days and what stays",
            "vm:8428: tidak bisa ditanya: sambungan ditolak",
        ),
    ),
    "refuses late samples": (
        replace(FINE, late=False, said="it does not take samples: 400 out of bounds"),
        SHELF,
        0.0,
        (
            "vm:8428: 900 days of sites are there alone, 12 stay here; it keeps nothing that comes "
            "31 days late: it does not take samples: 400 out of bounds",
            "let it take late samples; until then such days stay here",
            "vm:8428: 900 hari tempat hanya ada di sana, 12 tetap di sini; "
            "yang terlambat 31 hari tidak disimpannya: sampel tidak diterimanya: 400 out of bounds",
        ),
    ),
    "does not tell ends": (
        replace(FINE, way="query"),
        SHELF,
        0.0,
        (
            "vm:8428: 900 days of sites are there alone, 12 stay here; it does not tell where "
            "series end",
            "",
            "vm:8428: 900 hari tempat hanya ada di sana, 12 tetap di sini; "
            "ia tidak memberi tahu di mana deret berakhir",
        ),
    ),
    "nobody asks it any more": (
        FINE,
        SHELF,
        7200.0,
        (
            "vm:8428: 900 days of sites are there alone, 12 stay here; asked last 121 min ago",
            "see the log of the engine",
            "vm:8428: 900 hari tempat hanya ada di sana, 12 tetap di sini; "
            "terakhir ditanya 121 mnt lalu",
        ),
    ),
}


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("known", "shelf", "later_s", "told"), CASES.values(), ids=CASES)
def test_an_engine_is_told_of(
    store_settings: Settings,
    known: Standing | None,
    shelf: Shelf | None,
    later_s: float,
    told: tuple[str, str, str],
) -> None:
    migrated(store_settings)
    settings = replace(store_settings, metrics_url="http://vm:8428", metrics_write_url="http://vm")
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        db.meta_set(connection, "rules_status", json.dumps({"reach_s": 8.5 * 86_400}))
        if known is not None:
            standing.write(connection, known)
        if shelf is not None:
            standing.write_shelf(connection, shelf)
    one, rules = doctor_engine.findings(settings, engine, NOW + later_s)
    assert list(doctor_engine.findings(store_settings, engine, NOW)) == []
    engine.dispose()
    says, do, indonesian = told
    assert (one.name, one.says, one.do) == ("engine", says, do)
    assert reasons.find(says, "id") == indonesian
    assert (rules.says, rules.do) == (
        "one looks 8.5 days back, 8 are kept here",
        "metrics_tail_days = 9",
    )
    for text in (do, rules.says):
        assert not text or reasons.find(text, "id") != text


def test_a_secret_goes_to_an_engine_by_https_only() -> None:
    base = Settings(metrics_url="http://vm:8428", metrics_write_url="https://vm/write")
    secret = {"RONDA_METRICS_SECRET": "s3cret"}
    with pytest.raises(Refused, match="metrics_url: https only"):
        place_of(base, secret)
    near = replace(base, metrics_url="http://127.0.0.1:8428/")
    place = place_of(near, secret)
    assert place is not None
    assert (place.read, place.host) == ("http://127.0.0.1:8428", "127.0.0.1:8428")
    assert place.receiver.headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(place)
    assert place_of(Settings(), secret) is None
