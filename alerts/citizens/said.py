"""What a stranger writes: `LAPOR Benculuk internet mati`, `CEK K7M-PQ3-HXT`. Pure."""

import re
from dataclasses import dataclass

from alerts.citizens import numbers
from alerts.citizens.report import Kind

MOST_CHARS = 600
_VERB = re.compile(r"(?P<verb>lapor|report|cek|check)\b[\s:.,#-]*", re.IGNORECASE)
_ASKS = ("cek", "check")
# what says which kind it is, the gravest first; the place stands before the first of them
_KINDS: tuple[tuple[Kind, str], ...] = (
    (Kind.IDEA, r"usul|saran|suggest\w*|idea"),
    (Kind.APP, r"aplikasi|apl|app|opensid|sideka|layanan mandiri|website|situs|web"),
    (
        Kind.DEAD,
        r"mati|putus|padam|hilang|(?:tidak|tdk|gak|nggak) (?:bisa|ada|nyala)|down|dead|offline",
    ),
    (Kind.SLOW, r"lambat|lemot|lelet|pelan|slow|lemah"),
)  # fmt: skip
_FILLING = re.compile(r"\b(?:internet|wifi|wi-fi|inet|jaringan|sinyal|hotspot)\b", re.IGNORECASE)
_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}(?:-[0-9A-Za-z]+)?")
_PLACE_WORDS = re.compile(
    r"^(?:di\s+)?(?:(?:ds|desa|kel|kelurahan|kampung|nagari)\b\.?\s*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Asks:
    """Somebody asks how a report is; `number` is "" when what they wrote is none."""

    number: str


@dataclass(frozen=True, slots=True)
class Reports:
    """Somebody reports; `place` is a site's code or what they call it, "" when they named none."""

    place: str
    kind: Kind | None
    text: str


def parse(text: str) -> Asks | Reports | None:
    """What a message of somebody whom nobody knows is; None: neither."""
    flat = " ".join(text[:MOST_CHARS].split())
    found = _VERB.match(flat)
    if found is None:
        number = numbers.read(flat)
        return Asks(number) if number else None
    rest = flat[found.end() :]
    if found["verb"].lower() in _ASKS:
        # "cek modem dulu" is no question; one number in twenty has no digit
        number = numbers.read(rest)
        return Asks(number) if number or any(c.isdigit() for c in rest) else None
    kind, at = _kind(rest)
    place = _place(rest[:at])
    return Reports(place, kind, rest[at:].strip() or rest)


def example(code: str) -> str:
    """What somebody writes about a site, as posters and forms say it."""
    return f"LAPOR {code} internet mati"


def _kind(rest: str) -> tuple[Kind | None, int]:
    """What is wrong, and where the words that say so begin."""
    said = [(kind, re.search(rf"\b(?:{words})\b", rest, re.IGNORECASE)) for kind, words in _KINDS]
    kinds = [(kind, found.start()) for kind, found in said if found is not None]
    filling = _FILLING.search(rest)
    begins = [at for _, at in kinds] + ([filling.start()] if filling else [])
    return (kinds[0][0] if kinds else None), min(begins, default=len(rest))


def _place(words: str) -> str:
    code = _CODE.search(words)
    if code is not None:
        return code[0]
    return _PLACE_WORDS.sub("", words.strip()).strip(" .,:;-#")
