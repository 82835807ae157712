"""What docs/security.md and docs/protocol say is shown by a test is shown by one that exists."""

import re
from pathlib import Path

import pytest

from tests.soak.protocol import MODEL, WITHOUT

ROOT = Path(__file__).parent.parent
SECURITY, PROTOCOL = ROOT / "docs" / "security.md", ROOT / "docs" / "protocol" / "README.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# of ASVS 5.0.0
CHAPTERS = 17


@pytest.mark.parametrize("path", [SECURITY, PROTOCOL], ids=lambda path: path.parent.name)
def test_every_test_that_is_named_exists(path: Path) -> None:
    named = NAMED.findall(path.read_text())
    assert named
    gone = [f"{file}::{test}" for file, test in named if not is_there(ROOT / file, test)]
    assert gone == []


def is_there(file: Path, test: str) -> bool:
    return file.is_file() and f"def {test}(" in file.read_text()


def test_every_claim_of_the_threat_model_names_a_test() -> None:
    text = SECURITY.read_text()
    rows = re.findall(r"^\| .*\|$", text[: text.index("## ASVS")], re.MULTILINE)
    claims = [row for row in rows if "shown by" not in row and not row.startswith("|---")]
    assert claims
    assert [row for row in claims if not NAMED.search(row)] == []


def test_every_attacker_is_told_what_does_not_hold() -> None:
    begun = re.split(r"^### (?:A|An) ", SECURITY.read_text(), flags=re.MULTILINE)[1:]
    assert len(begun) == 6
    assert [text.splitlines()[0] for text in begun if "What does not hold:" not in text] == []


def test_every_chapter_of_the_standard_is_walked_through() -> None:
    found = re.findall(r"^### V(\d+) ", SECURITY.read_text(), re.MULTILINE)
    assert [int(number) for number in found] == list(range(1, CHAPTERS + 1))


def test_every_safeguard_of_the_model_is_taken_away_and_described() -> None:
    text = MODEL.read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", PROTOCOL.read_text(), re.MULTILINE))
    assert told == {name for name, _, _ in WITHOUT}
    assert [name for name in told if not re.search(rf"\b{name}\b", text)] == []


def test_files_that_the_model_names_exist() -> None:
    named = re.findall(r"(?:agent|collector)/[\w/]+\.py", MODEL.read_text())
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
