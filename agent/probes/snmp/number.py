"""What a device said becomes a number in our units, or nothing: never a wrong number. Pure."""

import math
import re
from collections.abc import Collection, Mapping

from agent.probes.snmp.message import Value

# what devices say for "not known", "no module", "no light": no profile has to repeat these
_NOTHING = frozenset(
    {-(2**31), 2**31 - 1, 2**32 - 1, 2**32 - 128, -(2**63), 2**63 - 1, 2**64 - 1, -2147483.648}
)
UNITS = ("", "mW", "uW", "0.1uW", "fahrenheit")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
# "0.02 mW (-17.28 dBm)": of two units the one that is ours
_DBM = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*dBm\b", re.IGNORECASE)
# power and heat that say their own unit, whatever the number is taken for
_SAYS = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(mW|[uµμ]W|nW|W|°?F)\b")
_MILLIWATTS = {"mW": 1.0, "uW": 1e-3, "nW": 1e-6, "W": 1e3}
# "9999 dBm" is how some say that there is no light
_MOST_DBM = 1000.0
_PER_UNIT = {"mW": 1.0, "uW": 1e-3, "0.1uW": 1e-4}
# "-21,5 dBm": a comma before a digit, and no other number
_COMMA = re.compile(r"^([^\d.,]*\d+),(\d+\s*(?:dBm|mW|[uµμ]W|°|C\b|F\b|%|V\b)[^\d]*)$")
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
        told = _in_text(text_in(value).translate(_MINUS), unknown, unit)
        return None if told is None or not math.isfinite(told) else told
    if value in _NOTHING or not math.isfinite(value) or f"{value:g}" in unknown:
        return None
    return None if str(value) in unknown else value


def text_in(value: Value) -> str:
    """The words of a device without characters that no name of ours may have."""
    if isinstance(value, bytes):
        text = value.decode("utf-8", "replace")
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


def _in_text(text: str, unknown: Collection[str], unit: str) -> float | None:
    if text in unknown:
        return None
    text = _COMMA.sub(r"\1.\2", text)
    if told := _DBM.search(text):
        return _in_watts(float(told[1]), unit)
    if (says := _SAYS.match(text)) and says[1] not in unknown:
        return _in_said_unit(float(says[1]), says[2], unit)
    before = _BEFORE.match(text)
    found = _NUMBER.match(text, before.end() if before else 0)
    if found is None:
        return None
    value = float(found[0])
    return None if value in _NOTHING or found[0] in unknown else value


def _in_watts(dbm: float, unit: str) -> float | None:
    """As the profile expects it: it makes dBm of watts again; None for what no light can be."""
    if unit not in _PER_UNIT:
        return dbm
    return 10 ** (dbm / 10) / _PER_UNIT[unit] if abs(dbm) < _MOST_DBM else None


def _in_said_unit(value: float, says: str, unit: str) -> float | None:
    """The number as the profile expects it, of a text that names another unit."""
    if says.endswith("F"):
        return value if unit == "fahrenheit" else in_unit(value, "fahrenheit")
    milliwatts = value * _MILLIWATTS[says.replace("µ", "u").replace("μ", "u")]
    return milliwatts / _PER_UNIT[unit] if unit in _PER_UNIT else _dbm(milliwatts)
