"""What a registry says of a domain, by RDAP (RFC 9083) or WHOIS (any words); pure."""

import json
import re
from dataclasses import dataclass
from typing import Any

from agent.probes.certificate import epoch

_EXPIRY = re.compile(
    r"^[ \t]*(?:[a-z \t]{0,40}expir[a-z]*(?:[ \t]+(?:date|time|on))?|paid-till|renewal[ \t]+date)"
    r"[ \t]*:[ \t]*(\S[^\r\n]{0,60})",
    re.IGNORECASE | re.MULTILINE,
)
_DAY = re.compile(
    r"([0-9]{4})[-/.]([0-9]{2})[-/.]([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?)?\s?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_NAMED_DAY = re.compile(
    r"([0-9]{1,2})[- ]([A-Za-z]{3})[a-z]*[- ]([0-9]{4})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2}))?"
)
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_NOBODY = ("not found", "no match", "no data found", "no entries found", "not registered")
_HELD = ("redemption period", "pending delete", "client hold", "server hold")


@dataclass(frozen=True, slots=True)
class Registered:
    """`expires_at` in epoch seconds, None when the registry does not say; `held`: why its name
    is not served."""

    exists: bool
    expires_at: float | None = None
    held: str = ""


def read_rdap(status: int, body: bytes) -> Registered:
    """ValueError when it is no answer to the question."""
    if status == 404:
        return Registered(False)
    if status != 200:
        raise ValueError(f"RDAP answers HTTP {status}")
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("objectClassName") != "domain":
        raise ValueError("the answer is not RDAP")
    ends = [
        moment(str(event.get("eventDate", "")))
        for event in _tables(told.get("events"))
        if event.get("eventAction") == "expiration"
    ]
    states = told.get("status")
    states = [str(s).lower() for s in states] if isinstance(states, list) else []
    known = [at for at in ends if at is not None]
    return Registered(True, min(known, default=None), next((s for s in states if s in _HELD), ""))


def read_whois(text: str) -> Registered:
    """ValueError when no date of expiry can be found in it."""
    for found in _EXPIRY.finditer(text):
        expires_at = moment(found[1])
        if expires_at is not None:
            states = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
            statuses = [line for line in states.splitlines() if "status:" in line]
            held = (state for state in _HELD for line in statuses if state in line)
            return Registered(True, expires_at, next(held, ""))
    if any(words in text.lower() for words in _NOBODY):
        return Registered(False)
    raise ValueError("WHOIS tells no date of expiry")


def moment(text: str) -> float | None:
    """A date of a registry in UTC epoch seconds; None when it is none we know."""
    if found := _DAY.match(text.strip()):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        clock = [int(part or 0) for part in found.group(4, 5, 6)]
        ahead_s = _offset_s(found[7] or "")
    elif named := _NAMED_DAY.match(text.strip()):
        name = named[2].lower()
        month = _MONTHS.find(name) // 3 + 1
        year, day = int(named[3]), int(named[1])
        clock, ahead_s = [int(part or 0) for part in named.group(4, 5, 6)], 0
    else:
        return None
    sound = 1 <= month <= 12 and 1 <= day <= 31 and 1970 < year < 2200
    return epoch(year, month, day, *clock) - ahead_s if sound else None


def _offset_s(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    if zone[:1] not in ("+", "-"):
        return 0
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return seconds if zone[0] == "+" else -seconds


def _tables(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
