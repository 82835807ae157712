"""Does a container run, and does it call itself healthy? Asked of Docker's own socket."""

import json
import socket
from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent.answer import AnswerReader, Response
from agent.dial import WireError
from agent.probes import limits
from agent.probes.system import rooted
from agent.probes.talk import Talk
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused

_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Docker:
    """`socket` is where Docker (or Podman) listens; the agent's account needs its group."""

    name: str
    container: str
    socket: str = "/var/run/docker.sock"
    timeout_s: float = 5.0

    def check(self) -> None:
        fine = self.container and len(self.container) <= 200 and self.container[0].isalnum()
        if not fine or not all(c.isascii() and (c.isalnum() or c in "_.-") for c in self.container):
            raise Refused("container", f"not the name of a container: {self.container[:80]!r}")
        if not self.socket.startswith("/") or len(self.socket) > 100:
            raise Refused("socket", f"expected a path from /, got {self.socket[:80]!r}")
        limits.between("timeout_s", self.timeout_s, 0.1, 30)

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        try:
            answer = self._ask(f"/containers/{self.container}/json")
        except ConnectionRefusedError:
            return Reading(Verdict.BAD, {}, "Docker does not run")
        except FileNotFoundError:
            raise ProbeFailed(f"no Docker on this system: {self.socket} is not there") from None
        except PermissionError:
            raise ProbeFailed(f"no permission for {self.socket}") from None
        except WireError as error:
            return Reading(Verdict.BAD, {}, f"Docker does not answer: {error}"[:200])
        why = judge(self.container, answer)
        return Reading(Verdict.BAD if why else Verdict.GOOD, {}, why[:200])

    def _ask(self, path: str) -> Response:
        deadline = monotonic() + self.timeout_s
        plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with Talk(plain, "Docker", 0, deadline) as talk:
            talk.most_bytes = _MOST_BYTES
            plain.settimeout(self.timeout_s)
            plain.connect(rooted(self.socket))
            talk.send(f"GET {path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".encode())
            return AnswerReader(talk.piece).read("GET", _MOST_BYTES)


def judge(container: str, answer: Response) -> str:
    """What is wrong with a container; "" when nothing is. ProbeFailed when Docker is not well."""
    if answer.status == 404:
        return f"no container {container}"
    try:
        told = json.loads(answer.body)
        state = told["State"]
        status, running = str(state.get("Status", "")), bool(state.get("Running"))
        health = str((state.get("Health") or {}).get("Status", ""))
        code = state.get("ExitCode")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ProbeFailed(f"Docker answers HTTP {answer.status} and no container") from None
    if state.get("Restarting") or status == "restarting":
        return f"the container {container} fails and is started over and over ({code})"
    if state.get("Paused"):
        return f"the container {container} is paused"
    if not running:
        return f"the container {container} does not run ({status or 'stopped'}, {code})"
    return f"the container {container} is not healthy" if health == "unhealthy" else ""
