"""The house rules that a machine can watch: length of files and functions, no silenced checks."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
FLOORS = ("agent", "collector", "alerts", "playbooks", "web")
SOURCES = sorted(
    path
    for path in [ROOT / "ronda.py", *(p for f in FLOORS for p in (ROOT / f).rglob("*.py"))]
    if "migrations" not in path.parts
)
LONGEST_FILE = 330
LONGEST_FUNCTION = 45
# accounts, their sign-in links and the tokens of programs live in the console: nobody beneath it
# asks for them, and what is a good password or token is decided beside the rows
OWN_ROWS = {"web/people.py", "web/accounts.py", "web/bound.py"}
# what a page may name of SQLAlchemy: where to ask, what an answer and an error are, types
NAMED = {"Column", "ColumnClause", "ColumnElement", "Connection", "Engine", "Row", "Table"}
SILENCED = re.compile(r"# (type: ignore|noqa)|mock\.patch|pytest\.mark\.xfail")


def test_each_source_file_holds_one_idea_of_readable_length() -> None:
    found = [f"{name(path)}: {what}" for path in SOURCES for what in too_long(path)]
    assert found == []


def too_long(path: Path) -> Iterator[str]:
    """What is too much of a file, or missing in it."""
    text, tree = path.read_text(), parsed(path)
    # the list of tables is long because the list is
    if path.name != "schema.py" and text.count("\n") > LONGEST_FILE:
        yield "too long"
    if text.strip() and not ast.get_docstring(tree):
        yield "the first line says the idea"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines"


def test_no_check_is_silenced() -> None:
    assert [name(path) for path in SOURCES if SILENCED.search(path.read_text())] == []


def test_pages_ask_store_files_and_write_no_sql() -> None:
    pages = [path for path in SOURCES if name(path).startswith("web/")]
    found = [(name(path), what) for path in pages for what in asks_itself(path)]
    assert [(page, what) for page, what in found if page not in OWN_ROWS] == []


def asks_itself(path: Path) -> Iterator[str]:
    """Where a file knows more of the database than whom to ask."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("sqlalchemy"))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            named = {each.name for each in node.names}
            if node.module != "sqlalchemy.exc" and not named <= NAMED:
                yield f"line {node.lineno} imports {', '.join(sorted(named - NAMED))}"
        asked = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if asked and node.func.attr == "execute":
            yield f"line {node.lineno} asks the database itself"


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
