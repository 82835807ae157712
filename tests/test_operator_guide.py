"""The operator's guide names every setting, command, environment variable and inventory column."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import ronda
from collector.inventory.check_settings import FURTHER
from collector.inventory.kinds import KINDS
from collector.settings import Settings
from tests.each import for_each

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "operator.md").read_text()
FLOORS = ("agent", "collector", "alerts", "playbooks", "web")


@for_each("name", [field.name for field in fields(Settings)])
def test_a_setting_is_in_the_guide_with_its_variable(name: str) -> None:
    assert re.search(rf"^\|.*`{name}`.*`RONDA_{name.upper()}`.*\|$", GUIDE, re.MULTILINE)


def test_every_command_is_in_the_guide() -> None:
    commands = list(leaves(ronda.parser_for(), "ronda"))
    assert len(commands) > 20
    assert [command for command in commands if f"`{command}" not in GUIDE] == []


def test_every_environment_variable_is_in_the_guide() -> None:
    sources = [ROOT / "ronda.py", *(p for floor in FLOORS for p in (ROOT / floor).rglob("*.py"))]
    named = {v for path in sources for v in re.findall(r"RONDA_[A-Z_]+[A-Z]", path.read_text())}
    assert {"RONDA_DATA", "RONDA_AGENT_DATA"} <= named
    assert sorted(variable for variable in named if f"`{variable}`" not in GUIDE) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_the_inventory_is_in_its_section(kind: str) -> None:
    section = GUIDE.partition(f"\n### {kind}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    columns = [*KINDS[kind].columns, *(FURTHER if KINDS[kind].further else ())]
    assert [column for column in columns if f"`{column}`" not in section] == []


def leaves(parser: argparse.ArgumentParser, path: str) -> Iterator[str]:
    nested = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not nested:
        yield path
    for action in nested:
        for name, inner in action.choices.items():
            yield from leaves(inner, f"{path} {name}")
