"""What a device said becomes a number in our units, or nothing: never a wrong number. Pure."""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from agent.probes.snmp.message import Value
from agent.probes.snmp.numeral import NUMERAL, number

# what devices say for "not known", "no module", "no light": no profile has to repeat these
_NOTHING = frozenset(
    {-(2**31), 2**31 - 1, 2**32 - 1, 2**32 - 128, -(2**63), 2**63 - 1, 2**64 - 1, -2147483.648}
)
UNITS = ("", "mW", "uW", "0.1uW", "fahrenheit")
# what no number of its own begins behind, and what is the end of one with spaces (120 115)
_BEGUN = re.compile(r"(?<![\w.,'+-])(?!(?<=\d\s)\d{3}(?!\d))")
# between the numbers of a list, and the unit they share
_BETWEEN = re.compile(r"\s*[,;/]\s*")
_UNIT = re.compile(
    r"\s*[(\[]?(dBm|mW|[uµμ]W|nW|W|%|(?:°\s?|deg(?:rees)?\s?)?[CF])(?![A-Za-z])", re.IGNORECASE
)
_MILLIWATTS = {"mw": 1.0, "uw": 1e-3, "µw": 1e-3, "μw": 1e-3, "nw": 1e-6, "w": 1e3}
# "9999 dBm" is how some say that there is no light
_MOST_DBM = 1000.0
_PER_UNIT = {"mW": 1.0, "uW": 1e-3, "0.1uW": 1e-4}
_NUMBER = re.compile(NUMERAL)
# behind a number whose unit the profile knows: more digits are thousands or a list, "k" and "m"
# make it another one, and a letter or sign that touches it belongs to it (0x1F, 3:15)
_BEHIND = re.compile(
    r"(?!\s\d{3}(?!\d))(?!\s*(?:[kMGT]|[kMGTmunµμ](?:i?[bB]\w*|Hz|V|A|s|W))\b)"
    r"(?:[\s,;/|)\]}>\"'\ufffd°]|$|(?:V(?:AC|DC)?|A|Hz|dB|s|sec|min|RPM)\b)"
)
_SPAN = re.compile(
    rf"[\s,]*({NUMERAL})\s*(secs?|seconds?|s|mins?|minutes?|m|hrs?|hours?|h|days?|d)\b\.?"
)
# a number and letters behind it, which tell its unit or are none of our business
_LETTERED = re.compile(r"\d[\W_]*[A-Za-z]")
# endings of names that a unit can be of; those not here are of light
_NAMED = {"c": "_celsius", "f": "_celsius", "%": "_ratio"}
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# octets as net-snmp prints them
_HEX = re.compile(r"[0-9A-Fa-f]{2}(?:[ :-][0-9A-Fa-f]{2})+")
# no number of a device needs more words
_LONGEST = 500
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MINUS = str.maketrans("−–", "--")
# words may stand before a number ("rx: -12.3 dBm"), but not letters that belong to it ("sfp1")
_BEFORE = re.compile(r"[\s:=(\"'<>]*(?:[A-Za-z ]+[:=]\s*)?")
# where a value of ours can lie at all: beyond it a device is wrong, or we are
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "_optical_rx_dbm": (-60, 12),
    "_optical_tx_dbm": (-45, 15),
    "_noise_dbm": (-130, -20),
    "_celsius": (-40, 130),
    "_ratio": (0, 1),
    "_clients": (0, 10_000),
    "_leases": (0, 1_000_000),
    "_sessions": (0, 100_000),
    "_runtime_seconds": (0, 30 * 86400),
    "_uptime_seconds": (0, 1e10),
    "_bits_per_second": (1, 1e13),
    "_total": (0, 2**64 - 2),
}


def number_in(value: Value, unknown: Collection[str] = (), unit: str = "") -> float | None:
    """The number a device means; None for a sentinel, for text without one and for wrong types.

    `unknown` are further sentinels of this value, as text; `unit` is that of bare numbers.
    """
    if value is None or isinstance(value, tuple):
        return None
    if isinstance(value, bytes):
        told = _in_text(_words(value), unknown, unit)
        return None if told is None or not math.isfinite(told) else told
    if value in _NOTHING or not math.isfinite(value) or f"{value:g}" in unknown:
        return None
    return None if str(value) in unknown else value


def text_in(value: Value) -> str:
    """The words of a device without characters that no name of ours may have."""
    if isinstance(value, bytes):
        text = _decoded(value)
        return "".join(c for c in text if c.isprintable()).strip()
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return "" if value is None else str(value)


def within(name: str, value: float | None) -> float | None:
    """The value, or None where nothing of that name can be so."""
    if value is None:
        return None
    for ending, (least, most) in _BOUNDS.items():
        if name.endswith(ending):
            return value if least <= value <= most else None
    return value


def in_unit(value: float, unit: str) -> float | None:
    """Watts become dBm and degrees Celsius; "" leaves a value as it is."""
    match unit:
        case "mW" | "uW" | "0.1uW":
            return _dbm(value * _PER_UNIT[unit])
        case "fahrenheit":
            return (value - 32) / 1.8
    return value


def _dbm(milliwatts: float) -> float | None:
    return 10 * math.log10(milliwatts) if milliwatts > 0 else None


def _words(value: bytes) -> str:
    """The text in which a number may stand; "" where octets are no text, or a whole book."""
    if len(value) > _LONGEST:
        return ""
    text = _decoded(value).rstrip("\0 \t\r\n").lstrip()
    return "" if _CONTROL.search(text) or _HEX.fullmatch(text) else text.translate(_MINUS)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        # names, degrees and micros of older devices
        return value.decode("latin-1")


def _in_text(text: str, unknown: Collection[str], unit: str) -> float | None:
    if text in unknown:
        return None
    if (said := _said(text)) and said.number not in unknown:
        told = number(said.number, True, _MOST_DBM if said.unit == "dbm" else math.inf)
        return None if told is None else _in_unit_of(told, said.unit, unit)
    before = _BEFORE.match(text)
    found = _NUMBER.match(text, before.end() if before else 0)
    if found is None or found[0] in unknown or not _BEHIND.match(text, found.end()):
        return None
    value = number(found[0], bool(text[found.end() :].strip(" )]}>\"'")))
    return None if value in _NOTHING else value


@dataclass(frozen=True, slots=True)
class _Said:
    """A number as it stands, the first of its list; its unit: dbm, mw, uw, nw, w, %, c, f."""

    number: str
    unit: str


def _said(text: str) -> _Said | None:
    """The number with its unit; of two units the one that is ours."""
    every = list(_every(text))
    ours = [one for one in every if one.unit == "dbm"]
    return next(iter(ours or every), None)


def _every(text: str) -> Iterator[_Said]:
    first, end = "", 0
    # one pattern for lists with their unit would try each way to part them
    for found in _NUMBER.finditer(text):
        if not first or not _BETWEEN.fullmatch(text, end, found.start()):
            first = found[0] if _BEGUN.match(text, found.start()) else ""
        end = found.end()
        if first and (unit := _UNIT.match(text, end)):
            told = unit[1].lower()
            known = told in ("dbm", "%") or told in _MILLIWATTS
            yield _Said(first, told if known else told[-1])
            first = ""


def _in_unit_of(value: float, says: str, unit: str) -> float | None:
    """The number as the profile expects it, of a text that names its unit."""
    match says:
        case "dbm":
            return _in_watts(value, unit)
        case "f":
            return value if unit == "fahrenheit" else in_unit(value, "fahrenheit")
        case "c":
            return value * 1.8 + 32 if unit == "fahrenheit" else value
        case "%":
            return value
    milliwatts = value * _MILLIWATTS[says]
    return milliwatts / _PER_UNIT[unit] if unit in _PER_UNIT else _dbm(milliwatts)


def _in_watts(dbm: float, unit: str) -> float | None:
    """As the profile expects it: it makes dBm of watts again; None for what no light can be."""
    if unit not in _PER_UNIT:
        return dbm
    return 10 ** (dbm / 10) / _PER_UNIT[unit] if abs(dbm) < _MOST_DBM else None


def foreign(name: str, value: Value) -> bool:
    """Does the text name a unit that nothing of this name has, as a temperature of 12 min?"""
    text = _words(value) if isinstance(value, bytes) else ""
    if name.endswith("_seconds"):
        return bool(_LETTERED.search(text)) and _seconds(text) is None
    if _seconds(text) is not None:
        return True
    said = _said(text)
    return said is not None and not name.endswith(_NAMED.get(said.unit, "_dbm"))


def is_scaled(name: str, value: Value) -> bool:
    """Is a bare text with a point in our unit already? Whole numbers alone are scaled."""
    return isinstance(value, bytes) and b"." in value and name.endswith(("_dbm", "_celsius"))


def names_unit(name: str, value: Value) -> bool:
    """Does the text name its unit? Then no scale of bare numbers is for it."""
    text = _words(value) if isinstance(value, bytes) else ""
    found = _seconds(text) if name.endswith("_seconds") else _said(text)
    return found is not None


def said_in(name: str, value: Value, unknown: Collection[str] = ()) -> float | None:
    """What a text that names its unit says of `name`, whatever scale bare numbers have there.

    None where it names none, or what it says cannot be of that name.
    """
    text = _words(value) if isinstance(value, bytes) else ""
    if not text or text in unknown:
        return None
    if name.endswith("_seconds"):
        return within(name, _seconds(text))
    said = _said(text)
    if said is None or said.number in unknown:
        return None
    told = number(said.number, True, _MOST_DBM if said.unit == "dbm" else math.inf)
    return None if told is None else within(name, _ours(name, told, said.unit))


def _ours(name: str, told: float, says: str) -> float | None:
    light = says == "dbm" or says in _MILLIWATTS
    if (name.endswith("_dbm") and light) or (name.endswith("_celsius") and says in "cf"):
        return _in_unit_of(told, says, "")
    return told / 100 if name.endswith("_ratio") and says == "%" else None


def _seconds(text: str) -> float | None:
    """Of a text that is nothing but spans, as 12 min or 1 h 12 min."""
    spans = list(_SPAN.finditer(text))
    if not spans or _SPAN.sub("", text).strip():
        return None
    told = [(number(span[1], True), _SECONDS[span[2][0]]) for span in spans]
    parts = [value * each for value, each in told if value is not None and value >= 0]
    return sum(parts) if len(parts) == len(told) else None
