"""Imports run downwards only; a new shortcut between floors fails here, by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
MAY_IMPORT: dict[str, set[str]] = {
    "agent": set(),
    "collector": {"agent.report", "agent.strict"},
    "alerts": {"agent.report", "agent.strict", "collector"},
    "playbooks": {"agent.report", "agent.strict", "collector"},
    "web": {"agent.report", "agent.strict", "collector", "alerts", "playbooks"},
}


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_floor_imports_only_what_lies_beneath_it(floor: str) -> None:
    allowed = MAY_IMPORT[floor] | {floor}
    for path in sorted((ROOT / floor).rglob("*.py")):
        for module in imported_modules(path):
            if module.split(".")[0] in {*MAY_IMPORT, "ronda"}:
                fine = any(module == a or module.startswith(a + ".") for a in allowed)
                assert fine, f"{path.relative_to(ROOT)} imports {module}"


def test_a_migration_asks_no_code_that_will_change_after_it() -> None:
    for path in sorted((ROOT / "collector" / "migrations").glob("*/r*.py")):
        ours = {module.split(".")[0] for module in imported_modules(path)} & {*MAY_IMPORT}
        assert not ours, f"{path.name} imports {ours}"


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
