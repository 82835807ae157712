"""What the value of a setting may be, by its name."""

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

LANGUAGES = ("id", "en")


def address(text: str) -> bool:
    """HOST:PORT."""
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdigit() and int(port) <= 65535


def positive(value: float) -> bool:
    """A number above 0 that is one: neither infinite nor NaN."""
    return 0 < value < float("inf")


def url(text: str) -> bool:
    """Empty, or http(s)://HOST with or without more."""
    try:
        parts = urlsplit(text)
        return not text or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        return False


def zone(name: str) -> bool:
    """A time zone this machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def networks(texts: Sequence[str]) -> bool:
    """Addresses or networks."""
    try:
        return all(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError:
        return False


def targets(texts: Sequence[str]) -> bool:
    """Each HOST:PORT, without a scheme."""
    return all(address(text) and "/" not in text for text in texts)


RULES: Sequence[tuple[str, Callable[[Any], bool], str]] = (
    ("console", address, "expected HOST:PORT, got {}"),
    ("ingest", address, "expected HOST:PORT, got {}"),
    ("public_url", url, "expected http(s)://HOST, got {}"),
    ("ingest_url", url, "expected http(s)://HOST, got {}"),
    ("proxies", networks, "expected addresses or networks, got {}"),
    ("allow_targets", networks, "expected networks such as 10.0.0.0/8, got {}"),
    ("centre_targets", targets, "expected HOST:PORT, got {}"),
    ("timezone", zone, "there is no zone {}"),
    ("language", lambda name: name in LANGUAGES, "is not one of id, en"),
    ("escalate_after_s", positive, "must be more than 0"),
    ("district_after_s", positive, "must be more than 0"),
    ("handled_within_s", positive, "must be more than 0"),
    ("heartbeat_url", url, "expected http(s)://HOST, got an address that is none"),
    ("heartbeat_every_s", lambda s: 5 <= s <= 86400, "must be 5 to 86400"),
    ("code_days", positive, "must be more than 0"),
    ("silent_intervals", positive, "must be more than 0"),
    ("slow_loss_ratio", positive, "must be more than 0"),
    ("slow_rtt_s", positive, "must be more than 0"),
    ("backlog_per_s", positive, "must be more than 0"),
    ("commit_every_s", positive, "must be more than 0"),
    ("rules_every_s", positive, "must be more than 0"),
    ("window_minutes", positive, "must be more than 0"),
    ("journal_keep_s", positive, "must be more than 0"),
    ("history_days", positive, "must be 1 or more"),
    ("foreign_series", positive, "must be 1 or more"),
    ("history_budget_mb", lambda size: size >= 0, "must be 0 or more"),
)
