"""How many bytes a device's reports cost its line: each is a connection of its own."""

import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from collector.micro.model import Check

MONTH_S = 30 * 86400
# Ethernet, IP and TCP of the packets of one connection, and of one more packet
PACKETS_BYTES = 17 * 66
_PACKET_BYTES, _PACKET_HOLDS = 66, 1448
# headers of request and answer, and the lines of the answer
TALK_BYTES = 450
# a full handshake of TLS 1.3 with tickets, without the certificates
HANDSHAKE_BYTES = 1200
# a public authority's usual chain, where the centre's own is not known
USUAL_CHAIN_BYTES = 3500
# three packets there and back
_PING_BYTES = 3 * 2 * 98
# one look at a page or port that is not in the village
_LOOK_BYTES = 2500
_LOOKS = ("http", "tcp")


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes both ways as Ethernet frames: of one report, and of a month's looks beyond."""

    report: int
    looks: int
    every_s: int

    @property
    def reports(self) -> int:
        """In thirty days."""
        return MONTH_S // self.every_s

    @property
    def month(self) -> int:
        """In thirty days."""
        return self.reports * self.report + self.looks


def chain_bytes(pem: str) -> int:
    """The certificates that a server shows, from its file; 0 of a file without any."""
    parts = pem.split("-----BEGIN CERTIFICATE-----")[1:]
    whole = (f"-----BEGIN CERTIFICATE-----{part.partition('-----END')[0]}" for part in parts)
    return sum(len(ssl.PEM_cert_to_DER_cert(f"{one}-----END CERTIFICATE-----\n")) for one in whole)


def connection_bytes(closed: bool, chain: int) -> int:
    """What one costs, without what it carries."""
    bare = PACKETS_BYTES + TALK_BYTES
    return bare + HANDSHAKE_BYTES + (chain or USUAL_CHAIN_BYTES) if closed else bare


def cost(
    body: str, closed: bool, chain: int, checks: Sequence[Check], every_s: int, look_s: int = 0
) -> Cost:
    """`chain`: bytes of certificates shown; `look_s`: how often checks are looked at (0: with each
    report) that do not say so themselves."""
    connection = connection_bytes(closed, chain)
    size = len(body.encode())
    report = connection + size + _PACKET_BYTES * (size // _PACKET_HOLDS)
    return Cost(report, sum(_looks(checks, connection, look_s or every_s)), every_s)


def _looks(checks: Iterable[Check], connection: int, look_s: int) -> Iterator[int]:
    """Bytes of each check in thirty days."""
    for check in checks:
        yield look_bytes(check, connection) * MONTH_S // int(check.get("every_s") or look_s)


def look_bytes(check: Check, connection: int) -> int:
    """What one look costs the line; 0 in the village."""
    kind = check["kind"]
    if kind == "known":
        return connection
    if kind == "ping" and _beyond(str(check.get("host", ""))):
        return _PING_BYTES
    return _LOOK_BYTES if kind in _LOOKS and _beyond(_host(check)) else 0


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
