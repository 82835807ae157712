"""How many bytes a device's reports cost its line: each is a connection of its own."""

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from collector.micro.model import Check

MONTH_S = 30 * 86400
# IP and TCP of one connection: its packets without what they carry
PACKETS_BYTES = 20 * 52
# headers of request and answer, and the lines of the answer
TALK_BYTES = 450
# a full handshake of TLS 1.3 with tickets, without the certificates
HANDSHAKE_BYTES = 1800
# a public authority's usual chain, where the centre's own is not known
USUAL_CHAIN_BYTES = 3500
# three packets there and back
_PING_BYTES = 3 * 2 * 84
# one look at a page or port that is not in the village
_LOOK_BYTES = 2500
_LOOKS = ("http", "tcp")


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes both ways, IP and all."""

    report: int
    checks: int
    every_s: int

    @property
    def reports(self) -> int:
        """In thirty days."""
        return MONTH_S // self.every_s

    @property
    def month(self) -> int:
        """In thirty days."""
        return self.reports * (self.report + self.checks)


def chain_bytes(pem: str) -> int:
    """The certificates that a server shows, from its file; 0 of a file without any."""
    parts = pem.split("-----BEGIN CERTIFICATE-----")[1:]
    whole = (f"-----BEGIN CERTIFICATE-----{part.partition('-----END')[0]}" for part in parts)
    return sum(len(ssl.PEM_cert_to_DER_cert(f"{one}-----END CERTIFICATE-----\n")) for one in whole)


def cost(body: str, closed: bool, chain: int, checks: Sequence[Check], every_s: int) -> Cost:
    """What one report and the looks before it cost; `chain`: bytes of certificates shown."""
    report = PACKETS_BYTES + TALK_BYTES + len(body.encode())
    if closed:
        report += HANDSHAKE_BYTES + (chain or USUAL_CHAIN_BYTES)
    return Cost(report, _of_checks(checks), every_s)


def _of_checks(checks: Iterable[Check]) -> int:
    found = 0
    for check in checks:
        if check["kind"] == "ping" and _beyond(str(check.get("host", ""))):
            found += _PING_BYTES
        elif check["kind"] in _LOOKS and _beyond(_host(check)):
            found += _LOOK_BYTES
    return found


def _host(check: Check) -> str:
    url = str(check.get("url", ""))
    return url.partition("://")[2].partition("/")[0] if url else str(check.get("host", ""))


def _beyond(host: str) -> bool:
    """Not in the village, as far as its address tells."""
    bare = host.rpartition("@")[2]
    bare = bare[1:].partition("]")[0] if bare.startswith("[") else bare.partition(":")[0]
    try:
        return not ip_address(bare).is_private
    except ValueError:
        return "." in bare
