"""The words agent and collector share: verdicts, readings, series names, layouts."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PROTOCOL = 1

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LAYOUT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
_UNESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Verdict(StrEnum):
    """What a check says of its target; unknown means that nobody could look."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class ProbeFailed(Exception):
    """The probe could not look (no tool, no permission); says nothing about the target."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one probe saw: a verdict where it judges, numbers by series name, a reason in words.

    `verdict` is None for probes that only count (host, link, wifi). A value of None is
    "could not be measured" and ends the series until the next number.
    """

    verdict: Verdict | None = None
    values: Mapping[str, float | None] = field(default_factory=dict)
    reason: str = ""


def series(name: str, labels: Mapping[str, str] | None = None) -> str:
    """The one spelling of a series: labels sorted by name, values escaped as Prometheus does."""
    if not labels:
        return name
    inside = ",".join(f'{key}="{_escape(labels[key])}"' for key in sorted(labels))
    return f"{name}{{{inside}}}"


def parse_series(text: str) -> tuple[str, dict[str, str]]:
    """Name and labels of a series; ValueError says what is wrong with the text."""
    match = NAME.match(text)
    if match is None:
        raise ValueError("a series name starts with a letter, _ or :")
    name, rest = match[0], text[match.end() :]
    if not rest:
        return name, {}
    if not (rest.startswith("{") and rest.endswith("}")):
        raise ValueError("labels stand between { and } right after the name")
    return name, _parse_labels(rest[1:-1])


def layout_id(names: Iterable[str]) -> str:
    """Twelve characters that stand for this list of series names; the same list, the same id."""
    digest = hashlib.sha256("\n".join(names).encode()).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode()


def _parse_labels(inside: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    at = 0
    while at < len(inside):
        match = _LABEL.match(inside, at)
        if match is None:
            raise ValueError(f"not a label at {inside[at : at + 20]!r}")
        if match[1] in labels:
            raise ValueError(f"label {match[1]} stands twice")
        labels[match[1]] = _unescape(match[2]) if "\\" in match[2] else match[2]
        at = match.end()
        if at < len(inside):
            if inside[at] != ",":
                raise ValueError(f"expected , at {inside[at : at + 20]!r}")
            at += 1
    return labels


def _unescape(text: str) -> str:
    return re.sub(r'\\["\\n]', lambda m: _UNESCAPES[m[0]], text)


def _escape(value: str) -> str:
    return re.sub(r'[\\"\n]', lambda m: _ESCAPES[m[0]], value)
