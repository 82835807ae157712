"""Until when is a domain paid? Asked of its registry, twice a day: RDAP, else WHOIS."""

from dataclasses import dataclass
from time import monotonic, time
from typing import Any, ClassVar

from agent.dial import WireError
from agent.probes import limits
from agent.probes.certificate import span
from agent.probes.registry import Registered, read_rdap, read_whois
from agent.probes.talk import talk
from agent.probes.visit import Trust, visit
from agent.report import ProbeFailed, Reading, Verdict, series
from agent.strict import Refused

_RDAP = {"id": "https://rdap.pandi.id/rdap"}
_RDAP_OF_OTHERS = "https://rdap.org"
_WHOIS = {"id": "whois.id"}
_WHOIS_OF_OTHERS = "whois.iana.org"
_WHOIS_PORT = 43
# registries lock out those who ask often
_KEEP_S, _AGAIN_S = 12 * 3600.0, 900.0


@dataclass(frozen=True)
class Domain:
    """`domain` as it was registered (sukamaju.desa.id). `rdap` (an address) and `whois`
    (HOST or HOST:PORT) instead of its registry's: then only those that are given are asked."""

    name: str
    domain: str
    rdap: str = ""
    whois: str = ""
    timeout_s: float = 10.0

    least_every_s: ClassVar[float] = 600.0

    def check(self) -> None:
        limits.domain("domain", self.domain)
        limits.between("timeout_s", self.timeout_s, 0.1, 15)
        if self.rdap:
            limits.url("rdap", self.rdap)
        if self.whois:
            host, port = split_whois(self.whois)
            limits.host("whois", host)
            if not 0 < port < 65536:
                raise Refused("whois", f"expected HOST or HOST:PORT, got {self.whois[:80]!r}")

    @property
    def limit_s(self) -> float:
        return 3 * self.timeout_s + 0.5

    def measure(self, memory: dict[str, Any]) -> Reading:
        steady = monotonic()
        if steady >= memory.get("ask_at", 0.0):
            try:
                memory["known"] = self._ask()
                memory["ask_at"] = steady + _KEEP_S
            except ProbeFailed as failed:
                memory["ask_at"], memory["trouble"] = steady + _AGAIN_S, str(failed)
        known: Registered | None = memory.get("known")
        name = series("ronda_check_domain_expiry_timestamp_seconds", {"check": self.name})
        if known is None:
            return Reading(Verdict.UNKNOWN, {name: None}, memory["trouble"])
        why = judge(self.domain, known, time())
        return Reading(Verdict.BAD if why else Verdict.GOOD, {name: known.expires_at}, why)

    def _ask(self) -> Registered:
        top = self.domain.rpartition(".")[2].lower()
        rdap, whois = self.rdap, self.whois
        if not (rdap or whois):
            rdap = _RDAP.get(top, _RDAP_OF_OTHERS)
            whois = _WHOIS.get(top, _WHOIS_OF_OTHERS)
        trouble = ""
        for ask, where in ((self._rdap, rdap), (self._whois, whois)):
            if not where:
                continue
            try:
                return ask(where)
            except (WireError, TimeoutError, ValueError) as error:
                why = f"no answer from {where}" if isinstance(error, TimeoutError) else str(error)
                trouble = trouble or why
        raise ProbeFailed(f"the registry does not tell: {trouble}"[:200])

    def _rdap(self, base: str) -> Registered:
        deadline = monotonic() + self.timeout_s
        seen = visit(f"{base.rstrip('/')}/domain/{self.domain}", Trust(), deadline, {})
        return read_rdap(seen.response.status, seen.response.body)

    def _whois(self, server: str) -> Registered:
        text = self._whois_text(server)
        # IANA knows who knows
        for line in text.splitlines() if server == _WHOIS_OF_OTHERS else ():
            if line.startswith("refer:"):
                text = self._whois_text(line.partition(":")[2].strip())
                break
        return read_whois(text)

    def _whois_text(self, server: str) -> str:
        host, port = split_whois(server)
        with talk(host, port, monotonic() + self.timeout_s) as connection:
            connection.send(f"{self.domain}\r\n".encode())
            return connection.rest().decode("utf-8", "replace")


def judge(domain: str, known: Registered, now: float) -> str:
    """What is wrong with a registration; "" when nothing is."""
    if not known.exists:
        return f"the domain {domain} is not registered"
    if known.expires_at is not None and known.expires_at <= now:
        return f"the domain {domain} expired {span(now - known.expires_at)} ago"
    if known.held:
        return f"the domain {domain} is held back by its registry ({known.held})"
    return ""


def split_whois(server: str) -> tuple[str, int]:
    """Host and port; port -1 when it is no number."""
    host, colon, digits = server.rpartition(":")
    if not colon or "]" in digits:
        return server.strip("[]"), _WHOIS_PORT
    return host.strip("[]"), int(digits) if digits.isdigit() and digits.isascii() else -1
