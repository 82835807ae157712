"""A whole centre in a folder of its own, for stories: real processes, real sockets."""

import contextlib
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from collector.settings import Settings
from ronda import parser_for
from tests.stores import migrated

READY_LIMIT_S = 60.0
_PORTS = (15_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel gives to whoever calls out."""
    while True:
        port = random.SystemRandom().randrange(*_PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(
    what: str, true: Callable[[], Any], limit_s: float = 20.0, pause_s: float | None = None
) -> Any:
    """The first true answer of `true()`; fails with `what` after `limit_s`.

    It asks each `pause_s`, or ever more seldom: whoever asks costs as much as the centre that is
    asked, and after many seconds a part of one more is nothing.
    """
    began = time.monotonic()
    while (waited_s := time.monotonic() - began) < limit_s:
        answer = true()
        if answer:
            return answer
        time.sleep(min(max(0.1, waited_s / 20), 0.5) if pause_s is None else pause_s)
    raise AssertionError(f"not within {limit_s:.0f} s: {what}")


def ask(
    method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Status and JSON of one request; status 0 when the server went away in the middle of it."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body or None, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    except (OSError, HTTPException, ValueError):
        return 0, None
    finally:
        connection.close()


@cache
def _understands(command: str) -> ArgumentParser:
    """What understands it; half of what a question costs is to make this."""
    return parser_for((command,))


class Centre:
    """`ronda up` on free ports; `output` is what it printed so far.

    It finds its databases made, unless it is to begin `from_nothing`.
    """

    def __init__(
        self,
        folder: Path,
        options: Sequence[str] = ("--no-agent",),
        database_url: str = "",
        from_nothing: bool = False,
        **env: str,
    ) -> None:
        self.folder = folder
        self.settings = Settings(
            data=str(folder),
            console=f"127.0.0.1:{free_port()}",
            ingest=f"127.0.0.1:{free_port()}",
            database_url=database_url,
        )
        self._options = list(options)
        # a demo wants a folder that nobody has used
        self._copied = not (from_nothing or database_url or "--demo" in options)
        # compiling every module again at every start would be measured as the centre's own time
        self._env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **env}
        self._env["RONDA_DATABASE_URL"] = database_url
        self._log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def listen_everywhere(self) -> None:
        """Before the start: agents in namespaces of their own reach ingest, too."""
        port = self.settings.ingest.rpartition(":")[2]
        self.settings = replace(self.settings, ingest=f"0.0.0.0:{port}")

    def log_to(self, path: Path) -> None:
        """Before the start: what it prints goes there, and not beside its folder."""
        self._log = path

    def reached_at(self, host: str, scheme: str = "https") -> None:
        """Before the start: what agents are told to report to."""
        port = self.settings.ingest.rpartition(":")[2]
        self.reached_by(f"{scheme}://{host}:{port}")

    def reached_by(self, url: str) -> None:
        """The same, where something stands between them."""
        self._env["RONDA_INGEST_URL"] = url

    @property
    def environment(self) -> Mapping[str, str]:
        """What its processes are given."""
        return self._env

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def ingest_url(self) -> str:
        return f"http://{self.settings.ingest}"

    @property
    def reports_to(self) -> str:
        """What agents are told."""
        return self._env.get("RONDA_INGEST_URL") or self.ingest_url

    @property
    def console_url(self) -> str:
        return f"http://{self.settings.console}"

    def start(self) -> "Centre":
        """Start and wait until the console and ingest serve."""
        before = self.output.count("ready http") if self._log.exists() else 0
        process = self.launch()
        try:
            wait_for(
                "ready",
                lambda: self.output.count("ready http") > before or process.poll() is not None,
                READY_LIMIT_S,
            )
        except AssertionError:
            # nobody has it in hand yet, so nobody else would end it
            self.stop()
            raise
        assert process.poll() is None, self.output
        return self

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start, and do not wait for anything."""
        if self._copied and not (self.folder / "ronda.db").exists():
            migrated(self.settings)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command("up", *self.addresses(), *self._options),
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def stop(self) -> int:
        """Ctrl-C, as a person would; the exit status."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def __enter__(self) -> "Centre":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "ronda", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One `ronda` command on this centre's data."""
        return subprocess.run(
            self.command(*arguments, "--data", str(self.folder)),
            env=self._env,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def ask(self, *arguments: str, fine: Collection[int] = (0,)) -> Any:
        """The JSON answer of a `ronda` command, run in here: stories ask until it is the right one.

        A process for each time would take more of the machine than the centre that is looked at.
        `fine`: what its exit status may be.
        """
        words = [*arguments, "--json", "--data", str(self.folder)]
        args = _understands(arguments[0]).parse_args(words)
        args.config = self._log.with_suffix(".toml")
        args.config.write_text(f'database_url = "{self.settings.database_url}"\n')
        said, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complaints):
            status = args.run(args)
        assert status in fine, complaints.getvalue()
        return json.loads(said.getvalue())

    def pid(self, role: str) -> int:
        return int((self.folder / "run" / f"{role}.pid").read_text())

    def kill(self, role: str) -> None:
        """SIGKILL one role, or everything with `role="up"`."""
        assert self.process is not None
        if role == "up":
            self.process.kill()
            self.process.wait(10)
        else:
            # it may be dead from the kill before, and not yet started again
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid(role), signal.SIGKILL)

    def health(self, port: str = "ingest") -> dict[str, Any]:
        """What /healthz says; {"status": "gone"} when nobody serves there."""
        url = self.ingest_url if port == "ingest" else self.console_url
        found: dict[str, Any] = ask("GET", f"{url}/healthz")[1] or {"status": "gone"}
        return found

    def addresses(self) -> list[str]:
        return [
            *("--data", str(self.folder)),
            *("--console", self.settings.console),
            *("--ingest", self.settings.ingest),
        ]
