"""Where people find the console, and whether that is anywhere but on this machine."""

import ipaddress
import sys
from urllib.parse import urlsplit

from collector.settings import Settings


def leads_home(url: str) -> bool:
    """Whether an address means the machine that reads it: from a village it leads nowhere. Pure."""
    host = urlsplit(url).hostname or ""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host in ("", "localhost") or host.endswith(".localhost")
    return found.is_loopback or found.is_unspecified


def link(settings: Settings, path: str) -> str:
    """A link for somebody elsewhere; the error output says so where it cannot open there."""
    base = (settings.public_url or f"http://{settings.console}").rstrip("/")
    if leads_home(base):
        print(
            f"note: {base} opens on this machine alone; whoever is elsewhere needs the address "
            "that people reach in its place: set public_url to it",
            file=sys.stderr,
        )
    return base + path
