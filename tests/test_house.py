"""The house rules that a machine can watch: length of files and functions, no silenced checks."""

import ast
import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_source_file_holds_one_idea_of_readable_length(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    # the list of tables is long because the list is
    if path.name != "schema.py":
        assert text.count("\n") <= LONGEST_FILE
    assert ast.get_docstring(tree) or not text.strip(), "the first line says the idea"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_check_is_silenced(path: Path) -> None:
    assert not SILENCED.search(path.read_text())


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.is_relative_to(ROOT / "web")],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_pages_ask_store_files_and_write_no_sql(path: Path) -> None:
    if str(path.relative_to(ROOT)) in OWN_ROWS:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("sqlalchemy") for alias in node.names)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            assert node.module == "sqlalchemy.exc" or {each.name for each in node.names} <= NAMED
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr != "execute", f"line {node.lineno} asks the database itself"
