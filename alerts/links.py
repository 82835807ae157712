"""Links in messages: one incident (or trial), one person, one action, until a day; signed, nothing
stored.

23 characters: the hour it ends, 80 bits of HMAC over all it stands for, the number. The person is
not in it: who it was made for is found among those who were told of the incident.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from collector.inventory import Contact
from collector.secret import derive, load_secret
from collector.settings import Settings

PATH, TRIAL_PATH = "/t/", "/k/"
# a trial's number stands where an incident's does
TAKE, TRIAL = "take", "trial"
_PATHS = {TAKE: PATH, TRIAL: TRIAL_PATH}
GOOD_FOR_S = 7 * 86400.0
_HOUR_S = 3600
_MAC_BYTES, _HOUR_BYTES, _LONGEST = 10, 3, 28


class Why(StrEnum):
    """Why a link opens nothing."""

    EXPIRED = "it is too old"
    FORGED = "it is not one of ours, or not whole"
    OTHER = "it was made for another incident"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link stands for."""

    incident: int
    person: Contact


class Maker:
    """Makes and reads the links of one centre."""

    def __init__(self, secret: bytes, public_url: str = "") -> None:
        self._key, self._base = derive(secret, "links"), public_url.rstrip("/")

    def url(self, number: int, person: Contact, now: float, action: str = TAKE) -> str:
        """The address for a message; empty where the console has none that people can reach."""
        if not self._base:
            return ""
        token = make(self._key, number, person, now + GOOD_FOR_S, action)
        return f"{self._base}{_PATHS[action]}{token}"

    def open(
        self,
        token: str,
        people: Iterable[Contact],
        now: float,
        incident: int | None = None,
        action: str = TAKE,
    ) -> Opened | Why:
        """Whose link it is, of these people; `incident`: the one it must be about."""
        return verify(self._key, token, people, now, incident, action)


def maker(settings: Settings) -> Maker:
    """With the secret of the centre and the address people reach its console at."""
    return Maker(load_secret(settings.folder), settings.public_url)


def make(key: bytes, incident: int, person: Contact, expires_at: float, action: str = TAKE) -> str:
    """The token; good until the end of the hour of `expires_at`."""
    hour = int(expires_at // _HOUR_S) + 1
    number = incident.to_bytes((incident.bit_length() + 7) // 8 or 1)
    signed = _mac(key, incident, hour, person, action)
    whole = hour.to_bytes(_HOUR_BYTES) + signed + number
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def number(token: str) -> int | None:
    """The incident a token says it is about, unproven; None when it is no token."""
    parts = _split(token)
    return None if parts is None else parts[2]


def verify(
    key: bytes,
    token: str,
    people: Iterable[Contact],
    now: float,
    incident: int | None = None,
    action: str = TAKE,
) -> Opened | Why:
    """Whose token it is, or why it opens nothing; what is forged is told of nothing else."""
    parts = _split(token)
    if parts is None:
        return Why.FORGED
    hour, given, about = parts
    found = None
    for person in people:
        # all of them, whoever it is: how long it takes tells nothing
        if hmac.compare_digest(given, _mac(key, about, hour, person, action)):
            found = person
    if found is None:
        return Why.FORGED
    if incident is not None and about != incident:
        return Why.OTHER
    return Opened(about, found) if now < hour * _HOUR_S else Why.EXPIRED


def _mac(key: bytes, incident: int, hour: int, person: Contact, action: str) -> bytes:
    return derive(key, incident, hour, person.scope, person.name, action)[:_MAC_BYTES]


def _split(token: str) -> tuple[int, bytes, int] | None:
    """Hour, signature, incident; None when the token is not whole."""
    if not token.isascii() or len(token) > _LONGEST:
        return None
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except binascii.Error:
        return None
    head = _HOUR_BYTES + _MAC_BYTES
    about = int.from_bytes(whole[head:])
    if len(whole) <= head or not 0 < about < 2**63:
        return None
    return int.from_bytes(whole[:_HOUR_BYTES]), whole[_HOUR_BYTES:head], about
