"""The one channel of a demo: messages are kept in a file to look at, and go nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerts.channels import Health, NotifyFailed, text_of

DRILL = "LATIHAN"
FILE = "messages.txt"
_MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Kept:
    """`file` takes each message, with whom it would have gone to; full, it begins anew."""

    file: Path

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """That it is kept; NotifyFailed when the file cannot be written."""
        try:
            whole = self.file.exists() and self.file.stat().st_size < _MOST_BYTES
            with self.file.open("a" if whole else "w") as file:
                file.write(f"[{DRILL}] {target}\n{DRILL}: {text_of(message)}\n\n")
        except OSError as error:
            raise NotifyFailed(error.strerror or str(error)) from error
        return "kept, sent to nobody"

    def look(self) -> Health:
        return Health(True, f"a drill: messages are kept in {self.file.name}")
