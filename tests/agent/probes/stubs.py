"""Programs and trees that stand in for a village's machine."""

import os
from pathlib import Path

import pytest

from tests import recorded

SAMPLES = recorded.FOLDER / "samples"


def put_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Shell scripts, by name, that are found before the programs of the system."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        program = bin_folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")


def put_tree(folder: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> Path:
    """A root of its own for /proc, /sys and /etc, with these files in it."""
    root = folder / "root"
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setenv("RONDA_AGENT_ROOT", str(root))
    return root
