"""`ronda report refund | contracts | exempt` as people type them, and what the guide says."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import ronda
from collector import db
from collector.cli_common import group
from collector.evidence.cli import add_form, commands
from collector.evidence.faults import FAULT_OF
from collector.evidence.forms import COLUMNS
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.inventory import contract_cells
from collector.secret import load_secret
from collector.settings import Settings
from tests.collector.evidence.world import (
    BANTUR,
    add_site,
    add_uplink,
    at,
    down,
    normal,
    tell,
    tick,
)
from tests.stores import migrated

GUIDE = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text()
CUT, MENDED = at("2026-10-05 08:00:00"), at("2026-10-05 18:00:00")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    monkeypatch.setenv("RONDA_DATA", settings.data)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        add_site(connection)
        terms: dict[str, Any] = {"fee_rp": 1_700_000.0, "formula": "pro_rata_all", "sla": 99.5}
        add_uplink(connection, contract_no="K-1", bill_day=20, ends="2020-12-31", **terms)
        add_uplink(connection, name="reserve", isp="Icon+", contract_no="=K-2", fee_rp=1.0)
        begun = at("2026-10-01 00:00:00")
        tell(connection, [normal(begun, CUT), down(CUT, MENDED), normal(MENDED)])
        tick(connection, at("2026-11-09 00:00:00"))
    yield engine
    engine.dispose()


def seal(store: Engine, now: str) -> None:
    folder = Path(str(store.url.database)).parent
    signer = Signer(load_secret(folder))
    settings = Settings(data=str(folder))
    Sealer(settings, store, None, signer, wait=lambda _: None).look(at(now))


def asked(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert ronda.main(["report", *words]) == code
    return capsys.readouterr().out


@pytest.mark.slow
def test_a_refund_is_told_before_and_after_it_is_issued(
    store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.writing(store) as connection:
        connection.exec_driver_sql("UPDATE uplinks SET ends = ''")
    (line,) = csv.DictReader(io.StringIO(asked(capsys, "refund", "--month", "2026-10")))
    assert (line["contract"], line["counted_s"], line["line_rupiah"]) == (
        "Telkom/K-1",
        "36000",
        "22849",
    )
    assert (line["issued_record"], line["cause"]) == ("", "fiber")
    assert line["evidence"] == "the optical receiver saw no light"
    seal(store, "2026-11-09 00:00:00")
    told = json.loads(asked(capsys, "refund", "--month", "2026-10", "--format", "json"))
    assert [(each["total_rp"], each["change_rp"]) for each in told[0]["issued"]] == [(22849, 22849)]
    assert asked(capsys, "refund", "--month", "2026-10", "--isp", "Icon+").count("\n") == 1
    assert asked(capsys, "refund", "--month", "2026-10", "--area", "33").count("\n") == 1


@pytest.mark.slow
def test_a_report_tells_the_head_that_verify_finds(
    store: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seal(store, "2026-11-09 00:00:00")
    words = ("sla", "--month", "2026-10", "--out", str(tmp_path / "r.csv"))
    assert "31 days sealed, 0 not yet" in asked(capsys, *words)
    with (tmp_path / "r.csv").open() as file:
        head = next(csv.DictReader(file))["head"]
    assert "sound" in asked(capsys, "verify", "--head", head)
    wrong = f"{head.partition(':')[0]}:{'0' * 64}"
    assert "NOT SOUND" in asked(capsys, "verify", "--head", wrong, code=1)


@pytest.mark.slow
def test_changes_to_an_earlier_month_stand_in_the_next_report(
    store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.writing(store) as connection:
        connection.exec_driver_sql("UPDATE uplinks SET ends = ''")
    seal(store, "2026-11-09 00:00:00")
    with db.writing(store) as connection:
        # two hours of it were the power, as a backlog tells
        told = [down(CUT, CUT + 28_800), normal(CUT + 28_800, MENDED), normal(MENDED)]
        tell(connection, told, rev=8)
        tick(connection, at("2026-11-20 00:00:00"))
    seal(store, "2026-11-20 00:00:00")
    words = ("sla", "--month", "2026-11", "--format", "json")
    found = json.loads(asked(capsys, *words))["changes_to_earlier_months"]
    (change,) = found["records"]
    assert (change["month"], change["site"]) == ("2026-10", BANTUR)
    assert change["seconds"] == {"down": -7200, "normal": 7200}
    # 1,700,000 x 28,800 / 2,678,400 = 18,279.57... -> 18,280; before 22,849
    assert [each["rupiah"] for each in found["rupiah"]] == [18_280 - 22_849]
    again = json.loads(asked(capsys, "sla", "--month", "2026-10", "--format", "json"))
    assert again["changes_to_earlier_months"] == {"records": [], "rupiah": []}


def test_the_calendar_says_what_needs_somebody(
    store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[Any] = json.loads(asked(capsys, "contracts", "--json"))
    kinds = {each["what"] for each in told}
    assert {"ended", "gap"} <= kinds
    gap = next(each for each in told if each["what"] == "gap")
    assert gap["detail"] == "formula is not entered"
    assert "ended" in asked(capsys, "contracts")


def test_what_no_provider_answers_for(store: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-10-05T08:00", "--to", "2026-10-05T18:00", "--why", "banjir")
    assert "exemption 1" in asked(capsys, "exempt", "add", "35.10.06", *span)
    (one,) = json.loads(asked(capsys, "exempt", "list", "--json"))
    assert (one["scope"], one["begins"], one["why"]) == (
        "35.10.06",
        "2026-10-05T01:00:00Z",
        "banjir",
    )
    assert "banjir" in asked(capsys, "exempt", "list")
    asked(capsys, "exempt", "withdraw", "1")
    asked(capsys, "exempt", "withdraw", "1", code=1)
    asked(capsys, "exempt", "add", "35", "--from", "x", "--to", "y", "--why", "z", code=2)


def test_a_floor_above_adds_its_form(store: Engine, tmp_path: Path) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    inner = parser.add_subparsers()
    commands(inner)
    add_form(inner, "txt", lambda report, settings: [f"{len(report.rows)} rows".encode()])
    out = str(tmp_path / "x.txt")
    args = parser.parse_args(
        ["report", "sla", "--month", "2026-10", "--format", "txt", "--out", out]
    )
    assert args.run(args) == 0
    assert (tmp_path / "x.txt").read_text() == "7 rows"
    assert "sla" in group(inner, "report", "").choices


def test_the_guide_has_every_fault_and_column() -> None:
    rows = re.findall(r"^\| (`.+?`) \| `(\w+)` \|", GUIDE, re.MULTILINE)
    told = {cause: fault for names, fault in rows for cause in re.findall(r"`(\w+)`", names)}
    assert told == {cause: fault for cause, fault in FAULT_OF.items() if cause}
    sums = ("outages", "carried_in", "mttr_s", "mtbf_s", "longest_s", "not_counted_s")
    assert [name for name in (*sums, "corrected_s") if name not in COLUMNS] == []
    assert [name for name in (*sums, "corrected_s") if f"`{name}`" not in GUIDE] == []


CELLS = [
    (contract_cells.tiers, "99,5:0|98:5%|0:25", "99.5:0 98:5 0:25"),
    (contract_cells.exclusions, "village | Power", "power|village"),
    (contract_cells.exclusions, "none", "none"),
]


@pytest.mark.parametrize(("cell", "text", "stored"), CELLS)
def test_cells_of_contracts_are_stored_in_one_spelling(cell: Any, text: str, stored: str) -> None:
    assert cell(text) == stored
    assert cell(stored) == stored


def test_a_cell_that_cannot_be_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="expected none or some of power, planned"):
        contract_cells.exclusions("rain")
    with pytest.raises(ValueError, match="last step must begin at 0"):
        contract_cells.tiers("99:0")
