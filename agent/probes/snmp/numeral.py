"""Which number do digits with points and commas mean? None where they can mean two. Pure.

A point parts decimals, as devices write; a comma does where nothing else is possible. `1,234`
may be either, `120,115` two lanes or a hundred thousand: nobody knows, so neither do we.
"""

import re

# a sign, digits, and what parts them; an exponent is never parted
NUMERAL = r"[-+]?\d+(?:[.,']\d+)*(?:[eE][-+]?\d+)?"
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?\d+,\d+")
# groups of three behind one to three digits, none of them a mere zero
_GROUPS = r"[-+]?[1-9]\d{0,2}(?:%s\d{3})"
_ONE_GROUP = re.compile(_GROUPS % ",")
_POINTED = re.compile(_GROUPS % r"\." + r"+,\d+")
_COMMAED = re.compile(_GROUPS % "," + r"+\.\d+")
_QUOTED = re.compile(_GROUPS % "'" + r"+(?:\.\d+)?")
_MANY = re.compile(_GROUPS % "[.,]" + "{2,}")


def number(text: str, has_unit: bool = False, most: float = float("inf")) -> float | None:
    """The number of a NUMERAL; None where it may be another one.

    `has_unit`: a unit stands behind it, so that it is no list; from `most` on nothing can be.
    """
    if _PLAIN.fullmatch(text):
        return float(text)
    if _POINTED.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if _COMMAED.fullmatch(text) or _QUOTED.fullmatch(text):
        return float(text.replace(",", "").replace("'", ""))
    if _COMMA.fullmatch(text):
        return _of_one_comma(text, has_unit, most)
    return None if _MANY.fullmatch(text) else _first(text)


def _of_one_comma(text: str, has_unit: bool, most: float) -> float | None:
    decimal = float(text.replace(",", "."))
    if _ONE_GROUP.fullmatch(text):
        # thousands, unless there cannot be so many
        return decimal if abs(float(text.replace(",", ""))) >= most else None
    # "0,25" and "12,5 V" are decimals; "12,5" alone may be two lanes
    return decimal if has_unit or text.lstrip("+-").startswith("0,") else None


def _first(text: str) -> float | None:
    """Of a list that comma parts, written all alike."""
    parts = text.split(",")
    alike = {"." in part for part in parts}
    if len(parts) < 2 or len(alike) > 1 or not all(map(_PLAIN.fullmatch, parts)):
        return None
    return float(parts[0])
