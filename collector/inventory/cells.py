"""What may stand in one cell: text in, the value to store out, or ValueError with the reason.

Spreadsheets are where inventories live, and they eat zeros, dots and long numbers; what they
ate cannot be guessed back, so it is refused in words the person at the spreadsheet can act on.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from collector.inventory import hours, places

Cell = Callable[[str], Any]

LONGEST = 500
_EATEN = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+")
# a thousand to one reader, one and a fraction to another
_TWO_WAYS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
# an exponent as spreadsheets write one; of a maker, or of a contract, may be 5E12
_EATEN_WORD = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]{2}")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_NAME = re.compile(r"[\w.:/ -]{1,64}")


def plain(text: str) -> str:
    """Any words, on one line."""
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return text


def name(text: str) -> str:
    """The short name of an uplink, a device, a service: it becomes a label."""
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"expected up to 64 letters, digits, spaces or . : / _ -, got {_say(text)}"
        )
    return text


def area_code(text: str) -> str:
    """35, 35.10, 35.10.12 or 35.10.12.2004."""
    return _code(text, places.AREA_CODE, "groups like 35, 35.10, 35.10.12 or 35.10.12.2004")


def site_code(text: str) -> str:
    """A village code, with -suffix for further sites in the village."""
    return _code(text, places.SITE_CODE, "four groups like 35.10.12.2004, with -suffix if need be")


def place(text: str) -> str:
    """Where a check belongs: a site, an area, isp:NAME or profile:NAME."""
    kind, colon, rest = text.partition(":")
    if colon and kind in ("isp", "profile") and plain(rest).strip():
        return f"{kind}:{rest.strip()}"
    wanted = "a site code, an area code, isp:NAME or profile:NAME"
    if places.AREA_CODE.fullmatch(text):
        return text
    return _code(text, places.SITE_CODE, wanted)


def scope(text: str) -> str:
    """Whom a contact serves: a site, an area, isp:NAME, service:NAME or *."""
    kind, colon, rest = text.partition(":")
    if text == "*" or (colon and kind in ("isp", "service") and rest.strip()):
        return f"{kind}:{rest.strip()}" if colon else text
    allowed = "a site code, an area code, isp:NAME, service:NAME or *"
    if places.AREA_CODE.fullmatch(text):
        return text
    return _code(text, places.SITE_CODE, allowed)


def several(text: str) -> str:
    """Names with | between them, the main one first."""
    parts = [plain(part.strip()) for part in text.split("|")]
    if not all(parts):
        raise ValueError(f"a name is missing beside | in {_say(text)}")
    if len(set(parts)) < len(parts):
        raise ValueError(f"a name stands twice in {_say(text)}")
    return "|".join(parts)


def number(low: float, high: float) -> Cell:
    """A number from `low` to `high`; a decimal comma will do."""

    def read(text: str) -> float:
        value = _number(text)
        if not low <= value <= high:
            raise ValueError(f"must be {low:g} to {high:g}, got {_say(text)}{_lost_point(value)}")
        return value

    return read


def whole(low: int, high: int) -> Cell:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        _refuse_two_ways(text)
        value = _number(text)
        if value != int(value) or not low <= value <= high:
            raise ValueError(f"must be a whole number, {low} to {high}, got {_say(text)}")
        return int(value)

    return read


def quantity(text: str) -> float:
    """Mbps, gigabytes: 1.000 is refused, because it is a thousand here and one elsewhere."""
    if _THOUSANDS.fullmatch(text):
        raise ValueError(f"{_say(text)} may mean two things; write it without the dot")
    _refuse_two_ways(text)
    return float(number(0, 1e9)(text))


def rupiah(text: str) -> float:
    """An amount in rupiah: 350000, 350.000, Rp 350.000,00, Rp350.000,-."""
    bare = re.sub(r"(?i)^rp\.?\s*|,-$", "", text)
    whole_part, comma, cents = bare.partition(",")
    if comma:
        _refuse_two_ways(bare)
    if _THOUSANDS.fullmatch(whole_part):
        bare = whole_part.replace(".", "") + comma + cents
    return float(number(0, 1e15)(bare))


def choice(*allowed: str) -> Cell:
    """One of these words."""

    def read(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}, got {_say(text)}")
        return text.lower()

    return read


def lifecycle(text: str) -> str:
    """Of a village; what stands there of a centre below comes back as it was exported."""
    return text if text == "centre" else str(choice("planned", "active", "retired")(text))


def opening_hours(text: str) -> str:
    """`24h` or days and times, in one spelling."""
    return str(hours.parse(text))


def day(text: str) -> str:
    """A date as 2026-12-25; a spreadsheet's 25/12/2026 is read day first."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    parts = match.groups() if match else None
    if match := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text):
        parts = match.groups()[::-1]
    try:
        if parts is not None:
            return date(*map(int, parts)).isoformat()
    except ValueError:
        pass
    raise ValueError(f"expected a date like 2026-12-25 or 25/12/2026, got {_say(text)}")


def phone(text: str) -> str:
    """A number as +6281...; 08.. is Indonesian."""
    digits = _digits(text)
    # +62 (0)812..: the zero is for who calls from inside the country
    digits = re.sub(r"^\+?620(?=[1-9])", "+62", digits)
    if digits.startswith("0") and not digits.startswith("00"):
        digits = f"+62{digits[1:]}"
    elif digits.startswith("62"):
        digits = f"+{digits}"
    if not digits.startswith("+"):
        raise ValueError(f"a phone number begins with 0, 62 or +, got {_say(text)}")
    if not 8 <= len(digits) - 1 <= 15 or digits[1] == "0":
        raise ValueError(f"a phone number has 8 to 15 digits, got {_say(text)}")
    return digits


def number_of(text: str) -> str:
    """What a maker or a provider numbers things by: any words, but none that a spreadsheet ate."""
    if _EATEN_WORD.fullmatch(text):
        _refuse_eaten(text)
    return plain(text)


def call_centre(text: str) -> str:
    """A phone number, or a short one such as 147 or 1500250."""
    digits = _digits(text)
    return digits if re.fullmatch(r"1[0-9]{2,6}", digits) else phone(text)


def telegram(text: str) -> str:
    """A chat number (groups begin with -) or @name."""
    _refuse_eaten(text)
    if not re.fullmatch(r"-?[0-9]{4,20}|@[A-Za-z][A-Za-z0-9_]{4,31}", text):
        raise ValueError(f"expected a chat number or @name, got {_say(text)}")
    return text


def email(text: str) -> str:
    """An e-mail address."""
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"expected an e-mail address, got {_say(text)}")
    return text


def webhook(text: str) -> str:
    """An http or https address; whether it may be reached is judged at sending."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or any(c.isspace() or not c.isprintable() for c in text) or len(text) > 2000:
        raise ValueError(f"expected http://... or https://..., got {_say(text)}")
    return text


def _code(text: str, shape: re.Pattern[str], wanted: str) -> str:
    text = text.lstrip("'")
    _refuse_eaten(text)
    if shape.fullmatch(text):
        return text
    if re.fullmatch(r"[0-9]{10}", text):
        dotted = f"{text[:2]}.{text[2:4]}.{text[4:6]}.{text[6:]}"
        raise ValueError(f"expected {wanted}, got {_say(text)}; write {dotted}")
    hint = ""
    if re.fullmatch(r"[0-9.,/-]+", text):
        hint = "; a spreadsheet drops zeros: format the column as text and enter it again"
    raise ValueError(f"expected {wanted}, got {_say(text)}{hint}")


def _digits(text: str) -> str:
    _refuse_eaten(text)
    # a column of numbers with gaps in it comes out of some programs with decimals
    bare = re.sub(r"[\s().'-]", "", re.sub(r"^(\+?[0-9]{8,})[.,]0$", r"\1", text))
    if not re.fullmatch(r"\+?[0-9]+", bare):
        raise ValueError(f"expected a phone number, got {_say(text)}")
    return bare


def _refuse_eaten(text: str) -> None:
    if _EATEN.fullmatch(text):
        raise ValueError(
            f"a spreadsheet turned this into {text}: format the column as text and enter it again"
        )


def _refuse_two_ways(text: str) -> None:
    if _TWO_WAYS.fullmatch(text):
        raise ValueError(f"{_say(text)} may mean two things; write it without dot and comma")


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"expected a number, got {_say(text)}")
    return float(text.replace(",", "."))


def _lost_point(value: float) -> str:
    return "; is the decimal point lost?" if abs(value) >= 1000 else ""


def _say(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
