"""What of a citizen's words is kept: bad words and personal data are masked, never stored.

A name cannot be told from a word, so nothing of it is on a public page before somebody looked.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.citizens import rude
from collector.printable import on_one_line

MOST_CHARS = 500
# of what was sent so much is gone through: a mask is shorter than what it hides
_MOST_READ = 2 * MOST_CHARS
_DIGIT_WORDS = "nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan"
_LEAST_DIGITS = 9


class Held(StrEnum):
    """Why somebody has to look before it may be shown at all."""

    RUDE = "rude"
    PERSONAL = "personal"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Checked:
    """The words that are kept, and what was found in them."""

    text: str
    held: tuple[Held, ...] = ()


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _always(found: str) -> bool:
    return True


def _long_enough(found: str) -> bool:
    return _digits(found.replace("O", "0").replace("o", "0")) >= _LEAST_DIGITS


# in this order: what holds another is masked first; digits may be written 0812-3456, 0812 3456
_GAP = r"[\s.\-/()]{0,2}"
_MASKS: Sequence[tuple[re.Pattern[str], str, Held, Callable[[str], bool]]] = (
    (
        re.compile(
            r"[\w.+-]+\s*(?:@|\(\s*at\s*\)|\[\s*at\s*\])\s*[\w-]+(?:\s*(?:\.|\(dot\)|\[dot\])\s*[\w-]+)+",
            re.IGNORECASE,
        ),
        "[surel]",
        Held.PERSONAL,
        _always,
    ),
    (
        re.compile(
            r"(?:https?://|www\.)\S+|\b(?:[\w-]+\.)+(?:com|net|org|id|me|link|xyz|site|top|info|ly|gg)"
            r"\b(?:/\S*)?",
            re.IGNORECASE,
        ),
        "[tautan]",
        Held.LINK,
        _always,
    ),
    (re.compile(r"(?<![\w.])@\w{3,}"), "[akun]", Held.PERSONAL, _always),
    # NIK and KK have sixteen digits
    (re.compile(rf"(?<!\d)(?:\d{_GAP}){{15}}\d(?!\d)"), "[NIK]", Held.PERSONAL, _always),
    (
        re.compile(
            rf"\(?(?<!\w)(?:\+{_GAP}\d|62{_GAP}8|[0Oo]{_GAP}[1-9])(?:{_GAP}[\dOo]){{6,13}}(?!\w)"
        ),
        "[nomor]",
        Held.PERSONAL,
        _long_enough,
    ),
    (re.compile(rf"(?<!\d)\d{{{_LEAST_DIGITS + 1},}}(?!\d)"), "[nomor]", Held.PERSONAL, _always),
    (
        re.compile(rf"\b(?:(?:{_DIGIT_WORDS})[\s,.\-]*){{8,}}\b", re.IGNORECASE),
        "[nomor]",
        Held.PERSONAL,
        _always,
    ),
)  # fmt: skip


def check(text: str) -> Checked:
    """What is kept of a citizen's words: one line, masked, as long as a report may be. Pure."""
    flat = _flat(text)
    held: list[Held] = []
    for pattern, mask, why, fits in _MASKS:
        flat, found = _masked(flat, pattern, mask, fits)
        held += [why] if found else []
    flat, found = _without_rude(flat)
    held += [Held.RUDE] if found else []
    return Checked(flat[:MOST_CHARS], tuple(dict.fromkeys(held)))


def _flat(text: str) -> str:
    # what looks like a letter counts as one; what nobody sees is not there
    plain = unicodedata.normalize("NFKC", text[:_MOST_READ])
    # one sign may stand for eighteen: the patterns below take time by the square of what they get
    plain = plain[:_MOST_READ]
    seen = (c for c in plain if unicodedata.category(c) not in ("Cf", "Co", "Cs"))
    return on_one_line(seen)


def _masked(
    text: str, pattern: re.Pattern[str], mask: str, fits: Callable[[str], bool]
) -> tuple[str, bool]:
    found = False

    def put(match: re.Match[str]) -> str:
        nonlocal found
        if not fits(match[0]):
            return match[0]
        found = True
        return mask

    return pattern.sub(put, text), found


def _without_rude(text: str) -> tuple[str, bool]:
    """Each such word keeps its first letter."""
    spans = sorted(set(rude.spans(text)), key=lambda span: (span[0], -span[1]))
    kept, upto = [], 0
    for begin, end in spans:
        if begin >= upto:
            kept += [text[upto:begin], text[begin], "***"]
            upto = end
    return "".join([*kept, text[upto:]]), bool(spans)
