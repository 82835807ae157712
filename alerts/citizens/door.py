"""Who may file a report, and how often, without knowing who anybody is.

A village's hotspot, and a whole province behind a mobile carrier, share one address: who sends
again from one is shown the report that exists, and is not refused.
"""

import hmac
import ipaddress
from enum import StrEnum

from collector.secret import derive

# people read the form before they send it, and do not keep it for a day
YOUNGEST_S, OLDEST_S = 2.0, 12 * 3600.0
_MAC_CHARS = 24
_LONGEST = 40


class Shut(StrEnum):
    """Why a form is not taken."""

    FILLED = "a field that people do not see was filled in"
    FORGED = "the form is none of ours"
    EARLY = "nobody reads and writes so fast"
    OLD = "the form is too old"
    OFTEN = "too many from this address"


def token(secret: bytes, site: str, now: float) -> str:
    """What a form of this site carries: when it was made, signed."""
    made = f"{int(now)}"
    return f"{made}.{_mac(secret, site, made)}"


def look(secret: bytes, site: str, given: str, trap: str, now: float) -> Shut | None:
    """Why a filled form is not taken; None: it is. `trap` is the field that people do not see."""
    if trap:
        return Shut.FILLED
    made, _, signed = given[:_LONGEST].partition(".")
    whole = made.isascii() and made.isdigit()
    if not whole or not hmac.compare_digest(signed.encode(), _mac(secret, site, made).encode()):
        return Shut.FORGED
    age = now - int(made)
    if age < YOUNGEST_S:
        return Shut.EARLY
    return Shut.OLD if age > OLDEST_S else None


def _mac(secret: bytes, site: str, made: str) -> str:
    return derive(secret, "citizen", site, made).hex()[:_MAC_CHARS]


def network(address: str) -> str:
    """What counts as one address: of IPv6 the network that one line is given."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def way(secret: bytes, address: str) -> str:
    """Who sends a form, as it is digested: a backup holds the salts of its day and, in plain, not
    the secret, and there are few enough addresses to try all."""
    return f"web:{derive(secret, 'address', network(address)).hex()[:32]}"


def digest(salt: bytes, way: str) -> str:
    """Who writes, as it is kept: nobody finds the address from it once the salt is gone."""
    return derive(salt, "reporter", way).hex()[:32]
