"""Does a port accept a connection, and greet as it should?"""

import socket
from dataclasses import dataclass
from time import monotonic
from typing import Any

from agent.dial import WireError, dial, left_s, place
from agent.probes import limits
from agent.report import Reading, Verdict
from agent.strict import Refused

_BANNER_BYTES = 4096


@dataclass(frozen=True)
class Tcp:
    """`banner` is a text (not a pattern) that must be in what the server says first."""

    name: str
    host: str
    port: int
    banner: str = ""
    timeout_s: float = 5.0

    def check(self) -> None:
        limits.target(self)
        if len(self.banner) > 200:
            raise Refused("banner", "must be 200 characters or fewer")

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        deadline = monotonic() + self.timeout_s
        try:
            with dial(self.host, self.port, deadline) as connection:
                why = self._greeting(connection, deadline) if self.banner else ""
        except WireError as error:
            why = str(error)
        return Reading(Verdict.BAD if why else Verdict.GOOD, {}, why)

    def _greeting(self, connection: socket.socket, deadline: float) -> str:
        """What is wrong with the greeting; "" when nothing is."""
        where = place(self.host, self.port)
        said = b""
        wanted = self.banner.encode()
        try:
            while wanted not in said and len(said) < _BANNER_BYTES:
                connection.settimeout(left_s(deadline))
                piece = connection.recv(_BANNER_BYTES)
                if not piece:
                    break
                said += piece
        except OSError:
            # what came before the silence is judged below
            pass
        if wanted in said:
            return ""
        if not said:
            return f"{where} accepts but says nothing"
        first = said.decode("utf-8", "replace").split("\n")[0].strip()[:60]
        return f"{where} greets with {first!r}, not {self.banner!r}"
