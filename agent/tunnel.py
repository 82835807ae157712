"""A way in that this agent opens from inside: one port of the collector leads to one device here.

Asked for by the collector, only to a target of the agent's own configuration, and over for good
after so long by the agent's own clock. The system's ssh (or dropbear's dbclient) does the work.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from agent import diary
from agent.identity import Home
from agent.post import Post
from agent.strict import Refused
from agent.wire import WireError

ORDER = "open_tunnel:"
LONGEST_S = 900.0
_FOLDER = "tunnel"
_MAKE_LIMIT_S = 30
_TOOLS = "/usr/sbin:/usr/bin:/sbin:/bin"
# whoever kills the agent does not kill its line: then this ends it, where it still is that line
_WATCH = 'sleep "$1"; ! grep -qs "$3" "/proc/$2/cmdline" || kill -9 "$2"'


class Tunnel:
    """At most one is open; `clock` is monotonic."""

    def __init__(self, home: Home, clock: Callable[[], float] = time.monotonic) -> None:
        self._home, self._clock = home, clock
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None
        self.target, self.until = "", 0.0

    @property
    def is_open(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def open(self, name: str, targets: Mapping[str, str], post: Post) -> None:
        """Open the way to a target, or leave the one that leads there; Refused says why not."""
        if name not in targets:
            raise Refused(ORDER + name, "no tunnel target")
        if self.is_open and self.target == name:
            return
        self.close()
        os.makedirs(self._home.path(_FOLDER), mode=0o700, exist_ok=True)
        client = _client()
        grant = self._granted(name, self._public_key(client), post)
        known = self._written(grant)
        command = arguments(client, self._key(client), known, grant, targets[name])
        self._start(command, name, min(LONGEST_S, float(grant["for_s"])))

    def close(self) -> None:
        """End it, if it is open."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._watch is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._watch.pid, signal.SIGKILL)
            self._watch.wait()
            self._watch = None

    def _start(self, command: list[str], name: str, for_s: float) -> None:
        nothing = subprocess.DEVNULL
        # dbclient finds the keys it believes nowhere else
        around = {"PATH": os.environ.get("PATH", ""), "HOME": self._home.path(_FOLDER)}
        try:
            self._process = subprocess.Popen(
                command, stdin=nothing, stdout=nothing, stderr=nothing, env=around
            )
            forward = command[command.index("-R") + 1]
            later = ["/bin/sh", "-c", _WATCH, "watch", str(int(for_s) + 1), str(self._process.pid)]
            self._watch = subprocess.Popen(
                [*later, forward],
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                env={"PATH": _TOOLS},
                start_new_session=True,
            )
        except OSError as error:
            self.close()
            raise Refused(ORDER + name, error.strerror or str(error)) from error
        self.target, self.until = name, self._clock() + for_s
        # of this process alone: one that fires late must not end the next tunnel
        self._timer = threading.Timer(for_s, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        diary.say(f"a tunnel to {name} is open for {for_s:.0f} s")

    def _public_key(self, client: str) -> str:
        """The key that signs in there, made at first use; only its public part leaves."""
        path = self._key(client)
        if not os.path.exists(path):
            _run(_making(client, path))
        told = _run(_showing(client, path)).decode("ascii", "replace")
        keys = [line for line in told.splitlines() if line.startswith("ssh-")]
        if not keys:
            raise Refused(ORDER, "the key of this agent cannot be read")
        return " ".join(keys[0].split()[:2])

    def _key(self, client: str) -> str:
        # each client has a form of its own for keys
        return self._home.path(os.path.join(_FOLDER, f"key.{os.path.basename(client)}"))

    def _written(self, grant: Mapping[str, Any]) -> str:
        """The collector's key where the client looks for it; the path of that file."""
        folder = self._home.path(os.path.join(_FOLDER, ".ssh"))
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(folder, "known_hosts")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            for name in dict.fromkeys((known_as(grant["host"], grant["port"]), grant["host"])):
                file.write(f"{name} {grant['host_key']}\n")
        return path

    def _granted(self, name: str, key: str, post: Post) -> dict[str, Any]:
        answer = post.tunnel(json.dumps({"target": name, "key": key}).encode())
        try:
            told = json.loads(answer.body)
        except ValueError as error:
            raise WireError("what answers is no collector: not JSON") from error
        if answer.status != 200 or not isinstance(told, dict):
            raise Refused(ORDER + name, f"the collector gives no port: {answer.status}")
        return _checked(told)


def arguments(
    client: str, key: str, known: str, grant: Mapping[str, Any], target: str
) -> list[str]:
    """The command that holds a tunnel; nothing but the collector's pinned key is believed."""
    forward = f"127.0.0.1:{grant['listen']}:{target}"
    there = f"{grant['user']}@{grant['host']}"
    if client.endswith("dbclient"):
        head = [client, "-N", "-T", "-i", key, "-K", "15", "-o", "ExitOnForwardFailure=yes"]
        return [*head, "-p", str(grant["port"]), "-R", forward, there]
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": known,
        "GlobalKnownHostsFile": "/dev/null",
        "ExitOnForwardFailure": "yes",
        "ServerAliveInterval": "15",
        "ConnectTimeout": "20",
    }
    told = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    head = [client, "-F", "/dev/null", "-N", "-T", "-i", key, *told]
    return [*head, "-p", str(grant["port"]), "-R", forward, "--", there]


def _checked(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the collector grants, each part of its form: it becomes words of a command."""
    wanted: dict[str, type | tuple[type, ...]] = {
        "host": str,
        "port": int,
        "user": str,
        "host_key": str,
        "listen": int,
        "for_s": (int, float),
    }
    for name, kind in wanted.items():
        if not isinstance(told.get(name), kind) or isinstance(told.get(name), bool):
            raise Refused(ORDER, f"the collector's grant has no {name}")
    for name in ("host", "user"):
        if not told[name] or told[name][0] == "-" or not _plain(told[name]):
            raise Refused(ORDER, f"the collector's grant has a strange {name}")
    if not told["host_key"].startswith(("ssh-", "ecdsa-")) or "\n" in told["host_key"]:
        raise Refused(ORDER, "the collector's grant has no host key")
    return dict(told)


def _plain(text: str) -> bool:
    return all(c.isascii() and (c.isalnum() or c in "-_.:") for c in text)


def known_as(host: str, port: int) -> str:
    """How OpenSSH's file of known hosts names a place; dropbear's has no ports."""
    return host if port == 22 else f"[{host}]:{port}"


def _client() -> str:
    for name in ("ssh", "dbclient"):
        found = shutil.which(name)
        # dropbear puts itself in the place of ssh
        if found and os.path.basename(os.path.realpath(found)) in ("dropbear", "dropbearmulti"):
            found = shutil.which("dbclient")
        if found:
            return found
    raise Refused(ORDER, "no ssh client here")


def _making(client: str, path: str) -> list[str]:
    if client.endswith("dbclient"):
        return ["dropbearkey", "-t", "ed25519", "-f", path]
    return ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ronda-agent", "-f", path]


def _showing(client: str, path: str) -> list[str]:
    if client.endswith("dbclient"):
        return ["dropbearkey", "-y", "-f", path]
    return ["ssh-keygen", "-y", "-f", path]


def _run(command: list[str]) -> bytes:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_MAKE_LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(ORDER, f"{command[0]}: {error}") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise Refused(ORDER, f"{command[0]}: {words[:200]}")
    return done.stdout
