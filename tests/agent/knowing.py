"""What the agent's checks and configuration really have for keys; as a program: writes it down."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from agent.config import OF_EVERY_KIND, Plan
from agent.probes import PROBES, load

FILE = Path(__file__).parents[2] / "agent" / "knows.txt"


def known() -> list[str]:
    lines = [_line("*", OF_EVERY_KIND), _line("plan", _keys(Plan))]
    return lines + [_line(kind, _keys(load(kind))) for kind in sorted(PROBES)]


def _keys(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _line(kind: str, keys: tuple[str, ...]) -> str:
    return f"{kind}:{','.join(sorted(keys))}"


if __name__ == "__main__":
    FILE.write_text("\n".join(known()) + "\n")
