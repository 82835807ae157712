"""What the agent of a site is told to do, and the tag by which it knows that this changed."""

import hashlib
import json
from typing import Any

from sqlalchemy import Connection

from agent.strict import Refused
from collector import inventory
from collector.db import meta_get
from collector.inventory.kinds import CADENCES
from collector.inventory.probes import check_of
from collector.settings import Settings, split_address

# an agent refuses a configuration with more
MOST_CHECKS = 64
OWN_SITE = "own_site"

_EVERYWHERE = {"", "0.0.0.0", "::", "*"}


def agent_config(connection: Connection, site_code: str, settings: Settings) -> dict[str, Any]:
    """The configuration of one site's agents; Refused when there is no such site."""
    site = inventory.site(connection, site_code)
    if site is None:
        raise Refused("site", f"{site_code!r} is not in the inventory")
    checks = _standard_checks(connection)
    if site.code == meta_get(connection, OWN_SITE):
        checks += _own_checks(settings)
    for service in inventory.services_of(connection, site.code):
        check = check_of(service)
        if check is not None:
            checks.append(check)
    return {
        "site": site.code,
        "profile": site.profile,
        "check_every_s": CADENCES[site.profile][0],
        "report_every_s": site.report_every_s,
        "backlog_per_s": settings.backlog_per_s,
        "bytes_per_day": None,
        "ingest": [settings.reports_to],
        "checks": checks[:MOST_CHECKS],
    }


def etag(config: dict[str, Any]) -> str:
    """Sixteen characters that change when the configuration does."""
    text = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _standard_checks(connection: Connection) -> list[dict[str, Any]]:
    return [
        {"name": "gateway", "kind": "ping", "host": "gateway", "uplink": "main"},
        {"name": "dns", "kind": "dns"},
        {"name": "link", "kind": "link"},
        {"name": "host", "kind": "host"},
        {"name": "known", "kind": "known", "centre": meta_get(connection, "centre")},
    ]


def _own_checks(settings: Settings) -> list[dict[str, Any]]:
    """The centre's own machine watches the centre's two doors."""
    console = f"http://{_nearby(settings.console)}/healthz"
    scheme = "https" if settings.cert else "http"
    ingest = f"{scheme}://{_nearby(settings.ingest)}/healthz"
    return [
        {"name": "console", "kind": "http", "url": console},
        # its certificate names the address from outside, not this one
        {"name": "ingest", "kind": "http", "url": ingest, "verify_certificate": False},
    ]


def _nearby(address: str) -> str:
    """Where this machine finds its own listener."""
    host, port = split_address(address)
    if host in _EVERYWHERE:
        host = "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
