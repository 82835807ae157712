"""`ronda rules check|list|test` as people and programs use them."""

import json
from pathlib import Path

import pytest

import ronda
from alerts import overrides
from alerts.overrides import Override
from alerts.rules.loading import load
from collector.db import open_store, writing
from collector.schema import areas
from collector.settings import Settings
from tests.alerts.rules.files_for_promtool import RULE, alert
from tests.alerts.rules.sheets import FAILING_SHEET, RULES, SHEET
from tests.stores import migrated

Text = pytest.CaptureFixture[str]


def test_check_tells_all_problems_and_whether_the_answer_is_no(
    tmp_path: Path, capsys: Text
) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text(alert("labels: {severity: page}"))
    bad.write_text(alert("for: soon\nform: 1"))
    assert ronda.main(["rules", "check", str(good)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("taken as warning (warning)")
    assert said[1] == f"{good}: 1 rule in order"
    assert ronda.main(["rules", "check", str(good), str(bad)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[2].startswith(f"{bad}:6: group g, rule A: for: not a duration: 'soon'")
    assert said[3].startswith(f"{bad}:7: group g, rule A: unknown field 'form'")
    assert said[4] == f"{bad}: refused"


def test_check_in_json(tmp_path: Path, capsys: Text) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(alert("for: soon"))
    assert ronda.main(["rules", "check", "--json", str(bad)]) == 1
    page = json.loads(capsys.readouterr().out)[0]
    assert (page["ok"], page["rules"]) == (False, 0)
    problem = page["problems"][0]
    assert (problem["line"], problem["group"], problem["rule"]) == (6, "g", "A")
    assert problem["refused"] and problem["reason"].startswith("for: not a duration")


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_file_that_is_not_there_is_wrong_usage(command: str, capsys: Text) -> None:
    assert ronda.main(["rules", command, "/none.yml"]) == 2
    assert capsys.readouterr().err == "/none.yml: there is no such file\n"


def test_list_shows_what_a_centre_runs(tmp_path: Path, capsys: Text) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "own.yml").write_text(RULE.replace("alert: A", "alert: DiskFull"))
    (folder / "bad.yml").write_text("groups: [\n")
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    store = open_store(settings)
    with writing(store) as connection:
        area = {"code": "35.10", "name": "Banyuwangi", "level": "regency"}
        connection.execute(areas.insert().values(area))
        wanted = Override("InodesFull", "35.10", threshold=0.8)
        overrides.put(connection, load(str(tmp_path)).rules, wanted, "budi", 1.0)
    store.dispose()
    assert ronda.main(["rules", "list", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr()
    rows = {line.split()[0]: line for line in said.out.splitlines()}
    assert rows["UplinkSlow"].split()[1:6] == ["uplink", "warning", "5m", ">", "0.3"]
    assert "rules/own.yml:4" in rows["DiskFull"] and " 35.10 " in rows["InodesFull"]
    assert "DiskFull is replaced by a rule of your own" in said.out
    assert said.err == "rules/bad.yml:2: YAML: did not find expected node content\n"
    assert ronda.main(["rules", "list", "--json", "--data", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    inodes = next(rule for rule in found["rules"] if rule["name"] == "InodesFull")
    assert inodes["threshold"] == 0.9 and inodes["for_s"] == 300.0
    assert inodes["overrides"] == [
        {"scope": "35.10", "threshold": 0.8, "for_s": None, "off": False}
    ]
    assert [one["name"] for one in found["replaced"]] == ["DiskFull"]
    assert [one["file"] for one in found["problems"]] == ["rules/bad.yml"]


@pytest.mark.parametrize(
    ("sheet", "code", "last"),
    [
        (SHEET, 0, "3 tests, passed"),
        (FAILING_SHEET, 1, "1 test, 5 failures"),
        ("tests: [{nope: 1}]\n", 2, "1 test, could not all be tested"),
    ],
    ids=["good", "bad", "wrong"],
)
def test_test_ends_as_its_tests_do(
    tmp_path: Path, capsys: Text, sheet: str, code: int, last: str
) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    path = tmp_path / "tests.yml"
    path.write_text(sheet)
    assert ronda.main(["rules", "test", str(path)]) == code
    assert capsys.readouterr().out.splitlines()[-1] == f"{path}: {last}"
    assert ronda.main(["rules", "test", "--json", str(path)]) == code
    assert json.loads(capsys.readouterr().out)[0]["ok"] is (code == 0)
