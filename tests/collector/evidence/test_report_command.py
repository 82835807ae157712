"""`ronda report sla` as people type it: files whose seconds add up."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

import ronda
from collector import acts, db, schema
from collector.settings import Settings
from tests.collector.evidence.world import (
    BANTUR,
    add_site,
    add_uplink,
    at,
    corrected,
    down,
    normal,
    tell,
    tick,
    unknown,
)
from tests.stores import migrated

FIVE = ("normal_s", "slow_s", "down_s", "unknown_s", "maintenance_s")
OCTOBER_S = 31 * 86400


@pytest.fixture
def settings(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    migrated(store_settings)
    monkeypatch.setenv("RONDA_DATA", store_settings.data)
    monkeypatch.setenv("RONDA_DATABASE_URL", store_settings.database_url)
    return store_settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = db.open_store(settings)
    cut, mended = at("2026-10-05 08:30:00"), at("2026-10-05 10:00:00")
    dark, light = at("2026-10-20 01:00:00"), at("2026-10-20 03:00:00")
    guess = down(cut, mended)
    with db.writing(engine) as connection:
        add_site(connection, hours="Sen-Jum 07.30-15.30")
        add_uplink(connection)
        connection.execute(insert(schema.holidays).values(date="2026-10-06", name="Libur"))
        act = {"since": cut, "cause": "device", "note": "adaptor mati"}
        acts.record(connection, mended + 60, "dewi", "cause", BANTUR, act)
        told = [
            normal(at("2026-09-20 00:00:00"), cut),
            corrected(guess, "device", "dewi", mended + 60, "adaptor mati"),
            normal(mended, dark),
            unknown(dark, light, "power"),
            normal(light),
        ]
        tell(connection, told)
        tick(connection, at("2026-11-09 00:00:00"))
    yield engine
    engine.dispose()


def asked(tmp_path: Path, *words: str) -> bytes:
    out = tmp_path / "report"
    assert ronda.main(["report", "sla", *words, "--out", str(out)]) == 0
    return out.read_bytes()


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_one_site_one_month_adds_up_to_the_second(tmp_path: Path, store: Engine) -> None:
    rows = rows_of(asked(tmp_path, "--month", "2026-10", "--format", "csv"))
    site = rows[0]
    assert (site["kind"], site["code"], site["schedule"]) == ("site", BANTUR, "24h")
    assert int(site["period_s"]) == OCTOBER_S
    for row in rows:
        assert sum(int(row[name]) for name in FIVE) == int(row["period_s"])
    assert [int(site[name]) for name in FIVE] == [OCTOBER_S - 5400 - 7200, 0, 5400, 7200, 0]
    assert site["unknown_power_s"] == "7200" and site["fault_village_s"] == "5400"
    assert (site["outages"], site["mttr_s"], site["longest_s"]) == ("1", "5400", "5400")
    assert site["availability_percent"] == "99.7978" and site["corrected_s"] == "5400"
    kinds = [row["kind"] for row in rows]
    assert kinds == [
        "site",
        "site",
        "uplink",
        "uplink",
        *["district"] * 2,
        *["isp"] * 2,
        *["total"] * 2,
    ]


def test_office_hours_leave_out_nights_weekends_and_holidays(tmp_path: Path, store: Engine) -> None:
    office = rows_of(asked(tmp_path, "--month", "2026-10"))[1]
    # October 2026 has 22 days from Monday to Friday; the 6th is a holiday
    assert (office["schedule"], int(office["period_s"])) == ("Sen-Jum 07.30-15.30", 21 * 8 * 3600)
    assert (office["down_s"], office["unknown_s"]) == ("5400", "0")


def test_json_tells_what_a_person_said_beside_the_guess(tmp_path: Path, store: Engine) -> None:
    told: dict[str, Any] = json.loads(asked(tmp_path, "--month", "2026-10", "--format", "json"))
    (said,) = told["corrections"]
    assert (said["cause"], said["by"], said["why"]) == ("device", "dewi", "adaptor mati")
    assert said["corrected"]["was"] == "fiber"
    assert said["corrected"]["evidence"] == ["the optical receiver saw no light"]
    assert told["head"]["record"] == 0 and told["unsealed_days"] == 31


def test_splitting_the_month_changes_nothing(tmp_path: Path, store: Engine) -> None:
    whole = rows_of(asked(tmp_path, "--month", "2026-10"))[0]
    parts = [
        rows_of(asked(tmp_path, "--from", first, "--to", last))[0]
        for first, last in (("2026-10-01", "2026-10-05"), ("2026-10-06", "2026-10-31"))
    ]
    for name in (*FIVE, "period_s"):
        assert sum(int(part[name]) for part in parts) == int(whole[name])


def test_of_a_month_that_goes_on_what_is_ahead_is_not_counted(
    tmp_path: Path, store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ronda.main(["report", "sla", "--month", "2099-10", "--out", str(tmp_path / "x")]) == 2
    assert "has not begun yet" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--month 2026-13", "--month: expected a month such as 2026-10, got '2026-13'"),
        ("--month Oktober", "--month: expected a month such as 2026-10, got 'Oktober'"),
        ("", "--month: say which, such as 2026-10; or --from and --to"),
        ("--month 2026-10 --from 2026-10-01", "--month: goes without --from and --to"),
        ("--from 2026-10-09 --to 2026-10-01", "--to: lies before 2026-10-09"),
        ("--from x --to 2026-10-01", "--from: expected a date such as 2026-10-31, got 'x'"),
        ("--month 2026-10 --format docx", "--format: 'docx' is not here; there are csv, json"),
        ("--month 2026-10 --area abc", "--area: expected a code such as 35.10, got 'abc'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    store: Engine, capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    assert ronda.main(["report", "sla", *words.split()]) == 2
    assert says in capsys.readouterr().err


def test_a_site_that_never_reported_stands_there_as_unknown(tmp_path: Path, store: Engine) -> None:
    with db.writing(store) as connection:
        add_site(connection, "35.10.06.2006", 1)
        add_site(connection, "35.10.06.2007", 2, lifecycle="retired")
    rows = rows_of(asked(tmp_path, "--month", "2026-10"))
    silent = {row["code"]: row for row in rows if row["kind"] == "site"}
    assert sorted(silent) == [BANTUR, "35.10.06.2006"]
    one = silent["35.10.06.2006"]
    assert one["unknown_s"] == one["not_counted_s"] == one["period_s"] == str(OCTOBER_S)
    assert one["availability_percent"] == ""


def test_only_an_area_or_a_provider(tmp_path: Path, store: Engine) -> None:
    assert rows_of(asked(tmp_path, "--month", "2026-10", "--area", "33")) == []
    assert rows_of(asked(tmp_path, "--month", "2026-10", "--isp", "Icon+")) == []
    assert rows_of(asked(tmp_path, "--month", "2026-10", "--area", "35.10", "--isp", "telkom"))


@pytest.mark.parametrize(
    ("part", "columns"),
    [
        ("outages", {"cause": "device", "fault": "village", "seconds": "5400", "site": BANTUR}),
        ("corrections", {"by": "dewi", "why": "adaptor mati", "was": "fiber"}),
        ("incidents", {"handled_s": "7200", "kept": "in_time", "detected_s": "60"}),
        ("changes", None),
    ],
)
def test_each_table_is_a_csv_of_its_own(
    tmp_path: Path, store: Engine, part: str, columns: dict[str, str] | None
) -> None:
    with db.writing(store) as connection:
        cut = at("2026-10-05 08:30:00")
        incident = {
            "site": BANTUR, "subject": "uplink", "title": "x", "severity": "critical",
            "state": "handled", "down_since": cut, "opened_at": cut + 60.0,
            "handled_at": cut + 7260.0, "rev": 1,
        }  # fmt: skip
        connection.execute(insert(schema.incidents).values(incident))
    rows = rows_of(asked(tmp_path, "--month", "2026-10", "--part", part))
    if columns is None:
        assert rows == []
    else:
        assert columns.items() <= rows[0].items()
