"""What checks of a server that speaks TLS share: whom to trust, and a reading with its dates."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any, ClassVar

from agent.probes import limits
from agent.probes.browse import CLOCK_BEGINS
from agent.probes.talk import Talk, certified, deadline_in, talk
from agent.probes.visit import Trust
from agent.report import Reading, Verdict, series
from agent.strict import Refused

TLS_WAYS = ("tls", "starttls", "auto", "none")


@dataclass(frozen=True)
class Secured(ABC):
    """`address`: connect here instead of where the name leads; `ca`: PEM to trust instead of
    the system's. A kind says in `converse` what is said and what is wrong with the answers."""

    name: str
    host: str
    port: int = 443
    tls: str = "tls"
    address: str = ""
    verify_certificate: bool = True
    ca: str = ""
    timeout_s: float = 10.0

    # ways that this kind knows
    ways: ClassVar[tuple[str, ...]] = TLS_WAYS

    def check(self) -> None:
        limits.target(self)
        if self.tls not in self.ways:
            raise Refused("tls", f"{self.tls!r} is not one of {', '.join(self.ways)}")
        if self.address:
            limits.host("address", self.address)
        if self.ca:
            limits.authority("ca", self.ca)

    @property
    def limit_s(self) -> float:
        return 2 * self.timeout_s + 0.5

    @abstractmethod
    def converse(self, talk: Talk, trust: Trust, values: dict[str, float | None]) -> str:
        """What is wrong, in plain words; "" when nothing is. Numbers go into `values`."""

    def measure(self, memory: dict[str, Any]) -> Reading:
        now = time()
        trust = Trust(self.ca, self.verify_certificate, now > CLOCK_BEGINS)
        values: dict[str, float | None] = {}
        why, expires_at = certified(self._look(values), trust, now)
        # a series that comes and goes would make a new layout each time
        if expires_at is not None or self.tls in ("tls", "starttls") or "certified" in memory:
            memory["certified"] = True
            labels = {"check": self.name}
            values[series("ronda_check_certificate_expiry_timestamp_seconds", labels)] = expires_at
        return Reading(Verdict.BAD if why else Verdict.GOOD, values, why[:200])

    def _look(self, values: dict[str, float | None]) -> Callable[[Trust], tuple[str, bytes | None]]:
        def look(trust: Trust) -> tuple[str, bytes | None]:
            deadline = deadline_in(self.timeout_s)
            with talk(self.host, self.port, deadline, self.address) as connection:
                if self.tls == "tls":
                    connection.secure(trust)
                why = self.converse(connection, trust, values)
                return why, connection.certificate

        return look


@dataclass(frozen=True)
class Tls(Secured):
    """A handshake: does the certificate stand, and until when?"""

    ways: ClassVar[tuple[str, ...]] = ("tls",)

    def converse(self, talk: Talk, trust: Trust, values: dict[str, float | None]) -> str:
        return ""
