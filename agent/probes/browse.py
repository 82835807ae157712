"""What all checks of web pages share: where to look, whom to trust, what a look brings."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from time import monotonic, time
from typing import Any, ClassVar

from agent.probes import limits
from agent.probes.certificate import OF_DATES, epoch, judge_dates, validity
from agent.probes.visit import Cookies, Trust, Visit, tls_for, visit
from agent.report import Reading, Verdict, series
from agent.wire import CertificateRefused, Connection, WireError, split_url

# before this the clock of the machine is wrong, not the certificate
CLOCK_BEGINS = epoch(2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Browse(ABC):
    """`address`: connect here instead of where the name leads; `ca`: PEM to trust instead of
    the system's. A kind says where to go in `visit` and what is wrong in `judge`."""

    name: str
    url: str
    address: str = ""
    verify_certificate: bool = True
    ca: str = ""
    timeout_s: float = 10.0

    # what it means that no page came
    unseen: ClassVar[Verdict] = Verdict.BAD

    def check(self) -> None:
        limits.url("url", self.url)
        limits.between("timeout_s", self.timeout_s, 0.1, 60)
        if self.address:
            limits.host("address", self.address)
        if self.ca:
            limits.authority("ca", self.ca)

    @property
    def limit_s(self) -> float:
        return self.timeout_s + 0.5

    def visit(self, trust: Trust, deadline: float, cookies: Cookies) -> Visit:
        return visit(self.url, trust, deadline, cookies, address=self.address)

    @abstractmethod
    def judge(self, seen: Visit) -> str:
        """What is wrong with what was seen, in plain words; "" when nothing is."""

    def numbers(self, seen: Visit) -> dict[str, float | None]:
        """What else the page tells, by series."""
        return {}

    def measure(self, memory: dict[str, Any]) -> Reading:
        now = time()
        deadline = monotonic() + self.timeout_s
        trust = Trust(self.ca, self.verify_certificate, now > CLOCK_BEGINS)
        try:
            seen = self.visit(trust, deadline, memory.setdefault("cookies", {}))
            expires_at = validity(seen.certificate)[1] if seen.certificate else None
        except CertificateRefused as refused:
            why, expires_at = self._refused(refused, deadline, now)
            return self._reading(self.unseen, why, None, expires_at, memory)
        except (WireError, TimeoutError, ValueError) as error:
            why = f"no answer from {self.url}" if isinstance(error, TimeoutError) else str(error)
            return self._reading(self.unseen, why, None, None, memory)
        why = self.judge(seen)
        verdict = Verdict.BAD if why else Verdict.GOOD
        status = float(seen.response.status)
        reading = self._reading(verdict, why, status, expires_at, memory)
        return Reading(verdict, {**reading.values, **self.numbers(seen)}, reading.reason)

    def _refused(
        self, refused: CertificateRefused, deadline: float, now: float
    ) -> tuple[str, float | None]:
        """Reason and end of a certificate that was not believed: look at it without believing."""
        scheme, host, port, _ = split_url(self.url)
        if refused.code not in OF_DATES or scheme != "https":
            return str(refused), None
        context = tls_for(Trust(verified=False))
        try:
            with Connection(scheme, host, port, context, address=self.address) as wire:
                wire.connect(max(0.0, deadline - monotonic()))
                begins_at, expires_at = validity(wire.certificate or b"")
        except (WireError, ValueError):
            return str(refused), None
        return judge_dates(begins_at, expires_at, now) or str(refused), expires_at

    def _reading(
        self,
        verdict: Verdict,
        why: str,
        status: float | None,
        expires_at: float | None,
        memory: dict[str, Any],
    ) -> Reading:
        labels = {"check": self.name}
        values = {series("ronda_check_http_status_code", labels): status}
        # a series that comes and goes would make a new layout each time
        if expires_at is not None or self.url.startswith("https:") or "certified" in memory:
            memory["certified"] = True
            values[series("ronda_check_certificate_expiry_timestamp_seconds", labels)] = expires_at
        return Reading(verdict, values, why[:200])
