"""Which names may stand on a page for everybody. Pure.

Names come from people and programs. What looks like the name or number of a person, or like the
way to a machine, is not shown; something plain stands in its place.
"""

import ipaddress
import re
from urllib.parse import urlsplit

LONGEST = 80
_NUMBER = re.compile(r"(?:\d[\s().+-]*){7,}")
_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]*::", re.I
)
_PERSON = re.compile(r"\b(?:pak|bu|bapak|ibu|sdr|sdri|mas|mbak|kang|h|hj)\b\.?\s+[A-Z]", re.I)
_WAY = re.compile(r"@|://|[\\/]|:\d{2,5}\b|[\x00-\x1f<>]")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.I | re.ASCII)
_INSIDE = (".local", ".lan", ".home", ".internal", ".arpa", ".test", ".example", ".localhost")
_OFFICES = (".go.id", ".desa.id")


def name(text: str, otherwise: str) -> str:
    """The name as it stands there, or what is said instead."""
    found = text.strip()
    dangerous = (_NUMBER, _ADDRESS, _PERSON, _WAY)
    if not found or len(found) > LONGEST or any(each.search(found) for each in dangerous):
        return otherwise
    return found


def host(url: str) -> str:
    """The name of a public web site in its address; empty where it is none."""
    try:
        found = (urlsplit(url if "://" in url else f"//{url}").hostname or "").lower()
    except ValueError:
        return ""
    inside = not _HOST.fullmatch(found) or found.endswith(_INSIDE)
    return "" if inside or is_address(found) else found


def is_address(text: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def office_phone(number: str) -> str:
    """A number of an office: of a fixed line or a short one. A mobile phone is somebody's."""
    digits = re.sub(r"[^\d+]", "", number)
    mobile = re.match(r"(?:\+62|62|0)8", digits)
    fixed = re.fullmatch(r"(?:\+62|0)[2-79]\d{6,10}|1\d{2,5}", digits)
    return digits if fixed and not mobile else ""


def office_mail(address: str) -> str:
    """An e-mail address of a public office by its domain."""
    local, at, domain = address.strip().lower().partition("@")
    official = at and f".{domain}".endswith(_OFFICES)
    # `budi.santoso@` is a person's, wherever
    return f"{local}@{domain}" if official and re.fullmatch(r"[a-z0-9_-]{2,40}", local) else ""
