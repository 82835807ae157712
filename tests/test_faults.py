"""Each fault that docs/faults.md speaks of names the tests that show it, and they are there."""

import re
from pathlib import Path

from tests.each import for_each

ROOT = Path(__file__).parent.parent
ROWS = [
    line.strip("|").split(" | ")
    for line in (ROOT / "docs" / "faults.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| what happens")
]
SHOWN = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`( \(soak\))?")


@for_each("row", ROWS, ids=lambda row: row[0].strip().replace(" ", "-"))
def test_a_fault_is_shown_by_tests_that_there_are(row: list[str]) -> None:
    _, does, shown = row
    found = SHOWN.findall(shown)
    assert does.strip() and found
    for path, name, soak in found:
        text = (ROOT / path).read_text()
        told = re.search(rf"((?:^@.*\n)*)^(?:async )?def {name}\(", text, re.MULTILINE)
        assert told is not None, f"{path} has no {name}"
        marks = told[1] + "".join(re.findall(r"^pytestmark = .*$", text, re.MULTILINE))
        assert ("mark.soak" in marks) == bool(soak), f"{path}::{name}: soak or not"


def test_all_faults_are_there() -> None:
    assert len(ROWS) > 25
