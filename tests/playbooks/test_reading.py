"""A playbook's file is read whole, or refused with its line and its reason."""

import re
from pathlib import Path

import pytest

from playbooks.library import load
from playbooks.model import Command, Keep, Kind, Level, Look, Parameter, Platform, Proof, Put
from playbooks.reading import read, read_file
from tests.each import for_each

DATA = Path(__file__).parents[1] / "data" / "playbooks"
BAD = sorted(DATA.glob("bad-*.yml"))
REFUSED = re.compile(r"^# refused: (.+)$", re.MULTILINE)


@for_each("file", BAD, ids=lambda file: str(file.stem))
def test_a_bad_file_is_refused_by_line_and_reason(file: Path) -> None:
    page = read_file(file, file.name)
    assert page.playbook is None
    assert [f"{problem.line}: {problem.reason}" for problem in page.problems] == REFUSED.findall(
        file.read_text()
    )
    for problem in page.problems:
        assert str(problem).startswith(f"{file.name}:{problem.line}")
        assert "\n" not in str(problem)


def test_a_bad_pattern_is_told_once_and_by_us(capfd: pytest.CaptureFixture[str]) -> None:
    read_file(DATA / "bad-bad-pattern.yml", "a.yml")
    assert capfd.readouterr() == ("", "")


def test_all_fields_of_a_file_are_read() -> None:
    page = read_file(DATA / "semua-bagian.yml", "semua-bagian.yml")
    assert page.problems == ()
    playbook = page.playbook
    assert playbook is not None
    assert (playbook.name, playbook.level, playbook.changes) == ("semua-bagian", Level.YELLOW, True)
    assert playbook.title == {"id": "Semua bagian", "en": "All parts"}
    assert playbook.blocked_when == ("power", "theft")
    assert playbook.danger["en"] == "Two lines make one."
    speed = Parameter("speed", Kind.INT, {"id": "Laju", "en": "Rate"}, 12, "5", (), 1, 9)
    mode = Parameter("mode", Kind.ENUM, {"id": "Cara", "en": "Mode"}, 18, None, ("fast", "slow"))
    assert playbook.params == (speed, mode)
    recipe = playbook.recipes[Platform.DEBIAN]
    assert recipe.precheck == (
        Command("ready", 25, expect="yes", refuse="no", exits=(0, 3), limit_s=90.0),
    )
    assert recipe.snapshot == (
        Command("get speed", 31, keep=Keep("before", Kind.INT, "([0-9]+)")),
        Command("get all", 33, archive=True),
        Put("agent", "@{guard}/agent.pyz", 35, 60.0),
    )
    assert recipe.do == (Command("set @{speed} @{mode}", 39),)
    assert recipe.verify == (
        Look(Proof.HEARTBEAT, 41, 180.0),
        Look(Proof.CHECK, 42, 90.0, "opensid"),
        Look(Proof.HOLDS, 44, 60.0, "x > @{begin}"),
        Command("get speed", 46),
    )
    assert recipe.persist == (Command("save", 48),)
    assert recipe.undo == (Command("set @{before}", 50),)
    assert recipe.guarded
    assert recipe.proof_s == 180 + 90 + 60 + 30


def test_a_file_that_is_not_there_is_told_as_a_problem(tmp_path: Path) -> None:
    page = read_file(tmp_path / "none.yml", "none.yml")
    assert [str(problem) for problem in page.problems] == ["none.yml:1: No such file or directory"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    page = read(b"#" * ((1 << 20) + 1), "a.yml", "a")
    assert [problem.reason for problem in page.problems] == ["larger than 1,048,576 bytes"]


def own(tmp_path: Path, name: str, text: str) -> str:
    folder = tmp_path / "playbooks"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yml").write_text(text)
    return str(tmp_path)


GOOD = (DATA / "semua-bagian.yml").read_text()


def test_a_playbook_of_the_centre_stands_beside_ours(tmp_path: Path) -> None:
    data = own(tmp_path, "semua-bagian", GOOD)
    assert {"semua-bagian", "perbaiki-dns"} <= set(load(data).playbooks)


def test_a_playbook_of_the_centre_takes_the_place_of_ours(tmp_path: Path) -> None:
    data = own(tmp_path, "perbaiki-dns", GOOD.replace("name: semua-bagian", "name: perbaiki-dns"))
    assert load(data).get("perbaiki-dns").title["en"] == "All parts"


def test_ours_is_not_run_where_a_bad_file_should_have_replaced_it(tmp_path: Path) -> None:
    data = own(tmp_path, "perbaiki-dns", GOOD)
    library = load(data)
    assert "perbaiki-dns" not in library.playbooks
    told = "playbooks/perbaiki-dns.yml:1: name: expected 'perbaiki-dns' as the file is called"
    assert [str(problem) for problem in library.problems] == [f"{told}, got 'semua-bagian'"]
