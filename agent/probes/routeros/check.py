"""Is a MikroTik router there, and what do its hotspot, wifi, leases and links say, by REST?"""

import re
from dataclasses import dataclass, replace
from time import monotonic, time
from typing import TYPE_CHECKING, Any, ClassVar

from agent.probes import limits, login
from agent.probes.browse import CLOCK_BEGINS
from agent.probes.called import Called
from agent.probes.routeros.rest import Rest, pinned
from agent.probes.routeros.round import everything
from agent.probes.visit import Trust, tls_for
from agent.report import ProbeFailed, Reading, Verdict, series
from agent.strict import Refused
from agent.wire import CertificateRefused, Connection, WireError

if TYPE_CHECKING:
    import ssl

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Routeros(Called):
    """`fingerprint`: SHA-256 of the certificate to believe, whoever signed it; else it must be one
    of `ca`, or of the system's. User and password: see agent/probes/login.py."""

    name: str
    host: str
    port: int = 443
    fingerprint: str = ""
    ca: str = ""
    device: str = ""
    interfaces: tuple[str, ...] = ()
    timeout_s: float = 5.0
    within_s: float = 30.0

    # each look is a line in the router's log
    least_every_s: ClassVar[float] = 60.0

    def check(self) -> None:
        limits.target(self)
        limits.between("within_s", self.within_s, 1, 60)
        if self.ca:
            limits.authority("ca", self.ca)
        if self.fingerprint and not _HEX.fullmatch(self._pin):
            raise Refused("fingerprint", "not the 64 hex digits of a SHA-256")
        if self.fingerprint and self.ca:
            raise Refused("fingerprint", "either a fingerprint or a ca")
        limits.called("device", self.device)

    @property
    def limit_s(self) -> float:
        return self.within_s + 1.0

    @property
    def _pin(self) -> str:
        return self.fingerprint.lower().replace(":", "")

    def measure(self, memory: dict[str, Any]) -> Reading:
        up = series("ronda_device_up", {"device": self.label})
        deadline = monotonic() + self.within_s
        authorization = login.basic(self.host)
        try:
            context = self._context(memory)
            with Connection("https", self.host, self.port, context, self.timeout_s) as wire:
                absent: set[str] = memory.setdefault("absent", set())
                rest = Rest(wire, authorization, deadline, self.timeout_s, absent)
                reading = everything(rest, self.label, self.given_name, self.interfaces, memory)
        except CertificateRefused as refused:
            raise ProbeFailed(str(refused)) from refused
        except TimeoutError:
            return Reading(Verdict.BAD, {up: 0.0}, f"no answer from {self.host}")
        except WireError as error:
            return Reading(Verdict.BAD, {up: 0.0}, str(error)[:200])
        why = f"not everything could be read within {self.within_s:g} s" if rest.trouble else ""
        if rest.trouble and monotonic() < deadline:
            why = "the router does not tell everything"
        return replace(reading, values={up: 1.0, **reading.values}, reason=why)

    def _context(self, memory: dict[str, Any]) -> "ssl.SSLContext":
        if not self.fingerprint:
            return tls_for(Trust(self.ca, dates=time() > CLOCK_BEGINS))
        if self._pin not in memory:
            anybody = tls_for(Trust(verified=False))
            with Connection("https", self.host, self.port, anybody, self.timeout_s) as wire:
                memory[self._pin] = pinned(wire, self._pin, self.timeout_s)
        context: ssl.SSLContext = memory[self._pin]
        return context
