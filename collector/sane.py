"""What the value of a setting may be, by its name."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from collector.inventory import cells
from collector.ssh_keys import NotAKey, public_key

LANGUAGES = ("id", "en")
ROLES = frozenset({"viewer", "village", "technician", "noc", "admin"})


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


def alertmanagers(texts: Sequence[str]) -> bool:
    """At most 8 addresses without a password: that one stands in a file."""
    parts = [urlsplit(text) for text in texts if text and url(text)]
    bare = all(one.username is None and not one.query and not one.fragment for one in parts)
    return bare and len(parts) == len(texts) <= 8


def zone(name: str) -> bool:
    """A time zone this machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def short_line(text: str) -> bool:
    """What fits on a line of a poster."""
    return len(text) <= 40 and all(c.isprintable() for c in text)


def networks(texts: Sequence[str]) -> bool:
    """Addresses or networks."""
    try:
        return all(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError:
        return False


def targets(texts: Sequence[str]) -> bool:
    """Each HOST:PORT, without a scheme."""
    return all(address(text) and "/" not in text for text in texts)


def streams(servers: Sequence[str]) -> bool:
    """Each a server of NATS; in the clear on this machine only, and no password in it."""
    return all(map(_stream, servers))


def _stream(server: str) -> bool:
    try:
        parts = urlsplit(server)
        bare = parts.path in ("", "/") and not parts.query and parts.username is None
        near = parts.hostname in ("localhost", "127.0.0.1", "::1")
        safe = parts.scheme == "tls" or (parts.scheme == "nats" and near)
        return bare and safe and bool(parts.hostname) and parts.port is not None
    except ValueError:
        return False


def plain_word(name: str) -> bool:
    """What may stand in a subject."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name) is not None


def quiet_hours(text: str) -> bool:
    """Empty, or 02.00-04.00."""
    found = re.fullmatch(r"([01]\d|2[0-3])\.([0-5]\d)-([01]\d|2[0-3])\.([0-5]\d)", text)
    if found is None:
        return not text
    begins, begin_min, ends, end_min = map(int, found.groups())
    length_min = ((ends - begins) * 60 + end_min - begin_min) % 1440
    return 30 <= length_min <= 720


def time_of_day(text: str) -> bool:
    """01.30."""
    return re.fullmatch(r"([01]\d|2[0-3])\.[0-5]\d", text) is not None


def places(codes: Sequence[str]) -> bool:
    """Each the code of an area or of a site, as the inventory has them."""
    code = re.compile(
        r"\d\d(\.\d\d(\.\d\d(\.\d{4}(-[A-Za-z0-9][A-Za-z0-9_-]{0,31})?)?)?)?", re.ASCII
    )
    return all(code.fullmatch(each) for each in codes)


def bot(name: str) -> bool:
    """Empty, or what Telegram lets a bot be called."""
    return not name or re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{4,31}", name) is not None


def sftp(text: str) -> bool:
    """Empty, or sftp://USER@HOST:PORT/FOLDER without a password."""
    try:
        parts = urlsplit(text)
        whole = bool(parts.username and parts.hostname and parts.path.strip("/"))
        bare = parts.password is None and not parts.query and not parts.fragment
        return not text or (parts.scheme == "sftp" and whole and bare and parts.port != 0)
    except ValueError:
        return False


def sign_in(text: str) -> bool:
    """Empty, or USER@HOST:PORT."""
    return not text or re.fullmatch(r"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[0-9]{1,5}", text) is not None


def high_port(number: int) -> bool:
    return 20_000 <= number <= 60_000


def host_key(text: str) -> bool:
    """Empty, or a public key as `ssh-keyscan` prints it."""
    try:
        return not text or bool(public_key(text))
    except NotAKey:
        return False


def issuer(text: str) -> bool:
    """Empty, or a URL by which nobody on the way can pass for the provider."""
    if not text:
        return True
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    near = parts.hostname in ("localhost", "127.0.0.1", "::1")
    bare = not parts.query and not parts.fragment and parts.password is None
    return bare and bool(parts.hostname) and (parts.scheme == "https" or near)


def receiver(text: str) -> bool:
    """Empty, or a URL that holds no secret: those have settings of their own."""
    if not text:
        return True
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and " " not in text
    bare = "@" not in parts.netloc and not parts.fragment
    return plain and bare and port_fits and url(text)


def engine(text: str) -> bool:
    """The same, to which a path may be added."""
    return receiver(text) and "?" not in text


def header(text: str) -> bool:
    """What may stand in a header of HTTP, or before the colon of Basic."""
    return text.isascii() and text.isprintable() and ":" not in text and len(text) <= 200


def claim(name: str) -> bool:
    """What a provider may call a word about somebody."""
    return re.fullmatch(r"[A-Za-z0-9_:/.-]{1,80}", name) is not None


def roles(names: Sequence[str]) -> bool:
    """Each a role of the console."""
    return set(names) <= ROLES


def readers(names: Sequence[str]) -> bool:
    """Each a role of contacts that answers for places; a provider gets no report of others."""
    return set(names) <= {"village", "district", "noc", "agency"}


def addresses(told: Sequence[str]) -> bool:
    """E-mail addresses, few enough that each gets a letter of its own."""
    try:
        return len(told) <= 20 and all(map(cells.email, told))
    except ValueError:
        return False


def daily_mb(size: float) -> bool:
    """0 for none, or what an agent can keep to."""
    return size == 0 or 0.1 <= size <= 100_000


RULES: Sequence[tuple[str, Callable[[Any], bool], str]] = (
    ("console", address, "expected HOST:PORT, got {}"),
    ("ingest", address, "expected HOST:PORT, got {}"),
    ("public_url", url, "expected http(s)://HOST, got {}"),
    ("ingest_url", url, "expected http(s)://HOST, got {}"),
    ("ingest_also", lambda urls: all(map(url, urls)), "expected http(s)://HOST, got {}"),
    ("data_producer", lambda name: len(name) <= 200 and name.isprintable(), "at most 200 letters"),
    ("data_licence", lambda name: len(name) <= 200 and name.isprintable(), "at most 200 letters"),
    ("data_codes", lambda name: 0 < len(name) <= 200 and name.isprintable(), "1 to 200 letters"),
    ("public_bot", bot, "expected a bot's name without @, got {}"),
    ("public_hides", places, "expected codes such as 35.10.06.2005, got {}"),
    ("proxies", networks, "expected addresses or networks, got {}"),
    ("allow_targets", networks, "expected networks such as 10.0.0.0/8, got {}"),
    ("centre_targets", targets, "expected HOST:PORT, got {}"),
    ("timezone", zone, "there is no zone {}"),
    ("language", lambda name: name in LANGUAGES, "is not one of id, en"),
    ("escalate_after_s", positive, "must be more than 0"),
    ("district_after_s", positive, "must be more than 0"),
    ("handled_within_s", positive, "must be more than 0"),
    ("citizen_reporters", lambda count: 1 <= count <= 1000, "must be 1 to 1000"),
    ("citizen_within_s", lambda s: 60 <= s <= 86400, "must be 60 to 86400"),
    ("citizen_number", short_line, "at most 40 characters, got {}"),
    ("heartbeat_url", url, "expected http(s)://HOST, got an address that is none"),
    (
        "alertmanager_urls",
        alertmanagers,
        "expected up to 8 of http(s)://HOST:PORT without a password",
    ),
    ("alertmanager_every_s", lambda s: 10 <= s <= 3600, "must be 10 to 3600"),
    ("parent_url", url, "expected http(s)://HOST, got {}"),
    ("heartbeat_every_s", lambda s: 5 <= s <= 86400, "must be 5 to 86400"),
    ("oidc_issuer", issuer, "expected https://HOST (http:// on this machine only), got {}"),
    ("oidc_name", lambda name: 0 < len(name) <= 40 and name.isprintable(), "1 to 40 characters"),
    ("oidc_claim", claim, "no claim: {}"),
    (
        "report_roles",
        readers,
        "expected some of village, district, noc, agency, got {}",
    ),
    ("head_addresses", addresses, "expected 20 e-mail addresses at most, got {}"),
    ("totp_roles", roles, "expected some of viewer, village, technician, noc, admin, got {}"),
    ("code_days", positive, "must be more than 0"),
    ("silent_intervals", positive, "must be more than 0"),
    ("slow_loss_ratio", positive, "must be more than 0"),
    ("slow_rtt_s", positive, "must be more than 0"),
    ("backlog_per_s", positive, "must be more than 0"),
    ("capacity_hours", quiet_hours, "expected 02.00-04.00 (30 min to 12 h) or nothing, got {}"),
    ("capacity_url", url, "expected http(s)://HOST/FILE, got {}"),
    ("capacity_mbps", lambda mbps: 0 <= mbps <= 100_000, "must be 0 to 100000"),
    ("capacity_at_once", lambda count: 1 <= count <= 64, "must be 1 to 64"),
    ("capacity_mb", lambda size: 0.1 <= size <= 1000, "must be 0.1 to 1000"),
    ("cap_4g_mb", daily_mb, "must be 0, or 0.1 to 100000"),
    ("cap_hemat_mb", daily_mb, "must be 0, or 0.1 to 100000"),
    ("slow_contract_ratio", lambda part: 0 < part < 1, "must be more than 0 and less than 1"),
    ("commit_every_s", positive, "must be more than 0"),
    ("rules_every_s", positive, "must be more than 0"),
    ("window_minutes", lambda minutes: minutes >= 0, "must be 0 or more"),
    ("journal_keep_s", positive, "must be more than 0"),
    ("journal", streams, "expected tls://HOST:PORT (nats:// on this machine only), got {}"),
    ("journal_name", plain_word, "expected a word such as ronda, got {}"),
    ("journal_replicas", lambda count: count in (1, 3, 5), "must be 1, 3 or 5"),
    ("journal_max_mb", lambda size: size >= 0, "must be 0 or more"),
    ("journal_monitor", lambda urls: all(map(url, urls)), "expected http://HOST:8222, got {}"),
    ("history_days", positive, "must be 1 or more"),
    ("foreign_series", positive, "must be 1 or more"),
    ("remote_write_url", receiver, "expected http(s)://HOST/PATH without user or password"),
    ("metrics_write_url", receiver, "expected http(s)://HOST/PATH without user or password"),
    ("remote_write_user", header, "expected printable ASCII without a colon, got {}"),
    ("metrics_user", header, "expected printable ASCII without a colon, got {}"),
    ("remote_write_tenant", header, "expected printable ASCII without a colon, got {}"),
    ("metrics_tenant", header, "expected printable ASCII without a colon, got {}"),
    ("outward_mb", lambda size: 16 <= size <= 10_000_000, "must be 16 to 10000000"),
    ("playbooks_at_once", positive, "must be 1 or more"),
    ("history_budget_mb", lambda size: size >= 0, "must be 0 or more"),
    ("metrics_url", engine, "expected http(s)://HOST/PATH without user, password or ?"),
    ("metrics_tail_days", lambda days: 2 <= days <= 400, "must be 2 to 400"),
    ("metrics_timeout_s", lambda s: 1 <= s <= 25, "must be 1 to 25"),
    ("backup_at", time_of_day, "expected a time such as 01.30, got {}"),
    ("backup_keep", lambda count: 1 <= count <= 1000, "must be 1 to 1000"),
    ("backup_limit_s", lambda s: 60 <= s <= 86400, "must be 60 to 86400"),
    ("backup_sftp", sftp, "expected sftp://USER@HOST:PORT/FOLDER without a password"),
    ("backup_sftp_host_key", host_key, "expected a public key such as ssh-ed25519 AAAA..., got {}"),
    ("tunnel_host_key", host_key, "expected a public key such as ssh-ed25519 AAAA..., got {}"),
    ("tunnel_ssh", sign_in, "expected USER@HOST:PORT, got {}"),
    ("tunnel_ports", high_port, "must be 20000 to 60000"),
)
