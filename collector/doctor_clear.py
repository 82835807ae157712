"""What `doctor` finds of doors that a network reaches and that speak in the clear."""

import ipaddress
from collections.abc import Iterator

from collector.finding import Finding
from collector.settings import Settings, split_address


def findings(settings: Settings) -> Iterator[Finding]:
    """Tokens of agents, passwords of people: whoever is on the way would read them."""
    if not (settings.cert or settings.own_ca or settings.proxies) and _open(settings.ingest):
        words = f"agents reach {settings.ingest} in the clear, their tokens too"
        yield Finding("ingest", words, "set own_ca, or cert and key, or a proxy with TLS (proxies)")
    if not settings.proxies and _open(settings.console):
        words = f"people reach {settings.console} in the clear, their passwords too"
        do = "put a proxy with TLS before it and list it in proxies, or bind it to 127.0.0.1"
        yield Finding("console", words, do)


def _open(address: str) -> bool:
    """Does anybody but this machine get there?"""
    host, _ = split_address(address)
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
