"""Can mail of a domain arrive, and will others believe what it sends? MX, SPF and DMARC."""

from dataclasses import dataclass
from typing import Any, ClassVar

from agent import fence
from agent.probes import limits
from agent.probes.dns import name_servers
from agent.probes.dns_ask import ask, family_of
from agent.probes.dns_message import RCODES, Answer
from agent.probes.system import read
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused

_MOST_MX = 4


@dataclass(frozen=True)
class MailDomain:
    """`mx`: a server that must be among those of the domain; `spf`, `dmarc`: must be there."""

    name: str
    domain: str
    mx: str = ""
    spf: bool = True
    dmarc: bool = True
    server: str = ""
    port: int = 53
    timeout_s: float = 3.0

    least_every_s: ClassVar[float] = 600.0

    def check(self) -> None:
        limits.domain("domain", self.domain)
        if self.mx:
            limits.host("mx", self.mx)
        if self.server and family_of(self.server) is None:
            raise Refused("server", f"must be an address, got {self.server[:80]!r}")
        limits.between("port", self.port, 1, 65535)
        limits.between("timeout_s", self.timeout_s, 0.1, 5)

    @property
    def limit_s(self) -> float:
        # MX, its addresses, SPF, DMARC; each by TCP too where it is long
        return min(60.0, (2 * _MOST_MX + 6) * self.timeout_s)

    def measure(self, memory: dict[str, Any]) -> Reading:
        why = (
            self._mx() or (self._spf() if self.spf else "") or (self._dmarc() if self.dmarc else "")
        )
        return Reading(Verdict.BAD if why else Verdict.GOOD, {}, why[:200])

    def _mx(self) -> str:
        answer = self._ask(self.domain, "MX")
        if answer.rcode == 3:
            return f"there is no domain {self.domain}"
        names = [text.partition(" ")[2].lower() for text in sorted(answer.texts, key=priority)]
        if not names:
            return f"{self.domain} names no mail server (MX)"
        if names == ["."]:
            return f"{self.domain} says that it takes no mail (MX .)"
        if self.mx and self.mx.lower().rstrip(".") not in names:
            return f"mail of {self.domain} goes to {names[0]}, not to {self.mx}"
        if any(self._ask(n, kind).addresses for n in names[:_MOST_MX] for kind in ("A", "AAAA")):
            return ""
        return f"the mail server {names[0]} of {self.domain} has no address"

    def _spf(self) -> str:
        found = [t for t in self._ask(self.domain, "TXT").texts if says(t, "v=spf1")]
        if len(found) > 1:
            return f"{self.domain} has {len(found)} SPF records; one is right, more count as none"
        return "" if found else f"{self.domain} has no SPF record"

    def _dmarc(self) -> str:
        texts = self._ask(f"_dmarc.{self.domain}", "TXT").texts
        found = [text for text in texts if says(text, "v=DMARC1")]
        if len(found) == 1 and "p" in tags(found[0]):
            return ""
        return f"{self.domain} has no {'valid ' if found else ''}DMARC record"

    def _ask(self, name: str, kind: str) -> Answer:
        """ProbeFailed where nobody can be asked: that says nothing of the domain."""
        servers = [self.server] if self.server else name_servers(read("/etc/resolv.conf"))
        if self.server:
            fence.judge(self.server)
        why = "no DNS server in /etc/resolv.conf"
        for server in servers:
            try:
                answer = ask(server, self.port, name, kind, self.timeout_s)
            except TimeoutError:
                why = f"no answer from DNS server {server}"
            except OSError as error:
                why = f"DNS server {server}: {error.strerror or error}"
            else:
                if answer.rcode in (0, 3):
                    return answer
                code = RCODES.get(answer.rcode, str(answer.rcode))
                why = f"DNS server {server} cannot resolve {name} ({code})"
        raise ProbeFailed(why)


def priority(text: str) -> int:
    """Of an MX record, the lower the sooner."""
    return int(text.partition(" ")[0])


def says(text: str, version: str) -> bool:
    """Does a TXT record begin with this version, as a word of its own?"""
    begins = text[: len(version)].lower() == version.lower()
    return begins and text[len(version) :][:1] in ("", " ", ";")


def tags(text: str) -> dict[str, str]:
    """The tags of a DMARC record (RFC 7489, 6.4)."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if value.strip()}
