"""Between which moments is a certificate valid? Read from its DER (RFC 5280, 4.1)."""

# X509_V_ERR numbers of a certificate that is only out of its dates
OF_DATES = (9, 10)
_SEQUENCE, _VERSION, _UTC, _GENERALIZED = 0x30, 0xA0, 0x17, 0x18


def validity(der: bytes) -> tuple[float, float]:
    """(begins, ends) in UTC epoch seconds; ValueError when it is no certificate.

    ssl tells the dates of a certificate it trusts only, and the expired one is the one we want.
    """
    try:
        at = _enter(der, _enter(der, 0))
        if der[at] == _VERSION:
            at = _skip(der, at)
        for _ in ("serial number", "signature", "issuer"):
            at = _skip(der, at)
        begins = _enter(der, at)
        return _moment(der, begins), _moment(der, _skip(der, begins))
    except IndexError:
        raise ValueError("not a certificate") from None


def epoch(year: int, month: int, day: int, hour: int, minute: int, second: int) -> float:
    """UTC epoch seconds of a date of the Gregorian calendar (days from civil, H. Hinnant)."""
    years = year - (month <= 2)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = years * 365 + years // 4 - years // 100 + years // 400 + of_year - 719468
    return float(days * 86400 + hour * 3600 + minute * 60 + second)


def judge_dates(begins_at: float, expires_at: float, now: float) -> str:
    """What is wrong with the dates of a certificate; "" when nothing is."""
    if now > expires_at:
        return f"certificate expired {span(now - expires_at)} ago"
    if now < begins_at:
        return f"certificate is valid only in {span(begins_at - now)}"
    return ""


def span(seconds: float) -> str:
    """A length of time in words: `3 days`."""
    for unit_s, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_s:
            count = int(seconds // unit_s)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"


def _length(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins, and how long it is."""
    first = der[at + 1]
    if first < 0x80:
        return at + 2, first
    octets = first & 0x7F
    return at + 2 + octets, int.from_bytes(der[at + 2 : at + 2 + octets], "big")


def _enter(der: bytes, at: int) -> int:
    if der[at] != _SEQUENCE:
        raise ValueError("not a certificate")
    return _length(der, at)[0]


def _skip(der: bytes, at: int) -> int:
    begins, length = _length(der, at)
    return begins + length


def _moment(der: bytes, at: int) -> float:
    begins, length = _length(der, at)
    text = der[begins : begins + length].decode("ascii", "replace").rstrip("Z")
    if der[at] == _UTC:
        text = ("19" if text[:2] >= "50" else "20") + text
    if der[at] not in (_UTC, _GENERALIZED) or len(text) != 14 or not text.isdigit():
        raise ValueError("not a date of a certificate")
    parts = [int(text[i : i + 2]) for i in range(4, 14, 2)]
    return epoch(int(text[:4]), *parts)
