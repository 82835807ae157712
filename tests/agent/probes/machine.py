"""A machine whose only programs are stubs: a few lines of shell each."""

import re
from pathlib import Path
from typing import Any

import pytest

from agent.probes.wifi import Wifi
from agent.strict import build
from tests.agent.probes.stubs import put_tree

MAC = re.compile(r"(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}", re.IGNORECASE)


class Machine:
    """A machine whose only programs are stubs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setattr("agent.probes.system._SBIN", "")
        self.root = put_tree(folder, monkeypatch, {"/proc/net/dev": "\n\n"})
        self.memory: dict[str, Any] = {}

    def put(self, program: str, answers: dict[str, str]) -> None:
        """A program that prints these texts for these words, and fails for all others."""
        lines = ["#!/bin/sh", 'case "$*" in']
        for number, (words, text) in enumerate(answers.items()):
            file = self.bin / f"{program}.{number}"
            file.write_text(text)
            quoted = "'" + words + "'"
            lines.append(f"{quoted}) exec /bin/cat {file};;")
        self.script(program, "\n".join([*lines, "esac", "exit 1"]))

    def script(self, program: str, text: str) -> None:
        (self.bin / program).write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        (self.bin / program).chmod(0o755)

    def remove(self, program: str) -> None:
        (self.bin / program).unlink()

    def look(self, **settings: str) -> dict[str, float | None]:
        reading = build(Wifi, {"name": "wifi", **settings}).measure(self.memory)
        assert not MAC.search(repr((reading, self.memory)))
        return dict(reading.values)
