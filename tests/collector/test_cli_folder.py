"""A folder that no centre has its data in: said, and nothing is made there."""

from pathlib import Path

import pytest

import ronda
from collector.unfinished import UNFINISHED
from tests.each import for_each

ASKING = (
    "incidents list",
    "incidents show 1",
    "incidents ack 1",
    "sites list",
    "sites show 35.10.12.2004",
    "sites codes",
    "users list",
    "users reset dewi",
    "agents list",
    "centres list",
    "parent status",
    "channels list",
    "channels hooks",
    "services passwords",
    "hosts list",
    "rules list",
    "playbooks runs",
    "mutes list",
    "query up",
    "report verify",
    "report contracts",
    "report sla --month 2026-10 --format csv --out x.csv",
    "backup x.backup",
    "backup list",
)


@for_each("words", ASKING)
def test_a_command_refuses_a_folder_without_a_centre(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    typo = tmp_path / "typo"
    for folder, options in ((typo, ["--data", str(typo)]), (tmp_path / "var", [])):
        assert ronda.main([*words.split(), *options]) == 2
        said = capsys.readouterr()
        problem = "no centre has its data here; name its folder with --data or RONDA_DATA"
        assert (said.out, said.err) == ("", f"ronda: {folder}: {problem}\n")
    assert list(tmp_path.iterdir()) == []


def test_with_a_server_for_tables_the_folder_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RONDA_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/ronda")
    assert ronda.main(["sites", "list", "--data", str(tmp_path / "typo")]) == 2
    assert "no centre has its data here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_half_a_restore_is_not_taken_for_no_centre(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / UNFINISHED).touch()
    assert ronda.main(["sites", "list", "--data", str(tmp_path)]) == 2
    assert "ronda restore --force" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["sites import FILE", "users add dewi --role admin"], ids=["import", "account"]
)
def test_what_fills_a_centre_may_come_before_its_first_start(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("code,name\n35.10.12.2004,Benculuk\n")
    data = ["--data", str(tmp_path / "var")]
    assert ronda.main([*words.replace("FILE", str(file)).split(), *data]) == 0
    assert ronda.main(["sites", "list", *data]) == 0
