"""The templates of messages: read from alerts/templates, filled, checked when they are read.

In a template `{name}` is a value and `[ ... ]` a part that is left out when a value in it is
empty. An SMS is a list of parts: the first and the last stay, of those between as many as fit.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agent.strict import Refused

LANGUAGES = ("id", "en")
_NAMES = """
aid answer ask at broken cause celsius channel check check_short clients confirm contract count day
days dbm deadline district districts gone guess held host incident inside interface internet isp
isp_phone lasted link mbps members minutes mount neighbours news next noc noc_phone parent percent
place reason replaces seconds service_no short since sms_tail ssid stragglers tail told until
until_at uplink usual village what what_short whom
"""
NAMES = frozenset(_NAMES.split())
_VALUE = re.compile(r"\{(\w*)\}")
_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
_WORDS = ("words", "named", "broken", "aid", "causes")

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of message in one language; `whole`: its advice is for whoever is elsewhere, too."""

    text: str
    sms: tuple[str, ...]
    whole: bool = False

    def within(self, outer: "Template") -> "Template":
        """Another message that tells the news of this one, its first line, as `{news}`."""
        line = self.text.strip().partition("\n")[0]
        parts = tuple(part.replace("{news}", self.sms[0]) for part in outer.sms)
        return Template(outer.text.replace("{news}", line), parts)


@dataclass(frozen=True, slots=True)
class Words:
    """All of one language."""

    templates: Mapping[str, Template]
    words: Mapping[str, Any]
    named: Mapping[str, str]
    broken: Mapping[str, str]
    aid: Mapping[str, str]
    causes: Mapping[str, str]


@cache
def words(language: str) -> Words:
    """The words of a language; an unknown one is Indonesian."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    return read(Path(__file__).parent / "templates" / f"{known}.toml")


def read(path: Path) -> Words:
    """Refused names the file, the template and what is wrong with it."""
    try:
        tables = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Refused(str(path), str(error)) from error
    templates = {
        name: _template(table, f"{path}: {name}")
        for name, table in tables.items()
        if name not in _WORDS
    }
    rest = {name: tables.get(name, {}) for name in _WORDS}
    return Words(templates, **rest)


def fill(text: str, values: Values) -> str:
    """The text with its values, without the parts that lack one; no space stands twice."""
    found = text
    while (part := _INNERMOST.search(found)) is not None:
        found = found[: part.start()] + _part(part[1], values) + found[part.end() :]
    filled = _put(found, values)
    lines = (" ".join(line.split()) for line in filled.strip().splitlines())
    # brackets of values stood apart from those of templates until now
    return "\n".join(line for line in lines if line).translate(_SHOWN)


def parts(template: Template, values: Values) -> list[str]:
    """The parts of an SMS that have all their values; the first and the last are always there."""
    first, *between, last = template.sms
    kept = [_put(part, values) for part in between if _whole(part, values)]
    filled = [_put(first, values), *kept, _put(last, values)]
    return [" ".join(part.split()).translate(_SHOWN) for part in filled]


# values may hold brackets and braces of their own: while a text is filled they are others
_HIDDEN = str.maketrans("[]{}", "\ue000\ue001\ue002\ue003")
_SHOWN = str.maketrans("\ue000\ue001\ue002\ue003", "[]{}")


def _part(text: str, values: Values) -> str:
    return _put(text, values) if _whole(text, values) else ""


def _whole(text: str, values: Values) -> bool:
    return all(values.get(name) for name in _VALUE.findall(text))


def _put(text: str, values: Values) -> str:
    return _VALUE.sub(lambda found: values.get(found[1], "").translate(_HIDDEN), text)


def _template(table: object, place: str) -> Template:
    if not isinstance(table, dict) or set(table) - {"whole"} != {"text", "sms"}:
        raise Refused(place, "expected text and sms")
    text, sms, whole = table["text"], table["sms"], table.get("whole", False)
    if not isinstance(text, str):
        raise Refused(f"{place}.text", "expected text")
    if not isinstance(sms, list) or len(sms) < 2 or not all(isinstance(p, str) for p in sms):
        raise Refused(f"{place}.sms", "expected a list of two or more texts")
    if not isinstance(whole, bool):
        raise Refused(f"{place}.whole", "expected true or false")
    for part in (text, *sms):
        _check(part, place)
    return Template(text, tuple(sms), whole)


def _check(text: str, place: str) -> None:
    unknown: Sequence[str] = [name for name in _VALUE.findall(text) if name not in NAMES]
    if unknown:
        known = ", ".join(sorted(NAMES))
        raise Refused(place, f"{{{unknown[0]}}} is no value; known are {known}")
    depth = 0
    for c in text:
        depth += {"[": 1, "]": -1}.get(c, 0)
        if depth < 0:
            break
    if depth:
        raise Refused(place, "a [ without its ], or the other way round")
