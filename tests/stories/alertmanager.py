"""A real Alertmanager on loopback, asked by its own amtool."""

import json
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.stories.centre import free_port, wait_for

_ROUTE = """
route: {receiver: ronda, group_by: [alertname], group_wait: 100ms, group_interval: 1s}
receivers:
  - name: ronda
"""
_HOOK = """    webhook_configs:
      - url: %s
        http_config: {authorization: {credentials: %s}}
"""


class Alertmanager:
    """One of them; with `hook` (address and token) it tells of its alerts there."""

    def __init__(self, folder: Path, hook: tuple[str, str] | None = None) -> None:
        self._folder, self.hook = folder, hook
        self.url = f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, name: str = "first") -> None:
        """Start with what it keeps under this name, and wait until it serves."""
        self._folder.mkdir(exist_ok=True)
        config = self._folder / "alertmanager.yml"
        config.write_text(_ROUTE + (_HOOK % self.hook if self.hook else ""))
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "prometheus-alertmanager",
                    f"--config.file={config}",
                    f"--storage.path={self._folder / name}",
                    f"--web.listen-address={self.url.removeprefix('http://')}",
                    "--cluster.listen-address=",
                ],
                stdout=log,
                stderr=log,
            )
        wait_for("alertmanager", self._ready)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def alerts(self) -> list[dict[str, Any]]:
        """What it holds as burning."""
        found: list[dict[str, Any]] = json.loads(self.amtool("alert", "query", "-o", "json"))
        return found

    def names(self) -> list[str]:
        return sorted(one["labels"]["alertname"] for one in self.alerts())

    def add(self, *words: str) -> None:
        self.amtool("alert", "add", *words)

    def amtool(self, *words: str) -> str:
        command: Sequence[str] = ["amtool", *words, f"--alertmanager.url={self.url}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout
