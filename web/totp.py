"""Codes that change every half minute (RFC 6238, RFC 4226), and codes on paper. Pure."""

import base64
import hmac
import re
from urllib.parse import quote, urlencode

# what every app on a phone takes without being asked: SHA-1, six digits, half a minute
STEP_S, DIGITS = 30, 6
# a phone's clock may be wrong by a step
WINDOW = 1
SECRET_BYTES = 20
RECOVERY = 10
_RECOVERY_BYTES = 10


def step_at(now: float) -> int:
    """Which step of time it is."""
    return int(now // STEP_S)


def code(secret: str, step: int) -> str:
    """The six digits of this step; `secret` as apps take it, in base32."""
    key = base64.b32decode(secret)
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(secret: str, given: str, now: float, after: int = -1) -> int | None:
    """The step around now, later than `after`, whose code was given."""
    digits = plain(given)
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits):
        return None
    here = step_at(now)
    # all are compared, so that the time it takes tells nothing
    same = [
        step
        for step in range(max(here - WINDOW, 0), here + WINDOW + 1)
        if hmac.compare_digest(code(secret, step), digits) and step > after
    ]
    return same[0] if same else None


def secret_of(raw: bytes) -> str:
    """Random bytes as apps take them."""
    return base64.b32encode(raw[:SECRET_BYTES]).decode()


def spaced(text: str) -> str:
    """In groups of four, for who types it."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address(secret: str, name: str, issuer: str) -> str:
    """What the picture for the app holds."""
    asked = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(name, safe='')}?{asked}"


def recovery_of(raw: bytes) -> str:
    """A recovery code of random bytes: `abcd-efgh-ijkl-mnop`."""
    text = base64.b32encode(raw[:_RECOVERY_BYTES]).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def plain(given: str) -> str:
    """What was typed, without what people put between."""
    return re.sub(r"[\s\-.]", "", given).lower()
