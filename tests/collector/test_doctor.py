"""The doctor finds what is wrong, says what to do, and touches nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from collector import agents, db, doctor_address, doctor_clear, doctor_window, schema
from collector.doctor import examine
from collector.doctor_agents import FIRST_REPORT_S
from collector.finding import Finding
from collector.inventory.keeping import put
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.reasons import find
from collector.secret import load_secret
from collector.series.window import WindowWriter
from collector.settings import Settings
from tests.stores import migrated

NOW = 1_790_000_000.0
SITE = "35.10.06.2005"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A centre in good order that runs: ticks come in and are folded."""
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    load_secret(settings.folder)
    writer = FileWriter(settings.journal_folder)
    end = writer.append([(Kind.TICK, NOW - 1, 0, b'{"accepting":true,"uplink":null}')])
    writer.close()
    folded(settings, end, NOW - 1, 0.2)
    rules(settings)
    return settings


def rules(settings: Settings, error: str = "", problems: tuple[str, ...] = ()) -> None:
    told = {"at": NOW - 1, "round_s": 0.02, "problems": list(problems)}
    told["rules"] = {"services.yml;services;0": {"error": error}}
    with db.writing(db.open_store(settings)) as connection:
        db.meta_set(connection, "rules_status", json.dumps(told))


def folded(settings: Settings, position: int, at: float, lag_s: float) -> None:
    with db.writing(db.open_store(settings)) as connection:
        db.upsert(schema.positions, [{"name": "fold", "position": position}], connection)
        status = {"position": position, "lag_s": lag_s, "at": at}
        db.meta_set(connection, "fold_status", json.dumps(status))


def wrong(found: list[Finding]) -> dict[str, str]:
    return {finding.name: finding.do for finding in found if not finding.fine}


def test_a_centre_in_order_has_nothing_to_do(settings: Settings) -> None:
    found = examine(settings, NOW)
    assert wrong(found) == {}
    assert {f.name for f in found} == {
        "data", "disk", "secret", "open files", "ronda", "history", "journal", "clock", "fold",
        "agents", "beacons", "rules", "numbers", "backup", "acts", "public address",
    }  # fmt: skip
    assert {f.name for f in found if f.note} == {"backup", "public address"}, "left unset"
    said = {f.name: f.says for f in found}
    assert said["fold"].endswith("0 bytes behind, lag 0.2 s")
    assert said["journal"].startswith("1 segments, 0.0 MiB, end ")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ingest": "0.0.0.0:8090"}, ["ingest"]),
        ({"ingest": "0.0.0.0:8090", "own_ca": True}, []),
        ({"ingest": "[::1]:8090", "console": "localhost:8080"}, []),
        ({"ingest": "10.0.0.2:8090", "console": "[::]:8080"}, ["ingest", "console"]),
        ({"ingest": "10.0.0.2:8090", "console": "10.0.0.2:80", "proxies": ("10.0.0.3",)}, []),
        ({"console": "noc.example.go.id:8080", "cert": "a", "key": "b"}, ["console"]),
    ],
    ids=lambda given: "" if isinstance(given, list) else " ".join(map(str, given.values())),
)
def test_a_door_that_a_network_reaches_in_the_clear_is_named(
    given: dict[str, Any], named: list[str]
) -> None:
    assert [one.name for one in doctor_clear.findings(Settings(**given))] == named


@pytest.mark.parametrize(
    ("url", "note", "said"),
    [
        ("", True, "messages carry no link"),
        ("http://127.0.0.1:8080", True, "no link opens anywhere else"),
        ("https://noc.example.go.id", False, "https://noc.example.go.id"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_note_with_what_follows(
    url: str, note: bool, said: str
) -> None:
    found = doctor_address.finding(Settings(public_url=url))
    assert (found.fine, found.note) == (True, note)
    assert said in found.says
    assert not note or find(found.says, "id") != found.says, "also in Indonesian"


def test_before_the_first_start_it_says_how_to_start_and_makes_nothing(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "var"))
    assert wrong(examine(settings, NOW)) == {"data": "start the centre once: ronda up"}
    settings.folder.mkdir(mode=0o700)
    assert set(wrong(examine(settings, NOW))) == {"secret", "ronda", "history", "journal"}
    assert list(settings.folder.iterdir()) == []


def open_to_all(settings: Settings) -> None:
    settings.folder.chmod(0o755)


def secret_open(settings: Settings) -> None:
    (settings.folder / "secret.key").chmod(0o644)


def secret_short(settings: Settings) -> None:
    (settings.folder / "secret.key").write_bytes(b"short")


def no_database(settings: Settings) -> None:
    (settings.folder / "history.db").write_bytes(b"not a database at all" * 100)
    for rest in settings.folder.glob("history.db-*"):
        rest.unlink()


def newer_database(settings: Settings) -> None:
    with db.writing(db.open_history(settings)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def older_database(settings: Settings) -> None:
    with db.writing(db.open_store(settings)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def clock_went_back(settings: Settings) -> None:
    writer = FileWriter(settings.journal_folder)
    folded(settings, writer.append([(Kind.TICK, NOW + 3600, 0, b"{}")]), NOW - 1, 0.2)
    writer.close()


def fold_stuck(settings: Settings) -> None:
    folded(settings, 0, NOW - 60, 0.2)


def fold_slow(settings: Settings) -> None:
    folded(settings, 0, NOW - 1, 45.0)


def agent_never_came(settings: Settings) -> None:
    with db.writing(db.open_store(settings)) as connection:
        put(connection, "sites", [{"code": SITE, "name": "Benculuk"}], 1.0, "siti")
        agents.add_agent(connection, SITE, "pc", [], "active", NOW - FIRST_REPORT_S - 1)
        agents.add_agent(connection, SITE, "new", [], "active", NOW - 1)


def agent_refuses(settings: Settings) -> None:
    with db.writing(db.open_store(settings)) as connection:
        put(connection, "sites", [{"code": SITE, "name": "Benculuk"}], 1.0, "siti")
        agent = agents.add_agent(connection, SITE, "pc", [], "active", NOW)
        agents.tell_config(connection, agent, "", "checks[3].url: missing")


def rule_file_bad(settings: Settings) -> None:
    rules(settings, problems=("rules/own.yml:4: group a, rule B: expr: parse error",))


def rule_fails(settings: Settings) -> None:
    rules(settings, error="too many series")


@pytest.mark.parametrize(
    ("harm", "name", "says", "advice"),
    [
        (open_to_all, "data", "may look into", "chmod 700"),
        (secret_open, "secret", "can be read by others (mode 644)", "chmod 600"),
        (secret_short, "secret", "has 5 bytes, not 32", "bring it back from a backup"),
        (no_database, "history", "file is not a database", "bring it back from a backup"),
        (newer_database, "history", "revision 9999", "a newer ronda was here"),
        (older_database, "ronda", "revision 0001", "start the centre"),
        (clock_went_back, "clock", "3600 s behind", "NTP"),
        (fold_stuck, "fold", "silent", "see the log of the engine"),
        (fold_slow, "fold", "lag 45.0 s", "this machine is too slow"),
        (agent_never_came, "agents", f"2 enrolled, 1 without a report: {SITE}", "ronda-agent run"),
        (rule_file_bad, "rules", "rules/own.yml:4: group a, rule B", "mend the file"),
        (rule_fails, "rules", "services.yml services 0: too many series", "ronda rules list"),
        (agent_refuses, "configuration", f"{SITE} (checks[3].url: missing)", "in the inventory"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_harm_is_found_and_nothing_else(
    settings: Settings, harm: Callable[[Settings], None], name: str, says: str, advice: str
) -> None:
    harm(settings)
    found = {finding.name: finding for finding in examine(settings, NOW)}
    assert set(wrong(list(found.values()))) == {name}
    assert says in found[name].says and advice in found[name].do


def test_a_centre_that_stands_still_is_not_ill(settings: Settings) -> None:
    found = {finding.name: finding for finding in examine(settings, NOW + 86400)}
    assert found["fold"] == Finding("fold", "the centre does not run; 0 bytes wait for it")
    assert wrong(list(found.values())) == {}


def test_a_torn_tail_is_counted(settings: Settings) -> None:
    (segment,) = settings.journal_folder.glob("*.seg")
    with segment.open("ab") as file:
        file.write(b"half a record")
    said = {finding.name: finding.says for finding in examine(settings, NOW)}
    assert said["journal"].endswith(", 13 torn bytes")


def test_rows_that_no_agent_can_be_given_are_named(settings: Settings) -> None:
    rows = [
        {"name": "lama", "site": SITE, "kind": "tcp", "target": "10.0.0.1"},
        {"name": "kuno", "kind": "gopher", "target": "10.0.0.1"},
        {"name": "rusak", "kind": "http", "target": "http://a/", "settings": "{"},
        {"name": "lambat", "kind": "http", "target": "http://a/", "settings": '{"every_s":"x"}'},
        {"name": "baik", "kind": "http", "target": "http://a/", "settings": '{"every_s":"60"}'},
    ]
    with db.writing(db.open_store(settings)) as connection:
        for row in rows:
            connection.execute(schema.services.insert().values(row))
    found = {one.name: one for one in examine(settings, NOW)}["checks"]
    assert not found.fine and found.says.startswith("4 of 5 are left out: ")
    for told in (
        f"lama of {SITE} (column target: expected HOST:PORT, got '10.0.0.1')",
        "kuno (column kind: there are no checks of kind gopher)",
        "rusak (column settings: not to be read)",
        "lambat (column every_s: ",
    ):
        assert told in found.says


def test_nights_without_a_number_are_counted_by_why(settings: Settings) -> None:
    told = {
        "35.10.06.2005": ("good", "90 of 100 Mbit/s, measured 3x"),
        "35.10.06.2006": ("unknown", "not measured: people use the line (12 Mbit/s)"),
        "35.10.06.2007": ("unknown", "not measured: no route to 10.0.0.1"),
        "35.10.06.2008": ("unknown", "never on a line that is paid for by the byte"),
    }
    with db.writing(db.open_store(settings)) as connection:
        codes = [{"code": code, "name": code} for code in told]
        mobile = {"code": "35.10.06.2009", "name": "x", "profile": "4g"}
        put(connection, "sites", [*codes, mobile], NOW, "x")
        line = {"site": "35.10.06.2009", "name": "main", "mbps": 10.0}
        put(connection, "uplinks", [line], NOW, "x")
        for code, (verdict, reason) in told.items():
            row = {"site": code, "name": "capacity", "kind": "capacity", "verdict": verdict}
            row |= {"reason": reason, "since": NOW, "rev": 1}
            connection.execute(schema.checks.insert().values(row))
    says = next(one.says for one in examine(settings, NOW) if one.name == "capacity")
    assert "measured: 1; busy: 1; failed: 1; metered: 2" in says
    assert "35.10.06.2006" in says


def test_how_far_the_window_reaches_is_told(settings: Settings) -> None:
    store = db.open_store(settings)
    with db.writing(store) as connection:
        for lifecycle in ("planned", "retired"):
            row = {"code": f"{SITE}-{lifecycle}", "name": "Benculuk", "lifecycle": lifecycle}
            put(connection, "sites", [row], 1.0, "siti")
    assert list(doctor_window.findings(settings, store)) == []
    for had, setting, says, fine in (
        (120, 0, "120 menit, untuk 1 tempat", True),
        (60, 60, "60 menit, menurut window_minutes", True),
        (60, 0, "60 menit; mulai start berikutnya 120, untuk 1 tempat", True),
        (150, 0, "150 menit; mulai start berikutnya 120, untuk 1 tempat", False),
        (60, 90, "60 menit; mulai start berikutnya 90, menurut window_minutes", False),
    ):
        WindowWriter.open(settings.window, had, 0).close()
        [one] = doctor_window.findings(replace(settings, window_minutes=setting), store)
        assert (find(one.says, "id"), one.fine) == (says, fine)
        assert fine or find(one.do, "id") == "jalankan ulang mesin pada saat yang tepat"
    store.dispose()
