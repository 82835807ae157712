"""Which lines cost by the byte? By what the inventory says of them."""

from collections.abc import Mapping, Sequence
from typing import Any

# profiles of sites on such a line
METERED = ("4g", "hemat")
MOBILE_TYPES = ("3g", "4g", "5g", "lte", "gsm", "seluler", "mobile", "orbit")
MOBILE_ISPS = frozenset(
    ("telkomsel", "orbit", "xl", "axis", "indosat", "im3", "tri", "smartfren", "by.u", "xl axiata")
)
_SKY_TYPES = ("vsat", "satelit", "satellite", "starlink")

Line = Mapping[str, Any]


def mobile(kind: str, isp: str) -> bool:
    """Does a line of this type, of this provider, come over the mobile network?"""
    return any(word in kind.lower() for word in MOBILE_TYPES) or isp.lower() in MOBILE_ISPS


def metered(line: Line) -> bool:
    """A row of uplinks: mobile, by satellite, or with so many bytes a month."""
    kind = str(line["type"])
    sky = any(word in kind.lower() for word in _SKY_TYPES)
    return sky or bool(line["quota_gb"]) or mobile(kind, str(line["isp"]))


def main(lines: Sequence[Line]) -> Line | None:
    """The main one: it is called so, or stands alone."""
    named = [line for line in lines if line["name"] == "main"]
    return named[0] if named else lines[0] if len(lines) == 1 else None
