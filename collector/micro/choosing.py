"""What a site's device is told: where to report, what to look at, and by which code it enrols."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection

from agent.strict import Refused
from collector import authority, inventory
from collector.config import (
    check_every_s,
    day_bound,
    doubt_addresses,
    listens_everywhere,
    told_to,
)
from collector.db import meta_get
from collector.looking import Told, place_of
from collector.measuring import offset_s
from collector.micro.model import Check, Choices
from collector.micro.traffic import chain_bytes, connection_bytes
from collector.settings import Settings
from collector.withholding import unknown_to

_CODE = re.compile(r"[A-Za-z2-7-]{16,19}(\.[A-Za-z2-7]+)?")
_URL = re.compile(r"https?://[!-~]+")
_WAN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,31}")
LONGEST_EVERY_S = 3600
# no small processor looks more often
_LEAST_LOOK_S = 10


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person chose; "" and 0: as the centre has it."""

    url: str = ""
    every_s: int = 0
    wan: str = ""
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Choices without a code yet, and the checks that the platform cannot look at, each with why.

    `chain`: bytes of certificates that the centre shows, 0 where they are not known.
    """

    choices: Choices
    left_out: Sequence[tuple[str, str]]
    chain: int

    def with_code(self, code: str) -> Choices:
        """Refused where it is none."""
        if not _CODE.fullmatch(code):
            raise Refused("--code", f"expected XXXX-XXXX-XXXX-XXXX, got {code[:60]!r}")
        return replace(self.choices, code=code.partition(".")[0].upper())


def chosen(
    connection: Connection, settings: Settings, site_code: str, knows: str, wishes: Wishes
) -> Chosen:
    """For one site; Refused where there is none, or nobody would find the centre."""
    site = inventory.site(connection, site_code)
    if site is None:
        raise Refused(site_code, "no such site")
    if not site.watched:
        raise Refused(site_code, f"is {site.lifecycle}")
    url = _url(settings, wishes.url)
    every_s = wishes.every_s or site.report_every_s
    if not 1 <= every_s <= LONGEST_EVERY_S:
        raise Refused("--every-s", f"must be 1 to {LONGEST_EVERY_S}, got {every_s}")
    if wishes.wan and not _WAN.fullmatch(wishes.wan):
        raise Refused("--wan", f"not the name of an interface: {wishes.wan[:40]!r}")
    checks, left_out = _checks(told_to(connection, place_of(connection, site), settings), knows)
    chain = _chain(settings)
    choices = Choices(
        site.code,
        site.name,
        url,
        "",
        every_s,
        checks,
        wishes.ca or _own_ca(settings),
        wishes.wan,
        bool(wishes.every_s),
        meta_get(connection, "centre"),
        max(_LEAST_LOOK_S, check_every_s(site)),
        connection_bytes(url.startswith("https:"), chain),
        day_bound(site, settings),
        offset_s(inventory.zone(site.code, settings.timezone)),
    )
    return Chosen(choices, left_out, chain)


def doubts(choices: Choices) -> list[str]:
    """What a person should know before using it."""
    host = urlsplit(choices.url).hostname or ""
    found = []
    if host in ("localhost", "::1") or host.startswith("127."):
        found.append(f"{choices.url} is this machine: a device elsewhere needs --url or ingest_url")
    elif not choices.closed:
        found.append(f"{choices.url} is not encrypted: whoever listens on the way has the token")
    return found


def _url(settings: Settings, wished: str) -> str:
    if not wished and listens_everywhere(settings) and not settings.ingest_url:
        raise Refused("--url", doubt_addresses(settings))
    url = (wished or settings.reports_to).rstrip("/")
    try:
        parts = urlsplit(url)
        fits = bool(parts.hostname) and parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:
        fits = False
    if not fits or not _URL.fullmatch(url) or "@" in url:
        raise Refused("--url", f"expected http(s)://HOST, got {url[:80]!r}")
    return url


def _checks(told: Sequence[Told], knows: str) -> tuple[list[Check], list[tuple[str, str]]]:
    checks: list[Check] = []
    left_out: list[tuple[str, str]] = []
    for one in told:
        why = "is about another site" if one.site else unknown_to(one.check, knows)
        if why:
            left_out.append((str(one.check["name"]), why))
        else:
            checks.append(one.check)
    return checks, left_out


def _own_ca(settings: Settings) -> str:
    ca = settings.folder / authority.FOLDER / "ca.pem"
    return ca.read_text() if authority.code_suffix(settings) else ""


def _chain(settings: Settings) -> int:
    own = settings.folder / authority.FOLDER / "ingest.pem"
    shown = Path(settings.cert) if settings.cert else own
    try:
        return chain_bytes(shown.read_text())
    except (OSError, ValueError):
        return 0
