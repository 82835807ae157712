"""Compiled templates are kept beside the code, and only as long as they are what would be made."""

import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from web import compiled


class Counting(Environment):
    """Counts what it has to compile."""

    compiled = 0

    def compile(self, *given: Any, **more: Any) -> Any:
        self.compiled += 1
        return super().compile(*given, **more)


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one template, and code beside it that says how it is read."""
    # whoever runs the tests may have told Python to keep nothing
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    (tmp_path / "code.py").write_text("")
    return tmp_path


def begun(around: Path) -> Counting:
    """A process that begins now."""
    kept = compiled.kept(around / "kept", around)
    return Counting(loader=FileSystemLoader(around), bytecode_cache=kept)


def shown(process: Counting) -> str:
    return process.get_template("page.html").render()


def test_what_one_process_has_compiled_no_other_compiles(around: Path) -> None:
    first, second = begun(around), begun(around)
    assert [shown(first), shown(second)] == ["2", "2"]
    assert [first.compiled, second.compiled] == [1, 0]


def test_a_template_that_was_changed_is_compiled_anew(around: Path) -> None:
    shown(begun(around))
    (around / "page.html").write_text("{{ 1 + 2 }}")
    assert shown(begun(around)) == "3"
    assert len(list((around / "kept").iterdir())) == 1


def test_code_that_was_changed_compiles_all_anew(around: Path) -> None:
    shown(begun(around))
    (around / "code.py").write_text("trim_blocks = True")
    process = begun(around)
    assert shown(process) == "2" and process.compiled == 1


def test_where_nothing_can_be_kept_pages_are_shown_all_the_same(around: Path) -> None:
    assert compiled.kept(around / "code.py" / "kept") is None
    process = begun(around)
    (around / "kept").rmdir()
    assert shown(process) == "2"
