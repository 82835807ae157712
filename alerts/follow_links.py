"""Links of those who follow a place: to say yes, and to stop. Pure.

The row's number and 80 bits of HMAC over it, its own salt and what the link does: nothing is
stored, and the link of a row that is gone opens nothing, whoever has its number later.
"""

import base64
import binascii
import hmac

from alerts.followers import Follower
from collector.secret import derive

JOIN, LEAVE = "join", "leave"
_MAC_BYTES, _LONGEST = 10, 32


def make(secret: bytes, one: Follower, action: str) -> str:
    """The token of a link."""
    number = one.id.to_bytes((one.id.bit_length() + 7) // 8 or 1)
    return base64.urlsafe_b64encode(_mac(secret, one, action) + number).decode().rstrip("=")


def number(token: str) -> int | None:
    """The row it says it is of, unproven; None when it is no token."""
    if not token.isascii() or len(token) > _LONGEST:
        return None
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except binascii.Error:
        return None
    found = int.from_bytes(whole[_MAC_BYTES:])
    return found if 0 < found < 2**31 else None


def holds(secret: bytes, token: str, one: Follower, action: str) -> bool:
    """Whether it is this row's, for this."""
    return hmac.compare_digest(make(secret, one, action), token)


def _mac(secret: bytes, one: Follower, action: str) -> bytes:
    return derive(secret, "followers", one.id, one.salt, action)[:_MAC_BYTES]
