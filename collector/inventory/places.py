"""What a Kemendagri code says by itself: level, parents, time zone."""

import re
from zoneinfo import ZoneInfo

LEVELS = ("province", "regency", "district", "village")
SITE_DOTS = 3  # of a village, in which sites are
AREA_CODE = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?", re.ASCII)
_SUFFIX = r"(-[A-Za-z0-9][A-Za-z0-9_-]{0,31})?"
SITE_CODE = re.compile(r"(\d\d\.\d\d\.\d\d\.\d{4})" + _SUFFIX, re.ASCII)

# Keppres 41/1987, by the provinces of today
_ZONES = (
    (re.compile(r"1[1-9]|21|3[1-6]|6[12]"), "Asia/Jakarta"),
    (re.compile(r"5[1-3]|6[3-5]|7[1-6]"), "Asia/Makassar"),
    (re.compile(r"8[12]|9[1-6]"), "Asia/Jayapura"),
)


def level(code: str) -> str:
    """province, regency, district or village, by the number of groups."""
    return LEVELS[code.count(".")]


def parent(code: str) -> str:
    """The area that an area lies in; empty for a province."""
    return code.rpartition(".")[0]


def parents(code: str) -> list[str]:
    """The areas an area or a site lies in, widest first: 35.10.12.2004 -> 35, 35.10, 35.10.12."""
    groups = village(code).split(".")
    return [".".join(groups[:count]) for count in range(1, len(groups))]


def village(code: str) -> str:
    """The village of a site: its code without the suffix."""
    return code.partition("-")[0]


def district(code: str) -> str:
    """The district of a village or a site: 35.10.12.2004-school -> 35.10.12."""
    return ".".join(village(code).split(".")[:3])


def within(code: str, area: str) -> bool:
    """Does a site (or an area) lie in this area, or is it this area?"""
    return code == area or code.startswith((f"{area}.", f"{area}-"))


def zone(code: str, fallback: str = "Asia/Jakarta") -> ZoneInfo:
    """The time zone of a site or area by its province; `fallback` where the code tells none."""
    for provinces, name in _ZONES:
        if provinces.fullmatch(code[:2]):
            return ZoneInfo(name)
    return ZoneInfo(fallback)
